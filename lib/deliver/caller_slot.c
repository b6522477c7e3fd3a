#include "deliver/caller_slot.h"

#include "deliver/reference.h"

int caller_slot_init(struct caller_slot *s, struct err *e)
{
    exchange_init(&s->x);
    buf_init(&s->items, JSON_BYTES);
    arena_init(&s->arena, (size_t)1 << 30);
    json_tape_init(&s->data);
    json_tape_init(&s->before);
    json_tape_init(&s->tape);
    for (size_t i = 0; i < STEPS_MOST; i++)
        buf_init(&s->kept[i].text, KEPT_MOST);
    return record_in_init(&s->in, RECORD_MARKS_IGNORED, e);
}

void caller_slot_release(struct caller *a, struct caller_slot *s)
{
    exchange_release(&a->session, &s->x);
    buf_release(&s->items);
    arena_release(&s->arena);
    json_tape_release(&s->data);
    json_tape_release(&s->before);
    json_tape_release(&s->tape);
    for (size_t i = 0; i < STEPS_MOST; i++)
        buf_release(&s->kept[i].text);
    record_in_release(&s->in);
}

int caller_text(struct caller *a, struct caller_slot *s, const struct json_node *node,
                const struct json_node *value, struct str *out, struct err *e)
{
    return session_text(&a->session, node, value, &s->x, &s->arena, out, e);
}

const struct json_node *caller_value(const struct caller_slot *s)
{
    return s->data.n > 0 ? s->data.node : s->before.n > 0 ? s->before.node : NULL;
}

static int resolve(struct caller *a, struct caller_slot *s, const struct json_node *value,
                   struct json_tape *out, struct err *e)
{
    out->n = 0;
    return value != NULL ? reference_resolve(&a->carrier, value, out, &s->arena, e) : 1;
}

/* Of an update, only the members that are not as they were; what is gone is null. */
int caller_keep_changed(struct caller_slot *s, struct err *e)
{
    const struct json_node *now = s->data.node, *was = s->before.node;
    s->tape.n = 0;
    size_t object = json_open(&s->tape, JSON_OBJECT);
    if (object == SIZE_MAX)
        return err_memory(e);
    for (const struct json_node *key = now + 1; key < json_next(now); key = json_next_key(key)) {
        struct str name = json_string(key, &s->arena);
        const struct json_node *before = json_get(was, name);
        if (before != NULL && json_equal(before, json_value_of(key)))
            continue;
        if (!json_append(&s->tape, key) || !json_append(&s->tape, json_value_of(key)))
            return err_memory(e);
    }
    struct json_node null = json_literal_node(JSON_NULL);
    for (const struct json_node *key = was + 1; key < json_next(was); key = json_next_key(key)) {
        if (json_get(now, json_string(key, &s->arena)) != NULL)
            continue;
        if (!json_append(&s->tape, key) || !json_append(&s->tape, &null))
            return err_memory(e);
    }
    json_close(&s->tape, object);
    struct json_tape whole = s->data;
    s->data = s->tape;
    s->tape = whole;
    return 0;
}

int caller_take(struct caller *a, struct caller_slot *s, struct parcel *p, struct err *e)
{
    struct err why = {0};
    s->op = carrier_op_of(p->pending.op);
    s->record = (struct record){0};
    if (record_of_line(&s->in, p->pending.line, &s->record, &why) != RECORD_OK) {
        parcel_end(p, PARCEL_REFUSED, &why, a->carrier.host.arena);
        return 0;
    }
    const struct record *r = &s->record;
    int got = resolve(a, s, record_state(r), &s->data, &why);
    if (got == 1)
        got = resolve(a, s, r->before, &s->before, &why);
    if (got == 1)
        return 1;
    if (why.code != NULL && str_eq(str_of(why.code), STR("memory"))) {
        *e = why;
        return -1;
    }
    parcel_end(p, PARCEL_REFUSED, &why, a->carrier.host.arena);
    return 0;
}

void caller_bind(struct caller *a, struct caller_slot *s, const struct parcel *p)
{
    struct bindings *b = &a->session.names;
    described_bind(b, p, s->op, s->before.n > 0 ? s->before.node : NULL);
    for (size_t i = 0; i < a->nsteps; i++) {
        const struct buf *kept = &s->kept[i].text;
        if (a->step_name[i].p == NULL)
            continue;
        if (kept->n > 0 && json_parse_made(&s->tape, kept, &(struct err){0}) == 0)
            bindings_set(b, a->step_name[i], s->tape.node);
        else
            bindings_set(b, a->step_name[i], NULL);
    }
}
