#include "source/database_kind.h"

#ifdef SONAME_LIBPQ

#include <stdlib.h>

#include "base/utf8.h"
#include "io/postgres.h"
#include "io/sql_name.h"
#include "source/postgres_value.h"

enum { STATEMENT_MOST = 1 << 20 };

struct server {
    struct postgres *pg;
    struct buf sql, relation; /* NUL behind each */
    struct postgres_reader values;
    const struct postgres_type **type; /* of each column */
    struct str *cell;                  /* of the row in hand, in the line that libpq gave */
    size_t ncolumns;
    bool bad_encoding;
};

static void close_server(void *arg)
{
    struct server *s = arg;
    if (s == NULL)
        return;
    postgres_close(s->pg);
    buf_release(&s->sql);
    buf_release(&s->relation);
    postgres_reader_release(&s->values);
    free(s);
}

/* ---- what is read ---- */

/* As text that PostgreSQL reads in a string of SQL: with the settings of the session, only a quote is
 * special.
 */
static void put_source(struct server *s, const struct database_options *o)
{
    if (o->table.p != NULL) {
        buf_put(&s->sql, STR("SELECT * FROM "));
        buf_put(&s->sql, buf_str(&s->relation));
    } else if (o->cursor.p == NULL) {
        buf_put(&s->sql, database_statement(o->query));
    } else {
        buf_put(&s->sql, STR("SELECT * FROM ("));
        buf_put(&s->sql, database_statement(o->query));
        buf_put(&s->sql, STR("\n) AS hub_rows"));
    }
}

static int terminate(struct buf *sql, struct err *e)
{
    buf_byte(sql, '\0');
    if (buf_ok(sql))
        return 0;
    return err_set(e, "limit", "the statement is longer than %d KiB", STATEMENT_MOST >> 10);
}

static int find_columns(struct server *s, struct database_shape *shape, struct err *e)
{
    size_t n = postgres_columns(s->pg);
    struct str *column = arena_array(shape->arena, n + 1, sizeof *column);
    s->type = arena_array(shape->arena, n + 1, sizeof *s->type);
    s->cell = arena_array(shape->arena, n + 1, sizeof *s->cell);
    uint32_t *oid = arena_array(shape->arena, n + 1, sizeof *oid);
    if (column == NULL || s->type == NULL || s->cell == NULL || oid == NULL)
        return err_memory(e);
    for (size_t i = 0; i < n; i++) {
        column[i] = arena_str(shape->arena, postgres_column_name(s->pg, i));
        oid[i] = postgres_column_type(s->pg, i);
        if (column[i].p == NULL)
            return err_memory(e);
    }
    shape->column = column;
    shape->ncolumns = s->ncolumns = n;
    for (size_t i = 0; i < n; i++)
        if ((s->type[i] = postgres_type_of(s->pg, oid[i], shape->arena, e)) == NULL)
            return -1;
    return 0;
}

static int find_key(struct server *s, struct database_shape *shape, struct err *e)
{
    static const char sql[] = "SELECT a.attname FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH "
                              "ORDINALITY k(number, place) "
                              "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number "
                              "WHERE i.indisprimary AND i.indrelid = $1::regclass ORDER BY k.place";
    struct str relation = str_slice(buf_str(&s->relation), 0, s->relation.n - 1);
    if (postgres_query(s->pg, sql, &relation, 1, e) == -1)
        return -1;
    for (size_t i = 0; i < postgres_rows(s->pg); i++)
        if (database_add_key(shape, postgres_value(s->pg, i, 0), e) == -1)
            return -1;
    return 0;
}

/* ---- the cursor ---- */

/* The value goes by a setting of the session, since COPY takes no parameters. */
static int set_last(struct server *s, const struct json_node *last, struct arena *a, struct err *e)
{
    struct str text = json_is(last, JSON_STRING) ? json_string(last, a) : json_text(last);
    if (text.p == NULL)
        return err_memory(e);
    return postgres_query(s->pg, "SELECT set_config('hub.last', $1, false)", &text, 1, e);
}

static int type_of_column(struct server *s, const struct database_options *o, size_t cursor, struct str *type,
                          bool *filled, struct arena *a, struct err *e)
{
    struct buf oid;
    if (postgres_describe(s->pg, s->sql.p, e) == -1)
        return -1;
    buf_init(&oid, 64);
    buf_u64(&oid, postgres_column_type(s->pg, cursor));
    struct str text = buf_str(&oid);
    int done = postgres_query(s->pg, "SELECT format_type($1::oid, NULL)", &text, 1, e);
    buf_release(&oid);
    if (done == -1)
        return -1;
    *type = arena_str(a, postgres_value(s->pg, 0, 0));
    if (type->p == NULL)
        return err_memory(e);
    *filled = false;
    if (o->table.p == NULL)
        return 0;
    struct str about[] = {str_slice(buf_str(&s->relation), 0, s->relation.n - 1), o->cursor};
    if (postgres_query(
            s->pg, "SELECT 1 FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2 AND attnotnull",
            about, 2, e) == -1)
        return -1;
    *filled = postgres_rows(s->pg) > 0;
    return 0;
}

/* The statement in s->sql, in the order of the cursor and from its last value on. */
static int follow(struct server *s, const struct database_options *o, const struct json_node *last,
                  struct database_shape *shape, struct err *e)
{
    struct str type;
    bool filled = false;
    if (database_find_column(shape, o->cursor, &shape->cursor, e) == -1)
        return -1;
    if (last != NULL && (type_of_column(s, o, shape->cursor, &type, &filled, shape->arena, e) == -1 ||
                         set_last(s, last, shape->arena, e) == -1))
        return -1;
    s->sql.n--;
    if (last != NULL) {
        buf_put(&s->sql, STR(" WHERE "));
        sql_put_name(&s->sql, o->cursor);
        buf_put(&s->sql, STR(" >= current_setting('hub.last')::"));
        buf_put(&s->sql, type);
        if (!filled) {
            buf_put(&s->sql, STR(" OR "));
            sql_put_name(&s->sql, o->cursor);
            buf_put(&s->sql, STR(" IS NULL"));
        }
    }
    buf_put(&s->sql, STR(" ORDER BY "));
    sql_put_name(&s->sql, o->cursor);
    return terminate(&s->sql, e);
}

static int copy(struct server *s, struct err *e)
{
    struct buf sql;
    buf_init(&sql, STATEMENT_MOST + 64);
    buf_put(&sql, STR("COPY ("));
    buf_put(&sql, str_slice(buf_str(&s->sql), 0, s->sql.n - 1));
    buf_put(&sql, STR("\n) TO STDOUT"));
    int done = terminate(&sql, e);
    if (done == 0)
        done = postgres_copy_out(s->pg, sql.p, e);
    buf_release(&sql);
    return done;
}

static int start(struct server *s, const struct database_options *o, const struct json_node *last,
                 struct database_shape *shape, struct err *e)
{
    shape->name = arena_str(shape->arena, postgres_database(s->pg));
    if (shape->name.p == NULL)
        return err_memory(e);
    /* Nothing is changed, whatever the query says. */
    if (postgres_exec(s->pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", e) == -1)
        return -1;
    if (o->table.p != NULL) {
        sql_put_relation(&s->relation, o->table);
        if (terminate(&s->relation, e) == -1)
            return -1;
    }
    if (o->table.p != NULL)
        s->relation.n--;
    put_source(s, o);
    if (o->table.p != NULL)
        s->relation.n++;
    if (terminate(&s->sql, e) == -1 || postgres_describe(s->pg, s->sql.p, e) == -1 ||
        find_columns(s, shape, e) == -1)
        return -1;
    if (o->table.p != NULL && find_key(s, shape, e) == -1)
        return -1;
    if (o->cursor.p != NULL && follow(s, o, last, shape, e) == -1)
        return -1;
    return copy(s, e);
}

static void *open_server(const char *name, const struct database_options *o, const struct json_node *last,
                         struct database_shape *shape, struct err *e)
{
    struct server *s = calloc(1, sizeof *s);
    if (s == NULL || postgres_reader_init(&s->values) == -1) {
        free(s);
        err_memory(e);
        return NULL;
    }
    buf_init(&s->sql, STATEMENT_MOST);
    buf_init(&s->relation, STATEMENT_MOST);
    s->pg = postgres_open(name, &(struct postgres_options){.idle = o->idle, .idle_arg = o->idle_arg}, e);
    if (s->pg != NULL && start(s, o, last, shape, e) == 0)
        return s;
    if (s->pg != NULL)
        err_place(e, "%s", postgres_name(s->pg));
    close_server(s);
    return NULL;
}

/* ---- rows ---- */

static char unescaped(char c)
{
    switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return c;
    }
}

/* The text format of COPY: tabs between, \N for NULL, a backslash before what would be special. */
static int split(struct server *s, char *line, size_t n)
{
    bool plain = memchr(line, '\\', n) == NULL;
    char *at = line, *end = line + n;
    for (size_t i = 0; i < s->ncolumns; i++) {
        char *tab = memchr(at, '\t', (size_t)(end - at));
        if ((tab == NULL) != (i + 1 == s->ncolumns))
            return -1;
        char *stop = tab != NULL ? tab : end;
        struct str *cell = &s->cell[i];
        *cell = (struct str){at, (size_t)(stop - at)};
        if (!plain && cell->n == 2 && at[0] == '\\' && at[1] == 'N') {
            *cell = (struct str){0};
        } else if (!plain && memchr(at, '\\', cell->n) != NULL) {
            char *to = at;
            for (const char *from = at; from < stop; from++)
                *to++ = *from == '\\' && from + 1 < stop ? unescaped(*++from) : *from;
            cell->n = (size_t)(to - at);
        }
        at = stop + 1;
    }
    return 0;
}

static int next(void *arg, struct err *e)
{
    struct server *s = arg;
    char *line;
    size_t n;
    int got = postgres_copy_next(s->pg, &line, &n, e);
    if (got != 1)
        return got;
    /* A database without an encoding (SQL_ASCII) gives any bytes. */
    s->bad_encoding = utf8_check((struct str){line, n}) < n;
    if (split(s, line, n) == 0)
        return 1;
    err_set(e, "database", "a row has not as many columns as were promised");
    err_place(e, "%s", postgres_name(s->pg));
    return -1;
}

static int put(void *arg, size_t column, struct buf *data, struct err *e)
{
    struct server *s = arg;
    struct str cell = s->cell[column];
    if (cell.p == NULL) {
        buf_put(data, STR("null"));
        return 0;
    }
    if (s->bad_encoding && utf8_check(cell) < cell.n)
        return err_set(e, "json", "not UTF-8");
    return postgres_put_value(&s->values, s->type[column], cell, data, e);
}

static struct str text(void *arg, size_t column)
{
    struct server *s = arg;
    return s->cell[column];
}

/* As the server spelled it, so that it reads the same. */
static void mark(void *arg, size_t column, struct buf *json)
{
    struct server *s = arg;
    if (s->cell[column].p != NULL && !s->bad_encoding)
        json_write_string(json, s->cell[column]);
}

const struct database_kind database_postgres = {.name = "postgresql",
                                                .is = postgres_is_url,
                                                .open = open_server,
                                                .next = next,
                                                .put = put,
                                                .text = text,
                                                .mark = mark,
                                                .close = close_server};

#endif
