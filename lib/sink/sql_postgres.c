#include "sink/sql.h"

#ifdef SONAME_LIBPQ

#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "io/postgres.h"

enum { TEXTS_MOST = 1 << 30 };

struct server {
    struct sql sql;
    struct postgres *pg;
    unsigned n;         /* statements */
    struct buf scratch; /* numbers and bytes, as texts */
    struct str *text;   /* parameters */
    size_t room;
};

static void close_server(struct sql *db)
{
    struct server *s = (struct server *)db;
    if (s == NULL)
        return;
    postgres_close(s->pg);
    buf_release(&s->scratch);
    free(s->text);
    free(s);
}

static struct sql *open_server(const char *target, bool dry, struct err *e)
{
    (void)dry; /* a plan is rolled back */
    struct server *s = calloc(1, sizeof *s);
    if (s == NULL) {
        err_memory(e);
        return NULL;
    }
    s->sql.kind = &sql_postgres;
    buf_init(&s->scratch, TEXTS_MOST);
    s->pg = postgres_open(target, &(struct postgres_options){0}, e);
    if (s->pg != NULL)
        return &s->sql;
    close_server(&s->sql);
    return NULL;
}

static int lock(struct sql *db, struct str target, struct err *e)
{
    struct server *s = (struct server *)db;
    if (postgres_query(s->pg, "SELECT pg_try_advisory_lock(hashtext('hub_delivered'), hashtext($1))", &target,
                       1, e) == -1)
        return -1;
    if (str_eq(postgres_value(s->pg, 0, 0), STR("t")))
        return 0;
    err_set(e, "busy", "another run writes to %s", err_quote(target));
    err_place(e, "%s", postgres_name(s->pg));
    e->temporary = true;
    return -1;
}

static int exec(struct sql *db, const char *script, struct err *e)
{
    return postgres_exec(((struct server *)db)->pg, script, e);
}

static void name_statement(char *name, size_t room, unsigned statement)
{
    snprintf(name, room, "hub_%u", statement);
}

static int prepare(struct sql *db, const char *sql, unsigned *statement, struct err *e)
{
    struct server *s = (struct server *)db;
    char name[32];
    *statement = s->n++;
    name_statement(name, sizeof name, *statement);
    return postgres_prepare(s->pg, name, sql, e);
}

/* Texts of the values, which stand one behind the other in the scratch where they are made. */
static int make_texts(struct server *s, const struct sql_value *value, size_t n, struct err *e)
{
    if (n > s->room) {
        struct str *more = realloc(s->text, n * sizeof *more);
        if (more == NULL)
            return err_memory(e);
        s->text = more;
        s->room = n;
    }
    buf_reset(&s->scratch);
    for (size_t i = 0; i < n; i++) {
        size_t start = s->scratch.n;
        if (value[i].type == SQL_INT) {
            buf_printf(&s->scratch, "%lld", (long long)value[i].number);
        } else if (value[i].type == SQL_BYTES) {
            buf_put(&s->scratch, STR("\\x"));
            hex_put(&s->scratch, value[i].text);
        }
        s->text[i].n = s->scratch.n - start;
    }
    if (!buf_ok(&s->scratch))
        return err_set(e, "limit", "the values of a record are too large");
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        switch (value[i].type) {
        case SQL_NULL: s->text[i] = (struct str){0}; break;
        case SQL_TEXT: s->text[i] = value[i].text; break;
        case SQL_INT:
        case SQL_BYTES:
            s->text[i].p = s->scratch.p + at;
            at += s->text[i].n;
            break;
        }
    }
    return 0;
}

static int run(struct sql *db, unsigned statement, const struct sql_value *value, size_t n, struct err *e)
{
    struct server *s = (struct server *)db;
    char name[32];
    name_statement(name, sizeof name, statement);
    if (make_texts(s, value, n, e) == -1 || postgres_run(s->pg, name, s->text, n, e) == -1)
        return -1;
    db->row = postgres_rows(s->pg) > 0;
    db->changed = postgres_affected(s->pg);
    return 0;
}

static struct str value(struct sql *db, size_t column)
{
    return postgres_value(((struct server *)db)->pg, 0, column);
}

/* Columns that PostgreSQL fills itself are none to write to. */
static int describe(struct sql *db, struct str table, struct sql_table *out, struct arena *a, struct err *e)
{
    static const char sql[] =
        "SELECT a.attname, CASE WHEN t.typname = 'bytea' THEN 'b' WHEN t.typname IN ('json', 'jsonb') THEN "
        "'j' ELSE "
        "'' END, array_position(i.indkey::int2[], a.attnum) FROM pg_attribute a "
        "JOIN pg_type t0 ON t0.oid = a.atttypid JOIN pg_type t ON t.oid = coalesce(nullif(t0.typbasetype, "
        "0), t0.oid) "
        "LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary "
        "WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' "
        "ORDER BY a.attnum";
    struct server *s = (struct server *)db;
    buf_reset(&s->scratch);
    sql_put_relation(&s->scratch, table);
    struct str name = buf_str(&s->scratch);
    if (!buf_ok(&s->scratch))
        return err_memory(e);
    if (postgres_query(s->pg, sql, &name, 1, e) == -1)
        return -1;
    size_t n = postgres_rows(s->pg);
    if (n > SQL_COLUMNS)
        return err_set(e, "limit", "more than %d columns", SQL_COLUMNS);
    for (size_t i = 0; i < n; i++) {
        struct str column = arena_str(a, postgres_value(s->pg, i, 0)), class = postgres_value(s->pg, i, 1);
        struct str place = postgres_value(s->pg, i, 2); /* an int2vector counts from 0 */
        if (column.p == NULL)
            return err_memory(e);
        if (place.p != NULL && place.n == 1) {
            out->key[place.p[0] - '0'] = column;
            out->nkeys++;
        }
        out->class[i] = str_eq(class, STR("b")) ? SQL_BINARY : str_eq(class, STR("j")) ? SQL_JSON : SQL_ANY;
        out->column[i] = column;
    }
    out->ncolumns = n;
    return 0;
}

static int copy_in(struct sql *db, const char *sql, struct err *e)
{
    return postgres_copy_in(((struct server *)db)->pg, sql, e);
}

static int copy_put(struct sql *db, struct str rows, struct err *e)
{
    return postgres_copy_put(((struct server *)db)->pg, rows, e);
}

static int copy_end(struct sql *db, struct err *e)
{
    return postgres_copy_end(((struct server *)db)->pg, e);
}

/* By enum sql_make. */
static const char *const types[] = {"text",    "bigint",      "numeric", "numeric",
                                    "boolean", "timestamptz", "date",    "jsonb"};

static const struct sql_delivered delivered = {
    .make =
        "CREATE TABLE hub_delivered (target text COLLATE \"C\" NOT NULL, source text COLLATE \"C\" NOT NULL,"
        " entity text COLLATE \"C\" NOT NULL, id text COLLATE \"C\" NOT NULL, version bytea NOT NULL,"
        " n bigint NOT NULL DEFAULT 1, deleted integer NOT NULL DEFAULT 0, data text)",
    .find =
        "SELECT encode(version, 'hex'), data, deleted FROM hub_delivered WHERE target = $1 AND source = $2"
        " AND entity = $3 AND id = $4",
    .settle = "INSERT INTO hub_delivered (target, source, entity, id, version, deleted, data) VALUES"
              " ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id, entity, source, target) DO UPDATE"
              " SET version = excluded.version, n = hub_delivered.n + 1, deleted = excluded.deleted,"
              " data = excluded.data",
    .add = "INSERT INTO hub_delivered (target, source, entity, id, version, deleted, data) VALUES"
           " ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id, entity, source, target) DO NOTHING",
    .forget = "DELETE FROM hub_delivered WHERE target = $1 AND source = $2 AND entity = $3 AND id = $4",
    .alone = "SELECT pg_advisory_xact_lock(hashtext('hub_delivered'))",
    /* Opening the catalog, it learns of what others have made meanwhile. */
    .has_table = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('hub_delivered')",
    .has_form = "SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('hub_delivered')"
                " AND attname = 'version' AND atttypid = 'bytea'::regtype",
    .make_form = "ALTER TABLE hub_delivered ALTER version TYPE bytea USING"
                 " CASE WHEN version ~ '^[0-9a-f]{64}$' THEN decode(version, 'hex') ELSE '' END,"
                 " ALTER n SET DEFAULT 1, ALTER deleted SET DEFAULT 0",
    .has_key = "SELECT count(*) FROM pg_index WHERE indrelid = to_regclass('hub_delivered') AND indisunique",
    .make_key = "CREATE UNIQUE INDEX hub_delivered_key ON hub_delivered (id, entity, source, target)"};

const struct sql_kind sql_postgres = {.name = "postgresql",
                                      .is = postgres_is_url,
                                      .types = types,
                                      .delivered = &delivered,
                                      .open = open_server,
                                      .lock = lock,
                                      .exec = exec,
                                      .prepare = prepare,
                                      .run = run,
                                      .value = value,
                                      .describe = describe,
                                      .copy_in = copy_in,
                                      .copy_put = copy_put,
                                      .copy_end = copy_end,
                                      .put_table = sql_put_relation,
                                      .close = close_server};

#endif
