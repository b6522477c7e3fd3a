#include "sink/table_parts.h"

#include <stdlib.h>

#include "base/hex.h"

enum { PARTS_MOST = 64 << 20 };

/* ---- opening ---- */

static int start(struct table *t, const char *target, struct err *e)
{
    t->db = sql_open(target, t->options->dry, e);
    if (t->db == NULL || table_batch_init(t, e) == -1 || t->db->kind->lock(t->db, t->target, e) == -1 ||
        table_delivered_open(t, e) == -1)
        return -1;
    t->straight = t->fresh;
    t->keyed = t->has_key;
    return t->options->statement.p != NULL ? table_compile(t, e) : 0;
}

struct table *table_open(const char *target, const struct table_options *o, struct err *e)
{
    struct table *t = calloc(1, sizeof *t);
    if (t == NULL || record_in_init(&t->in, RECORD_MARKS_IGNORED, e) == -1) {
        free(t);
        err_memory(e);
        return NULL;
    }
    t->options = o;
    t->target = o->name;
    arena_init(&t->arena, PARTS_MOST);
    arena_init(&t->kept, PARTS_MOST);
    arena_init(&t->row, 4 * (size_t)JSON_BYTES);
    buf_init(&t->sql, PARTS_MOST);
    buf_init(&t->copy, 4 * (size_t)JSON_BYTES);
    buf_init(&t->text, 4 * (size_t)JSON_BYTES);
    buf_init(&t->before_text, JSON_BYTES);
    deletions_init(&t->deletions);
    json_tape_init(&t->before);
    record_work_init(&t->work);
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
    table_batch_release(t);
    if (t->begun)
        t->db->kind->exec(t->db, "ROLLBACK", &ignored);
    if (t->db != NULL)
        t->db->kind->close(t->db);
    arena_release(&t->arena);
    arena_release(&t->kept);
    arena_release(&t->row);
    buf_release(&t->sql);
    buf_release(&t->copy);
    buf_release(&t->text);
    buf_release(&t->before_text);
    deletions_release(&t->deletions);
    json_tape_release(&t->before);
    record_work_release(&t->work);
    record_in_release(&t->in);
    free(t);
}

/* ---- records ---- */

/* What is not the hex of a SHA-256 says nothing. */
static bool take_version(char to[65], struct str version)
{
    char bytes[32];
    if (version.n != 2 * sizeof bytes || !hex_read(bytes, version))
        return false;
    memcpy(to, version.p, version.n);
    return true;
}

/* The version of what a change starts from; of any other record there is none. */
static int take_was(struct table *t, const struct record *r, struct table_item *item, struct err *e)
{
    if (r->op.p == NULL || (r->was.p == NULL && r->before == NULL))
        return 0;
    if (r->was.p == NULL)
        return record_version(item->was, r->before, &t->work, e);
    take_version(item->was, r->was);
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
        if ((*texts[i].to = arena_str(&t->filling->arena, texts[i].from)).p == NULL)
            return err_memory(e);
    if (take_was(t, r, item, e) == -1)
        return -1;
    return take_version(item->version, r->version) ? 0 : record_version(item->version, content, &t->work, e);
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
    struct table_batch *b = t->filling;
    item->line = arena_str(&b->arena, r->line);
    if (item->line.p == NULL)
        return err_memory(e), TABLE_FATAL;
    table_pack(t, item->shape);
    item->row = b->rows.n;
    if (table_put_copy(t, item->shape, e) == -1) {
        b->rows.n = item->row;
        return strcmp(e->code, "constraint") == 0 ? TABLE_REFUSED : TABLE_FATAL;
    }
    item->row_end = b->rows.n;
    if (t->straight && table_put_delivered(t, item, e) == -1)
        return TABLE_FATAL;
    b->bytes += item->line.n;
    b->n++;
    return TABLE_TAKEN;
}

/* Where it is there already, or there is no room to tell, the key tells from now on, and a batch has one
 * version of it. */
static int make_way(struct table *t, const struct table_item *item, struct err *e)
{
    int added = seen_add(&t->seen, key_text(t, item));
    if (added == 1)
        return 1;
    if (added == -1 && t->keyed && t->filling->n == 0)
        return err_memory(e);
    t->keyed = true;
    return table_hand_over(t, e);
}

enum table_took table_put(struct table *t, const struct record *r, struct err *e)
{
    struct table_item *item;
    bool table = t->options->statement.p == NULL;
    if (table_batch_is_full(t) && table_hand_over(t, e) == -1)
        return TABLE_FATAL;
    arena_reset(&t->row);
    item = &t->filling->item[t->filling->n];
    if (!t->copies || !t->described) {
        if (table_begin(t, e) == -1 || (table && !t->described && table_describe(t, r, e) == -1))
            return TABLE_FATAL;
    }
    if (name_item(t, r, item, e) == -1)
        return strcmp(e->code, "record") == 0 ? TABLE_REFUSED : TABLE_FATAL;
    if (record_state(r) == NULL)
        return deletions_hold(&t->deletions, key_text(t, item), r->line, e) == 0 ? TABLE_TAKEN : TABLE_FATAL;
    if (deletions_wait(&t->deletions))
        deletions_revoke(&t->deletions, key_text(t, item));
    int got = table ? table_values(t, r, &item->shape, e) : 0;
    if (got != 0)
        return got == 1 ? TABLE_REFUSED : TABLE_FATAL;
    if (!t->copies) {
        t->filling->n++;
        return table_apply(t, r, item, e) == 0 ? TABLE_TAKEN : TABLE_FATAL;
    }
    switch (make_way(t, item, e)) {
    case 1: return put_row(t, r, item, e);
    case 0: return table_put(t, r, e);
    default: return TABLE_FATAL;
    }
}

/* ---- the end ---- */

int table_mark(struct table *t, const struct record_mark *mark, struct err *e)
{
    if (table_flush(t, e) == -1)
        return -1;
    return deletions_wait(&t->deletions) ? deletions_hold_mark(&t->deletions, mark, e)
                                         : t->options->settle(t->options->arg, mark, e);
}

static int check_deletions(struct table *t, struct err *e)
{
    int64_t held = table_delivered_held(t, e);
    if (held == -1)
        return -1;
    int done = deletions_check(&t->deletions, &t->options->deletions, held, e);
    if (done == -1)
        err_place(e, "%.*s", (int)t->options->name.n, t->options->name.p);
    return done;
}

static int delete_line(void *arg, struct str line, struct err *e)
{
    struct table *t = arg;
    struct record r = {.input = "deletion"};
    struct table_item *item;
    if (table_batch_is_full(t) && table_flush(t, e) == -1)
        return -1;
    arena_reset(&t->row);
    item = &t->filling->item[t->filling->n];
    if (table_begin(t, e) == -1 || record_of_line(&t->in, line, &r, e) != RECORD_OK ||
        name_item(t, &r, item, e) == -1)
        return -1;
    t->filling->n++;
    return table_apply(t, &r, item, e);
}

int table_finish(struct table *t, struct err *e)
{
    if (table_flush(t, e) == -1)
        return -1;
    if (!deletions_wait(&t->deletions))
        return 0;
    if (check_deletions(t, e) == -1 || table_delivered_key(t, e) == -1 ||
        deletions_each(&t->deletions, delete_line, t, e) == -1 || table_flush(t, e) == -1)
        return -1;
    return deletions_each_mark(&t->deletions, &t->in, t->options->settle, t->options->arg, e);
}
