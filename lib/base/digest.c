#include "base/digest.h"

#include "base/lazy.h"

#ifdef SONAME_LIBCRYPTO

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/hex.h"

static __typeof__(EVP_MD_CTX_new) *ctx_new;
static __typeof__(EVP_MD_CTX_free) *ctx_free;
static __typeof__(EVP_MD_fetch) *md_fetch;
static __typeof__(EVP_MD_free) *md_free;
static __typeof__(EVP_DigestInit_ex2) *digest_init;
static __typeof__(EVP_DigestUpdate) *digest_update;
static __typeof__(EVP_DigestFinal_ex) *digest_final;
static const struct lazy_symbol symbols[] = {
    {"EVP_MD_CTX_new", &ctx_new},          {"EVP_MD_CTX_free", &ctx_free},
    {"EVP_MD_fetch", &md_fetch},           {"EVP_MD_free", &md_free},
    {"EVP_DigestInit_ex2", &digest_init},  {"EVP_DigestUpdate", &digest_update},
    {"EVP_DigestFinal_ex", &digest_final}, {0}};
static struct lazy library = {SONAME_LIBCRYPTO, symbols, NULL};

struct algorithm {
    const char *name, *fetched_as;
    unsigned bytes;
};

static const struct algorithm sha256 = {"SHA-256", "SHA256", 32}, md5 = {"MD5", "MD5", 16};

/* Fetching an algorithm costs more than digesting a record: it is done once. */
struct digest {
    const struct algorithm *of;
    EVP_MD *fetched;
    EVP_MD_CTX *context;
};

static int prepare(struct digest *d, struct err *e)
{
    if (d->context != NULL && d->fetched != NULL)
        return 0;
    if (lazy_load(&library, e) == -1)
        return -1;
    if (d->context == NULL)
        d->context = ctx_new();
    if (d->fetched == NULL)
        d->fetched = md_fetch(NULL, d->of->fetched_as, NULL);
    if (d->context == NULL || d->fetched == NULL)
        return err_set(e, "config", "%s does not offer %s", SONAME_LIBCRYPTO, d->of->name);
    return 0;
}

/* OUT has room for two digits a byte and a NUL. */
static int take(struct digest *d, char *out, struct str bytes, struct err *e)
{
    unsigned char made[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (prepare(d, e) == -1)
        return -1;
    if (!digest_init(d->context, d->fetched, NULL) || !digest_update(d->context, bytes.p, bytes.n) ||
        !digest_final(d->context, made, &n) || n != d->of->bytes)
        return err_set(e, "config", "%s cannot compute %s", SONAME_LIBCRYPTO, d->of->name);
    *hex_write(out, (struct str){(const char *)made, n}) = '\0';
    return 0;
}

/* By one that is kept for the process. */
static int take_kept(struct digest *kept, char *out, struct str bytes, struct err *e)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    int done = take(kept, out, bytes, e);
    pthread_mutex_unlock(&lock);
    return done;
}

int digest_sha256(char out[DIGEST_SHA256], struct str bytes, struct err *e)
{
    static struct digest kept = {.of = &sha256};
    return take_kept(&kept, out, bytes, e);
}

int digest_md5(char out[DIGEST_MD5], struct str bytes, struct err *e)
{
    static struct digest kept = {.of = &md5};
    return take_kept(&kept, out, bytes, e);
}

struct digest *digest_new(struct err *e)
{
    struct digest *d = malloc(sizeof *d);
    if (d == NULL) {
        err_memory(e);
        return NULL;
    }
    *d = (struct digest){.of = &sha256};
    if (prepare(d, e) == 0)
        return d;
    digest_free(d);
    return NULL;
}

void digest_free(struct digest *d)
{
    if (d == NULL)
        return;
    if (d->context != NULL)
        ctx_free(d->context);
    if (d->fetched != NULL)
        md_free(d->fetched);
    free(d);
}

int digest_take(struct digest *d, char out[DIGEST_SHA256], struct str bytes, struct err *e)
{
    return take(d, out, bytes, e);
}

#else

int digest_sha256(char out[DIGEST_SHA256], struct str bytes, struct err *e)
{
    (void)bytes;
    out[0] = '\0';
    return lazy_absent("SHA-256", "libcrypto", e);
}

int digest_md5(char out[DIGEST_MD5], struct str bytes, struct err *e)
{
    (void)bytes;
    out[0] = '\0';
    return lazy_absent("MD5", "libcrypto", e);
}

struct digest *digest_new(struct err *e)
{
    char none[DIGEST_SHA256];
    digest_sha256(none, STR(""), e);
    return NULL;
}

void digest_free(struct digest *d)
{
    (void)d;
}

int digest_take(struct digest *d, char out[DIGEST_SHA256], struct str bytes, struct err *e)
{
    (void)d;
    return digest_sha256(out, bytes, e);
}

#endif
