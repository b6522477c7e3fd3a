#include "sink/table_parts.h"

#include <stdlib.h>

enum { SEEN_MOST = 64 << 20 };

int table_batch_init(struct table *t, struct err *e)
{
    bool copies = t->options->statement.p == NULL && t->db->kind->copy_in != NULL;
    for (size_t i = 0; i < 2; i++) {
        struct table_batch *b = &t->batch[i];
        arena_init(&b->arena, 4 * (size_t)JSON_BYTES);
        buf_init(&b->rows, 4 * (size_t)JSON_BYTES);
        buf_init(&b->delivered, 4 * (size_t)JSON_BYTES);
        b->item = calloc(TABLE_BATCH, sizeof *b->item);
        if (b->item == NULL)
            return err_memory(e);
    }
    seen_init(&t->seen, SEEN_MOST);
    t->filling = &t->batch[0];
    t->copies = copies;
    t->most = copies ? TABLE_FIRST_BATCH : TABLE_BATCH;
    return 0;
}

void table_batch_release(struct table *t)
{
    if (t->going != NULL)
        pthread_join(t->thread, NULL);
    t->going = NULL;
    for (size_t i = 0; i < 2; i++) {
        arena_release(&t->batch[i].arena);
        buf_release(&t->batch[i].rows);
        buf_release(&t->batch[i].delivered);
        free(t->batch[i].item);
    }
    seen_release(&t->seen);
}

bool table_batch_is_full(const struct table *t)
{
    const struct table_batch *b = t->filling;
    return b->n == t->most || b->rows.n > TABLE_BATCH_BYTES || b->bytes > TABLE_BATCH_BYTES;
}

int table_begin(struct table *t, struct err *e)
{
    if (t->begun)
        return 0;
    t->begun = t->db->kind->exec(t->db, "BEGIN", e) == 0;
    return t->begun ? 0 : -1;
}

/* ---- on its way ---- */

static int commit(struct table *t, struct table_batch *b, struct err *e)
{
    if (b->rows.n > 0 && (table_begin(t, e) == -1 || (b->keyed && table_delivered_key(t, e) == -1) ||
                          table_copy(t, b, 0, b->n, e) == -1))
        return -1;
    if (!t->begun || t->options->dry)
        return 0;
    if (t->db->kind->exec(t->db, "COMMIT", e) == -1)
        return -1;
    t->begun = false;
    return 0;
}

static void *run(void *arg)
{
    struct table *t = arg;
    t->going->done = commit(t, t->going, &t->going->err);
    return NULL;
}

/* ---- its end ---- */

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

/* All of it is told, and it is empty. */
static int finish(struct table *t, struct table_batch *b, struct err *e)
{
    int done = b->done;
    if (done == -1)
        *e = b->err;
    for (size_t i = 0; i < b->n && done == 0; i++)
        done = tell(t, &b->item[i], e);
    b->n = b->bytes = 0;
    buf_reset(&b->rows);
    buf_reset(&b->delivered);
    arena_reset(&b->arena);
    return done;
}

/* The batch that was on its way, which is not told yet; NULL: none was. */
static struct table_batch *await(struct table *t)
{
    struct table_batch *b = t->going;
    if (b == NULL)
        return NULL;
    pthread_join(t->thread, NULL);
    t->going = NULL;
    t->straight = t->straight && t->fresh;
    return b;
}

int table_wait(struct table *t, struct err *e)
{
    struct table_batch *b = await(t);
    return b != NULL ? finish(t, b, e) : 0;
}

static void fill_other(struct table *t)
{
    struct table_batch *b = t->filling;
    table_end_delivered(&b->delivered);
    b->nshapes = t->nshapes;
    b->keyed = t->keyed;
    b->err = (struct err){0};
    if (t->keyed)
        seen_clear(&t->seen);
    t->filling = b == &t->batch[0] ? &t->batch[1] : &t->batch[0];
    t->most = 4 * t->most < TABLE_BATCH ? 4 * t->most : TABLE_BATCH;
}

/* BESIDE: while the next one is filled, where there is a thread for it. The one before is told meanwhile. */
static int hand_over(struct table *t, bool beside, struct err *e)
{
    struct table_batch *before = await(t), *b = t->filling;
    if (before != NULL && before->done == -1)
        return finish(t, before, e);
    fill_other(t);
    t->going = b;
    bool goes = beside && thread_start(&t->thread, run, t);
    if (!goes) {
        run(t);
        t->going = NULL;
    }
    int done = before != NULL ? finish(t, before, e) : 0;
    if (!goes && done == 0)
        done = finish(t, b, e);
    return done;
}

int table_hand_over(struct table *t, struct err *e)
{
    return hand_over(t, t->copies && t->options->beside, e);
}

int table_flush(struct table *t, struct err *e)
{
    /* Beside it, the one before is told. */
    return hand_over(t, t->going != NULL, e) == 0 ? table_wait(t, e) : -1;
}
