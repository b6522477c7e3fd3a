#include "base/hex.h"
#include "sink/table_parts.h"

/*
 * One record by itself, in the transaction of the batch: whether it was delivered, its effect, and what is
 * remembered of it.
 */

static int exec(struct table *t, const char *sql, struct err *e)
{
    return t->db->kind->exec(t->db, sql, e);
}

static void key_of(const struct table *t, const struct table_item *item, struct sql_value key[7])
{
    key[0] = (struct sql_value){.type = SQL_TEXT, .text = t->target};
    key[1] = (struct sql_value){.type = SQL_TEXT, .text = item->source};
    key[2] = (struct sql_value){.type = SQL_TEXT, .text = item->entity};
    key[3] = (struct sql_value){.type = SQL_TEXT, .text = item->id};
}

/* 1: this very version was delivered; 0; -1. What a statement was given last goes to t->before. */
static int find(struct table *t, const struct table_item *item, struct err *e)
{
    struct sql_value key[7];
    key_of(t, item, key);
    t->before.n = 0;
    t->version[0] = '\0';
    if (t->db->kind->run(t->db, t->find, key, 4, e) == -1)
        return -1;
    if (!t->db->row)
        return 0;
    struct str version = t->db->kind->value(t->db, 0);
    if (str_eq(version, str_of(item->version)))
        return 1;
    if (str_eq(t->db->kind->value(t->db, 2), STR("0")) && version.n == sizeof t->version - 1)
        memcpy(t->version, version.p, version.n);
    struct str data = t->db->kind->value(t->db, 1);
    if (data.p == NULL)
        return 0;
    buf_reset(&t->before_text);
    buf_put(&t->before_text, data);
    return json_parse_made(&t->before, &t->before_text, e);
}

static int settle(struct table *t, unsigned statement, const struct record *r, const struct table_item *item,
                  struct err *e)
{
    struct sql_value key[7];
    char version[(sizeof item->version - 1) / 2];
    const struct json_node *content = record_state(r);
    key_of(t, item, key);
    hex_read(version, str_of(item->version));
    key[4] = (struct sql_value){.type = SQL_BYTES, .text = {version, sizeof version}};
    key[5] = (struct sql_value){.type = SQL_INT, .number = content == NULL};
    key[6] = (struct sql_value){.type = SQL_NULL};
    if (t->options->statement.p != NULL && content != NULL)
        key[6] = table_value(t, SQL_JSON, content, e);
    return e->code == NULL ? t->db->kind->run(t->db, statement, key, 7, e) : -1;
}

static int remove_row(struct table *t, const struct record *r, struct err *e)
{
    if (!t->remove_prepared) {
        buf_reset(&t->sql);
        buf_put(&t->sql, STR("DELETE FROM "));
        t->db->kind->put_table(&t->sql, t->options->table);
        for (size_t i = 0; i < t->nkeys; i++) {
            buf_put(&t->sql, i == 0 ? STR(" WHERE ") : STR(" AND "));
            sql_put_name(&t->sql, t->table.column[t->key[i]]);
            buf_printf(&t->sql, " = $%zu", i + 1);
        }
        const char *sql = table_text(t, e);
        if (sql == NULL || t->db->kind->prepare(t->db, sql, &t->remove, e) == -1)
            return -1;
        t->remove_prepared = true;
    }
    if (table_key_values(t, r, e) == -1)
        return -1;
    for (size_t i = 0; i < t->nkeys; i++)
        t->packed[i] = t->value[t->key[i]];
    return t->db->kind->run(t->db, t->remove, t->packed, t->nkeys, e);
}

static int effect(struct table *t, const struct record *r, struct table_item *item, struct err *e)
{
    if (t->options->statement.p != NULL)
        return table_run_statement(t, r, item, e);
    if (record_state(r) == NULL)
        return remove_row(t, r, e);
    if (table_prepare_upsert(t, item->shape, e) == -1)
        return -1;
    table_pack(t, item->shape);
    return t->db->kind->run(t->db, item->shape->upsert, t->packed, item->shape->ncolumns, e);
}

void table_conflict(struct err *why)
{
    err_set(why, "conflict", "the target has another version than the change starts from");
}

static int refuse(struct table *t, struct table_item *item, const struct record *r, const struct err *why,
                  struct err *e)
{
    struct err *kept = arena_alloc(&t->filling->arena, sizeof *kept);
    item->line = arena_str(&t->filling->arena, r->line);
    if (kept == NULL || item->line.p == NULL)
        return err_memory(e);
    *kept = *why;
    item->why = kept;
    item->status = TABLE_REFUSED_BY_IT;
    return 0;
}

/* 1: it is to have an effect; 0: it is left out, or refused as WHY says. A statement is told what was
 * delivered last, whatever a change starts from. */
static int may(const struct table *t, const struct table_item *item, struct err *why)
{
    bool starts = item->was[0] != '\0' && str_eq(str_of(item->was), str_of(t->version));
    enum table_changed changed = t->options->changed;
    if (t->version[0] == '\0' || starts)
        return 1;
    if (t->options->statement.p == NULL && item->was[0] != '\0')
        table_conflict(why);
    else if (changed == TABLE_REFUSES)
        err_set(why, "changed",
                "the target has a version already, and takes only a change that starts from it");
    else if (changed == TABLE_APPLIES)
        return 1;
    return 0;
}

int table_apply(struct table *t, const struct record *r, struct table_item *item, struct err *e)
{
    bool saves = t->db->kind->copy_in != NULL; /* a statement that fails spoils the transaction */
    bool added = false;
    struct err why = {0};
    t->version[0] = '\0';
    if (saves && exec(t, "SAVEPOINT hub_row", e) == -1)
        return -1;
    if (t->fresh && !saves) {
        if (settle(t, t->add, r, item, e) == -1)
            return -1;
        added = t->db->changed == 1;
    }
    int same = added ? 0 : find(t, item, e);
    if (same == -1)
        return -1;
    int let = same == 1 ? 0 : may(t, item, &why);
    item->status = same == 1 ? TABLE_UNCHANGED : let == 0 ? TABLE_LEFT_OUT : TABLE_APPLIED;
    int done = why.code != NULL ? -1 : let == 1 && !t->options->as_delivered ? effect(t, r, item, &why) : 0;
    if (done == -1 && let == 1 && strcmp(why.code, "constraint") != 0) {
        *e = why;
        return -1;
    }
    if (done == -1) {
        struct sql_value key[7];
        key_of(t, item, key);
        if ((saves && exec(t, "ROLLBACK TO SAVEPOINT hub_row", e) == -1) ||
            (added && t->db->kind->run(t->db, t->forget, key, 4, e) == -1) ||
            refuse(t, item, r, &why, e) == -1)
            return -1;
    } else if (let == 1 && !added && settle(t, t->settle, r, item, e) == -1) {
        return -1;
    }
    return saves ? exec(t, "RELEASE SAVEPOINT hub_row", e) : 0;
}
