/*
 * Inside of lib/source: one kind of database a database_NAME.c, each a row in the table of database.c.
 */
#ifndef HUB_SOURCE_DATABASE_KIND_H
#define HUB_SOURCE_DATABASE_KIND_H

#include "source/database.h"

enum { DATABASE_COLUMNS = 2000, DATABASE_KEYS = 32 };

/* What a kind finds when it opens; texts are good as long as it is open. */
struct database_shape {
    struct arena *arena; /* for what is found */
    struct str name;     /* of the file, or of the database on its server */
    const struct str *column;
    size_t ncolumns;
    size_t key[DATABASE_KEYS]; /* columns of the primary key of a table */
    size_t nkeys;
    size_t cursor; /* its column, where there is one */
};

/* Where to go on: `last` of the checkpoint; NULL: at the start. */
struct database_kind {
    const char *name; /* "sqlite" */
    bool (*is)(const char *name);

    /* Connects, and starts to read. NULL: E. */
    void *(*open)(const char *name, const struct database_options *o, const struct json_node *last,
                  struct database_shape *shape, struct err *e);

    /* 1: the next row; 0: no more; -1. */
    int (*next)(void *db, struct err *e);

    /* Of the row in hand: the JSON text of COLUMN, appended. -1: E says why it has none. */
    int (*put)(void *db, size_t column, struct buf *data, struct err *e);

    /* The text of COLUMN, in the database's own spelling; absent: NULL. */
    struct str (*text)(void *db, size_t column);

    /* Its value as a checkpoint keeps it. */
    void (*mark)(void *db, size_t column, struct buf *json);

    void (*close)(void *db); /* NULL is harmless */
};

/* The index of COLUMN in SHAPE; -1: it is not there, as E says. */
int database_find_column(const struct database_shape *shape, struct str column, size_t *index, struct err *e);

/* The indices of the columns of SHAPE that QUERY'S rows name go to shape->key: used by the kinds. */
int database_add_key(struct database_shape *shape, struct str column, struct err *e);

/* A statement without what ends it: blanks and semicolons. */
struct str database_statement(struct str query);

extern const struct database_kind database_sqlite;
#ifdef SONAME_LIBPQ
extern const struct database_kind database_postgres;
#endif

#endif
