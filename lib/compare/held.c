#include "compare/held.h"

#include <inttypes.h>
#include <stdlib.h>

#include "compare/changed.h"

enum { TEXT_MOST = 64 << 20 };

struct state {
    struct buf text;
    struct json_tape tape;
};

struct held {
    struct hub *hub;
    struct str entity, target, stream;
    int64_t settled; /* by the target, before this reading */
    struct state before, after, of;
    struct changed changed;
    struct buf name;        /* of the stream */
    struct state now, then; /* checkpoints of the mark that is made, and of the one before */
};

static void state_init(struct state *s)
{
    buf_init(&s->text, TEXT_MOST);
    json_tape_init(&s->tape);
}

static void state_release(struct state *s)
{
    buf_release(&s->text);
    json_tape_release(&s->tape);
}

/* The value of a text that the hub holds; *VALUE NULL where it is absent. */
static int state_parse(struct state *s, struct str text, const struct json_node **value, struct err *e)
{
    *value = NULL;
    if (text.p == NULL)
        return 0;
    buf_reset(&s->text);
    buf_put(&s->text, text);
    if (json_parse_made(&s->tape, &s->text, e) == -1)
        return -1;
    *value = s->tape.node;
    return 0;
}

/* {"anew":N?,"entity":…,"for":…,"revision":N} */
static int put_checkpoint(struct held *h, struct state *s, int64_t revision, int64_t anew, struct err *e)
{
    buf_reset(&s->text);
    buf_byte(&s->text, '{');
    if (anew > 0)
        buf_printf(&s->text, "\"anew\":%" PRId64 ",", anew);
    buf_put(&s->text, STR("\"entity\":"));
    json_write_string(&s->text, h->entity);
    buf_put(&s->text, STR(",\"for\":"));
    json_write_string(&s->text, h->target);
    buf_printf(&s->text, ",\"revision\":%" PRId64 "}", revision);
    return buf_ok(&s->text) ? 0 : err_memory(e);
}

static int start(struct held *h, struct err *e)
{
    buf_put(&h->name, STR("hub:"));
    buf_put(&h->name, h->entity);
    if (!buf_ok(&h->name))
        return err_memory(e);
    h->stream = buf_str(&h->name);
    if (hub_select(h->hub, h->entity, h->target, e) == -1)
        return -1;
    h->settled = hub_read_up_to(h->hub);
    return h->settled > 0 ? put_checkpoint(h, &h->now, h->settled, 0, e) : 0;
}

struct held *held_new(struct hub *hub, struct str entity, struct str target, struct err *e)
{
    struct held *h = calloc(1, sizeof *h);
    if (h == NULL) {
        err_memory(e);
        return NULL;
    }
    h->hub = hub;
    h->entity = entity;
    h->target = target;
    buf_init(&h->name, TEXT_MOST);
    struct state *const states[] = {&h->before, &h->after, &h->of, &h->now, &h->then};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        state_init(states[i]);
    changed_init(&h->changed, NULL, 0);
    if (start(h, e) == 0)
        return h;
    held_free(h);
    return NULL;
}

void held_free(struct held *h)
{
    if (h == NULL)
        return;
    struct state *const states[] = {&h->before, &h->after, &h->of, &h->now, &h->then};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        state_release(states[i]);
    changed_release(&h->changed);
    buf_release(&h->name);
    free(h);
}

static int fill_change(struct held *h, struct record *r, struct err *e)
{
    r->kind = RECORD_CHANGE;
    r->target = h->target;
    r->after = r->data;
    r->data = NULL;
    r->op = r->before == NULL ? STR("create") : r->after == NULL ? STR("delete") : STR("update");
    if (r->before == NULL || r->after == NULL)
        return 0;
    if (changed_find(&h->changed, r->before, r->after, e) == -1)
        return -1;
    r->changed = h->changed.list.node;
    return 0;
}

int held_next(struct held *h, struct record *r, struct err *e)
{
    struct hub_record held;
    int got = hub_next(h->hub, &held, e);
    if (got != 1)
        return got;
    *r = (struct record){
        .kind = RECORD_CANONICAL, .entity = h->entity, .id = held.id, .source = held.source, .v = held.v};
    if (state_parse(&h->after, held.data, &r->data, e) == -1 ||
        state_parse(&h->before, held.before, &r->before, e) == -1 ||
        state_parse(&h->of, held.of, &r->of, e) == -1)
        return -1;
    return h->target.p == NULL || fill_change(h, r, e) == 0 ? 1 : -1;
}

int held_mark(struct held *h, struct record_mark *mark, struct err *e)
{
    *mark = (struct record_mark){.source = STR("hub"), .stream = h->stream};
    int64_t revision = hub_read_up_to(h->hub);
    int64_t anew = hub_told_anew(h->hub);
    if (h->target.p == NULL || (revision == h->settled && anew == 0))
        return 0;
    struct state then = h->then;
    h->then = h->now;
    h->now = then;
    if (put_checkpoint(h, &h->now, revision, anew, e) == -1 ||
        json_parse_made(&h->now.tape, &h->now.text, e) == -1)
        return -1;
    mark->checkpoint = h->now.tape.node;
    if (h->then.text.n > 0 && json_parse_made(&h->then.tape, &h->then.text, e) == -1)
        return -1;
    mark->after = h->then.text.n > 0 ? h->then.tape.node : NULL;
    return 0;
}
