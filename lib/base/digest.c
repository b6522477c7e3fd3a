#include "base/digest.h"

#ifdef SONAME_LIBCRYPTO

#include <openssl/evp.h>

#include "base/lazy.h"

static __typeof__(EVP_MD_CTX_new) *ctx_new;
static __typeof__(EVP_MD_fetch) *md_fetch;
static __typeof__(EVP_DigestInit_ex2) *digest_init;
static __typeof__(EVP_DigestUpdate) *digest_update;
static __typeof__(EVP_DigestFinal_ex) *digest_final;
static const struct lazy_symbol symbols[] = {
    {"EVP_MD_CTX_new", &ctx_new},          {"EVP_MD_fetch", &md_fetch},
    {"EVP_DigestInit_ex2", &digest_init},  {"EVP_DigestUpdate", &digest_update},
    {"EVP_DigestFinal_ex", &digest_final}, {0}};
static struct lazy library = {SONAME_LIBCRYPTO, symbols, NULL};

/* Fetching an algorithm costs more than digesting a record: it is done once. */
struct algorithm {
    const char *name, *fetched_as;
    unsigned bytes;
    EVP_MD *fetched;
};

static EVP_MD_CTX *context;

static int prepare(struct algorithm *a, struct err *e)
{
    if (lazy_load(&library, e) == -1)
        return -1;
    if (context == NULL)
        context = ctx_new();
    if (a->fetched == NULL)
        a->fetched = md_fetch(NULL, a->fetched_as, NULL);
    if (context == NULL || a->fetched == NULL)
        return err_set(e, "config", "%s does not offer %s", SONAME_LIBCRYPTO, a->name);
    return 0;
}

/* OUT has room for two digits a byte and a NUL. */
static int digest(struct algorithm *a, char *out, struct str bytes, struct err *e)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char made[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (prepare(a, e) == -1)
        return -1;
    if (!digest_init(context, a->fetched, NULL) || !digest_update(context, bytes.p, bytes.n) ||
        !digest_final(context, made, &n) || n != a->bytes)
        return err_set(e, "config", "%s cannot compute %s", SONAME_LIBCRYPTO, a->name);
    for (unsigned i = 0; i < n; i++) {
        out[2 * i] = hex[made[i] >> 4];
        out[2 * i + 1] = hex[made[i] & 15];
    }
    out[2 * n] = '\0';
    return 0;
}

int digest_sha256(char out[DIGEST_SHA256], struct str bytes, struct err *e)
{
    static struct algorithm sha256 = {"SHA-256", "SHA256", 32, NULL};
    return digest(&sha256, out, bytes, e);
}

int digest_md5(char out[DIGEST_MD5], struct str bytes, struct err *e)
{
    static struct algorithm md5 = {"MD5", "MD5", 16, NULL};
    return digest(&md5, out, bytes, e);
}

#else

int digest_sha256(char out[DIGEST_SHA256], struct str bytes, struct err *e)
{
    (void)bytes;
    out[0] = '\0';
    return err_set(e, "config", "this build has no SHA-256: libcrypto was absent when it was made");
}

int digest_md5(char out[DIGEST_MD5], struct str bytes, struct err *e)
{
    (void)bytes;
    out[0] = '\0';
    return err_set(e, "config", "this build has no MD5: libcrypto was absent when it was made");
}

#endif
