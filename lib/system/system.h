/*
 * How a system is described (hub-system.5): pipelines/systems/NAME/system.json, and the accounts on it,
 * pipelines/connections/NAME.json ({"system": …}). Of the description this module knows what is said of file
 * streams.
 *
 *     struct system_stream s;
 *     if (system_stream_find(&s, STR("shop-eu:orders-csv"), &arena, &e) == -1) ...
 *
 * A name is CONNECTION:STREAM; where there is no connection of that name, the system of that name is meant,
 * and the connection is called like it.
 */
#ifndef HUB_SYSTEM_SYSTEM_H
#define HUB_SYSTEM_SYSTEM_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct system_stream {
    struct str source;         /* the connection: "shop-eu" */
    struct str system;         /* "shopify" */
    struct str stream;         /* "shopify:orders-csv": what native records carry */
    struct str folder;         /* of the system: "pipelines/systems/shopify" */
    struct str format;         /* "csv", "tsv", "ndjson", "json"; absent: not said */
    struct str group;          /* column whose equal values fold rows; absent: no folding */
    struct str records;        /* JSON Pointer of the list of records in a json file; absent: none */
    struct str id;             /* expression of the map language; absent: none */
    struct str label;          /* likewise */
    struct str delimiter;      /* one byte; absent: the format's own */
    struct str encoding;       /* as iconv names it; absent: UTF-8 */
    int64_t skip;              /* lines before the header */
    const struct str *columns; /* in the order in which they are written; NULL: not said */
    size_t ncolumns;
};

/* -1 with code `config`: no such connection, system or stream (with the names that there are), or a broken
 * description. */
int system_stream_find(struct system_stream *out, struct str name, struct arena *a, struct err *e);

/* The same by the stream that a record carries ("shopify:orders-csv"): source stays absent. Returns 1 where
 * found, 0 where there is no such system or stream, -1 where the description is broken. */
int system_stream_lookup(struct system_stream *out, struct str stream, struct arena *a, struct err *e);

#endif
