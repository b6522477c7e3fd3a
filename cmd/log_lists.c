#include <inttypes.h>

#include "base/clean.h"
#include "hub/failed.h"
#include "hub/log.h"
#include "log.h"

/* ---- errors by their causes ---- */

/* "first: order 1001 of shop, orders.csv:12, since …" */
static void put_example(struct buf *out, const struct hub_cause *c)
{
    buf_put(out, c->count > 1 ? STR(" (first: ") : STR(" ("));
    buf_put_clean(out, c->entity.p != NULL ? c->entity : STR("a record"));
    if (c->name.p != NULL) {
        buf_byte(out, ' ');
        buf_put_clean(out, c->name);
    }
    if (c->source.p != NULL) {
        buf_put(out, STR(" of "));
        buf_put_clean(out, c->source);
    }
    if (c->place.p != NULL) {
        buf_put(out, STR(", "));
        buf_put_clean(out, c->place);
    }
    buf_put(out, STR(", since "));
    log_time(out, c->first);
    buf_byte(out, ')');
}

static void show_cause(void *arg, const struct hub_cause *c)
{
    struct log_out *o = arg;
    struct buf *out = &o->cmd->out.buf;
    o->bad += (uint64_t)c->count;
    if (o->json) {
        buf_byte(out, '{');
        log_text(out, "by", c->by);
        log_text(out, "code", c->code);
        log_number(out, "count", c->count);
        log_text(out, "entity", c->entity);
        log_text(out, "field", c->field);
        log_when(out, "first", c->first);
        log_text(out, "from", c->place);
        log_when(out, "last", c->last);
        log_text(out, "message", c->message);
        log_text(out, "name", c->name);
        log_text(out, "source", c->source);
        log_text(out, "state", c->parked ? STR("set aside") : STR("refused"));
        log_text(out, "stream", c->stream);
    } else {
        buf_put_clean(out, c->by);
        buf_printf(out, ": %" PRId64 " %s: ", c->count, c->parked ? "set aside" : "refused");
        buf_put_clean(out, c->field.p != NULL ? c->field : c->code);
        buf_put(out, STR(": "));
        buf_put_clean(out, c->message);
        put_example(out, c);
    }
    log_end_line(o);
}

int log_failed(struct log_out *o, struct err *e)
{
    return hub_failed(o->hub, show_cause, o, e);
}

/* ---- in the view of the whole ---- */

struct open {
    int64_t errors, causes;
};

static void count_cause(void *arg, const struct hub_cause *c)
{
    struct open *open = arg;
    open->errors += c->count;
    open->causes++;
}

int log_open(struct log_out *o, struct err *e)
{
    struct open open = {0};
    struct buf *out = &o->cmd->out.buf;
    if (o->json)
        return log_failed(o, e);
    if (hub_failed(o->hub, count_cause, &open, e) == -1)
        return -1;
    o->bad += (uint64_t)open.errors;
    if (open.errors > 0) {
        buf_printf(out, "refused or set aside: %" PRId64 ", by %" PRId64 " cause%s: see --failed",
                   open.errors, open.causes, open.causes > 1 ? "s" : "");
        log_end_line(o);
    }
    return 0;
}

static void show_warned(void *arg, const struct hub_cause *c)
{
    struct log_out *o = arg;
    struct buf *out = &o->cmd->out.buf;
    if (o->json) {
        buf_byte(out, '{');
        log_text(out, "check", c->message);
        log_number(out, "count", c->count);
        log_text(out, "entity", c->entity);
        log_when(out, "first", c->first);
        log_text(out, "from", c->place);
        log_when(out, "last", c->last);
        log_text(out, "name", c->name);
        log_text(out, "source", c->source);
        log_text(out, "tool", c->by);
    } else {
        buf_put(out, STR("warning of "));
        buf_put_clean(out, c->by);
        buf_printf(out, ": %" PRId64 " passed, though this does not hold: ", c->count);
        buf_put_clean(out, c->message);
        put_example(out, c);
    }
    log_end_line(o);
}

int log_warned(struct log_out *o, struct err *e)
{
    return hub_warned(o->hub, show_warned, o, e);
}

/* ---- ids ---- */

static void show_id(void *arg, const struct hub_log_id *r)
{
    struct log_out *o = arg;
    struct buf *out = &o->cmd->out.buf;
    if (o->json) {
        buf_byte(out, '{');
        log_text(out, "id", r->id);
        log_text(out, "source", r->source);
        log_text(out, "target_id", r->target_id);
    } else {
        buf_put_clean(out, r->id);
        buf_put(out, STR(" of "));
        buf_put_clean(out, r->source);
        buf_put(out, STR(": "));
        buf_put_clean(out, r->target_id);
    }
    log_end_line(o);
}

int log_ids(struct log_out *o, struct str target, struct str entity, struct err *e)
{
    return hub_log_ids(o->hub, target, entity, show_id, o, e);
}
