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

/* Fetching the algorithm costs more than digesting a record: it is done once. */
static EVP_MD *sha256;
static EVP_MD_CTX *context;

static int prepare(struct err *e)
{
    if (lazy_load(&library, e) == -1)
        return -1;
    if (context == NULL)
        context = ctx_new();
    if (sha256 == NULL)
        sha256 = md_fetch(NULL, "SHA256", NULL);
    if (context == NULL || sha256 == NULL)
        return err_set(e, "config", "%s does not offer SHA-256", SONAME_LIBCRYPTO);
    return 0;
}

int digest_sha256(char out[65], struct str bytes, struct err *e)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (prepare(e) == -1)
        return -1;
    if (!digest_init(context, sha256, NULL) || !digest_update(context, bytes.p, bytes.n) ||
        !digest_final(context, digest, &n) || n != 32)
        return err_set(e, "config", "%s cannot compute SHA-256", SONAME_LIBCRYPTO);
    for (unsigned i = 0; i < n; i++) {
        out[2 * i] = hex[digest[i] >> 4];
        out[2 * i + 1] = hex[digest[i] & 15];
    }
    out[64] = '\0';
    return 0;
}

#else

int digest_sha256(char out[65], struct str bytes, struct err *e)
{
    (void)bytes;
    out[0] = '\0';
    return err_set(e, "config", "this build has no SHA-256: libcrypto was absent when it was made");
}

#endif
