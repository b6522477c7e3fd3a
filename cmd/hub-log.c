/*
 * hub-log: what the hub knows, and how each target stands to it.
 */
#include <inttypes.h>

#include "base/clean.h"
#include "cmd.h"
#include "compare/changed.h"
#include "hub/log.h"
#include "log.h"

enum { FOUND_MOST = 64, DEPTH_MOST = 8, SHOWN_MOST = 5 };

/* A state of a record. */
struct state {
    struct buf text;
    struct json_tape tape;
};

struct tool {
    struct cmd cmd;
    const char *database; /* -d */
    bool json, conservation;
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
    {0, "conservation", NULL, CMD_NONE, "whether what each run read was taken, refused or left out", NULL},
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
    (void)e;
    if (letter == 'd')
        t->database = argument;
    else if (strcmp(name, "conservation") == 0)
        t->conservation = true;
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
        log_when(out, "at", r->at);
        log_number(out, "deleted", r->deleted);
        log_text(out, "entity", r->entity);
        log_number(out, "records", r->records - r->deleted);
    } else {
        buf_put_clean(out, r->entity);
        buf_printf(out, ": %" PRId64 " records", r->records - r->deleted);
        if (r->deleted > 0)
            buf_printf(out, ", %" PRId64 " deleted", r->deleted);
        buf_put(out, STR(", last changed "));
        log_time(out, r->at);
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
        log_when(out, "at", r->at);
        log_text(out, "entity", r->entity);
        log_number(out, "lacks", r->lacks);
        log_text(out, "target", r->target);
    } else {
        buf_put_clean(out, r->target);
        if (r->lacks > 0)
            buf_printf(out, ": lacks %" PRId64 " of ", r->lacks);
        else
            buf_put(out, STR(": in sync with "));
        buf_put_clean(out, r->entity);
        buf_put(out, STR(", last settled "));
        log_time(out, r->at);
    }
    end_line(t);
}

static void show_bookmark(void *arg, const struct hub_log_bookmark *r)
{
    struct tool *t = arg;
    struct buf *out = &t->cmd.out.buf;
    if (t->json) {
        buf_byte(out, '{');
        log_when(out, "at", r->at);
        buf_printf(out, ",\"checkpoint\":%.*s", (int)r->checkpoint.n, r->checkpoint.p);
        log_text(out, "source", r->source);
        log_text(out, "stream", r->stream);
    } else {
        buf_put_clean(out, r->source);
        buf_put(out, STR(": "));
        buf_put_clean(out, r->stream);
        buf_put(out, STR(" read up to "));
        buf_put_clean(out, r->checkpoint);
        buf_put(out, STR(" on "));
        log_time(out, r->at);
    }
    end_line(t);
}

/* The flows, or the proof that they lost nothing. */
static int show_runs(struct tool *t, int show(struct log_out *o, struct err *e), struct err *e)
{
    struct log_out o = {&t->cmd, t->hub, t->json, 0, 0};
    int done = show(&o, e);
    t->lines += o.lines;
    t->lacks += o.bad;
    return done;
}

static int show_all(struct tool *t, struct err *e)
{
    if (show_runs(t, log_flows, e) == -1 || hub_log_entities(t->hub, show_entity, t, e) == -1 ||
        hub_log_targets(t->hub, show_target, t, e) == -1)
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
    if (s->message.p != NULL)
        return "set aside";
    if (s->pending)
        return "on its way";
    if (s->same && s->left_out)
        return "left out";
    if (s->same || (!s->sent && t->record->data.p == NULL))
        return "in sync";
    return s->sent ? "behind" : "never sent";
}

static void show_state(void *arg, const struct hub_log_state *s)
{
    struct tool *t = arg;
    struct buf *out = &t->cmd.out.buf;
    const char *word = state_word(t, s);
    t->lacks += strcmp(word, "in sync") != 0 && strcmp(word, "left out") != 0;
    if (t->json) {
        buf_byte(out, '{');
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
        buf_printf(out, "%*s  ", (int)(2 * t->depth), "");
        buf_put_clean(out, s->target);
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
        log_when(out, "at", r->at);
        buf_printf(out, ",\"deleted\":%s", r->data.p == NULL ? "true" : "false");
        log_text(out, "entity", r->entity);
        log_when(out, "first", r->first);
        log_text(out, "id", r->id);
        log_number(out, "revision", r->revision);
        log_number(out, "revisions", r->revisions);
        log_text(out, "source", r->source);
    } else {
        buf_printf(out, "%*s%s", (int)(2 * t->depth), "", t->depth > 0 ? "made of it: " : "");
        buf_put_clean(out, r->entity);
        buf_byte(out, ' ');
        buf_put_clean(out, r->id);
        buf_put(out, STR(" of "));
        buf_put_clean(out, r->source);
        buf_put(out, r->data.p == NULL ? STR(", deleted ") : STR(", known since "));
        log_time(out, r->data.p == NULL ? r->at : r->first);
        if (r->revisions > 1 && r->data.p != NULL) {
            buf_printf(out, ", %" PRId64 " states, the last of ", r->revisions);
            log_time(out, r->at);
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
    const char *path = cmd_database(t->database);
    int n = t->cmd.noperands;
    char **operand = t->cmd.operands;
    if (t->conservation && n != 0)
        return err_set(e, "usage", "--conservation is of all runs: no operand is taken");
    if (n != 0 && n != 2)
        return err_set(e, "usage", "an entity and a name: hub-log order 1001");
    if (path == NULL)
        return err_set(e, "usage", "no hub database: name it by -d or HUB_DB");
    if ((t->hub = hub_open(path, HUB_READS, e)) == NULL)
        return -1;
    int done = t->conservation ? show_runs(t, log_conservation, e)
               : n == 2        ? show_one(t, str_of(operand[0]), str_of(operand[1]), e)
                               : show_all(t, e);
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
