/*
 * Inside of lib/source: values of PostgreSQL, in the texts that a session of io/postgres.h gives, as JSON.
 */
#ifndef HUB_SOURCE_POSTGRES_VALUE_H
#define HUB_SOURCE_POSTGRES_VALUE_H

#include "base/arena.h"
#include "io/postgres.h"
#include "source/value.h"

/* What becomes of a text. */
enum postgres_class {
    POSTGRES_TEXT,    /* a string: all that is not known */
    POSTGRES_BOOL,    /* true, false */
    POSTGRES_INTEGER, /* a number */
    POSTGRES_REAL,    /* likewise; NaN and Infinity are strings */
    POSTGRES_TIME,    /* a time with a zone: RFC 3339 in UTC */
    POSTGRES_STAMP,   /* one without: 2026-05-01T13:58:12 */
    POSTGRES_BYTES,   /* Base64 */
    POSTGRES_JSON     /* as it is, without white space */
};

struct postgres_type {
    enum postgres_class class; /* of an array: of what it holds */
    bool array;
    char delimiter; /* of an array */
};

struct postgres_reader {
    struct value_reader value;
    struct buf text; /* of JSON, with room behind it */
    struct buf item; /* of an array */
};

int postgres_reader_init(struct postgres_reader *r); /* -1: memory */
void postgres_reader_release(struct postgres_reader *r);

/* The server is asked about types that are not its own. Good as long as A. NULL: E. */
const struct postgres_type *postgres_type_of(struct postgres *pg, uint32_t oid, struct arena *a,
                                             struct err *e);

/* Appends the JSON of TEXT. -1: E says why it has none; a part may have been appended. */
int postgres_put_value(struct postgres_reader *r, const struct postgres_type *type, struct str text,
                       struct buf *out, struct err *e);

#endif
