/*
 * What hub-extract reads: one kind of file a source_NAME.c, each a row in the table behind source_kinds.
 *
 *     const struct source_kind *kind = source_kind_for(&input, &options, &e);
 *     void *source = kind->open(&input, &options, &e);
 *     while ((got = kind->next(source, &item, &out, &e)) == SOURCE_OK || got == SOURCE_BAD)
 *         ...
 *     kind->close(source);
 *
 * A source gives the `data` of one native record at a time, as JSON text: an object in the order and the
 * spelling of the input, without white space.
 */
#ifndef HUB_SOURCE_SOURCE_H
#define HUB_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "source/input.h"
#include "system/system.h"

enum source_got {
    SOURCE_FATAL = -1,
    SOURCE_END = 0,
    SOURCE_OK = 1,
    SOURCE_BAD = 2,
    SOURCE_MARK = 3,     /* of kinds with messages: item.checkpoint covers what was given so far */
    SOURCE_LEFT_OUT = 4, /* a record of a stream that is not wanted; a row of a footer */
    SOURCE_NOTE = 5      /* nothing but item.note */
};

struct source_options {
    struct str format;        /* name of a kind; absent: by the name of the file */
    char delimiter;           /* 0: the format's own */
    bool guess_delimiter;     /* of csv, where none is named */
    uint64_t skip;            /* lines before the header */
    const struct str *footer; /* patterns of the first cell that is not empty, in the rows of a footer */
    size_t nfooters;
    const struct str *unpivot; /* patterns of columns that become records of their own (csv_columns.h) */
    size_t nunpivot;
    struct str records; /* JSON Pointer (RFC 6901) of the list of records; absent: the whole */
    struct str group;   /* column whose cell is item.key; absent: none */
    struct str parent;  /* key by which children name their parent; absent: none do */
    struct str pick;    /* of kinds with messages: the stream that is wanted; absent: all */
    const struct json_node *checkpoint; /* likewise, what the reading goes on from; NULL: not known */
    uint64_t memory;                    /* most bytes for the table of ids, of `parent`; 0: as it likes */
};

/* Good until the next one. */
struct source_item {
    uint64_t line;   /* where it starts, from 1 */
    struct str raw;  /* its bytes as they came: what a reject keeps */
    struct str key;  /* of a source with columns: the cell of options.group */
    struct str note; /* for a person, with SOURCE_LEFT_OUT and SOURCE_NOTE; absent: nothing */
    /* of kinds with messages; absent: none */
    struct str stream, id; /* of the record */
    struct str checkpoint; /* JSON text */
};

struct source_kind {
    const char *name;     /* of the format: "csv" */
    const char *suffixes; /* of its files, each with a blank behind it: ".ndjson .jsonl " */
    bool has_columns;     /* delimiter, skip, group, footer and unpivot have a meaning */
    bool has_messages;    /* pick and checkpoint have */

    /* Reads what comes before the first record. INPUT stays the caller's, and must live longer. NULL: E says
     * why. */
    void *(*open)(const struct input *input, const struct source_options *options, struct err *e);

    /* SOURCE_OK: DATA got a text appended. SOURCE_BAD: E says why this item cannot be taken, DATA is as it
     * was, and reading can go on. E has "NAME:LINE" as its place. */
    enum source_got (*next)(void *source, struct source_item *item, struct buf *data, struct err *e);

    void (*close)(void *source); /* NULL is harmless */
};

/* Ended by NULL. */
extern const struct source_kind *const source_kinds[];

/* One ASCII character, or "tab". -1 (code `usage`): something else. */
int source_set_delimiter(struct source_options *o, struct str text, struct err *e);

/* Fills in what O and IN do not say yet, as a stream is described. */
int source_options_of_stream(struct source_options *o, struct input_options *in,
                             const struct system_stream *d, struct err *e);

/* The kind of an input: by the format that O names, else by the suffix of its name (any case); where children
 * are folded, source_family. NULL: E says why, with the name as its place. */
const struct source_kind *source_kind_for(const struct input *input, const struct source_options *o,
                                          struct err *e);

/* Then, the kind of the children and parents themselves. */
const struct source_kind *source_kind_of_lines(const struct input *input, const struct source_options *o,
                                               struct err *e);

extern const struct source_kind source_csv, source_tsv, source_ndjson, source_json, source_singer,
    source_airbyte;
extern const struct source_kind source_family; /* has no row in the table: see `parent` */

#endif
