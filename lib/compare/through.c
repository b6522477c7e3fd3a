#include "compare/through.h"

#include <stdlib.h>

#include "compare/diff.h"

enum { TEXT_MOST = 512 << 20, STATES = 2, RECORDS_MOST = 1024 };

/* The native records of one state, as texts one after the other. */
struct natives {
    struct buf text;
    size_t end[RECORDS_MOST];
    size_t n;
    struct json_tape tape;
    struct buf parsed; /* the one that is given */
};

struct through {
    struct map_set *maps;
    struct diff_options options;
    struct diff *diff;
    struct natives state[STATES];
    struct record_work work;
    bool writes;
    struct record envelope; /* of the native records that are given */
    struct str target;      /* of a change that stays one of the same record */
    size_t next;
    char version[STATES][65]; /* of the canonical states */
};

struct through *through_new(struct map_set *maps, struct err *e)
{
    struct through *t = calloc(1, sizeof *t);
    if (t == NULL) {
        err_memory(e);
        return NULL;
    }
    t->maps = maps;
    t->diff = diff_new(&t->options, e);
    for (int i = 0; i < STATES; i++) {
        buf_init(&t->state[i].text, TEXT_MOST);
        buf_init(&t->state[i].parsed, TEXT_MOST);
        json_tape_init(&t->state[i].tape);
    }
    record_work_init(&t->work);
    if (t->diff != NULL)
        return t;
    through_free(t);
    return NULL;
}

void through_free(struct through *t)
{
    if (t == NULL)
        return;
    for (int i = 0; i < STATES; i++) {
        buf_release(&t->state[i].text);
        buf_release(&t->state[i].parsed);
        json_tape_release(&t->state[i].tape);
    }
    record_work_release(&t->work);
    diff_free(t->diff);
    free(t);
}

/* The record as it was, or is: DATA is before or after. */
static struct record state_of(const struct record *change, const struct json_node *data)
{
    return (struct record){.kind = RECORD_CANONICAL,
                           .entity = change->entity,
                           .id = change->id,
                           .source = change->source,
                           .of = change->of,
                           .data = data,
                           .v = change->v,
                           .input = change->input,
                           .number = change->number};
}

/* ---- to canonical changes ---- */

static int take_state(struct through *t, enum through_way way, enum diff_side side,
                      const struct record *state, struct err *e)
{
    map_set_quiet(t->maps, side == DIFF_OLD);
    int n = way == THROUGH_READ ? map_read(t->maps, state, e) : map_respell(t->maps, state, e);
    map_set_quiet(t->maps, false);
    for (int i = 0; i < n; i++) {
        enum diff_took took = diff_take(t->diff, side, map_result(t->maps, i), e);
        if (took == DIFF_REFUSED)
            err_set(e, "duplicate", "two of the records that the map makes have the same id %s",
                    err_quote(map_result(t->maps, i)->id));
        if (took == DIFF_REFUSED || took == DIFF_FATAL)
            return -1;
    }
    return n == -1 ? -1 : 0;
}

/* ---- to native records ---- */

static int write_state(struct through *t, int side, const struct record *state, struct str stream,
                       struct err *e)
{
    struct natives *s = &t->state[side];
    int n = map_write(t->maps, state, stream, e);
    if (n > RECORDS_MOST)
        return err_set(e, "limit", "more than %d native records of one", RECORDS_MOST);
    for (int i = 0; i < n; i++) {
        const struct record *made = map_result(t->maps, i);
        json_write(&s->text, made->data);
        s->end[s->n++] = s->text.n;
        memcpy(t->version[side], made->version.p, sizeof t->version[side]);
    }
    if (!buf_ok(&s->text))
        return err_memory(e);
    return n == -1 ? -1 : 0;
}

/* The text of the I-th record; .p NULL: the state has none. */
static struct str native_text(const struct natives *s, size_t i)
{
    return i < s->n ? str_slice(buf_str(&s->text), i > 0 ? s->end[i - 1] : 0, s->end[i]) : (struct str){0};
}

static const struct json_node *native_node(struct natives *s, struct str text, struct err *e)
{
    buf_reset(&s->parsed);
    buf_put(&s->parsed, text);
    return json_parse_made(&s->tape, &s->parsed, e) == 0 ? s->tape.node : NULL;
}

static int next_native(struct through *t, struct record *out, struct err *e)
{
    struct natives *before = &t->state[DIFF_OLD], *after = &t->state[DIFF_NEW];
    for (; t->next < before->n || t->next < after->n; t->next++) {
        struct str b = native_text(before, t->next), a = native_text(after, t->next);
        if (b.p != NULL && a.p != NULL && str_eq(b, a))
            continue;
        *out = t->envelope;
        out->part = (int64_t)t->next;
        out->op = b.p == NULL ? STR("create") : a.p == NULL ? STR("delete") : STR("update");
        t->next++;
        if (b.p != NULL && (out->before = native_node(before, b, e)) == NULL)
            return -1;
        if (a.p != NULL && (out->after = native_node(after, a, e)) == NULL)
            return -1;
        return 1;
    }
    return 0;
}

/* ---- both ---- */

static int each_state(struct through *t, enum through_way way, const struct record *change, struct str stream,
                      struct err *e)
{
    const struct json_node *data[STATES] = {[DIFF_OLD] = change->before, [DIFF_NEW] = change->after};
    for (int side = 0; side < STATES; side++) {
        struct record state = state_of(change, data[side]);
        if (data[side] == NULL)
            continue;
        int done = t->writes ? write_state(t, side, &state, stream, e)
                             : take_state(t, way, (enum diff_side)side, &state, e);
        if (done == -1)
            return -1;
    }
    return 0;
}

int through_change(struct through *t, enum through_way way, const struct record *change, struct str stream,
                   struct err *e)
{
    t->writes = way == THROUGH_WRITE;
    t->target = way == THROUGH_RESPELL ? change->target : (struct str){0};
    t->next = 0;
    diff_reset(t->diff);
    for (int i = 0; i < STATES; i++) {
        t->state[i].n = 0;
        buf_reset(&t->state[i].text);
    }
    if (each_state(t, way, change, stream, e) == -1)
        return -1;
    if (t->writes && change->after == NULL && record_version(t->version[DIFF_NEW], NULL, &t->work, e) == -1)
        return -1;
    t->envelope =
        (struct record){.kind = RECORD_NATIVE,
                        .entity = change->entity,
                        .id = change->id,
                        .source = change->source,
                        .stream = stream,
                        .version = str_of(t->version[DIFF_NEW]),
                        .was = change->before != NULL ? str_of(t->version[DIFF_OLD]) : (struct str){0},
                        .input = change->input,
                        .number = change->number};
    return 0;
}

int through_next(struct through *t, struct record *out, struct err *e)
{
    if (t->writes)
        return next_native(t, out, e);
    int got = diff_next(t->diff, out, e);
    out->target = t->target;
    return got;
}
