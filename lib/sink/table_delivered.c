#include "sink/table_parts.h"

#include "base/size.h"

/*
 * hub_delivered: what each target was given, one row for each record. A first load has nothing to look for in
 * it: where the database takes rows by COPY, its key is made when something is looked for, which takes a
 * third of the time that it would take to keep it up row by row.
 */

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

/* What HAS says is not there yet. 1: it was made, and others that make it wait for the end of the
 * transaction. */
static int make_once(struct table *t, const char *has, const char *make, struct err *e)
{
    const struct sql_kind *kind = t->db->kind;
    int64_t there = has != NULL ? ask(t, has, 0, e) : 1;
    if (there == 0)
        there = kind->exec(t->db, kind->delivered->alone, e) == 0 ? ask(t, has, 0, e) : -1;
    if (there != 0)
        return there == -1 ? -1 : 0;
    return kind->exec(t->db, make, e) == 0 ? 1 : -1;
}

static int make(struct table *t, struct err *e)
{
    const struct sql_delivered *d = t->db->kind->delivered;
    if (d->has_table == NULL)
        return t->db->kind->exec(t->db, d->make, e);
    int table = make_once(t, d->has_table, d->make, e);
    int form = table != -1 ? make_once(t, d->has_form, d->make_form, e) : -1;
    return form == -1 ? -1 : table == 1 || form == 1;
}

/* A statement that names its key fails where that is not there yet. */
static int prepare(struct table *t, struct err *e)
{
    const struct sql_delivered *d = t->db->kind->delivered;
    const struct {
        const char *sql;
        unsigned *statement;
    } all[] = {{d->find, &t->find}, {d->settle, &t->settle}, {d->forget, &t->forget}, {d->add, &t->add}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (t->db->kind->prepare(t->db, all[i].sql, all[i].statement, e) == -1)
            return -1;
    return 0;
}

int table_delivered_key(struct table *t, struct err *e)
{
    const struct sql_delivered *d = t->db->kind->delivered;
    if (t->has_key)
        return 0;
    if (table_begin(t, e) == -1 || make_once(t, d->has_key, d->make_key, e) == -1 || prepare(t, e) == -1)
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
    const char *has_key = t->db->kind->delivered->has_key;
    int made = table_begin(t, e) == 0 ? make(t, e) : -1;
    if (made == -1 || (made == 1 && keep_made(t, e) == -1))
        return -1;
    int64_t some =
        ask(t, "SELECT count(*) FROM (SELECT 1 FROM hub_delivered WHERE target = $1 LIMIT 1) AS one", 1, e);
    int64_t key = some == -1 ? -1 : has_key != NULL ? ask(t, has_key, 0, e) : 1;
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
