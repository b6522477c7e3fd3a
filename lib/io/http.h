/*
 * HTTP by libcurl (loaded when first used): several calls at once over connections that are kept, HTTP/2 and
 * compressed answers where the other side has them, TLS verified.
 *
 *     struct http_client *c = http_new(&e);
 *     struct http_call *call = http_start(c, &request, &e);
 *     ... other work; http_turn(c) moves what is under way ...
 *     const struct http_answer *a = http_wait(c, call, &e);      NULL: E
 *     http_end(c, call);                                          the answer is gone
 *     http_free(c);
 *
 * A redirect is followed where it leads to the same scheme, host and port; any other is the answer itself, so
 * that no credential goes where it does not belong.
 */
#ifndef HUB_IO_HTTP_H
#define HUB_IO_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct http_header {
    struct str name, value;
};

struct http_request {
    struct str method, url;
    const struct http_header *header;
    size_t nheaders;
    struct str body;     /* absent: none */
    int64_t timeout;     /* milliseconds for the whole call; 0: none */
    uint64_t answer_max; /* bytes of the body, unpacked */
    bool once;           /* it is never sent twice, not even where a kept connection was dead */
};

enum http_failure {
    HTTP_ANSWERED,  /* there is an answer, of whatever status */
    HTTP_UNREACHED, /* no connection, or no name */
    HTTP_BROKEN,    /* cut off before the answer was whole */
    HTTP_SLOW,      /* the time was over */
    HTTP_TOO_LARGE,
    HTTP_UNTRUSTED, /* TLS: the other side could not be verified */
    HTTP_IMPOSSIBLE /* the URL or the protocol */
};

struct http_answer {
    enum http_failure failure;
    const char *why; /* of a failure */
    int status;
    struct str url;     /* that was answered, behind redirects */
    struct str body;    /* BUF_PAD readable bytes behind it */
    struct buf headers; /* "Name: value\n", of the last answer */
};

struct http_client;
struct http_call;

struct http_client *http_new(struct err *e); /* NULL: memory, or libcurl is not there */
void http_free(struct http_client *c);       /* no call may be open */

/* What R points to may go when it returns. NULL: E. */
struct http_call *http_start(struct http_client *c, const struct http_request *r, struct err *e);

/* Moves all calls as far as that goes without waiting. */
void http_turn(struct http_client *c);

/* Good until http_end. NULL: memory. */
const struct http_answer *http_wait(struct http_client *c, struct http_call *call, struct err *e);
void http_end(struct http_client *c, struct http_call *call); /* NULL is harmless */

/* The value of a header (compared without case) of an answer; absent: none. Of several of one name the first.
 */
struct str http_header(const struct http_answer *a, struct str name);

/* Whether two URLs have the same scheme, host and port. */
bool http_same_origin(struct str a, struct str b);

#endif
