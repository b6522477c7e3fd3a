#include "io/curl.h"

#ifdef SONAME_LIBCURL

#include <stdlib.h>

#include "base/lazy.h"

/* Filled once by curl_load, and then the same for the whole process. */
#define DEFINE(name) __typeof__(name) *p_##name;
#define SYMBOL(name) {#name, &p_##name},
CURL_FUNCTIONS(DEFINE)

static const struct lazy_symbol symbols[] = {CURL_FUNCTIONS(SYMBOL){NULL, NULL}};
static struct lazy library = {.soname = SONAME_LIBCURL, .symbols = symbols};

int curl_load(struct err *e)
{
    if (lazy_load(&library, e) == -1)
        return -1;
    return p_curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : err_memory(e);
}

void curl_trust(CURL *easy)
{
    const char *file = getenv("CURL_CA_BUNDLE");
    if (file == NULL || file[0] == '\0')
        file = getenv("SSL_CERT_FILE");
    if (file != NULL && file[0] != '\0')
        p_curl_easy_setopt(easy, CURLOPT_CAINFO, file);
}

#endif
