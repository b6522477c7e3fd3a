/*
 * Rows of a database, one native record each: of a table, or of what a query gives.
 *
 *     struct database *db = database_open("sqlite:shop.db", &options, &e);
 *     while ((got = database_next(db, &row, &data, &e)) == SOURCE_OK || got == SOURCE_BAD)
 *         ...
 *     database_checkpoint(db, &checkpoint);               where the next run goes on
 *     database_close(db);
 *
 * The rows are read as a stream, and of one state of the database. With a cursor they come in its order,
 * from the value on that the checkpoint names: rows of just that value come again, but for those that are
 * what they were (the checkpoint keeps their hashes, up to DATABASE_TIES). Rows without a value come each
 * time.
 */
#ifndef HUB_SOURCE_DATABASE_H
#define HUB_SOURCE_DATABASE_H

#include "source/source.h"
#include "json/json.h"

enum { DATABASE_TIES = 1000 };

struct database;

struct database_options {
    struct str table, query; /* one of both; the other one is absent */
    struct str cursor;       /* a column; absent: none */
    /* What database_checkpoint wrote at the end of another run; NULL: none. Good during database_open. */
    const struct json_node *checkpoint;
    /* As that of struct input_options. */
    int (*idle)(void *arg, struct err *e);
    void *idle_arg;
};

/* Good until the next one. */
struct database_row {
    uint64_t number; /* of the row, from 1 */
    struct str id;   /* the primary key of a table; absent: it has none */
    struct str raw;  /* what a reject keeps of a row that cannot be taken */
};

/* Whether NAME is that of a database: sqlite:FILE, postgresql://… */
bool database_is(const char *name);

/* NULL: E says why. */
struct database *database_open(const char *name, const struct database_options *o, struct err *e);

/* What records of it carry, where nothing else is said: "sqlite", "sqlite:orders" and (`from`)
 * "shop.db/orders". */
struct str database_source(const struct database *db);
struct str database_stream(const struct database *db);
struct str database_input(const struct database *db);

/* As that of struct source_kind: DATA got the text of an object appended, or is as it was. */
enum source_got database_next(struct database *db, struct database_row *row, struct buf *data, struct err *e);

/* False: there is none yet. */
bool database_checkpoint(const struct database *db, struct buf *out);

void database_close(struct database *db); /* NULL is harmless */

#endif
