/*
 * hub-log: what the hub knows, and how each target stands to it.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clean.h"
#include "base/instant.h"
#include "cmd.h"
#include "compare/changed.h"
#include "hub/log.h"

enum { FOUND_MOST = 64, DEPTH_MOST = 8, SHOWN_MOST = 5 };

/* A state of a record. */
struct state {
    struct buf text;
    struct json_tape tape;
};

struct tool {
    struct cmd cmd;
    const char *database; /* -d */
    bool json;
    struct hub *hub;
    struct changed changed;
    struct state before, after;
    uint64_t lines, found, lacks;
    unsigned depth;
    const struct hub_log_record *record; /* whose targets are told */
    struct err err;
};

static const struct cmd_option options[] = {
    {'d', "database", "FILE", CMD_FILE, "hub.db (default: $HUB_DB)", NULL},
    {0, "json", NULL, CMD_NONE, "say it in lines of JSON", NULL},
    {0}};

static const struct cmd_spec spec = {.name = "hub-log",
                                     .purpose = "say what the hub knows, and what targets lack",
                                     .operands = "[ENTITY NAME]",
                                     .options = options,
                                     .common = 0};

static int take_option(void *arg, int letter, const char *name, const char *argument, struct err *e)
{
    struct tool *t = arg;
    (void)name, (void)e;
    if (letter == 'd')
        t->database = argument;
    else
        t->json = true;
    return 0;
}

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

/* ---- writing ---- */

static void put_time(struct buf *out, int64_t seconds)
{
    const struct instant at = {.seconds = seconds};
    instant_rfc3339(&at, out);
}

static void member(struct buf *out, const char *key, struct str value)
{
    buf_printf(out, "%s\"%s\":", out->p[out->n - 1] == '{' ? "" : ",", key);
    json_write_string(out, value);
}

static void number(struct buf *out, const char *key, int64_t value)
{
    buf_printf(out, "%s\"%s\":%" PRId64, out->p[out->n - 1] == '{' ? "" : ",", key, value);
}

static void when(struct buf *out, const char *key, int64_t seconds)
{
    buf_printf(out, "%s\"%s\":\"", out->p[out->n - 1] == '{' ? "" : ",", key);
    put_time(out, seconds);
    buf_byte(out, '"');
}

static void end_line(struct tool *t)
{
    buf_put(&t->cmd.out.buf, t->json ? STR("}\n") : STR("\n"));
    t->lines++;
}

/* ---- the hub as a whole ---- */

static void show_entity(void *arg, const struct hub_log_entity *r)
{
    struct tool *t = arg;
    struct buf *out = &t->cmd.out.buf;
    if (t->json) {
        buf_byte(out, '{');
        when(out, "at", r->at);
        number(out, "deleted", r->deleted);
        member(out, "entity", r->entity);
        number(out, "records", r->records - r->deleted);
    } else {
        buf_put_clean(out, r->entity);
        buf_printf(out, ": %" PRId64 " records", r->records - r->deleted);
        if (r->deleted > 0)
            buf_printf(out, ", %" PRId64 " deleted", r->deleted);
        buf_put(out, STR(", last changed "));
        put_time(out, r->at);
    }
    end_line(t);
}

static void show_target(void *arg, const struct hub_log_target *r)
{
    struct tool *t = arg;
    struct buf *out = &t->cmd.out.buf;
    t->lacks += (uint64_t)r->lacks;
    if (t->json) {
        buf_byte(out, '{');
        when(out, "at", r->at);
        member(out, "entity", r->entity);
        number(out, "lacks", r->lacks);
        member(out, "target", r->target);
    } else {
        buf_put_clean(out, r->target);
        if (r->lacks > 0)
            buf_printf(out, ": lacks %" PRId64 " of ", r->lacks);
        else
            buf_put(out, STR(": in sync with "));
        buf_put_clean(out, r->entity);
        buf_put(out, STR(", last settled "));
        put_time(out, r->at);
    }
    end_line(t);
}

static void show_bookmark(void *arg, const struct hub_log_bookmark *r)
{
    struct tool *t = arg;
    struct buf *out = &t->cmd.out.buf;
    if (t->json) {
        buf_byte(out, '{');
        when(out, "at", r->at);
        buf_printf(out, ",\"checkpoint\":%.*s", (int)r->checkpoint.n, r->checkpoint.p);
        member(out, "source", r->source);
        member(out, "stream", r->stream);
    } else {
        buf_put_clean(out, r->source);
        buf_put(out, STR(": "));
        buf_put_clean(out, r->stream);
        buf_put(out, STR(" read up to "));
        buf_put_clean(out, r->checkpoint);
        buf_put(out, STR(" on "));
        put_time(out, r->at);
    }
    end_line(t);
}

static int show_all(struct tool *t, struct err *e)
{
    if (hub_log_entities(t->hub, show_entity, t, e) == -1 || hub_log_targets(t->hub, show_target, t, e) == -1)
        return -1;
    return hub_log_bookmarks(t->hub, show_bookmark, t, e);
}

/* ---- one record ---- */

static const struct json_node *parse(struct tool *t, struct state *s, struct str text)
{
    if (text.p == NULL)
        return NULL;
    buf_reset(&s->text);
    buf_put(&s->text, text);
    return json_parse_made(&s->tape, &s->text, &t->err) == 0 ? s->tape.node : NULL;
}

/* The fields in which what a target has differs from what is. */
static void put_changed(struct tool *t, const struct hub_log_state *s)
{
    struct buf *out = &t->cmd.out.buf;
    const struct json_node *before = parse(t, &t->before, s->before),
                           *after = parse(t, &t->after, t->record->data);
    int n = before != NULL && after != NULL ? changed_find(&t->changed, before, after, &t->err) : 0;
    const struct json_node *at = n > 0 ? t->changed.list.node : NULL;
    for (int i = 0; i < n && (t->json || i < SHOWN_MOST); i++) {
        at++;
        if (i > 0)
            buf_put(out, t->json ? STR(",") : STR(", "));
        if (t->json)
            json_write(out, at);
        else
            buf_put_clean(out, json_text(at));
    }
    if (!t->json && n > SHOWN_MOST)
        buf_printf(out, " and %d more", n - SHOWN_MOST);
    if (!t->json && n == 0)
        buf_put(out, s->before.p == NULL ? STR("all of it") : STR("it is deleted"));
}

static const char *state_word(const struct tool *t, const struct hub_log_state *s)
{
    if (s->same || (!s->sent && t->record->data.p == NULL))
        return "in sync";
    return s->sent ? "behind" : "never sent";
}

static void show_state(void *arg, const struct hub_log_state *s)
{
    struct tool *t = arg;
    struct buf *out = &t->cmd.out.buf;
    const char *word = state_word(t, s);
    t->lacks += strcmp(word, "in sync") != 0;
    if (t->json) {
        buf_byte(out, '{');
        when(out, "at", s->at);
        buf_put(out, STR(",\"changed\":["));
        if (s->sent && !s->same)
            put_changed(t, s);
        buf_byte(out, ']');
        member(out, "entity", t->record->entity);
        member(out, "id", t->record->id);
        member(out, "source", t->record->source);
        member(out, "state", str_of(word));
        member(out, "target", s->target);
    } else {
        buf_printf(out, "%*s  ", (int)(2 * t->depth), "");
        buf_put_clean(out, s->target);
        buf_printf(out, ": %s", word);
        if (s->sent && !s->same) {
            buf_put(out, STR(": "));
            put_changed(t, s);
        }
        buf_put(out, STR(", last settled "));
        put_time(out, s->at);
    }
    end_line(t);
}

static void show_record(void *arg, const struct hub_log_record *r);

static void show_about(struct tool *t, const struct hub_log_record *r)
{
    const struct hub_log_record *outer = t->record;
    t->record = r;
    bool failed = t->err.code != NULL || hub_log_states(t->hub, r, show_state, t, &t->err) == -1;
    if (!failed && t->depth < DEPTH_MOST) {
        t->depth++;
        hub_log_made(t->hub, r->record, show_record, t, &t->err);
        t->depth--;
    }
    t->record = outer;
}

static void show_record(void *arg, const struct hub_log_record *r)
{
    struct tool *t = arg;
    struct buf *out = &t->cmd.out.buf;
    t->found++;
    if (t->json) {
        buf_byte(out, '{');
        when(out, "at", r->at);
        buf_printf(out, ",\"deleted\":%s", r->data.p == NULL ? "true" : "false");
        member(out, "entity", r->entity);
        when(out, "first", r->first);
        member(out, "id", r->id);
        number(out, "revision", r->revision);
        number(out, "revisions", r->revisions);
        member(out, "source", r->source);
    } else {
        buf_printf(out, "%*s%s", (int)(2 * t->depth), "", t->depth > 0 ? "made of it: " : "");
        buf_put_clean(out, r->entity);
        buf_byte(out, ' ');
        buf_put_clean(out, r->id);
        buf_put(out, STR(" of "));
        buf_put_clean(out, r->source);
        buf_put(out, r->data.p == NULL ? STR(", deleted ") : STR(", known since "));
        put_time(out, r->data.p == NULL ? r->at : r->first);
        if (r->revisions > 1 && r->data.p != NULL) {
            buf_printf(out, ", %" PRId64 " states, the last of ", r->revisions);
            put_time(out, r->at);
        }
    }
    end_line(t);
    show_about(t, r);
}

static int show_one(struct tool *t, struct str entity, struct str name, struct err *e)
{
    if (hub_log_find(t->hub, entity, name, show_record, t, e) == -1)
        return -1;
    if (t->err.code != NULL) {
        *e = t->err;
        return -1;
    }
    if (t->found == 0)
        cmd_say(&t->cmd, "the hub knows no %.*s that is called %s", (int)entity.n, entity.p, err_quote(name));
    if (t->found == 0)
        cmd_worse(&t->cmd, CMD_NO);
    return 0;
}

/* ---- the run ---- */

static int run(struct tool *t, struct err *e)
{
    const char *path = t->database != NULL ? t->database : getenv("HUB_DB");
    int n = t->cmd.noperands;
    char **operand = t->cmd.operands;
    if (n != 0 && n != 2)
        return err_set(e, "usage", "an entity and a name: hub-log order 1001");
    if (path == NULL || path[0] == '\0')
        return err_set(e, "usage", "no hub database: name it by -d or HUB_DB");
    if ((t->hub = hub_open(path, HUB_READS, e)) == NULL)
        return -1;
    int done = n == 2 ? show_one(t, str_of(operand[0]), str_of(operand[1]), e) : show_all(t, e);
    if (done == 0)
        cmd_wrote(&t->cmd, t->lines);
    if (t->lacks > 0)
        cmd_worse(&t->cmd, CMD_NO);
    return done;
}

int main(int argc, char **argv)
{
    static struct tool tool;
    struct tool *t = &tool;
    struct err e = {0};
    cmd_start(&t->cmd, argc, argv, &spec, take_option, t);
    changed_init(&t->changed, NULL, 0);
    state_init(&t->before);
    state_init(&t->after);
    int status = run(t, &e) == -1 ? cmd_fail(&t->cmd, &e) : cmd_finish(&t->cmd);
    hub_close(t->hub);
    changed_release(&t->changed);
    state_release(&t->before);
    state_release(&t->after);
    return status;
}
