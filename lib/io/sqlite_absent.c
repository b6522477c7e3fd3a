#include "io/sqlite.h"

#ifndef SONAME_LIBSQLITE3

#include "base/lazy.h"

/* A build without SQLite opens no database: nothing below sqlite_open is ever called. */

struct sqlite *sqlite_open(const char *path, const struct sqlite_options *options, struct err *e)
{
    (void)options;
    lazy_absent("SQLite", "libsqlite3", e);
    err_place(e, "%s", path);
    return NULL;
}

void sqlite_close(struct sqlite *db)
{
    (void)db;
}

int sqlite_exec(struct sqlite *db, const char *script, struct err *e)
{
    (void)db, (void)script, (void)e;
    return -1;
}

int sqlite_begin(struct sqlite *db, struct err *e)
{
    (void)db, (void)e;
    return -1;
}

int sqlite_commit(struct sqlite *db, struct err *e)
{
    (void)db, (void)e;
    return -1;
}

void sqlite_rollback(struct sqlite *db)
{
    (void)db;
}

int64_t sqlite_last_rowid(struct sqlite *db)
{
    (void)db;
    return 0;
}

uint64_t sqlite_changes(struct sqlite *db)
{
    (void)db;
    return 0;
}

struct sqlite_statement *sqlite_prepare(struct sqlite *db, struct str sql, struct err *e)
{
    (void)db, (void)sql, (void)e;
    return NULL;
}

void sqlite_finish(struct sqlite_statement *s)
{
    (void)s;
}

struct sqlite_statement *sqlite_cached(struct sqlite *db, const char *sql, struct err *e)
{
    (void)db, (void)sql, (void)e;
    return NULL;
}

void sqlite_bind_null(struct sqlite_statement *s, int index)
{
    (void)s, (void)index;
}

void sqlite_bind_int(struct sqlite_statement *s, int index, int64_t value)
{
    (void)s, (void)index, (void)value;
}

void sqlite_bind_text(struct sqlite_statement *s, int index, struct str text)
{
    (void)s, (void)index, (void)text;
}

void sqlite_bind_blob(struct sqlite_statement *s, int index, struct str bytes)
{
    (void)s, (void)index, (void)bytes;
}

int sqlite_step(struct sqlite_statement *s, struct err *e)
{
    (void)s, (void)e;
    return -1;
}

int sqlite_run(struct sqlite_statement *s, struct err *e)
{
    (void)s, (void)e;
    return -1;
}

void sqlite_reset(struct sqlite_statement *s)
{
    (void)s;
}

size_t sqlite_columns(struct sqlite_statement *s)
{
    (void)s;
    return 0;
}

struct str sqlite_column_name(struct sqlite_statement *s, int column)
{
    (void)s, (void)column;
    return (struct str){0};
}

enum sqlite_kind sqlite_column_kind(struct sqlite_statement *s, int column)
{
    (void)s, (void)column;
    return SQLITE_IS_NULL;
}

int sqlite_column_real(struct sqlite_statement *s, int column, struct str *text, struct err *e)
{
    (void)s, (void)column, (void)text, (void)e;
    return -1;
}

int64_t sqlite_column_int(struct sqlite_statement *s, int column)
{
    (void)s, (void)column;
    return 0;
}

struct str sqlite_column_text(struct sqlite_statement *s, int column)
{
    (void)s, (void)column;
    return (struct str){0};
}

struct str sqlite_column_blob(struct sqlite_statement *s, int column)
{
    (void)s, (void)column;
    return (struct str){0};
}

#endif
