#include <inttypes.h>

#include "base/clean.h"
#include "compare/changed.h"
#include "hub/log.h"
#include "log.h"

enum { DEPTH_MOST = 8, SHOWN_MOST = 5, NAME_MOST = 1 << 20, TOLD_MOST = 1 << 26 };

/* A state of a record. */
struct state {
    struct buf text;
    struct json_tape tape;
};

/* What is said of records of one name. */
struct shown {
    struct log_out *o;
    struct changed changed;
    struct state before, after;
    uint64_t found;
    unsigned depth;
    const struct hub_log_record *record; /* whose targets are told */
    struct str entity;                   /* that was asked for */
    struct str only;                     /* this target; absent: all */
    struct buf told;                     /* numbers of refusals */
    struct buf stream, retry; /* the first that something was refused of, and what is to be retried first */
    struct err err;
};

static void state_init(struct state *s)
{
    buf_init(&s->text, JSON_BYTES);
    json_tape_init(&s->tape);
}

static void state_release(struct state *s)
{
    buf_release(&s->text);
    json_tape_release(&s->tape);
}

static const struct json_node *parse(struct shown *t, struct state *s, struct str text)
{
    if (text.p == NULL)
        return NULL;
    buf_reset(&s->text);
    buf_put(&s->text, text);
    return json_parse_made(&s->tape, &s->text, &t->err) == 0 ? s->tape.node : NULL;
}

/* The fields in which what a target has differs from what is. */
static void put_changed(struct shown *t, const struct hub_log_state *s)
{
    struct buf *out = &t->o->cmd->out.buf;
    const struct json_node *before = parse(t, &t->before, s->before),
                           *after = parse(t, &t->after, t->record->data);
    int n = before != NULL && after != NULL ? changed_find(&t->changed, before, after, &t->err) : 0;
    const struct json_node *at = n > 0 ? t->changed.list.node : NULL;
    for (int i = 0; i < n && (t->o->json || i < SHOWN_MOST); i++) {
        at++;
        if (i > 0)
            buf_put(out, t->o->json ? STR(",") : STR(", "));
        if (t->o->json)
            json_write(out, at);
        else
            buf_put_clean(out, json_text(at));
    }
    if (!t->o->json && n > SHOWN_MOST)
        buf_printf(out, " and %d more", n - SHOWN_MOST);
    if (!t->o->json && n == 0)
        buf_put(out, s->before.p == NULL ? STR("all of it") : STR("it is deleted"));
}

static const char *state_word(const struct shown *t, const struct hub_log_state *s, bool *lacks)
{
    *lacks = true;
    if (s->message.p != NULL)
        return s->refused ? "refused" : "set aside";
    if (s->pending)
        return "on its way";
    *lacks = !s->same && (s->sent || t->record->data.p != NULL);
    if (s->same && s->left_out)
        return "left out";
    if (t->record->revision == 0)
        return s->deleted ? "deleted there" : "given";
    if (!*lacks)
        return "in sync";
    return s->sent ? "behind" : "never sent";
}

static void put_name(struct buf *out, const struct hub_log_record *r)
{
    buf_put_clean(out, r->entity);
    buf_byte(out, ' ');
    buf_put_clean(out, r->id);
    buf_put(out, STR(" of "));
    buf_put_clean(out, r->source);
}

/* TARGET ENTITY ID */
static void put_retry(struct shown *t, struct str target)
{
    const struct str words[] = {target, STR(" "), t->record->entity, STR(" "), t->record->id};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        buf_put(&t->retry, words[i]);
}

static void show_state(void *arg, const struct hub_log_state *s)
{
    struct shown *t = arg;
    struct buf *out = &t->o->cmd->out.buf;
    bool lacks;
    const char *word = state_word(t, s, &lacks);
    if (t->only.p != NULL && !lacks)
        return;
    t->o->bad += lacks;
    if (s->message.p != NULL && !s->again && t->retry.n == 0)
        put_retry(t, s->target);
    if (t->o->json) {
        buf_byte(out, '{');
        log_true(out, "again", s->again);
        log_when(out, "at", s->at);
        buf_put(out, STR(",\"changed\":["));
        if (s->sent && !s->same)
            put_changed(t, s);
        buf_byte(out, ']');
        log_text(out, "entity", t->record->entity);
        log_text(out, "id", t->record->id);
        log_text(out, "source", t->record->source);
        if (s->message.p != NULL) {
            log_text(out, "code", s->code);
            log_text(out, "field", s->field.p != NULL ? s->field : STR(""));
            log_text(out, "message", s->message);
        }
        log_text(out, "state", str_of(word));
        log_text(out, "target", s->target);
        if (s->target_id.p != NULL)
            log_text(out, "target_id", s->target_id);
    } else {
        if (t->only.p == NULL) {
            buf_printf(out, "%*s  ", (int)(2 * t->depth), "");
            buf_put_clean(out, s->target);
        } else {
            put_name(out, t->record);
        }
        buf_printf(out, ": %s", word);
        if (s->message.p != NULL) {
            buf_put(out, STR(": "));
            if (s->field.p != NULL) {
                buf_put_clean(out, s->field);
                buf_put(out, STR(": "));
            }
            buf_put_clean(out, s->message);
        } else if (s->sent && !s->same) {
            buf_put(out, STR(": "));
            put_changed(t, s);
        }
        if (s->target_id.p != NULL) {
            buf_put(out, STR(", there called "));
            buf_put_clean(out, s->target_id);
        }
        buf_put(out, s->message.p != NULL ? STR(", since ") : STR(", last settled "));
        log_time(out, s->at);
        if (s->again)
            buf_put(out, STR(", to be told again"));
    }
    log_end_line(t->o);
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
        buf_put(&t->stream, r->stream);
    log_reject(t->o, t->record != NULL ? t->record->entity : t->entity,
               t->record != NULL ? (int)(2 * t->depth) + 2 : 0, r);
}

static void show_about(struct shown *t, const struct hub_log_record *r)
{
    const struct hub_log_record *outer = t->record;
    t->record = r;
    bool failed = t->err.code != NULL ||
                  hub_log_states(t->o->hub, r, t->only, show_state, t, &t->err) == -1 ||
                  hub_log_rejects_of(t->o->hub, r, show_reject, t, &t->err) == -1;
    if (!failed && t->depth < DEPTH_MOST) {
        t->depth++;
        hub_log_made(t->o->hub, r->record, show_record, t, &t->err);
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
        put_name(out, r);
        put_age(out, r);
    }
    log_end_line(t->o);
    show_about(t, r);
}

static void start(struct shown *t, struct log_out *o)
{
    *t = (struct shown){.o = o};
    changed_init(&t->changed, NULL, 0);
    state_init(&t->before);
    state_init(&t->after);
    buf_init(&t->told, TOLD_MOST);
    buf_init(&t->stream, NAME_MOST);
    buf_init(&t->retry, NAME_MOST);
}

/* DONE, or -1 where showing a record failed. */
static int finish(struct shown *t, int done, struct err *e)
{
    if (done != -1 && t->err.code != NULL) {
        *e = t->err;
        done = -1;
    }
    changed_release(&t->changed);
    state_release(&t->before);
    state_release(&t->after);
    buf_release(&t->told);
    buf_release(&t->stream);
    buf_release(&t->retry);
    return done;
}

/* What there is to do, for a person. */
static void advise(const struct shown *t)
{
    struct str stream = buf_str(&t->stream), retry = buf_str(&t->retry);
    if (stream.n > 0)
        cmd_say(t->o->cmd,
                "once it or the map is mended, it goes through again by: hub-log --refused %.*s | hub-canon "
                "-s … | hub-load hub:",
                (int)stream.n, stream.p);
    if (retry.n > 0)
        cmd_say(t->o->cmd, "once what is in the way is mended: hub-log retry %.*s", (int)retry.n, retry.p);
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
    if (t->err.code == NULL)
        hub_log_states(t->o->hub, r, t->only, show_state, t, &t->err);
}

int log_missing(struct log_out *o, struct str target, struct err *e)
{
    struct shown t;
    start(&t, o);
    t.only = target;
    return finish(&t, hub_log_lacking(o->hub, target, show_lacking, &t, e), e);
}
