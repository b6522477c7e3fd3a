/*
 * Databases that hub-load writes to: what SQLite and PostgreSQL have in common, behind one small interface.
 * Statements are those that both understand.
 *
 *     struct sql *db = sql_open("sqlite:stock.db", false, &e);
 *     sql_exec(db, "BEGIN", &e);
 *     sql_prepare(db, "UPDATE stock SET n = n + $1 WHERE sku = $2", &statement, &e);
 *     sql_run(db, statement, values, 2, &e);
 *     sql_exec(db, "COMMIT", &e);
 *     sql_close(db);
 *
 * Parameters are $1, $2 and so on, in the order in which they are seen first. Errors as io/sqlite.h and
 * io/postgres.h have them: `constraint` is one of the values, and all else of the statement or the database.
 */
#ifndef HUB_SINK_SQL_H
#define HUB_SINK_SQL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "io/sql_name.h"

enum { SQL_COLUMNS = 1024, SQL_KEYS = 32 };

enum sql_type { SQL_NULL, SQL_INT, SQL_TEXT, SQL_BYTES };

struct sql_value {
    enum sql_type type;
    int64_t number;
    struct str text; /* the caller's, until the next run */
};

/* What a column holds, as far as it matters how values are written to it. */
enum sql_class { SQL_ANY, SQL_BINARY, SQL_JSON };

struct sql_table {
    struct str column[SQL_COLUMNS];
    enum sql_class class[SQL_COLUMNS];
    size_t ncolumns;          /* 0: there is no such table */
    struct str key[SQL_KEYS]; /* of its primary key */
    size_t nkeys;
};

struct sql;

/* Statements about the table hub_delivered: target, source, entity and id tell its rows apart, all in the
 * order of bytes, which asks no language. Versions are bytes, and come out in hex. */
struct sql_delivered {
    const char *make;
    const char *find;         /* of $1 to $4: version, data, deleted */
    const char *settle, *add; /* of $1 to $4, version, deleted, data; add: where it is not there yet */
    const char *forget;       /* of $1 to $4 */
    /* Where others may write at the same time, and its key may be made later; else NULL. has: the number of
     * such things, make: where it is 0. */
    const char *alone; /* others that ask for this wait for the end of the transaction */
    const char *has_table;
    const char *has_form, *make_form; /* that which make gives it, and no older one */
    const char *has_key, *make_key;
};

struct sql_kind {
    const char *name;
    bool (*is)(const char *target);
    /* Types of columns that are made, by enum sql_make. */
    const char *const *types;
    const struct sql_delivered *delivered;
    struct sql *(*open)(const char *target, bool dry, struct err *e);
    int (*lock)(struct sql *db, struct str target, struct err *e);
    int (*exec)(struct sql *db, const char *script, struct err *e);
    int (*prepare)(struct sql *db, const char *sql, unsigned *statement, struct err *e);
    /* The first row of what it gives is at hand until the next run: row, value; and how many rows it changed.
     */
    int (*run)(struct sql *db, unsigned statement, const struct sql_value *value, size_t n, struct err *e);
    struct str (*value)(struct sql *db, size_t column);
    int (*describe)(struct sql *db, struct str table, struct sql_table *out, struct arena *a, struct err *e);
    /* Rows in a format of PostgreSQL's COPY, in pieces of any size; the server works on them while more are
     * made, and what it does not take is told at the end. No other statement in between. NULL: it has no
     * such thing. */
    int (*copy_in)(struct sql *db, const char *sql, struct err *e);
    int (*copy_put)(struct sql *db, struct str rows, struct err *e);
    int (*copy_end)(struct sql *db, struct err *e);
    void (*put_table)(struct buf *sql, struct str table);
    void (*close)(struct sql *db);
};

/* What every kind begins with. */
struct sql {
    const struct sql_kind *kind;
    bool row;
    uint64_t changed;
};

enum sql_make {
    SQL_MAKE_TEXT,
    SQL_MAKE_INTEGER,
    SQL_MAKE_NUMBER,
    SQL_MAKE_DECIMAL,
    SQL_MAKE_BOOLEAN,
    SQL_MAKE_TIME,
    SQL_MAKE_DATE,
    SQL_MAKE_JSON
};

/* Whether TARGET is that of a database. */
bool sql_is(const char *target);

/* NULL: E. DRY: what is not there is not made. */
struct sql *sql_open(const char *target, bool dry, struct err *e);

extern const struct sql_kind sql_sqlite;
#ifdef SONAME_LIBPQ
extern const struct sql_kind sql_postgres;
#endif

#endif
