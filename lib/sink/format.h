/*
 * What records look like in a file: one kind of file a format_NAME.c, each a row in the table behind
 * format_kinds.
 *
 *     const struct format_kind *kind = format_named(STR("csv"));
 *     void *f = kind->open(&options, &e);
 *     kind->begin(f, &out);
 *     kind->put(f, &out, &record, &e) …                    for each record
 *     kind->end(f, &out);
 *     kind->close(f);
 *
 * A file holds what is there: what a record of a deletion says, most formats cannot, and then leave it out.
 */
#ifndef HUB_SINK_FORMAT_H
#define HUB_SINK_FORMAT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"
#include "system/letters.h"

struct format_options {
    const struct str
        *columns; /* csv, tsv: in this order, others are left out; NULL: as system.json says for the stream
                     (then another one is refused), else those of the first record (likewise) */
    size_t ncolumns;
    char delimiter;            /* csv, tsv; 0: as system.json says for the stream, else the format's own */
    struct letters *letters;   /* template: whose it is, */
    struct template *template; /* and which one */
    bool safe_cells;           /* csv, tsv: no cell is a formula to a spreadsheet */
};

enum format_put {
    FORMAT_FATAL = -1,
    FORMAT_OK = 0,
    FORMAT_REFUSED = 1,
    FORMAT_NOTHING = 2, /* a deletion, which it cannot tell */
    FORMAT_LEFT_OUT = 3 /* a template has nothing to say of it */
};

struct format_kind {
    const char *name;     /* "csv" */
    const char *suffixes; /* of its files, each with a blank behind it: ".ndjson .jsonl " */

    /* OPTIONS stay the caller's, and must live longer. NULL: E says why. */
    void *(*open)(const struct format_options *options, struct err *e);

    /* A new file starts; to OUT goes what stands before its first record. */
    void (*begin)(void *format, struct buf *out);

    /* Appends the text of R. FORMAT_REFUSED: E says why, OUT is as it was, and the next record can be put.
     * That OUT failed is for the caller to see. */
    enum format_put (*put)(void *format, struct buf *out, const struct record *r, struct err *e);

    /* What stands behind the last record. */
    void (*end)(void *format, struct buf *out);

    void (*close)(void *format); /* NULL is harmless */
};

/* Those that are told by a name; ended by NULL. */
extern const struct format_kind *const format_kinds[];

/* By name, and by the suffix of a file's name (any case). NULL: none. */
const struct format_kind *format_named(struct str name);
const struct format_kind *format_of_file(struct str file);

extern const struct format_kind format_csv, format_tsv, format_ndjson, format_json, format_template;

#endif
