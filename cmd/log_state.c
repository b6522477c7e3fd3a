#include "log_state.h"

#include "base/clean.h"
#include "hub/ledger.h"

enum { SHOWN_MOST = 5 };

static void tree_init(struct log_tree *s)
{
    buf_init(&s->text, JSON_BYTES);
    json_tape_init(&s->tape);
}

static void tree_release(struct log_tree *s)
{
    buf_release(&s->text);
    json_tape_release(&s->tape);
}

static const struct json_node *parse(struct log_state *t, struct log_tree *s, struct str text)
{
    if (text.p == NULL)
        return NULL;
    buf_reset(&s->text);
    buf_put(&s->text, text);
    return json_parse_made(&s->tape, &s->text, &t->err) == 0 ? s->tape.node : NULL;
}

void log_state_init(struct log_state *t, struct log_out *o)
{
    *t = (struct log_state){.o = o};
    changed_init(&t->changed, NULL, 0);
    tree_init(&t->before);
    tree_init(&t->after);
}

void log_state_release(struct log_state *t)
{
    changed_release(&t->changed);
    tree_release(&t->before);
    tree_release(&t->after);
}

/* The fields in which what a target has differs from what is. */
static void put_changed(struct log_state *t, const struct hub_log_record *r, const struct hub_log_state *s)
{
    struct buf *out = &t->o->cmd->out.buf;
    const struct json_node *before = parse(t, &t->before, s->before), *after = parse(t, &t->after, r->data);
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

static const char *word_of(const struct hub_log_record *r, const struct hub_log_state *s)
{
    if (s->message.p != NULL)
        return s->refused ? "refused" : "set aside";
    if (s->pending)
        return "on its way";
    if (s->same && s->left_out)
        return "left out";
    if (r->revision == 0)
        return s->deleted ? "deleted there" : "given";
    if (!s->lacks)
        return "in sync";
    return s->sent ? "behind" : "never sent";
}

void log_record_name(struct buf *out, const struct hub_log_record *r)
{
    buf_put_clean(out, r->entity);
    buf_byte(out, ' ');
    buf_put_clean(out, r->id);
    buf_put(out, STR(" of "));
    buf_put_clean(out, r->source);
}

static void put_members(struct log_state *t, const struct hub_log_record *r, const struct hub_log_state *s,
                        const char *word)
{
    struct buf *out = &t->o->cmd->out.buf;
    buf_byte(out, '{');
    log_true(out, "again", s->again);
    log_when(out, "at", s->at);
    buf_put(out, STR(",\"changed\":["));
    if (s->sent && !s->same)
        put_changed(t, r, s);
    buf_byte(out, ']');
    log_text(out, "entity", r->entity);
    log_text(out, "id", r->id);
    log_text(out, "source", r->source);
    if (s->message.p != NULL) {
        log_text(out, "code", s->code);
        log_text(out, "field", s->field.p != NULL ? s->field : STR(""));
        log_text(out, "message", s->message);
    }
    log_text(out, "state", str_of(word));
    log_text(out, "target", s->target);
    log_text(out, "target_id", s->target_id);
}

static void put_words(struct log_state *t, const struct hub_log_record *r, const struct hub_log_state *s,
                      const char *word, int indent)
{
    struct buf *out = &t->o->cmd->out.buf;
    if (indent >= 0) {
        buf_printf(out, "%*s  ", indent, "");
        buf_put_clean(out, s->target);
    } else {
        log_record_name(out, r);
    }
    buf_printf(out, ": %s", word);
    if (s->message.p != NULL) {
        bool perhaps = str_eq(s->code, STR(LEDGER_UNCERTAIN));
        buf_put(out, perhaps ? STR(", and perhaps it has it: ") : STR(": "));
        if (s->field.p != NULL) {
            buf_put_clean(out, s->field);
            buf_put(out, STR(": "));
        }
        buf_put_clean(out, s->message);
    } else if (s->sent && !s->same) {
        buf_put(out, STR(": "));
        put_changed(t, r, s);
    }
    if (s->target_id.p != NULL) {
        buf_put(out, STR(", there called "));
        buf_put_clean(out, s->target_id);
    }
    buf_put(out, s->message.p != NULL || s->pending ? STR(", since ") : STR(", last settled "));
    log_time(out, s->at);
    if (s->again)
        buf_put(out, STR(", to be told again"));
}

void log_state_show(struct log_state *t, const struct hub_log_record *r, const struct hub_log_state *s,
                    int indent)
{
    const char *word = word_of(r, s);
    if (t->o->json)
        put_members(t, r, s, word);
    else
        put_words(t, r, s, word, indent);
    log_end_line(t->o);
}
