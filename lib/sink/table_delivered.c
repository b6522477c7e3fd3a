#include "sink/table_parts.h"

#include "base/size.h"

/*
 * hub_delivered: what each target was given, one row for each record. A first load has nothing to look for in
 * it: where the database takes rows by COPY, its key is made when something is looked for, which takes a
 * third of the time that it would take to keep it up row by row.
 */

/* By the id first: it tells most records apart. $C is the order of bytes, which asks no language. */
static const char make_sql[] = "CREATE TABLE IF NOT EXISTS hub_delivered (target text $C NOT NULL, source "
                               "text $C NOT NULL, entity text $C NOT "
                               "NULL, id text $C NOT NULL, version text $C NOT NULL, n bigint NOT NULL, "
                               "deleted integer NOT NULL, data text";

static const char find_sql[] =
    "SELECT version, data, deleted FROM hub_delivered WHERE target = $1 AND source = $2 AND "
    "entity = $3 AND id = $4";
static const char settle_sql[] =
    "INSERT INTO hub_delivered (target, source, entity, id, version, n, deleted, data) VALUES ($1, $2, $3, "
    "$4, $5, "
    "1, $6, $7) ON CONFLICT (id, entity, source, target) DO UPDATE SET version = excluded.version, "
    "n = hub_delivered.n + 1, deleted = excluded.deleted, data = excluded.data";
static const char add_sql[] = "INSERT INTO hub_delivered (target, source, entity, id, version, n, deleted, "
                              "data) VALUES ($1, $2, $3, $4, $5, "
                              "1, $6, $7) ON CONFLICT (id, entity, source, target) DO NOTHING";
static const char forget_sql[] =
    "DELETE FROM hub_delivered WHERE target = $1 AND source = $2 AND entity = $3 AND id = $4";

/* The number that SQL gives of the target. -1: E. */
static int64_t ask(struct table *t, const char *sql, size_t parameters, struct err *e)
{
    unsigned statement;
    const struct sql_value target = {.type = SQL_TEXT, .text = t->target};
    if (t->db->kind->prepare(t->db, sql, &statement, e) == -1 ||
        t->db->kind->run(t->db, statement, &target, parameters, e) == -1)
        return -1;
    int64_t n;
    struct str text = t->db->kind->value(t->db, 0);
    return int_parse(text, &n)
               ? n
               : err_set(e, "database", "no number where one was asked for: %s", err_quote(text));
}

static int make_table(struct table *t, struct err *e)
{
    buf_reset(&t->sql);
    struct str made = str_of(make_sql), mark = STR("$C");
    for (size_t at = 0; at < made.n;) {
        size_t end = str_search(made, mark, at);
        buf_put(&t->sql, str_slice(made, at, end));
        if (end < made.n)
            buf_put(&t->sql, str_of(t->db->kind->bytewise));
        at = end + mark.n;
    }
    buf_put(&t->sql, str_of(t->db->kind->keyed));
    const char *sql = table_text(t, e);
    return sql != NULL ? t->db->kind->exec(t->db, sql, e) : -1;
}

static int make_key(struct table *t, struct err *e)
{
    return t->db->kind->exec(
        t->db, "CREATE UNIQUE INDEX hub_delivered_key ON hub_delivered (id, entity, source, target)", e);
}

/* What HAS says is not there yet. 1: it was made, and others that make it wait for the end of the
 * transaction.
 */
static int make_once(struct table *t, const char *has, int (*make)(struct table *t, struct err *e),
                     struct err *e)
{
    int64_t there = ask(t, has, 0, e);
    if (there == 0)
        there = t->db->kind->exec(t->db, t->db->kind->alone, e) == 0 ? ask(t, has, 0, e) : -1;
    if (there != 0)
        return there == -1 ? -1 : 0;
    return make(t, e) == 0 ? 1 : -1;
}

/* A statement that names its key fails where that is not there yet. */
static int prepare(struct table *t, struct err *e)
{
    const struct {
        const char *sql;
        unsigned *statement;
    } all[] = {{find_sql, &t->find}, {settle_sql, &t->settle}, {forget_sql, &t->forget}, {add_sql, &t->add}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (t->db->kind->prepare(t->db, all[i].sql, all[i].statement, e) == -1)
            return -1;
    return 0;
}

int table_delivered_key(struct table *t, struct err *e)
{
    const char *has = t->db->kind->has_key;
    if (t->has_key)
        return 0;
    if (table_begin(t, e) == -1 || (has != NULL && make_once(t, has, make_key, e) == -1) ||
        prepare(t, e) == -1)
        return -1;
    t->has_key = true;
    return 0;
}

/* Nobody is to wait for what was made until the first batch is full. */
static int keep_made(struct table *t, struct err *e)
{
    if (t->options->dry)
        return 0;
    t->begun = false;
    return t->db->kind->exec(t->db, "COMMIT", e) == 0 ? table_begin(t, e) : -1;
}

int table_delivered_open(struct table *t, struct err *e)
{
    const struct sql_kind *kind = t->db->kind;
    if (table_begin(t, e) == -1)
        return -1;
    int made = kind->has_table != NULL ? make_once(t, kind->has_table, make_table, e) : make_table(t, e);
    if (made == -1 || (made == 1 && keep_made(t, e) == -1))
        return -1;
    int64_t some =
        ask(t, "SELECT count(*) FROM (SELECT 1 FROM hub_delivered WHERE target = $1 LIMIT 1) AS one", 1, e);
    int64_t key = some == -1 ? -1 : kind->has_key != NULL ? ask(t, kind->has_key, 0, e) : 1;
    if (key == -1)
        return -1;
    t->fresh = some == 0;
    bool looks = !t->fresh || t->options->statement.p != NULL;
    if ((key > 0 || looks) && table_delivered_key(t, e) == -1)
        return -1;
    return key == 0 && looks ? keep_made(t, e) : 0;
}

int64_t table_delivered_held(struct table *t, struct err *e)
{
    return ask(t, "SELECT count(*) FROM hub_delivered WHERE target = $1 AND deleted = 0", 1, e);
}
