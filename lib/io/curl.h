/*
 * Inside of lib/io: libcurl, loaded when it is first used, for the wrappers that stand on it.
 *
 *     if (curl_load(&e) == -1) ...
 *     CURL *easy = p_curl_easy_init();
 *     curl_trust(easy);
 */
#ifndef HUB_IO_CURL_H
#define HUB_IO_CURL_H

#ifdef SONAME_LIBCURL

#include <curl/curl.h>

#include "base/err.h"

#define CURL_FUNCTIONS(X)                                                                                    \
    X(curl_global_init)                                                                                      \
    X(curl_easy_init)                                                                                        \
    X(curl_easy_cleanup)                                                                                     \
    X(curl_easy_setopt)                                                                                      \
    X(curl_easy_getinfo)                                                                                     \
    X(curl_easy_perform)                                                                                     \
    X(curl_easy_strerror)                                                                                    \
    X(curl_easy_reset)                                                                                       \
    X(curl_slist_append)                                                                                     \
    X(curl_slist_free_all)                                                                                   \
    X(curl_multi_init)                                                                                       \
    X(curl_multi_cleanup)                                                                                    \
    X(curl_multi_add_handle)                                                                                 \
    X(curl_multi_remove_handle)                                                                              \
    X(curl_multi_perform)                                                                                    \
    X(curl_multi_info_read)                                                                                  \
    X(curl_multi_poll)

/* Macros of the header would stand in the way of the names. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#define CURL_DECLARE(name) extern __typeof__(name) *p_##name;
CURL_FUNCTIONS(CURL_DECLARE)

/* -1: it is not installed, or cannot start. */
int curl_load(struct err *e);

/* The other side is verified by the certificates of $CURL_CA_BUNDLE, else $SSL_CERT_FILE, else those of the
 * machine. */
void curl_trust(CURL *easy);

#endif
#endif
