#include "base/clean.h"
#include "log.h"

/* "shopify:orders #1160 (5900038010897) of shop-eu": as far as it is known. */
static void put_called(struct buf *out, const struct hub_log_reject *r, struct str entity)
{
    struct str name = r->label.p != NULL ? r->label : r->id;
    if (r->stream.p != NULL || name.p != NULL)
        buf_put_clean(out, r->stream.p != NULL ? r->stream : entity);
    else
        buf_put(out, STR("what has no name yet"));
    if (name.p != NULL) {
        buf_byte(out, ' ');
        buf_put_clean(out, name);
    }
    if (r->label.p != NULL && r->id.p != NULL && !str_eq(r->label, r->id)) {
        buf_put(out, STR(" ("));
        buf_put_clean(out, r->id);
        buf_byte(out, ')');
    }
    if (r->source.p != NULL) {
        buf_put(out, STR(" of "));
        buf_put_clean(out, r->source);
    }
}

static void put_why(struct buf *out, const struct hub_log_reject *r)
{
    buf_put(out, STR("refused by "));
    buf_put_clean(out, r->tool);
    buf_put(out, STR(": "));
    buf_put_clean(out, r->field.p != NULL ? r->field : r->code);
    buf_put(out, STR(": "));
    buf_put_clean(out, r->message);
    if (r->place.p != NULL) {
        buf_put(out, STR(", "));
        buf_put_clean(out, r->place);
    }
    buf_put(out, STR(", since "));
    log_time(out, r->at);
}

void log_reject(struct log_out *o, struct str entity, int indent, const struct hub_log_reject *r)
{
    struct buf *out = &o->cmd->out.buf;
    o->bad++;
    if (o->json) {
        buf_byte(out, '{');
        log_when(out, "at", r->at);
        log_text(out, "code", r->code);
        log_text(out, "entity", entity);
        log_text(out, "field", r->field);
        log_text(out, "from", r->place);
        log_text(out, "id", r->id);
        log_text(out, "label", r->label);
        log_text(out, "message", r->message);
        log_text(out, "source", r->source);
        log_text(out, "state", STR("refused"));
        log_text(out, "stream", r->stream);
        log_text(out, "tool", r->tool);
    } else {
        buf_printf(out, "%*s", indent, "");
        if (indent == 0 || r->stream.p != NULL) {
            put_called(out, r, entity);
            buf_put(out, STR(": "));
        }
        put_why(out, r);
    }
    log_end_line(o);
}
