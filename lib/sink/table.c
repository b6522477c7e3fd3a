#include "sink/table_parts.h"

#include <stdlib.h>

#include "base/size.h"

enum { PARTS_MOST = 64 << 20, SEEN_MOST = 64 << 20 };

/* By the id first: it tells most records apart. $C is the order of bytes, which asks no language. */
static const char delivered[] = "CREATE TABLE IF NOT EXISTS hub_delivered (target text $C NOT NULL, source "
                                "text $C NOT NULL, entity text $C NOT "
                                "NULL, id text $C NOT NULL, version text $C NOT NULL, n bigint NOT NULL, "
                                "deleted integer NOT NULL, data text, "
                                "PRIMARY KEY (id, entity, source, target))";

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

static int begin(struct table *t, struct err *e)
{
    if (t->begun)
        return 0;
    t->begun = t->db->kind->exec(t->db, "BEGIN", e) == 0;
    return t->begun ? 0 : -1;
}

/* ---- opening ---- */

static int64_t ask_number(struct table *t, const char *sql, struct err *e)
{
    unsigned statement;
    const struct sql_value target = {.type = SQL_TEXT, .text = t->target};
    if (t->db->kind->prepare(t->db, sql, &statement, e) == -1 ||
        t->db->kind->run(t->db, statement, &target, 1, e) == -1)
        return -1;
    int64_t n;
    struct str text = t->db->kind->value(t->db, 0);
    return int_parse(text, &n)
               ? n
               : err_set(e, "database", "no number where one was asked for: %s", err_quote(text));
}

static int make_delivered(struct table *t, struct err *e)
{
    buf_reset(&t->text);
    struct str made = str_of(delivered), mark = STR("$C");
    for (size_t at = 0; at < made.n;) {
        size_t end = str_search(made, mark, at);
        buf_put(&t->text, str_slice(made, at, end));
        if (end < made.n)
            buf_put(&t->text, str_of(t->db->kind->bytewise));
        at = end + mark.n;
    }
    buf_put(&t->text, str_of(t->db->kind->suffix));
    const char *sql = table_text(t, e);
    return sql != NULL ? t->db->kind->exec(t->db, sql, e) : -1;
}

static int start(struct table *t, const char *target, struct err *e)
{
    const struct {
        const char *sql;
        unsigned *statement;
    } all[] = {{find_sql, &t->find}, {settle_sql, &t->settle}, {forget_sql, &t->forget}, {add_sql, &t->add}};
    t->db = sql_open(target, t->options->dry, e);
    if (t->db == NULL || t->db->kind->lock(t->db, t->target, e) == -1 || begin(t, e) == -1 ||
        make_delivered(t, e) == -1)
        return -1;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (t->db->kind->prepare(t->db, all[i].sql, all[i].statement, e) == -1)
            return -1;
    int64_t some = ask_number(
        t, "SELECT count(*) FROM (SELECT 1 FROM hub_delivered WHERE target = $1 LIMIT 1) AS one", e);
    if (some == -1)
        return -1;
    t->fresh = some == 0;
    return t->options->statement.p != NULL ? table_compile(t, e) : 0;
}

struct table *table_open(const char *target, const struct table_options *o, struct err *e)
{
    struct table *t = calloc(1, sizeof *t);
    if (t == NULL || (t->item = calloc(TABLE_BATCH, sizeof *t->item)) == NULL ||
        record_in_init(&t->in, RECORD_MARKS_IGNORED, e) == -1) {
        free(t != NULL ? t->item : NULL);
        free(t);
        err_memory(e);
        return NULL;
    }
    t->options = o;
    t->target = o->name;
    arena_init(&t->arena, PARTS_MOST);
    arena_init(&t->batch, 4 * (size_t)JSON_BYTES);
    arena_init(&t->row, 4 * (size_t)JSON_BYTES);
    buf_init(&t->rows, 4 * (size_t)JSON_BYTES);
    buf_init(&t->copy, 4 * (size_t)JSON_BYTES);
    buf_init(&t->text, 4 * (size_t)JSON_BYTES);
    buf_init(&t->before_text, JSON_BYTES);
    deletions_init(&t->deletions);
    json_tape_init(&t->before);
    record_work_init(&t->work);
    seen_init(&t->seen, SEEN_MOST);
    if (start(t, target, e) == 0)
        return t;
    table_close(t);
    return NULL;
}

void table_close(struct table *t)
{
    if (t == NULL)
        return;
    struct err ignored = {0};
    if (t->begun)
        t->db->kind->exec(t->db, "ROLLBACK", &ignored);
    if (t->db != NULL)
        t->db->kind->close(t->db);
    arena_release(&t->arena);
    arena_release(&t->batch);
    arena_release(&t->row);
    buf_release(&t->rows);
    buf_release(&t->copy);
    buf_release(&t->text);
    buf_release(&t->before_text);
    deletions_release(&t->deletions);
    json_tape_release(&t->before);
    record_work_release(&t->work);
    record_in_release(&t->in);
    seen_release(&t->seen);
    free(t->item);
    free(t);
}

/* ---- the end of a batch ---- */

static int tell(struct table *t, const struct table_item *item, struct err *e)
{
    bool settled = t->options->as_delivered && item->status == TABLE_APPLIED;
    struct table_result result = {.status = settled ? TABLE_UNCHANGED : item->status,
                                  .id = item->id,
                                  .source = item->source,
                                  .op = item->op,
                                  .version = str_of(item->version),
                                  .line = item->line,
                                  .why = item->why};
    if (item->named)
        result.entity = item->entity;
    return t->options->done(t->options->arg, &result, e);
}

static int flush(struct table *t, struct err *e)
{
    if (t->rows.n > 0 && table_copy(t, 0, t->n, e) == -1)
        return -1;
    if (t->begun && !t->options->dry) {
        if (t->db->kind->exec(t->db, "COMMIT", e) == -1)
            return -1;
        t->begun = false;
    }
    int done = 0;
    for (size_t i = 0; i < t->n && done == 0; i++)
        done = tell(t, &t->item[i], e);
    t->n = t->bytes = 0;
    t->streaming = NULL;
    t->streamed = t->sent = 0;
    t->stream_ends = false;
    buf_reset(&t->rows);
    seen_clear(&t->seen);
    arena_reset(&t->batch);
    return done;
}

/* ---- records ---- */

/* The version of what a change starts from; of any other record there is none. */
static int take_was(struct table *t, const struct record *r, struct table_item *item, struct err *e)
{
    if (r->op.p == NULL || (r->was.p == NULL && r->before == NULL))
        return 0;
    if (r->was.p == NULL)
        return record_version(item->was, r->before, &t->work, e);
    if (r->was.n == sizeof item->was - 1)
        memcpy(item->was, r->was.p, r->was.n);
    return 0;
}

static int name_item(struct table *t, const struct record *r, struct table_item *item, struct err *e)
{
    const struct json_node *content = record_state(r);
    struct str entity = r->entity.p != NULL ? r->entity : r->stream, op = r->op;
    if (r->id.p == NULL || entity.p == NULL || r->kind == RECORD_RECEIPT)
        return err_set(e, "record", "it has no id, and without one it cannot be delivered once");
    if (op.p == NULL)
        op = content != NULL ? STR("upsert") : STR("delete");
    *item = (struct table_item){.named = r->entity.p != NULL};
    const struct {
        struct str *to, from;
    } texts[] = {{&item->source, r->source.p != NULL ? r->source : STR("")},
                 {&item->entity, entity},
                 {&item->id, r->id},
                 {&item->op, op}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if ((*texts[i].to = arena_str(&t->batch, texts[i].from)).p == NULL)
            return err_memory(e);
    if (take_was(t, r, item, e) == -1)
        return -1;
    if (r->version.p != NULL && r->version.n == sizeof item->version - 1) {
        memcpy(item->version, r->version.p, r->version.n);
        return 0;
    }
    return record_version(item->version, content, &t->work, e);
}

/* The key in t->text, for sets. */
static struct str key_text(struct table *t, const struct table_item *item)
{
    const struct str texts[] = {item->source, item->entity, item->id};
    buf_reset(&t->text);
    for (size_t i = 0; i < 3; i++) {
        buf_put(&t->text, texts[i]);
        buf_byte(&t->text, '\0');
    }
    return buf_str(&t->text);
}

/* A row of the batch that COPY brings there. */
static enum table_took put_row(struct table *t, const struct record *r, struct table_item *item,
                               struct err *e)
{
    item->line = arena_str(&t->batch, r->line);
    if (item->line.p == NULL)
        return err_memory(e), TABLE_FATAL;
    t->bytes += item->line.n;
    table_pack(t, item->shape);
    item->row = t->rows.n;
    if (table_put_copy(t, item->shape, e) == -1) {
        t->rows.n = item->row;
        return strcmp(e->code, "constraint") == 0 ? TABLE_REFUSED : TABLE_FATAL;
    }
    item->row_end = t->rows.n;
    t->n++;
    return table_stream(t, item->shape, e) == 0 ? TABLE_TAKEN : TABLE_FATAL;
}

static bool is_full(const struct table *t)
{
    return t->n == TABLE_BATCH || t->rows.n > TABLE_BATCH_BYTES || t->bytes > TABLE_BATCH_BYTES;
}

enum table_took table_put(struct table *t, const struct record *r, struct err *e)
{
    struct table_item *item;
    bool table = t->options->statement.p == NULL, copies = table && t->db->kind->copy_in != NULL;
    if (is_full(t) && flush(t, e) == -1)
        return TABLE_FATAL;
    arena_reset(&t->row);
    item = &t->item[t->n];
    if (begin(t, e) == -1 || (table && !t->described && table_describe(t, r, e) == -1))
        return TABLE_FATAL;
    if (name_item(t, r, item, e) == -1)
        return strcmp(e->code, "record") == 0 ? TABLE_REFUSED : TABLE_FATAL;
    if (record_state(r) == NULL)
        return deletions_hold(&t->deletions, key_text(t, item), r->line, e) == 0 ? TABLE_TAKEN : TABLE_FATAL;
    if (deletions_wait(&t->deletions))
        deletions_revoke(&t->deletions, key_text(t, item));
    int got = table ? table_values(t, r, &item->shape, e) : 0;
    if (got != 0)
        return got == 1 ? TABLE_REFUSED : TABLE_FATAL;
    if (!copies) {
        t->n++;
        return table_apply(t, r, item, e) == 0 ? TABLE_TAKEN : TABLE_FATAL;
    }
    switch (seen_add(&t->seen, key_text(t, item))) {
    case 1: return put_row(t, r, item, e);
    case 0: return flush(t, e) == 0 ? table_put(t, r, e) : TABLE_FATAL; /* one version after the other */
    default: return err_memory(e), TABLE_FATAL;
    }
}

/* ---- the end ---- */

int table_mark(struct table *t, const struct record_mark *mark, struct err *e)
{
    if (flush(t, e) == -1)
        return -1;
    return deletions_wait(&t->deletions) ? deletions_hold_mark(&t->deletions, mark, e)
                                         : t->options->settle(t->options->arg, mark, e);
}

static int check_deletions(struct table *t, struct err *e)
{
    if (t->options->dry)
        return 0;
    int64_t held = ask_number(t, "SELECT count(*) FROM hub_delivered WHERE target = $1 AND deleted = 0", e);
    return held != -1 ? deletions_check(&t->deletions, &t->options->deletions, held, e) : -1;
}

static int delete_line(void *arg, struct str line, struct err *e)
{
    struct table *t = arg;
    struct record r = {.input = "deletion"};
    struct table_item *item;
    if (is_full(t) && flush(t, e) == -1)
        return -1;
    arena_reset(&t->row);
    item = &t->item[t->n];
    if (begin(t, e) == -1 || record_of_line(&t->in, line, &r, e) != RECORD_OK ||
        name_item(t, &r, item, e) == -1)
        return -1;
    t->n++;
    return table_apply(t, &r, item, e);
}

int table_finish(struct table *t, struct err *e)
{
    if (flush(t, e) == -1)
        return -1;
    if (!deletions_wait(&t->deletions))
        return 0;
    if (check_deletions(t, e) == -1 || deletions_each(&t->deletions, delete_line, t, e) == -1 ||
        flush(t, e) == -1)
        return -1;
    return deletions_each_mark(&t->deletions, &t->in, t->options->settle, t->options->arg, e);
}
