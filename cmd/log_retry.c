#include <inttypes.h>

#include "base/clean.h"
#include "hub/retry.h"
#include "log.h"

static void show_retry(void *arg, const struct retry_row *r)
{
    struct log_out *o = arg;
    struct buf *out = &o->cmd->out.buf;
    o->bad += (uint64_t)(r->uncertain + r->direct);
    if (o->json) {
        buf_byte(out, '{');
        log_number(out, "again", r->again);
        log_number(out, "direct", r->direct);
        log_text(out, "target", r->target);
        log_number(out, "uncertain", r->uncertain);
    } else {
        buf_put_clean(out, r->target);
        buf_printf(out, ": of %" PRId64, r->again + r->uncertain + r->direct);
        log_part(out, r->again, "to be told again by the next run");
        log_part(out, r->uncertain,
                 "it may have already (look there, then hub-load --resend ID, or --settle --resend ID where "
                 "it is)");
        log_part(out, r->direct, "that it was not given from the hub (hub-load --resend ID)");
    }
    log_end_line(o);
}

int log_retry(struct log_out *o, char **operand, int n, struct err *e)
{
    struct retry_what what = {.target = n > 0 ? str_of(operand[0]) : (struct str){0}};
    if (n == 3) {
        what.entity = str_of(operand[1]);
        what.name = str_of(operand[2]);
    }
    uint64_t before = o->lines;
    int done = hub_retry(o->hub, &what, show_retry, o, e);
    return done == 0 ? o->lines > before : -1;
}

static int show_line(void *arg, struct str line, struct err *e)
{
    struct log_out *o = arg;
    (void)e;
    buf_put(&o->cmd->out.buf, line);
    buf_byte(&o->cmd->out.buf, '\n');
    return cmd_wrote(o->cmd, 1) ? -1 : 0;
}

int log_refused(struct log_out *o, struct str of, struct err *e)
{
    const struct record_mark end = {.end = true};
    return hub_refused(o->hub, of, show_line, o, e) == 0 ? cmd_mark(o->cmd, &end, e) : -1;
}

int log_close(struct log_out *o, char **operand, int n, struct err *e)
{
    struct str of = str_of(operand[0]);
    int64_t closed = hub_close_refused(o->hub, of, n > 1 ? str_of(operand[1]) : (struct str){0}, e);
    struct buf *out = &o->cmd->out.buf;
    if (closed <= 0)
        return (int)closed;
    if (o->json) {
        buf_byte(out, '{');
        log_number(out, "closed", closed);
        log_text(out, "of", of);
    } else {
        buf_put_clean(out, of);
        buf_printf(out, ": %" PRId64 " closed", closed);
    }
    log_end_line(o);
    return 1;
}
