#include "sink/table_parts.h"

/*
 * Rows of a batch, by COPY. Where nothing was delivered to the table before, straight into it; else, or where
 * it does not take that, into a temporary table, from which one statement inserts or updates. What fails is
 * cut in two until the row that is refused stands alone.
 */

/* ---- statements ---- */

static void put_columns(struct table *t, const struct table_shape *s)
{
    for (size_t i = 0; i < s->ncolumns; i++) {
        buf_put(&t->sql, i > 0 ? STR(", ") : STR(""));
        sql_put_name(&t->sql, t->table.column[s->column[i]]);
    }
}

static int keep(struct table *t, struct str *to, struct err *e)
{
    const char *sql = table_text(t, e);
    if (sql == NULL)
        return -1;
    *to = arena_str(&t->arena, str_of(sql));
    buf_reset(&t->sql);
    return to->p != NULL ? 0 : err_memory(e);
}

static int make_copy(struct table *t, struct table_shape *s, struct err *e)
{
    if (s->copy.p != NULL)
        return 0;
    buf_reset(&t->sql);
    buf_put(&t->sql, STR("COPY "));
    t->db->kind->put_table(&t->sql, t->options->table);
    buf_put(&t->sql, STR(" ("));
    put_columns(t, s);
    buf_put(&t->sql, STR(") FROM STDIN"));
    return keep(t, &s->copy, e);
}

/* Its temporary table, and the statements with it. */
static int make_rows(struct table *t, struct table_shape *s, size_t number, struct err *e)
{
    if (s->rows_made)
        return 0;
    buf_reset(&t->sql);
    buf_printf(&t->sql, "CREATE TEMPORARY TABLE hub_rows_%zu AS SELECT ", number);
    put_columns(t, s);
    buf_put(&t->sql, STR(" FROM "));
    t->db->kind->put_table(&t->sql, t->options->table);
    buf_put(&t->sql, STR(" WITH NO DATA"));
    const char *sql = table_text(t, e);
    if (sql == NULL || t->db->kind->exec(t->db, sql, e) == -1)
        return -1;
    buf_reset(&t->sql);
    buf_printf(&t->sql, "COPY hub_rows_%zu FROM STDIN", number);
    if (keep(t, &s->copy_rows, e) == -1)
        return -1;
    buf_printf(&t->sql, "TRUNCATE hub_rows_%zu", number);
    if (keep(t, &s->clear, e) == -1)
        return -1;
    buf_put(&t->sql, STR("INSERT INTO "));
    t->db->kind->put_table(&t->sql, t->options->table);
    buf_put(&t->sql, STR(" ("));
    put_columns(t, s);
    buf_put(&t->sql, STR(") SELECT "));
    put_columns(t, s);
    buf_printf(&t->sql, " FROM hub_rows_%zu", number);
    table_put_conflict(t, s);
    s->rows_made = true;
    return keep(t, &s->merge, e);
}

#define DELIVERED "d.target = $1 AND d.source = k.source AND d.entity = k.entity AND d.id = k.id"
#define CONFLICT  "k.was IS NOT NULL AND d.deleted = 0 AND d.version NOT IN (k.was, k.version)"

static int make_keys(struct table *t, struct err *e)
{
    static const char make[] = "CREATE TEMPORARY TABLE hub_keys (place integer, source text, entity text, id "
                               "text, version bytea, was bytea)";
    static const char same[] = "SELECT string_agg(k.place || CASE d.version WHEN k.version THEN '=' ELSE '!' "
                               "END, '') FROM hub_keys k JOIN hub_delivered d ON " DELIVERED
                               " AND (d.version = k.version OR (" CONFLICT "))";
    static const char merge[] =
        "INSERT INTO hub_delivered (target, source, entity, id, version, n, deleted) SELECT $1, source, "
        "entity, id, version, 1, 0 FROM hub_keys k WHERE k.was IS NULL OR NOT EXISTS (SELECT 1 FROM "
        "hub_delivered d WHERE " DELIVERED " AND " CONFLICT
        ") ON CONFLICT (id, entity, source, target) DO UPDATE SET version = "
        "excluded.version, n = hub_delivered.n + 1, deleted = 0 WHERE hub_delivered.version <> "
        "excluded.version";
    if (t->keys_made)
        return 0;
    if (t->db->kind->exec(t->db, make, e) == -1 || t->db->kind->prepare(t->db, same, &t->same, e) == -1 ||
        t->db->kind->prepare(t->db, merge, &t->merge_keys, e) == -1)
        return -1;
    t->keys_made = true;
    return 0;
}

static int copy(struct table *t, const char *sql, struct str rows, struct err *e)
{
    const struct sql_kind *kind = t->db->kind;
    if (kind->copy_in(t->db, sql, e) == -1 || kind->copy_put(t->db, rows, e) == -1)
        return -1;
    return kind->copy_end(t->db, e);
}

/* ---- a range of the batch ---- */

static bool is_due(const struct table *t, const struct table_item *item, const struct table_shape *s)
{
    return item->shape == s && item->status == TABLE_APPLIED && !t->options->as_delivered;
}

/* The rows of S in the range, but for those that the target has; as they stand, where they are together. */
static struct str rows_of(struct table *t, const struct table_batch *b, const struct table_shape *s,
                          size_t from, size_t to)
{
    struct str rows = buf_str(&b->rows);
    while (from < to && !is_due(t, &b->item[from], s))
        from++;
    size_t end = from;
    while (end < to && is_due(t, &b->item[end], s))
        end++;
    if (from == to)
        return STR("");
    if (end == to)
        return str_slice(rows, b->item[from].row, b->item[to - 1].row_end);
    buf_reset(&t->copy);
    for (size_t i = from; i < to; i++)
        if (is_due(t, &b->item[i], s))
            buf_put(&t->copy, str_slice(rows, b->item[i].row, b->item[i].row_end));
    return buf_str(&t->copy);
}

/* Lines for hub_keys. */
static struct str keys_of(struct table *t, const struct table_batch *b, size_t from, size_t to)
{
    buf_reset(&t->copy);
    for (size_t i = from; i < to; i++)
        table_put_key(&t->copy, i, &b->item[i]);
    return buf_str(&t->copy);
}

/* Nothing was delivered before: so it is the whole of a batch. */
static int copy_straight(struct table *t, struct table_batch *b, struct err *e)
{
    for (size_t i = 0; i < b->nshapes; i++) {
        struct str rows = rows_of(t, b, t->shape[i], 0, b->n);
        if (rows.n > 0 && copy(t, t->shape[i]->copy.p, rows, e) == -1)
            return -1;
    }
    return copy(t, "COPY hub_delivered (target, source, entity, id, version) FROM STDIN BINARY",
                buf_str(&b->delivered), e);
}

static int refuse(struct table_batch *b, struct table_item *item, const struct err *why, struct err *e)
{
    struct err *kept = arena_alloc(&b->arena, sizeof *kept);
    if (kept == NULL)
        return err_memory(e);
    *kept = *why;
    item->status = TABLE_REFUSED_BY_IT;
    item->why = kept;
    return 0;
}

static int mark(struct table_batch *b, struct table_item *item, bool same, struct err *e)
{
    struct err why = {0};
    if (same) {
        item->status = TABLE_UNCHANGED;
        return 0;
    }
    table_conflict(&why);
    return refuse(b, item, &why, e);
}

static int find_same(struct table *t, struct table_batch *b, size_t from, size_t to, struct err *e)
{
    const struct sql_value target = {.type = SQL_TEXT, .text = t->target};
    for (size_t i = from; i < to; i++)
        b->item[i].status = TABLE_APPLIED;
    if (t->db->kind->exec(t->db, "TRUNCATE hub_keys", e) == -1 ||
        copy(t, "COPY hub_keys FROM STDIN", keys_of(t, b, from, to), e) == -1 ||
        t->db->kind->run(t->db, t->same, &target, 1, e) == -1)
        return -1;
    struct str places = t->db->kind->value(t->db, 0);
    for (size_t i = 0, place = 0; i < places.n; i++) {
        char c = places.p[i];
        if (c >= '0' && c <= '9') {
            place = place * 10 + (size_t)(c - '0');
            continue;
        }
        if (place >= from && place < to && mark(b, &b->item[place], c == '=', e) == -1)
            return -1;
        place = 0;
    }
    return 0;
}

static int copy_merging(struct table *t, struct table_batch *b, size_t from, size_t to, struct err *e)
{
    const struct sql_value target = {.type = SQL_TEXT, .text = t->target};
    if (find_same(t, b, from, to, e) == -1)
        return -1;
    for (size_t i = 0; i < b->nshapes; i++) {
        const struct table_shape *s = t->shape[i];
        struct str rows = rows_of(t, b, s, from, to);
        if (rows.n == 0)
            continue;
        if (t->db->kind->exec(t->db, s->clear.p, e) == -1 || copy(t, s->copy_rows.p, rows, e) == -1 ||
            t->db->kind->exec(t->db, s->merge.p, e) == -1)
            return -1;
    }
    return t->db->kind->run(t->db, t->merge_keys, &target, 1, e);
}

static int try(struct table *t, struct table_batch *b, size_t from, size_t to, struct err *e)
{
    if (t->db->kind->exec(t->db, "SAVEPOINT hub_batch", e) == -1)
        return -1;
    int done = t->fresh ? copy_straight(t, b, e) : copy_merging(t, b, from, to, e);
    if (done == 0)
        return t->db->kind->exec(t->db, "RELEASE SAVEPOINT hub_batch", e);
    if (strcmp(e->code, "constraint") != 0)
        return -1;
    struct err ignored = {0};
    if (t->db->kind->exec(t->db, "ROLLBACK TO SAVEPOINT hub_batch; RELEASE SAVEPOINT hub_batch", &ignored) ==
        0)
        return 1;
    *e = ignored;
    return -1;
}

/* What merging needs is made outside of what may be rolled back. */
static int prepare(struct table *t, const struct table_batch *b, struct err *e)
{
    if (!t->fresh && (table_delivered_key(t, e) == -1 || make_keys(t, e) == -1))
        return -1;
    for (size_t i = 0; i < b->nshapes; i++)
        if (make_copy(t, t->shape[i], e) == -1 || (!t->fresh && make_rows(t, t->shape[i], i, e) == -1))
            return -1;
    return 0;
}

int table_copy(struct table *t, struct table_batch *b, size_t from, size_t to, struct err *e)
{
    if (from == to)
        return 0;
    if (prepare(t, b, e) == -1)
        return -1;
    struct err why = {0};
    int got = try(t, b, from, to, &why);
    if (got == 1 && t->fresh) {
        t->fresh = false;
        return table_copy(t, b, from, to, e);
    }
    if (got == -1) {
        *e = why;
        return -1;
    }
    if (got == 0)
        return 0;
    if (to - from > 1) {
        size_t middle = from + (to - from) / 2;
        return table_copy(t, b, from, middle, e) == -1 ? -1 : table_copy(t, b, middle, to, e);
    }
    return refuse(b, &b->item[from], &why, e);
}
