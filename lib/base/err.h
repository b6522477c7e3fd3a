/*
 * What went wrong, filled by lib/ into a struct that the caller owns; only cmd/ decides what to say and how
 * to end. A function that takes a `struct err *` returns -1 (or NULL) and fills it, or leaves it alone.
 *
 *     struct err e = {0};
 *     if (map_load(&map, path, &e) == -1)
 *         cmd_fail(&cmd, &e);
 */
#ifndef HUB_BASE_ERR_H
#define HUB_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/str.h"

struct err {
    const char *code;   /* a stable word, in rejects and logs; static storage. NULL: no error */
    char place[512];    /* "orders.csv:1842", "pipelines/systems/x/orders.map:12:7", or "" */
    char field[256];    /* JSON Pointer (RFC 6901) of the canonical field, or "" */
    char message[1024]; /* what, and the value; raw: control characters are escaped by who prints it */
    bool temporary;     /* worth another try later: exit status 75 */
};

/*
 * The codes that more than one module uses. Others are told where they arise (hub-record.5 lists all).
 *   io        a file or stream could not be read or written
 *   pipe      the reader of our output is gone (EPIPE)
 *   memory    an allocation failed or a limit on memory was reached
 *   usage     wrong command line
 *   config    system.json, a connection, a schema or a map is wrong
 *   json      not a JSON text, or one that a record cannot hold (bad UTF-8, duplicate key, lone surrogate)
 *   limit     a line, a depth or a size over its limit
 *   record    JSON, but no record of a known kind
 *   cut_off   an input ended without its end mark, or with a wrong count
 *   contract  a canonical record does not meet its schema
 */

/* No error. Cheaper than zeroing all of it, which is two kilobytes, for each record. */
static inline void err_clear(struct err *e)
{
    e->code = NULL;
    e->place[0] = e->field[0] = e->message[0] = '\0';
    e->temporary = false;
}

/* Sets code and message; place and field stay as they are. Always returns -1, so that a function can end
 * with `return err_set(...)`. */
#define err_set(e, ...) (err_fill(e, __VA_ARGS__), err_failed())
static inline int err_failed(void)
{
    return -1;
}
void err_fill(struct err *e, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int err_vset(struct err *e, const char *code, const char *fmt, va_list args);

/* "WHAT: strerror(errno)" under code `io` (`pipe` for EPIPE, `memory` for ENOMEM). Returns -1. */
int err_errno(struct err *e, const char *what);

/* Returns -1, like the others. */
int err_memory(struct err *e);

/* Name the place or the field; cut at its size. */
void err_place(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void err_field(struct err *e, struct str pointer);

/* A slice for a message: quoted, cut after 60 bytes on a character boundary with "…", good until the
 * eighth call from now in this thread. Control characters stay raw. */
const char *err_quote(struct str value);

#endif
