#include "source/database_kind.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/size.h"
#include "base/utf8.h"
#include "io/sql_name.h"
#include "io/sqlite.h"

enum { STATEMENT_MOST = 1 << 20 };

struct file {
    struct sqlite *db;
    struct sqlite_statement *rows;
    struct buf sql;
};

static const struct str prefix = {"sqlite:", 7};

static bool is(const char *name)
{
    return str_starts(str_of(name), prefix);
}

static void close_file(void *arg)
{
    struct file *s = arg;
    if (s == NULL)
        return;
    sqlite_finish(s->rows);
    sqlite_close(s->db);
    buf_release(&s->sql);
    free(s);
}

/* What is read, without the order of a cursor. */
static void put_from(struct file *s, const struct database_options *o)
{
    if (o->table.p != NULL) {
        buf_put(&s->sql, STR("SELECT * FROM "));
        sql_put_name(&s->sql, o->table);
    } else if (o->cursor.p == NULL) {
        buf_put(&s->sql, database_statement(o->query));
    } else {
        buf_put(&s->sql, STR("SELECT * FROM ("));
        buf_put(&s->sql, database_statement(o->query));
        buf_put(&s->sql, STR("\n)"));
    }
}

static void put_cursor(struct file *s, struct str column, const struct json_node *last)
{
    if (last != NULL) {
        buf_put(&s->sql, STR(" WHERE "));
        sql_put_name(&s->sql, column);
        /* A number that is no integer is read as SQLite reads one that stands in SQL. */
        bool real = last->type == JSON_NUMBER && str_find(json_text(last), '.') < last->n;
        buf_put(&s->sql, real ? STR(" >= CAST(?1 AS REAL) OR ") : STR(" >= ?1 OR "));
        sql_put_name(&s->sql, column);
        buf_put(&s->sql, STR(" IS NULL"));
    }
    buf_put(&s->sql, STR(" ORDER BY "));
    sql_put_name(&s->sql, column);
}

static int bind_last(struct file *s, const struct json_node *last, struct arena *a, struct err *e)
{
    struct str text = json_text(last);
    if (last->type == JSON_STRING)
        text = json_string(last, a);
    if (text.p == NULL || (text = arena_str(a, text)).p == NULL)
        return err_memory(e);
    int64_t value;
    if (last->type == JSON_NUMBER && int_parse(text, &value))
        sqlite_bind_int(s->rows, 1, value);
    else
        sqlite_bind_text(s->rows, 1, text);
    return 0;
}

static int find_columns(struct file *s, struct database_shape *shape, struct err *e)
{
    shape->ncolumns = sqlite_columns(s->rows);
    struct str *column = arena_array(shape->arena, shape->ncolumns + 1, sizeof *column);
    if (column == NULL)
        return err_memory(e);
    for (size_t i = 0; i < shape->ncolumns; i++) {
        column[i] = arena_str(shape->arena, sqlite_column_name(s->rows, (int)i));
        if (column[i].p == NULL)
            return err_memory(e);
    }
    shape->column = column;
    return 0;
}

static int find_key(struct file *s, struct database_shape *shape, struct str table, struct err *e)
{
    static const char sql[] = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
    struct sqlite_statement *ask = table.p != NULL ? sqlite_cached(s->db, sql, e) : NULL;
    int got = table.p != NULL ? -1 : 0;
    if (ask != NULL) {
        sqlite_bind_text(ask, 1, table);
        while ((got = sqlite_step(ask, e)) == 1)
            if (database_add_key(shape, sqlite_column_text(ask, 0), e) == -1)
                return -1;
    }
    return got;
}

static int start(struct file *s, const struct database_options *o, const struct json_node *last,
                 struct database_shape *shape, struct err *e)
{
    put_from(s, o);
    if (o->cursor.p != NULL)
        put_cursor(s, o->cursor, last);
    if (!buf_ok(&s->sql))
        return err_set(e, "limit", "the statement is longer than %d KiB", STATEMENT_MOST >> 10);
    s->rows = sqlite_prepare(s->db, buf_str(&s->sql), e);
    if (s->rows == NULL || find_columns(s, shape, e) == -1 || find_key(s, shape, o->table, e) == -1)
        return -1;
    if (o->cursor.p != NULL && database_find_column(shape, o->cursor, &shape->cursor, e) == -1)
        return -1;
    return last != NULL ? bind_last(s, last, shape->arena, e) : 0;
}

static void *open_file(const char *name, const struct database_options *o, const struct json_node *last,
                       struct database_shape *shape, struct err *e)
{
    const char *path = name + prefix.n, *slash = strrchr(path, '/');
    struct file *s = calloc(1, sizeof *s);
    if (s == NULL) {
        err_memory(e);
        return NULL;
    }
    buf_init(&s->sql, STATEMENT_MOST);
    shape->name = str_of(slash != NULL ? slash + 1 : path);
    s->db = sqlite_open(path, &(struct sqlite_options){.mode = SQLITE_READS}, e);
    if (s->db != NULL && start(s, o, last, shape, e) == 0)
        return s;
    err_place(e, "%s", path);
    close_file(s);
    return NULL;
}

static int next(void *arg, struct err *e)
{
    struct file *s = arg;
    return sqlite_step(s->rows, e);
}

static bool is_number(struct str text)
{
    return text.n > 0 && text.p[text.n - 1] >= '0' && text.p[text.n - 1] <= '9';
}

static int put_real(struct file *s, int column, struct buf *data, struct err *e)
{
    struct str text;
    if (sqlite_column_real(s->rows, column, &text, e) == -1)
        return -1;
    if (is_number(text))
        buf_put(data, text);
    else
        json_write_string(data, text);
    return 0;
}

static int put_text(struct str text, struct buf *data, struct err *e)
{
    if (utf8_check(text) < text.n)
        return err_set(e, "json", "not UTF-8");
    json_write_string(data, text);
    return 0;
}

static int put(void *arg, size_t index, struct buf *data, struct err *e)
{
    struct file *s = arg;
    int column = (int)index;
    switch (sqlite_column_kind(s->rows, column)) {
    case SQLITE_IS_NULL: buf_put(data, STR("null")); return 0;
    case SQLITE_IS_INT: buf_put(data, sqlite_column_text(s->rows, column)); return 0;
    case SQLITE_IS_REAL: return put_real(s, column, data, e);
    case SQLITE_IS_TEXT: return put_text(sqlite_column_text(s->rows, column), data, e);
    case SQLITE_IS_BLOB:
        buf_byte(data, '"');
        base64_encode(data, sqlite_column_blob(s->rows, column));
        buf_byte(data, '"');
        return 0;
    }
    return 0;
}

static struct str text(void *arg, size_t column)
{
    struct file *s = arg;
    return sqlite_column_text(s->rows, (int)column);
}

/* A BLOB is no place to go on from. */
static void mark(void *arg, size_t column, struct buf *json)
{
    struct file *s = arg;
    struct err ignored = {0};
    enum sqlite_kind kind = sqlite_column_kind(s->rows, (int)column);
    if (kind != SQLITE_IS_NULL && kind != SQLITE_IS_BLOB && put(s, column, json, &ignored) == -1)
        buf_reset(json);
}

const struct database_kind database_sqlite = {.name = "sqlite",
                                              .is = is,
                                              .open = open_file,
                                              .next = next,
                                              .put = put,
                                              .text = text,
                                              .mark = mark,
                                              .close = close_file};
