/*
 * PostgreSQL, by libpq, loaded when the first connection is opened: statements, and COPY in both directions.
 *
 *     struct postgres *pg = postgres_open("postgresql://books@db.example/books", &options, &e);
 *     struct str id = STR("1001");
 *     postgres_query(pg, "SELECT total FROM orders WHERE id = $1", &id, 1, &e);
 *     if (postgres_rows(pg) > 0)
 *         use(postgres_value(pg, 0, 0));
 *     postgres_copy_out(pg, "COPY orders TO STDOUT", &e);
 *     while ((got = postgres_copy_next(pg, &line, &e)) == 1) ...
 *     postgres_close(pg);
 *
 * A connection belongs to one thread. A password stands in the environment (PGPASSWORD), in a file that libpq
 * reads (.pgpass, PGSERVICEFILE), or in the URL as ${NAME} of a variable, never as itself, and comes up in no
 * message.
 *
 * Values are texts, in one spelling whatever the server is set to: UTF-8, times in UTC and as ISO 8601 has
 * them, bytes in hex, and as many digits as it takes.
 *
 * In a build without libpq there is none of this but postgres_is_url: who uses it asks for SONAME_LIBPQ.
 *
 * Codes of errors, with postgres_name as place: `constraint` (a row that the table does not take: class 22,
 * 23 or 44 of SQLSTATE), `busy` (temporary: locks, serialization, too many connections), `io` (temporary: the
 * connection could not be made or was lost), `memory`, `config` (libpq cannot be loaded, a URL that is none),
 * `database` (all else).
 */
#ifndef HUB_IO_POSTGRES_H
#define HUB_IO_POSTGRES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct postgres;

struct postgres_options {
    /* Called before a wait for what a COPY gives, so that what was written so far can be seen; may be NULL.
     * Returns -1 to end it (it filled E). */
    int (*idle)(void *arg, struct err *e);
    void *idle_arg;
};

bool postgres_is_url(const char *text); /* postgresql:// or postgres:// */

/* NULL: E says why. */
struct postgres *postgres_open(const char *url, const struct postgres_options *options, struct err *e);
void postgres_close(struct postgres *pg); /* NULL is harmless; what is not committed is gone */

/* "postgresql://db.example:5432/books": for people. */
const char *postgres_name(const struct postgres *pg);
struct str postgres_database(const struct postgres *pg); /* "books" */

/* ---- statements: one result at a time, good until the next call ---- */

/* Runs all statements of SCRIPT. */
int postgres_exec(struct postgres *pg, const char *script, struct err *e);

/* One statement with N texts as its parameters; absent: NULL. */
int postgres_query(struct postgres *pg, const char *sql, const struct str *parameter, size_t n,
                   struct err *e);

/* The same in two steps, for what is run often. */
int postgres_prepare(struct postgres *pg, const char *name, const char *sql, struct err *e);
int postgres_run(struct postgres *pg, const char *name, const struct str *parameter, size_t n, struct err *e);

/* The columns and parameters that SQL would have; nothing is run. */
int postgres_describe(struct postgres *pg, const char *sql, struct err *e);

size_t postgres_rows(const struct postgres *pg);
uint64_t postgres_affected(const struct postgres *pg); /* rows that the statement changed */
struct str postgres_value(const struct postgres *pg, size_t row, size_t column); /* absent where NULL */
size_t postgres_columns(const struct postgres *pg);
struct str postgres_column_name(const struct postgres *pg, size_t column);
uint32_t postgres_column_type(const struct postgres *pg, size_t column); /* its OID; of a domain: its base */

/* ---- COPY ---- */

/* SQL is COPY … TO STDOUT in the text format. */
int postgres_copy_out(struct postgres *pg, const char *sql, struct err *e);

/* 1: the next row without its end of line, in memory that the caller may change, good until the next call;
 * 0: no more; -1. */
int postgres_copy_next(struct postgres *pg, char **line, size_t *n, struct err *e);

/* SQL is COPY … FROM STDIN in the text format; then BYTES, whole rows or pieces of them; then the end, which
 * says what the server found. */
int postgres_copy_in(struct postgres *pg, const char *sql, struct err *e);
int postgres_copy_put(struct postgres *pg, struct str bytes, struct err *e);
int postgres_copy_end(struct postgres *pg, struct err *e);

#endif
