#include <inttypes.h>

#include "base/clean.h"
#include "hub/ledger.h"
#include "log.h"
#include "log_state.h"

enum { DEPTH_MOST = 8, NAME_MOST = 1 << 20, TOLD_MOST = 1 << 26 };

/* What is said of records of one name. */
struct shown {
    struct log_out *o;
    struct log_state state;
    uint64_t found;
    unsigned depth;
    const struct hub_log_record *record; /* whose targets are told */
    struct str entity;                   /* that was asked for */
    struct str only;                     /* this target; absent: all */
    struct buf told;                     /* numbers of refusals */
    /* The first that something was refused of; and what is to be retried first, to be sent as it was, and to
     * be looked for. */
    struct buf stream, retry, resend, look;
};

static void put_words(struct buf *out, const struct str *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_byte(out, ' ');
        buf_put_word(out, words[i]);
    }
}

/* Of the first that something can be done about. What waits for another record goes by itself. */
static void note_advice(struct shown *t, const struct hub_log_state *s)
{
    const struct str resend[] = {t->record->id, s->target},
                     retry[] = {s->target, t->record->entity, t->record->id};
    bool told = t->record->revision > 0; /* else the hub has nothing to tell anew */
    bool perhaps = str_eq(s->code, STR(LEDGER_UNCERTAIN));
    if (str_eq(s->code, STR(LEDGER_REFERENCE)))
        return;
    if (perhaps && t->look.n == 0)
        put_words(&t->look, resend, 2);
    else if (!perhaps && told && t->retry.n == 0)
        put_words(&t->retry, retry, 3);
    else if (!perhaps && !told && t->resend.n == 0)
        put_words(&t->resend, resend, 2);
}

static void show_state(void *arg, const struct hub_log_state *s)
{
    struct shown *t = arg;
    if (t->only.p != NULL && !s->lacks)
        return;
    t->o->bad += s->lacks;
    if (s->message.p != NULL && !s->again)
        note_advice(t, s);
    log_state_show(&t->state, t->record, s, t->only.p == NULL ? (int)(2 * t->depth) : -1);
}

static void show_record(void *arg, const struct hub_log_record *r);

/* Of a record that was told, so are its refusals. */
static bool was_told(struct shown *t, int64_t reject)
{
    for (size_t at = 0; at < t->told.n; at += sizeof reject)
        if (memcmp(t->told.p + at, &reject, sizeof reject) == 0)
            return true;
    buf_put(&t->told, (struct str){(const char *)&reject, sizeof reject});
    return false;
}

static void show_reject(void *arg, const struct hub_log_reject *r)
{
    struct shown *t = arg;
    if (was_told(t, r->number))
        return;
    t->found++;
    if (t->stream.n == 0 && r->stream.p != NULL)
        buf_put_word(&t->stream, r->stream);
    log_reject(t->o, t->record != NULL ? t->record->entity : t->entity,
               t->record != NULL ? (int)(2 * t->depth) + 2 : 0, r);
}

static void show_about(struct shown *t, const struct hub_log_record *r)
{
    const struct hub_log_record *outer = t->record;
    t->record = r;
    bool failed = t->state.err.code != NULL ||
                  hub_log_states(t->o->hub, r, t->only, show_state, t, &t->state.err) == -1 ||
                  hub_log_rejects_of(t->o->hub, r, show_reject, t, &t->state.err) == -1;
    if (!failed && t->depth < DEPTH_MOST) {
        t->depth++;
        hub_log_made(t->o->hub, r->record, show_record, t, &t->state.err);
        t->depth--;
    }
    t->record = outer;
}

static void put_age(struct buf *out, const struct hub_log_record *r)
{
    if (r->revision == 0) {
        buf_put(out, STR(", of which the hub holds no state"));
        return;
    }
    buf_put(out, r->data.p == NULL ? STR(", deleted ") : STR(", known since "));
    log_time(out, r->data.p == NULL ? r->at : r->first);
    if (r->revisions > 1 && r->data.p != NULL) {
        buf_printf(out, ", %" PRId64 " states, the last of ", r->revisions);
        log_time(out, r->at);
    }
}

static void show_record(void *arg, const struct hub_log_record *r)
{
    struct shown *t = arg;
    struct buf *out = &t->o->cmd->out.buf;
    t->found++;
    if (t->o->json) {
        buf_byte(out, '{');
        if (r->revision > 0)
            log_when(out, "at", r->at);
        log_true(out, "deleted", r->revision > 0 && r->data.p == NULL);
        log_text(out, "entity", r->entity);
        if (r->revision > 0)
            log_when(out, "first", r->first);
        log_text(out, "id", r->id);
        log_number(out, "revision", r->revision);
        log_number(out, "revisions", r->revisions);
        log_text(out, "source", r->source);
    } else {
        buf_printf(out, "%*s%s", (int)(2 * t->depth), "", t->depth > 0 ? "made of it: " : "");
        log_record_name(out, r);
        put_age(out, r);
    }
    log_end_line(t->o);
    show_about(t, r);
}

static void start(struct shown *t, struct log_out *o)
{
    *t = (struct shown){.o = o};
    log_state_init(&t->state, o);
    buf_init(&t->told, TOLD_MOST);
    buf_init(&t->stream, NAME_MOST);
    buf_init(&t->retry, NAME_MOST);
    buf_init(&t->resend, NAME_MOST);
    buf_init(&t->look, NAME_MOST);
}

/* DONE, or -1 where showing a record failed. */
static int finish(struct shown *t, int done, struct err *e)
{
    if (done != -1 && t->state.err.code != NULL) {
        *e = t->state.err;
        done = -1;
    }
    log_state_release(&t->state);
    buf_release(&t->told);
    buf_release(&t->stream);
    buf_release(&t->retry);
    buf_release(&t->resend);
    buf_release(&t->look);
    return done;
}

/* What there is to do, for a person. */
static void advise(const struct shown *t)
{
    struct str stream = buf_str(&t->stream), retry = buf_str(&t->retry), resend = buf_str(&t->resend),
               look = buf_str(&t->look);
    if (stream.n > 0)
        cmd_say(t->o->cmd,
                "once it or the map is mended, it goes through again by: hub-log --refused %.*s | hub-canon "
                "-s … | hub-load hub:",
                (int)stream.n, stream.p);
    if (retry.n > 0)
        cmd_say(t->o->cmd, "once what is in the way is mended: hub-log retry %.*s", (int)retry.n, retry.p);
    if (resend.n > 0)
        cmd_say(t->o->cmd, "once what is in the way is mended: hub-load --resend %.*s", (int)resend.n,
                resend.p);
    if (look.n > 0)
        cmd_say(
            t->o->cmd,
            "look there; where it is not: hub-load --resend %.*s; where it is: hub-load --settle --resend "
            "%.*s",
            (int)look.n, look.p, (int)look.n, look.p);
}

int log_record(struct log_out *o, struct str entity, struct str name, struct err *e)
{
    struct shown t;
    start(&t, o);
    t.entity = entity;
    int done = hub_log_find(o->hub, entity, name, show_record, &t, e);
    if (done == 0)
        done = hub_log_rejects(o->hub, entity, name, show_reject, &t, e);
    if (done == 0 && t.found == 0)
        done = hub_log_rejects_holding(o->hub, name, show_reject, &t, e);
    if (done == 0 && !o->json)
        advise(&t);
    return finish(&t, done == 0 ? t.found > 0 : -1, e);
}

static void show_lacking(void *arg, const struct hub_log_record *r)
{
    struct shown *t = arg;
    t->record = r;
    if (t->state.err.code == NULL)
        hub_log_states(t->o->hub, r, t->only, show_state, t, &t->state.err);
}

int log_missing(struct log_out *o, struct str target, struct err *e)
{
    struct shown t;
    start(&t, o);
    t.only = target;
    return finish(&t, hub_log_lacking(o->hub, target, show_lacking, &t, e), e);
}
