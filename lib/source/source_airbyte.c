/*
 * airbyte: what Airbyte source connectors write (the Airbyte protocol, version 0). The checkpoint is what a
 * connector takes as its --state: a list with the last STATE of each stream, or with the last GLOBAL one, or
 * the `data` of the legacy kind.
 */
#include <stdlib.h>

#include "source/message.h"

enum { STATES_MOST = 4096 };

struct state_text {
    struct str stream; /* its stream_descriptor as text */
    struct buf text;
};

struct airbyte_source {
    struct messages messages;
    struct str space; /* of the picked stream; absent: not known yet, or none */
    bool has_space;
    struct state_text state[STATES_MOST];
    size_t nstates;
    struct buf key;
};

static void source_airbyte_close(void *source)
{
    struct airbyte_source *s = source;
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->nstates; i++)
        buf_release(&s->state[i].text);
    buf_release(&s->key);
    messages_release(&s->messages);
    free(s);
}

/* ---- streams ---- */

/* "NAMESPACE.NAME", or the name alone where there is no namespace. */
static struct str full_name(struct messages *m, struct str space, struct str name)
{
    if (space.n == 0)
        return name;
    return arena_printf(&m->arena, "%.*s.%.*s", (int)space.n, space.p, (int)name.n, name.p);
}

/* The stream that OBJECT (a record, a descriptor) names: 1: wanted; 0: not; -1: E. */
static int find_stream(struct airbyte_source *s, const struct json_node *object, struct str key,
                       struct message_stream **stream, struct err *e)
{
    struct messages *m = &s->messages;
    struct str name = message_text(m, object, key), space = message_text(m, object, STR("namespace"));
    if (name.p == NULL)
        return err_set(e, "record", "%.*s without a stream", (int)m->type.n, m->type.p);
    *stream = messages_stream(m, full_name(m, space, name), e);
    if (*stream == NULL)
        return -1;
    if (m->pick.p == NULL || str_eq(m->pick, (*stream)->name))
        return 1;
    if (!str_eq(m->pick, name))
        return 0;
    if (!s->has_space)
        s->space = arena_str(&m->kept, space);
    s->has_space = true;
    if (str_eq(s->space, space))
        return 1;
    return err_set(e, "config", "there are two streams %s: say which by NAMESPACE.%.*s", err_quote(name),
                   (int)name.n, name.p);
}

/* ---- STATE ---- */

static int keep_state(struct airbyte_source *s, struct str stream, const struct json_node *state,
                      struct err *e)
{
    size_t i = 0;
    while (i < s->nstates && !str_eq(s->state[i].stream, stream))
        i++;
    if (i == STATES_MOST)
        return err_set(e, "limit", "the states of more than %d streams", STATES_MOST);
    if (i == s->nstates) {
        s->state[i].stream = arena_str(&s->messages.kept, stream);
        buf_init(&s->state[i].text, JSON_BYTES);
        s->nstates++;
    }
    buf_reset(&s->state[i].text);
    json_write(&s->state[i].text, state);
    return s->state[i].stream.p != NULL && buf_ok(&s->state[i].text) ? 0 : err_memory(e);
}

/* A GLOBAL state is that of all streams; before it none counts. 1: kept; 0: of a stream that is not wanted.
 */
static int take_state(struct airbyte_source *s, const struct json_node *state, struct err *e)
{
    struct messages *m = &s->messages;
    struct str type = message_text(m, state, STR("type"));
    const struct json_node *descriptor = json_get(json_get(state, STR("stream")), STR("stream_descriptor"));
    struct message_stream *stream;
    buf_reset(&s->key);
    if (str_eq(type, STR("STREAM"))) {
        int wanted = find_stream(s, descriptor, STR("name"), &stream, e);
        if (wanted != 1)
            return wanted;
        json_write(&s->key, descriptor);
    } else if (str_eq(type, STR("GLOBAL"))) {
        for (size_t i = 0; i < s->nstates; i++)
            buf_release(&s->state[i].text);
        s->nstates = 0;
        buf_put(&s->key, type);
    } else {
        return err_set(e, "record", "STATE of the type %s, which is not known", err_quote(type));
    }
    return buf_ok(&s->key) && keep_state(s, buf_str(&s->key), state, e) == 0 ? 1 : -1;
}

static enum source_got mark(struct airbyte_source *s, struct source_item *item, struct err *e)
{
    struct messages *m = &s->messages;
    const struct json_node *state = json_get(m->message, STR("state")),
                           *legacy = json_get(state, STR("data"));
    struct str type = message_text(m, state, STR("type"));
    if (legacy != NULL && (type.p == NULL || str_eq(type, STR("LEGACY")))) {
        buf_reset(&m->text);
        json_write(&m->text, legacy);
        return messages_mark(m, item, e);
    }
    int kept = take_state(s, state, e);
    if (kept != 1)
        return kept == 0 ? SOURCE_END : messages_refuse(m, item, e);
    buf_reset(&m->text);
    for (size_t i = 0; i < s->nstates; i++) {
        buf_byte(&m->text, i == 0 ? '[' : ',');
        buf_put(&m->text, buf_str(&s->state[i].text));
    }
    buf_byte(&m->text, ']');
    return messages_mark(m, item, e);
}

/* What the reading goes on from: the streams that say nothing this time keep their state. */
static int take_checkpoint(struct airbyte_source *s, const struct json_node *list, struct err *e)
{
    for (size_t i = 0; json_is(list, JSON_ARRAY) && i < json_count(list); i++)
        if (take_state(s, json_at(list, i), e) == -1)
            return -1;
    return 0;
}

static void *source_airbyte_open(const struct input *input, const struct source_options *o, struct err *e)
{
    struct airbyte_source *s = calloc(1, sizeof *s);
    if (s == NULL) {
        err_memory(e);
        return NULL;
    }
    buf_init(&s->key, JSON_BYTES);
    if (messages_init(&s->messages, input, o, e) == 0 && take_checkpoint(s, o->checkpoint, e) == 0)
        return s;
    source_airbyte_close(s);
    return NULL;
}

/* ---- RECORD ---- */

static enum source_got take_record(struct airbyte_source *s, struct source_item *item, struct buf *data,
                                   struct err *e)
{
    struct messages *m = &s->messages;
    const struct json_node *record = json_get(m->message, STR("record")), *change;
    struct message_stream *stream;
    int wanted = find_stream(s, record, STR("stream"), &stream, e);
    if (wanted == 0)
        return messages_leave_out(m, stream, item);
    if (wanted == -1) {
        messages_refuse(m, item, e);
        return strcmp(e->code, "record") == 0 ? SOURCE_BAD : SOURCE_FATAL;
    }
    change = json_at(json_get(json_get(record, STR("meta")), STR("changes")), 0);
    if (change == NULL)
        return messages_give(m, stream, json_get(record, STR("data")), item, data, e);
    struct str field = message_text(m, change, STR("field")), how = message_text(m, change, STR("change")),
               why = message_text(m, change, STR("reason"));
    err_set(e, "record", "the connector has not given %s as it is: %.*s, %.*s", err_quote(field), (int)how.n,
            how.p != NULL ? how.p : "", (int)why.n, why.p != NULL ? why.p : "");
    return messages_refuse(m, item, e);
}

/* ---- what a connector says ---- */

static enum source_got take_log(struct messages *m, struct source_item *item)
{
    const struct json_node *log = json_get(m->message, STR("log"));
    struct str level = message_text(m, log, STR("level")), text = message_text(m, log, STR("message"));
    buf_reset(&m->text);
    buf_put(&m->text, level.p != NULL ? level : STR("LOG"));
    buf_put(&m->text, STR(": "));
    if (text.p != NULL)
        buf_put(&m->text, text);
    item->note = buf_str(&m->text);
    return SOURCE_NOTE;
}

static enum source_got fail(struct messages *m, const struct json_node *error, struct source_item *item,
                            struct err *e)
{
    struct str text = message_text(m, error, STR("message"));
    if (text.p == NULL)
        text = message_text(m, error, STR("internal_message"));
    err_set(e, "connector", "the connector failed: %.*s", (int)text.n, text.p != NULL ? text.p : "");
    e->temporary = str_eq(message_text(m, error, STR("failure_type")), STR("transient_error"));
    messages_refuse(m, item, e);
    return SOURCE_FATAL;
}

/* SOURCE_END: goes on. */
static enum source_got take_trace(struct airbyte_source *s, struct source_item *item, struct err *e)
{
    struct messages *m = &s->messages;
    const struct json_node *trace = json_get(m->message, STR("trace"));
    const struct json_node *said = json_get(trace, STR("stream_status"));
    struct message_stream *stream;
    struct err why = {0};
    if (str_eq(message_text(m, trace, STR("type")), STR("ERROR")))
        return fail(m, json_get(trace, STR("error")), item, e);
    if (said == NULL ||
        find_stream(s, json_get(said, STR("stream_descriptor")), STR("name"), &stream, &why) != 1)
        return SOURCE_END;
    struct str status = message_text(m, said, STR("status"));
    stream->started = true;
    stream->complete = str_eq(status, STR("COMPLETE"));
    stream->incomplete = str_eq(status, STR("INCOMPLETE"));
    return SOURCE_END;
}

/* A stream that has begun says so when all of it was read. */
static enum source_got end(struct messages *m, struct err *e)
{
    for (size_t i = 0; i < m->nstreams; i++) {
        const struct message_stream *s = &m->stream[i];
        if (!s->started || s->complete)
            continue;
        if (s->incomplete)
            err_set(e, "connector", "the connector says that the stream %s is not whole", err_quote(s->name));
        else
            err_set(e, "cut_off", "cut off: the stream %s began, and did not end", err_quote(s->name));
        err_place(e, "%s", m->name);
        return SOURCE_FATAL;
    }
    return SOURCE_END;
}

/* A configuration holds secrets: it is named and not shown. */
static enum source_got take_control(struct messages *m, struct source_item *item)
{
    buf_reset(&m->text);
    buf_put(&m->text,
            STR("the connector has changed its configuration, as where a token was renewed: nothing "
                "keeps the new one"));
    item->note = buf_str(&m->text);
    return SOURCE_NOTE;
}

static enum source_got take(struct airbyte_source *s, struct source_item *item, struct buf *data,
                            struct err *e)
{
    struct messages *m = &s->messages;
    struct str type = m->type;
    if (str_eq(type, STR("RECORD")))
        return take_record(s, item, data, e);
    if (str_eq(type, STR("STATE")))
        return mark(s, item, e);
    if (str_eq(type, STR("LOG")))
        return take_log(m, item);
    if (str_eq(type, STR("TRACE")))
        return take_trace(s, item, e);
    if (str_eq(type, STR("CONTROL")))
        return take_control(m, item);
    bool passed =
        str_eq(type, STR("CATALOG")) || str_eq(type, STR("SPEC")) || str_eq(type, STR("CONNECTION_STATUS"));
    return passed ? SOURCE_END : messages_unknown(m, item, e);
}

static enum source_got source_airbyte_next(void *source, struct source_item *item, struct buf *data,
                                           struct err *e)
{
    struct airbyte_source *s = source;
    for (;;) {
        enum source_got got = messages_next(&s->messages, item, e);
        if (got == SOURCE_END)
            return end(&s->messages, e);
        if (got != SOURCE_OK)
            return got;
        got = take(s, item, data, e);
        if (got != SOURCE_END)
            return got;
    }
}

const struct source_kind source_airbyte = {.name = "airbyte",
                                           .suffixes = "",
                                           .has_messages = true,
                                           .open = source_airbyte_open,
                                           .next = source_airbyte_next,
                                           .close = source_airbyte_close};
