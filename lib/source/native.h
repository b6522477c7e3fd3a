/*
 * The envelope of native records (hub-record.5), written around a `data` that a source appends as text:
 *
 *     {"data":{…},"from":"orders.csv:1842","id":"4507","label":"#1001","source":"shop-eu","stream":"shopify:orders"}
 *
 *     size_t start = native_begin(&out);
 *     buf_put(&out, data);
 *     if (native_end(&n, &out, start, 1842, &e) == -1) ...        refused: OUT is as it was before
 */
#ifndef HUB_SOURCE_NATIVE_H
#define HUB_SOURCE_NATIVE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "canon/expr.h"
#include "json/json.h"

struct native {
    struct expr *id, *label; /* NULL: none */
    struct str given;        /* the id of the record at hand, where no expression gives one; absent: none */
    struct buf from, tail, named;
    struct json_tape tape;
};

void native_init(struct native *n);
void native_release(struct native *n);

/* The expressions that give id and label of a record (absent: none), for messages said to stand in PLACE. */
int native_name_by(struct native *n, struct str id, struct str label, const char *place, struct err *e);

/* What the records from now on carry: the connection and the stream; the name of the input. */
int native_set_stream(struct native *n, struct str source, struct str stream, struct err *e);
int native_set_input(struct native *n, struct str name, struct err *e);

size_t native_begin(struct buf *out);

/* The same with an id and a label that are known already (absent: none), whatever native_name_by said. */
int native_end_as(struct native *n, struct buf *out, size_t start, uint64_t line, struct str id,
                  struct str label, struct err *e);

/* LINE is that in the input where the record starts. -1: id or label was refused, or memory ran out. */
int native_end(struct native *n, struct buf *out, size_t start, uint64_t line, struct err *e);

#endif
