/*
 * SQLite, loaded when the first file is opened: connections, statements, transactions.
 *
 *     struct sqlite *db = sqlite_open("hub.db", &(struct sqlite_options){.mode = SQLITE_CREATES}, &e);
 *     sqlite_exec(db, "CREATE TABLE IF NOT EXISTS item (sku TEXT PRIMARY KEY, n INTEGER)", &e);
 *     sqlite_begin(db, &e);
 *     struct sqlite_statement *s = sqlite_cached(db, "INSERT INTO item VALUES (?1, ?2)", &e);
 *     sqlite_bind_text(s, 1, sku);
 *     sqlite_bind_int(s, 2, n);
 *     if (sqlite_run(s, &e) == -1 || sqlite_commit(db, &e) == -1) ...
 *     sqlite_close(db);
 *
 * A connection and its statements belong to one thread. What is bound is not copied: it stays where it is
 * until the statement is reset. A bind that fails (too large, no such parameter) is told by the next step, so
 * that binds need not be asked. What columns give is good until the next step or reset of their statement.
 *
 * Codes of errors, with the file as place: `busy` (temporary: another process holds the lock for longer than
 * `wait`), `constraint` (a row that the schema does not allow), `io`, `memory`, `limit` (a value is too
 * large), `config` (the library is not there), `database` (all else: no such table, not a database).
 */
#ifndef HUB_IO_SQLITE_H
#define HUB_IO_SQLITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct sqlite;
struct sqlite_statement;

enum sqlite_mode {
    SQLITE_READS,  /* the file must be there, and nothing is written to it */
    SQLITE_CREATES /* it is made where it is not there */
};

struct sqlite_options {
    enum sqlite_mode mode;
    bool private; /* a file that is made is readable by its owner alone (0600), as are those beside it */
    int wait;     /* milliseconds to wait for a lock before `busy`; 0: ten seconds; -1: not at all */
    const char *if_damaged; /* what there is to do then, for the message; NULL: nothing is known. It stays. */
};

/* PATH is a file name, never a URI; ":memory:" is a database of this connection alone. The schema has been
 * read: what is no database is refused here. Functions in the schema of a file that others wrote have no side
 * effects (trusted_schema is off). NULL: E says why. */
struct sqlite *sqlite_open(const char *path, const struct sqlite_options *options, struct err *e);

/* With all of its cached statements; prepared ones are to be finished before. What is not committed is
 * gone. NULL is harmless. */
void sqlite_close(struct sqlite *db);

/* Runs all statements of SCRIPT; rows that they give are dropped. */
int sqlite_exec(struct sqlite *db, const char *script, struct err *e);

/* ---- transactions ---- */

/* Takes the lock of writers at once (BEGIN IMMEDIATE), so that no statement of it finds the file busy. */
int sqlite_begin(struct sqlite *db, struct err *e);
int sqlite_commit(struct sqlite *db, struct err *e);

/* Harmless where there is none, so that it can end every failure. */
void sqlite_rollback(struct sqlite *db);

/* The rowid that the last INSERT gave. */
int64_t sqlite_last_rowid(struct sqlite *db);

/* Rows that the last INSERT, UPDATE or DELETE changed. */
uint64_t sqlite_changes(struct sqlite *db);

/* ---- statements ---- */

/* The one statement that SQL holds; text behind it is refused. To be finished before its connection. */
struct sqlite_statement *sqlite_prepare(struct sqlite *db, struct str sql, struct err *e);
void sqlite_finish(struct sqlite_statement *s); /* NULL is harmless */

/* SQL's statement, kept by the connection: prepared once, given reset and without bindings from then on. SQL
 * must stay where it is (a literal): it is told by its address first. One use at a time. */
struct sqlite_statement *sqlite_cached(struct sqlite *db, const char *sql, struct err *e);

/* Parameters are counted from 1. */
void sqlite_bind_null(struct sqlite_statement *s, int index);
void sqlite_bind_int(struct sqlite_statement *s, int index, int64_t value);
void sqlite_bind_text(struct sqlite_statement *s, int index, struct str text); /* absent: NULL */
void sqlite_bind_blob(struct sqlite_statement *s, int index, struct str bytes);

/* 1: a row; 0: no more, and the statement is reset, its bindings kept; -1: E says why, likewise. */
int sqlite_step(struct sqlite_statement *s, struct err *e);

/* For statements whose rows nobody asks for: steps to the end. */
int sqlite_run(struct sqlite_statement *s, struct err *e);

/* Ends it where it is; a read lock is given back. */
void sqlite_reset(struct sqlite_statement *s);

/* ---- columns, from 0 ---- */

size_t sqlite_columns(struct sqlite_statement *s);
struct str sqlite_column_name(struct sqlite_statement *s, int column);

enum sqlite_kind { SQLITE_IS_NULL, SQLITE_IS_INT, SQLITE_IS_REAL, SQLITE_IS_TEXT, SQLITE_IS_BLOB };

enum sqlite_kind sqlite_column_kind(struct sqlite_statement *s, int column);

/* Of a real: the shortest decimal that is the same one when it is read, or Inf, -Inf; good until the next
 * call. SQLite's own text of it has 15 digits, which are not always enough. */
int sqlite_column_real(struct sqlite_statement *s, int column, struct str *text, struct err *e);

int64_t sqlite_column_int(struct sqlite_statement *s, int column);
struct str sqlite_column_text(struct sqlite_statement *s, int column); /* absent where NULL */
struct str sqlite_column_blob(struct sqlite_statement *s, int column); /* absent where NULL */

#endif
