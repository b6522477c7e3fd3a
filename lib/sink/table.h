/*
 * Records into a table of a database, each version once: a row by its key, or what a statement of one's own
 * makes of it.
 *
 *     struct table *t = table_open("sqlite:stock.db", &options, &e);
 *     table_put(t, &record, &e) …                  TABLE_TAKEN: what comes of it, options.done is told
 *     table_mark(t, &mark, &e) …                   all that was put is committed, or was refused
 *     table_finish(t, &e);                         deletions, too
 *     table_close(t);
 *
 * What was delivered stands in a table of the same database, hub_delivered, written in the transaction of the
 * effect: a run may be killed at any time, and another one does nothing twice and leaves nothing out. A row
 * that the database does not take is refused alone.
 */
#ifndef HUB_SINK_TABLE_H
#define HUB_SINK_TABLE_H

#include "base/err.h"
#include "record/deletions.h"

enum table_status { TABLE_APPLIED, TABLE_UNCHANGED, TABLE_LEFT_OUT, TABLE_REFUSED_BY_IT };

/* What is done with a newer version of what was delivered before. */
enum table_changed {
    TABLE_APPLIES,
    TABLE_IGNORES, /* it is left out */
    TABLE_REFUSES  /* but for a change that starts from what was delivered */
};

struct table_result {
    enum table_status status;
    struct str entity, id, source, op,
        version;           /* without entity or id there is nothing to write a receipt of */
    struct str line;       /* of what is refused */
    const struct err *why; /* likewise */
};

struct table_options {
    struct str name;          /* in hub_delivered, with a NUL behind it */
    struct str table;         /* absent: statement */
    struct str statement;     /* SQL with :after.NAME, :before.NAME, :id and so on */
    const struct str *column; /* NAME or NAME=POINTER; NULL: all that a record has */
    size_t ncolumns;
    const struct str *key; /* columns; NULL: the primary key */
    size_t nkeys;
    bool create;                /* the table, where it is not there */
    bool dry;                   /* all is rolled back */
    bool beside;                /* a second thread may bring rows there while others are read */
    bool as_delivered;          /* without any effect */
    enum table_changed changed; /* of a statement */
    struct deletions_limit deletions;
    /* -1 with E ends the work. */
    int (*done)(void *arg, const struct table_result *result, struct err *e);
    /* All that the mark covers is committed, deletions too. */
    int (*settle)(void *arg, const struct record_mark *mark, struct err *e);
    void *arg;
};

struct table;

enum table_took { TABLE_FATAL = -1, TABLE_TAKEN, TABLE_REFUSED };

/* NULL: E. */
struct table *table_open(const char *target, const struct table_options *o, struct err *e);
void table_close(struct table *t); /* NULL is harmless */

enum table_took table_put(struct table *t, const struct record *r, struct err *e);

/* Commits what was put; options.settle is called for the mark, at the end where deletions wait. */
int table_mark(struct table *t, const struct record_mark *mark, struct err *e);

/* What is on its way is committed, and told: to be called before giving up. */
int table_wait(struct table *t, struct err *e);

/* The input is whole. Deletions beyond what is allowed: -1, code `brake`, and none is made. */
int table_finish(struct table *t, struct err *e);

#endif
