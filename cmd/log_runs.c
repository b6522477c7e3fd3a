#include <inttypes.h>
#include <time.h>

#include "base/clean.h"
#include "base/instant.h"
#include "log.h"

void log_time(struct buf *out, int64_t seconds)
{
    const struct instant at = {.seconds = seconds};
    instant_rfc3339(&at, out);
}

static void key_of(struct buf *out, const char *key)
{
    buf_printf(out, "%s\"%s\":", out->p[out->n - 1] == '{' ? "" : ",", key);
}

void log_text(struct buf *out, const char *key, struct str value)
{
    if (value.p == NULL)
        return;
    key_of(out, key);
    json_write_string(out, value);
}

void log_number(struct buf *out, const char *key, int64_t value)
{
    key_of(out, key);
    buf_printf(out, "%" PRId64, value);
}

void log_true(struct buf *out, const char *key, bool value)
{
    key_of(out, key);
    buf_put(out, value ? STR("true") : STR("false"));
}

void log_when(struct buf *out, const char *key, int64_t seconds)
{
    key_of(out, key);
    buf_byte(out, '"');
    log_time(out, seconds);
    buf_byte(out, '"');
}

void log_part(struct buf *out, int64_t n, const char *what)
{
    if (n > 0)
        buf_printf(out, ", %" PRId64 " %s", n, what);
}

void log_end_line(struct log_out *o)
{
    buf_put(&o->cmd->out.buf, o->json ? STR("}\n") : STR("\n"));
    o->lines++;
}

/* ---- flows ---- */

const char *log_ended(const struct runs_run *r)
{
    switch (r->status) {
    case -1: return "it still runs";
    case 0: return "all is well";
    case 1: return "complete, but some was refused";
    case 75: return "has to be tried again";
    default: return "failed";
    }
}

static int show_flow(void *arg, const struct runs_run *r, struct err *e)
{
    struct log_out *o = arg;
    struct buf *out = &o->cmd->out.buf;
    (void)e;
    o->bad += r->status > 1;
    if (o->json) {
        buf_byte(out, '{');
        log_when(out, "at", r->at);
        log_text(out, "flow", r->flow);
        log_number(out, "in", r->in);
        log_number(out, "out", r->out);
        log_number(out, "refused", r->refused);
        log_number(out, "run", r->id);
        if (r->status != -1) {
            log_number(out, "seconds", r->ended - r->at);
            log_number(out, "status", r->status);
        }
        log_text(out, "why", r->why);
    } else {
        buf_put(out, STR("flow "));
        buf_put_clean(out, r->flow);
        buf_put(out, STR(": last run "));
        log_time(out, r->at);
        if (r->status != -1)
            buf_printf(out, ", %" PRId64 " s", r->ended - r->at);
        buf_printf(out, ": %" PRId64 " in, %" PRId64 " out, %" PRId64 " refused: %s", r->in, r->out,
                   r->refused, log_ended(r));
        if (r->why.p != NULL) {
            buf_put(out, STR(": "));
            buf_put_clean(out, r->why);
        }
    }
    log_end_line(o);
    return 0;
}

int log_flows(struct log_out *o, struct err *e)
{
    return runs_last(o->hub, show_flow, o, e);
}

/* ---- days ---- */

int64_t log_days_from(int64_t now)
{
    return (now / LOG_DAY - (LOG_DAYS - 1)) * LOG_DAY;
}

void log_date(struct buf *out, int64_t seconds)
{
    struct civil day;
    civil_of_days(seconds / LOG_DAY, &day);
    buf_printf(out, "%04d-%02d-%02d", day.year, day.month, day.day);
}

static void show_day(void *arg, const struct runs_day *d)
{
    struct log_out *o = arg;
    struct buf *out = &o->cmd->out.buf;
    buf_put(out, STR("{\"day\":\""));
    log_date(out, d->at);
    buf_byte(out, '"');
    log_number(out, "failed", d->failed);
    log_number(out, "in", d->in);
    log_number(out, "out", d->out);
    log_number(out, "refused", d->refused);
    log_number(out, "runs", d->runs);
    log_text(out, "runs_of", d->flow);
    log_end_line(o);
}

int log_days(struct log_out *o, struct err *e)
{
    int64_t from = log_days_from(time(NULL));
    return o->json ? runs_days(o->hub, from, from + (int64_t)LOG_DAYS * LOG_DAY, show_day, o, e) : 0;
}

/* ---- conservation ---- */

struct proof {
    struct log_out *o;
    const struct runs_run *run;
    uint64_t of_run; /* violations */
};

static void put_place(struct buf *out, const struct runs_run *r)
{
    buf_put_clean(out, r->flow);
    buf_printf(out, ", run %" PRId64 " of ", r->id);
    log_time(out, r->at);
}

static void show_violation(void *arg, const struct stage *stage, struct str text)
{
    struct proof *p = arg;
    struct buf *out = &p->o->cmd->out.buf;
    p->of_run++;
    if (p->o->json) {
        buf_byte(out, '{');
        log_number(out, "attempt", stage->attempt);
        log_text(out, "flow", p->run->flow);
        log_text(out, "rule", stage->rule);
        log_number(out, "run", p->run->id);
        log_text(out, "tool", stage->tool);
        log_text(out, "violated", text);
    } else {
        put_place(out, p->run);
        if (stage->rule.p != NULL) {
            buf_put(out, STR(", "));
            buf_put_clean(out, stage->rule);
        }
        buf_put(out, STR(": "));
        buf_put_clean(out, stage->tool);
        buf_byte(out, ' ');
        buf_put_clean(out, text);
    }
    log_end_line(p->o);
}

/* For machines, the books of each. */
static void show_stage(struct log_out *o, const struct runs_run *r, const struct stage *s)
{
    struct buf *out = &o->cmd->out.buf;
    buf_byte(out, '{');
    log_number(out, "attempt", s->attempt);
    log_text(out, "flow", r->flow);
    if (s->status != STAGE_KILLED) {
        log_number(out, "left_out", (int64_t)s->counts.left_out);
    }
    log_number(out, "pid", (int64_t)s->pid);
    if (s->status != STAGE_KILLED) {
        log_number(out, "read", (int64_t)s->counts.read);
        log_number(out, "refused", (int64_t)s->counts.refused);
    }
    log_text(out, "rule", s->rule);
    log_number(out, "run", r->id);
    if (s->status != STAGE_KILLED) {
        log_number(out, "status", s->status);
        log_number(out, "taken", (int64_t)s->counts.taken);
    }
    log_text(out, "tool", s->tool);
    if (s->status != STAGE_KILLED)
        log_number(out, "written", (int64_t)s->counts.written);
    log_end_line(o);
}

static void show_proof(struct proof *p, size_t stages)
{
    struct buf *out = &p->o->cmd->out.buf;
    if (p->o->json) {
        buf_byte(out, '{');
        log_when(out, "at", p->run->at);
        log_text(out, "flow", p->run->flow);
        log_number(out, "run", p->run->id);
        log_number(out, "stages", (int64_t)stages);
        log_number(out, "violations", (int64_t)p->of_run);
        log_end_line(p->o);
    } else if (p->of_run == 0) {
        put_place(out, p->run);
        buf_printf(out, ": %zu stages, nothing lost", stages);
        log_end_line(p->o);
    }
}

static int prove(void *arg, const struct runs_run *r, struct err *e)
{
    struct proof *p = arg;
    struct stages stages;
    if (r->status == -1)
        return 0;
    stages_init(&stages);
    int done = runs_stages(p->o->hub, r->id, &stages, e);
    p->run = r;
    p->of_run = 0;
    if (done == 0) {
        for (size_t i = 0; p->o->json && i < stages.n; i++)
            show_stage(p->o, r, &stages.stage[i]);
        stages_check(&stages, show_violation, p);
        show_proof(p, stages.n);
    }
    p->o->bad += p->of_run;
    stages_release(&stages);
    return done;
}

int log_conservation(struct log_out *o, struct err *e)
{
    struct proof p = {.o = o};
    return runs_each(o->hub, (struct str){0}, prove, &p, e);
}
