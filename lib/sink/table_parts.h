/*
 * Inside of lib/sink: what the parts of table.h share.
 */
#ifndef HUB_SINK_TABLE_PARTS_H
#define HUB_SINK_TABLE_PARTS_H

#include "base/seen.h"
#include "base/thread.h"
#include "sink/sql.h"
#include "sink/table.h"

enum {
    TABLE_BATCH = 50000,
    TABLE_FIRST_BATCH = 4096,
    TABLE_BATCH_BYTES = 16 << 20,
    TABLE_SHAPES = 128,
    TABLE_PARAMETERS = 256
};
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
    char version[65], was[65]; /* hex; was: what a change starts from; empty: no change */
    enum table_status status;
    const struct err *why;
    struct table_shape *shape;
    size_t row, row_end; /* in batch.rows: as COPY has it */
};

/* Records that are committed together. Where there is COPY, one is filled while the one before is on its way,
 * and the connection is not the filler's then. */
struct table_batch {
    struct arena arena; /* texts of it */
    struct table_item *item;
    size_t n, bytes;            /* of the lines that are kept */
    struct buf rows, delivered; /* for COPY, the latter where nothing was delivered before */
    size_t nshapes;             /* that there are at its end */
    bool keyed;                 /* what comes twice is found by the key of hub_delivered */
    int done;                   /* what came of it: 0, or -1 with ERR */
    struct err err;
};

/* A parameter of a statement of one's own. */
struct table_parameter {
    enum { TABLE_AFTER, TABLE_BEFORE, TABLE_ID, TABLE_SOURCE, TABLE_ENTITY, TABLE_OP, TABLE_VERSION } from;
    struct str pointer;
};

struct table {
    struct sql *db;
    const struct table_options *options;
    struct str target;        /* its name in hub_delivered */
    struct arena arena, kept; /* kept: statements with COPY */
    struct buf sql;           /* a statement that is being made */
    bool begun;
    bool fresh;   /* nothing was delivered to it before */
    bool has_key; /* hub_delivered has its key */
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

    /* Batches. */
    struct arena row; /* texts of the record in hand */
    struct buf text;
    struct table_batch batch[2], *filling, *going; /* going: NULL, none is on its way */
    pthread_t thread;                              /* which brings it there */
    bool copies;
    size_t most;      /* records of a batch: few at first, so that both sides have work soon */
    bool straight;    /* as far as the filler knows, nothing was delivered before, */
    bool keyed;       /* and what comes twice is found by the key */
    struct seen seen; /* what is in the batch; or where there is no key, in all that was put */
    struct buf copy;
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
void table_field(struct err *e, struct str column); /* where the error is */
void table_pack(struct table *t, const struct table_shape *s);
void table_put_conflict(struct table *t, const struct table_shape *s); /* ON CONFLICT …, to t->sql */
struct sql_value table_value(struct table *t, enum sql_class class, const struct json_node *v, struct err *e);

/* table_make.c: CREATE TABLE by the contract of an entity, or by a record. */
int table_make(struct table *t, const struct record *r, struct err *e);

/* table_apply.c: its effect and what is remembered of it, or nothing of either. */
int table_apply(struct table *t, const struct record *r, struct table_item *item, struct err *e);

/* table_delivered.c: what is remembered of deliveries. */
int table_delivered_open(struct table *t, struct err *e);
int table_delivered_key(struct table *t, struct err *e); /* makes its key, where there is none yet */
int64_t table_delivered_held(struct table *t, struct err *e);

/* table_batch.c: the life of a batch. */
int table_batch_init(struct table *t, struct err *e);
void table_batch_release(struct table *t);
bool table_batch_is_full(const struct table *t);
int table_begin(struct table *t, struct err *e);
int table_hand_over(struct table *t, struct err *e); /* the batch is on its way, and the next one is empty */
int table_flush(struct table *t, struct err *e);     /* all that was put is committed and told */

/* table_lines.c: for COPY. The packed values, and what is delivered by them, to the batch that is filled; the
 * end of the latter; a line of hub_keys. */
int table_put_copy(struct table *t, const struct table_shape *s, struct err *e);
int table_put_delivered(struct table *t, const struct table_item *item, struct err *e);
void table_end_delivered(struct buf *out);
void table_put_key(struct buf *out, size_t place, const struct table_item *item);

/* table_copy.c: items of a batch that is on its way. */
int table_copy(struct table *t, struct table_batch *b, size_t from, size_t to, struct err *e);

/* table_statement.c */
int table_compile(struct table *t, struct err *e);
int table_run_statement(struct table *t, const struct record *r, const struct table_item *item,
                        struct err *e);

/* The reason why a change is refused whose start is not what was delivered. */
void table_conflict(struct err *why);

/* The text of t->sql, with a NUL behind it. */
const char *table_text(struct table *t, struct err *e);

#endif
