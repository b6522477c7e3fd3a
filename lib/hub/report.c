#include "hub/report.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "base/clean.h"
#include "hub/failed.h"

enum { WHY_MOST = 4096, KEPT_MOST = 64 << 10, SHOWN_MOST = 20, CAUSES_MOST = 10 };

void report_init(struct report *r)
{
    buf_init(&r->why, WHY_MOST);
    buf_init(&r->said, 8 * KEPT_MOST);
}

void report_release(struct report *r)
{
    buf_release(&r->why);
    buf_release(&r->said);
}

int report_why(struct report *r, int status, const char *fmt, ...)
{
    char text[WHY_MOST / 2];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    buf_reset(&r->why);
    buf_put(&r->why, n >= 0 ? str_of(text) : STR(""));
    return status;
}

/* The next line of *TEXT, which then begins behind it. */
static struct str cut_line(struct str *text)
{
    struct str line = str_slice(*text, 0, str_find(*text, '\n'));
    *text = str_slice(*text, line.n + 1, text->n);
    return line;
}

struct str report_clean(struct report *r, struct str said)
{
    said = str_slice(said, said.n > KEPT_MOST ? said.n - KEPT_MOST : 0, said.n);
    buf_reset(&r->said);
    while (said.n > 0) {
        buf_put_clean(&r->said, cut_line(&said));
        buf_byte(&r->said, '\n');
    }
    return buf_ok(&r->said) ? buf_str(&r->said) : STR("");
}

/* ---- writing ---- */

struct causes {
    struct buf *out;
    int n;
};

static void put_cause(void *arg, const struct hub_cause *c)
{
    struct causes *k = arg;
    if (k->n++ >= CAUSES_MOST)
        return;
    buf_printf(k->out, "  refused %" PRId64 " by ", c->count);
    buf_put_clean(k->out, c->by);
    buf_put(k->out, STR(": "));
    buf_put_clean(k->out, c->field.p != NULL ? c->field : c->code);
    buf_put(k->out, STR(": "));
    buf_put_clean(k->out, c->message);
    buf_put(k->out, c->count > 1 ? STR(" (first: ") : STR(" ("));
    buf_put_clean(k->out, c->name.p != NULL ? c->name : STR("a record"));
    if (c->place.p != NULL) {
        buf_put(k->out, STR(", "));
        buf_put_clean(k->out, c->place);
    }
    buf_put(k->out, STR(")\n"));
}

static void put_rule(struct buf *out, struct str rule)
{
    buf_put(out, STR("  "));
    if (rule.p == NULL)
        return;
    buf_put_clean(out, rule);
    buf_put(out, STR(": "));
}

static void put_stage(struct buf *out, const struct stage *s)
{
    if (s->status == 0 || s->status == 1 || s->status == 128 + SIGPIPE)
        return;
    put_rule(out, s->rule);
    buf_put_clean(out, s->tool);
    if (s->status == STAGE_KILLED)
        buf_put(out, STR(" was killed: it has no end\n"));
    else
        buf_printf(out, " ended with %d%s\n", s->status, s->status == 75 ? ", temporary" : "");
}

/* A rule that ended worse than all of its tools: a program in it that is none of ours. */
static void put_outsider(struct buf *out, const struct stages *stages, const struct stages_rule *rule)
{
    if (rule->status <= 1)
        return;
    for (size_t i = 0; i < stages->n; i++) {
        const struct stage *s = &stages->stage[i];
        if (s->attempt == rule->attempt && str_eq(s->rule, rule->rule) && s->status != 0 && s->status != 1)
            return;
    }
    put_rule(out, rule->rule);
    buf_printf(out, "a program that is none of the hub's ended with %d\n", rule->status);
}

/* The last lines. */
static void put_said(struct buf *out, struct str said)
{
    size_t lines = 0;
    for (size_t i = 0; i < said.n; i++)
        lines += said.p[i] == '\n';
    if (lines > SHOWN_MOST)
        buf_printf(out, "  … %zu lines, and then\n", lines - SHOWN_MOST);
    while (said.n > 0) {
        struct str line = cut_line(&said);
        if (lines-- > SHOWN_MOST)
            continue;
        buf_put(out, STR("  | "));
        buf_put(out, line);
        buf_byte(out, '\n');
    }
}

/* Whether some was not taken that is no refusal with a cause of its own: what a target set aside. */
static bool set_aside(const struct stages *stages)
{
    for (size_t i = 0; i < stages->n; i++) {
        const struct stage *s = &stages->stage[i];
        if (s->status == 1 && s->counts.refused == 0 && str_eq(s->tool, STR("hub-load")) &&
            !stages_is_past(stages, s))
            return true;
    }
    return false;
}

int report_write(const struct report *r, struct buf *out, struct hub *h, const struct report_about *about,
                 const struct stages *stages, struct err *e)
{
    static const char *const words[] = {"all is well", "complete, but some was refused", "failed"};
    buf_put(out, STR("hub-run: "));
    buf_put_clean(out, about->flow);
    buf_printf(out, ": %s (status %d) after %" PRId64 " s, run %" PRId64,
               about->status == 75 ? "has to be tried again later" : words[about->status], about->status,
               about->seconds, about->run);
    if (about->attempts > 1)
        buf_printf(out, ", %" PRId64 " attempts", about->attempts);
    buf_byte(out, '\n');
    if (r->why.n > 0) {
        put_rule(out, (struct str){0});
        buf_put_clean(out, buf_str(&r->why));
        buf_byte(out, '\n');
    }
    for (size_t i = 0; i < stages->n; i++)
        if (!stages_is_past(stages, &stages->stage[i]))
            put_stage(out, &stages->stage[i]);
    for (size_t i = 0; i < stages->nrules; i++)
        put_outsider(out, stages, &stages->rule[i]);
    struct causes causes = {.out = out};
    if (hub_failed_in(h, about->run, put_cause, &causes, e) == -1)
        return -1;
    if (causes.n > CAUSES_MOST)
        buf_printf(out, "  and %d causes more\n", causes.n - CAUSES_MOST);
    if (about->status > 1 || set_aside(stages))
        put_said(out, about->said);
    return buf_ok(out) ? 0 : err_memory(e);
}
