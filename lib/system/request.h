/*
 * A request out of the description of a call: its texts filled, its query encoded, its body written.
 *
 *     struct request r;
 *     request_init(&r);
 *     if (request_make(&r, &described, call, base, &view, changes, &e) == -1) ...
 *     use(r.method, buf_str(&r.url), r.header, r.nheaders, request_body(&r));
 *     request_release(&r);
 *
 * As JSON, which is what `next` and `batch` change places of, a request is
 *     {"url": "/orders.json", "query": {"limit": 250}, "headers": {…}, "body": …}
 * A url that was changed has its query in it: the call's own is not added.
 */
#ifndef HUB_SYSTEM_REQUEST_H
#define HUB_SYSTEM_REQUEST_H

#include "io/http.h"
#include "system/description.h"

enum { REQUEST_HEADERS = 64 };

struct request {
    struct str method;          /* a literal */
    struct buf url, body, text; /* text: of the headers */
    struct http_header header[REQUEST_HEADERS];
    size_t nheaders;
    bool has_body;
    struct json_tape draft, work;
    struct arena arena;
};

void request_init(struct request *r);
void request_release(struct request *r);

/* CALL is an object of D with get, post … in it. CHANGES: an object of JSON Pointers into the request and
 * their values (null: removed), or NULL. -1: E. */
int request_make(struct request *r, const struct description *d, const struct json_node *call,
                 struct str base, const struct view *v, const struct json_node *changes, struct err *e);

/* Adds HTTP Basic as the call says. */
int request_add_basic(struct request *r, const struct description *d, const struct json_node *call,
                      const struct view *v, struct err *e);

/* Adds headers, query parameters and HTTP Basic as OBJECT of D (auth, or the system itself) says. Those that
 * the call has itself stay. */
int request_add(struct request *r, const struct description *d, const struct json_node *object,
                const struct view *v, struct err *e);

/* The draft as a whole, after request_make: two requests with equal ones are the same. */
const struct json_node *request_draft(const struct request *r);

/* Whether OBJECT says where to call. */
bool request_is_call(const struct json_node *object);

#endif
