/*
 * How a system is described (hub-system.5): pipelines/systems/NAME/system.json, and the accounts on it,
 * pipelines/connections/NAME.json ({"system": …}).
 *
 *     struct system s;
 *     if (system_open(&s, STR("shop-eu"), &arena, &diags, &e) == -1) ...
 *     const struct json_node *stream = system_find_stream(&s, STR("orders"));
 *     system_release(&s);
 *
 * Where there is no connection of a name, the system of that name is meant, and the connection is called like
 * it.
 *
 * Of a stream of files (or a target: what is written for it is a stream, too), all that is said is in a
 * struct of its own:
 *
 *     struct system_stream s;
 *     if (system_stream_find(&s, STR("shop-eu:orders-csv"), &arena, &diags, &e) == -1) ...
 */
#ifndef HUB_SYSTEM_SYSTEM_H
#define HUB_SYSTEM_SYSTEM_H

#include <stdint.h>

#include "system/description.h"

struct system {
    struct str source;            /* the connection: "shop-eu" */
    struct str name;              /* of the system: "shopify" */
    struct description described; /* system.json */
    struct description account;   /* of the connection, where has_account */
    bool has_account;
};

/* -1: E says why, and DIAGS has all that is wrong with the descriptions. What it gives is good as long as A,
 * and until system_release, which is due in any case. */
int system_open(struct system *s, struct str connection, struct arena *a, struct diag_list *diags,
                struct err *e);
void system_release(struct system *s);

/* Takes WORD:WORD apart (SYSTEM:STREAM, CONNECTION:TARGET): letters, digits, "_" and "-". False: it is none.
 */
bool system_split(struct str name, struct str *before, struct str *after);

/* The object under streams; NULL: there is none of that name, which system_no_stream makes an error of (-1).
 */
const struct json_node *system_find_stream(const struct system *s, struct str stream);
int system_no_stream(struct system *s, struct str stream, struct err *e);

/* The same of targets. */
const struct json_node *system_find_target(const struct system *s, struct str target);
int system_no_target(struct system *s, struct str target, struct err *e);

struct system_stream {
    struct str source;         /* the connection: "shop-eu" */
    struct str system;         /* "shopify" */
    struct str stream;         /* "shopify:orders-csv": what native records carry */
    struct str folder;         /* of the system: "pipelines/systems/shopify" */
    struct str format;         /* "csv", "tsv", "ndjson", "json"; absent: not said */
    struct str group;          /* column whose equal values fold rows; absent: no folding */
    struct str records;        /* JSON Pointer of the list of records in a json file; absent: none */
    struct str parent;         /* key by which children name their parent; absent: none */
    struct str id;             /* expression of the map language; absent: none */
    struct str label;          /* likewise */
    struct str delimiter;      /* one byte; absent: the format's own */
    struct str encoding;       /* as iconv names it; absent: UTF-8, or what a byte order mark tells */
    int64_t skip;              /* lines before the header */
    const struct str *columns; /* in the order in which they are written; NULL: not said */
    size_t ncolumns;
    const struct str *footer, *unpivot; /* patterns with "*"; NULL: none */
    size_t nfooters, nunpivot;
};

/* -1 with code `config`: no such connection, system or stream (with the names that there are), or a broken
 * description: DIAGS has all that is wrong then. What it gives is good as long as A. */
int system_stream_find(struct system_stream *out, struct str name, struct arena *a, struct diag_list *diags,
                       struct err *e);

/* Whether there is a connection or system of the first word of NAME, at all. 1, 0; -1: memory. */
int system_is_known(struct str name, struct arena *a, struct err *e);

/* The same by the stream that a record carries ("shopify:orders-csv"): source stays absent. Returns 1 where
 * found, 0 where there is no such system or stream, -1 where the description is broken. */
int system_stream_lookup(struct system_stream *out, struct str stream, struct arena *a, struct err *e);

/* What STREAM, an object of S called NAME, says of files. */
int system_stream_of(struct system_stream *out, const struct system *s, const struct json_node *stream,
                     struct str name, struct arena *a, struct err *e);

#endif
