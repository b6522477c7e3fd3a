/*
 * Inside of lib/sink: what the parts of table.h share.
 */
#ifndef HUB_SINK_TABLE_PARTS_H
#define HUB_SINK_TABLE_PARTS_H

#include "base/seen.h"
#include "sink/sql.h"
#include "sink/table.h"

enum { TABLE_BATCH = 50000, TABLE_BATCH_BYTES = 16 << 20, TABLE_SHAPES = 128, TABLE_PARAMETERS = 256 };
enum { TABLE_WORDS = SQL_COLUMNS / 64 };
enum { TABLE_ENVELOPE = 3 }; /* id, source, entity */

/* The columns that a record has, and the statements for them. */
struct table_shape {
    uint64_t has[TABLE_WORDS];
    size_t column[SQL_COLUMNS], ncolumns;
    bool prepared;
    unsigned upsert;
    /* Of what can COPY: into the table itself, or into one that is temporary and from there. */
    struct str copy, copy_rows, merge, clear;
    bool rows_made;
};

/* A record of the batch, and what came of it. */
struct table_item {
    struct str source, entity, id, op, line;
    bool named;                /* it has an entity of its own */
    char version[65], was[65]; /* was: what a change starts from; empty: no change */
    enum table_status status;
    const struct err *why;
    struct table_shape *shape;
    size_t row, row_end; /* in batch.rows: as COPY has it */
};

/* A parameter of a statement of one's own. */
struct table_parameter {
    enum { TABLE_AFTER, TABLE_BEFORE, TABLE_ID, TABLE_SOURCE, TABLE_ENTITY, TABLE_OP, TABLE_VERSION } from;
    struct str pointer;
};

struct table {
    struct sql *db;
    const struct table_options *options;
    struct str target; /* its name in hub_delivered */
    struct arena arena;
    bool begun;
    bool fresh; /* nothing was delivered to it before */
    unsigned find, settle, forget, add;

    /* Of a table. */
    struct sql_table table;
    bool described;
    struct str pointer[SQL_COLUMNS]; /* of options->column */
    size_t listed[SQL_COLUMNS];      /* column of each of those */
    size_t key[SQL_KEYS], nkeys;
    size_t envelope[TABLE_ENVELOPE]; /* columns called like those, or ncolumns */
    size_t guess[SQL_COLUMNS];       /* of the I-th key of the record before */
    struct table_shape *shape[TABLE_SHAPES];
    size_t nshapes;
    struct sql_value value[SQL_COLUMNS], packed[SQL_COLUMNS];
    uint64_t has[TABLE_WORDS];
    unsigned remove;
    bool remove_prepared;

    /* Of a statement. */
    struct table_parameter parameter[TABLE_PARAMETERS];
    size_t nparameters;
    unsigned statement;

    /* The batch. */
    struct arena batch, row; /* texts of it, and of the record in hand */
    struct table_item *item;
    size_t n, bytes; /* of the lines that are kept */
    struct buf rows, text, copy;
    struct table_shape *streaming; /* the shape of the rows that are on their way already; NULL: none are */
    size_t streamed, sent;         /* how many of the items from the first on, and how many of their bytes */
    bool stream_ends;              /* those behind them have another shape */
    struct seen seen;
    bool keys_made;
    unsigned same, merge_keys;

    struct deletions deletions;
    struct record_in in; /* takes their lines apart */
    struct record_work work;
    struct json_tape before; /* what a statement was given last */
    char version[65];        /* of that; empty: it has nothing, or it was deleted */
    struct buf before_text;
};

/* table_row.c: the values of a record, and how they are written. */
int table_describe(struct table *t, const struct record *r, struct err *e);
int table_values(struct table *t, const struct record *r, struct table_shape **shape, struct err *e);
int table_key_values(struct table *t, const struct record *r, struct err *e);
int table_prepare_upsert(struct table *t, struct table_shape *s, struct err *e);
void table_pack(struct table *t, const struct table_shape *s);
void table_put_conflict(struct table *t, const struct table_shape *s); /* ON CONFLICT …, to t->text */
struct sql_value table_value(struct table *t, enum sql_class class, const struct json_node *v, struct err *e);

/* table_make.c: CREATE TABLE by the contract of an entity, or by a record. */
int table_make(struct table *t, const struct record *r, struct err *e);

/* table_apply.c: its effect and what is remembered of it, or nothing of either. */
int table_apply(struct table *t, const struct record *r, struct table_item *item, struct err *e);

/* table_stream.c: of the first batches, rows go to the server while the batch is being made. */
int table_stream(struct table *t, struct table_shape *s, struct err *e); /* the row made last may go */
int table_stream_end(struct table *t, struct err *e);                    /* all that went is there */

/* table_copy.c */
int table_make_copy(struct table *t, struct table_shape *s, struct err *e);
int table_put_copy(struct table *t, const struct table_shape *s,
                   struct err *e);                                      /* the packed values, to t->rows */
int table_copy(struct table *t, size_t from, size_t to, struct err *e); /* items of the batch */

/* table_statement.c */
int table_compile(struct table *t, struct err *e);
int table_run_statement(struct table *t, const struct record *r, const struct table_item *item,
                        struct err *e);

/* The reason why a change is refused whose start is not what was delivered. */
void table_conflict(struct err *why);

/* A text of SQL in t->text, with a NUL behind it. */
const char *table_text(struct table *t, struct err *e);

#endif
