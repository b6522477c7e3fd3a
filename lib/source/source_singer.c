/*
 * singer: what Singer taps write (github.com/singer-io/getting-started, docs/SPEC.md). SCHEMA tells what the
 * id of a record is made of; the value of a STATE is the checkpoint behind the records before it.
 */
#include <stdlib.h>

#include "source/message.h"

static void source_singer_close(void *source)
{
    struct messages *m = source;
    if (m == NULL)
        return;
    messages_release(m);
    free(m);
}

static void *source_singer_open(const struct input *input, const struct source_options *o, struct err *e)
{
    struct messages *m = calloc(1, sizeof *m);
    if (m == NULL) {
        err_memory(e);
        return NULL;
    }
    if (messages_init(m, input, o, e) == 0)
        return m;
    source_singer_close(m);
    return NULL;
}

/* ---- SCHEMA ---- */

static int keep_keys(struct messages *m, struct message_stream *s, const struct json_node *list,
                     struct err *e)
{
    size_t n = json_count(list);
    s->keys_text = arena_str(&m->kept, json_text(list));
    s->keys = n > 0 ? arena_array(&m->kept, n, sizeof *s->keys) : NULL;
    s->nkeys = 0;
    for (size_t i = 0; s->keys != NULL && i < n; i++) {
        const struct json_node *key = json_at(list, i);
        if (!json_is(key, JSON_STRING))
            return err_set(e, "record", "key_properties: not a list of texts");
        s->keys[s->nkeys++] = arena_str(&m->kept, json_string(key, &m->arena));
    }
    return s->keys_text.p != NULL && (n == 0 || s->keys != NULL) ? 0 : err_memory(e);
}

/* A tap may say it again, before each batch: what is the same is kept once. */
static int take_schema(struct messages *m, struct str name, struct err *e)
{
    static const struct json_node none = {.p = "[]", .n = 2, .span = 1, .type = JSON_ARRAY};
    const struct json_node *list = json_get(m->message, STR("key_properties"));
    struct message_stream *s = messages_stream(m, name, e);
    if (s == NULL)
        return -1;
    if (list == NULL || list->type == JSON_NULL)
        list = &none;
    if (list->type != JSON_ARRAY)
        return err_set(e, "record", "key_properties: not a list of texts");
    return s->keys_text.p != NULL && str_eq(s->keys_text, json_text(list)) ? 0 : keep_keys(m, s, list, e);
}

/* ---- RECORD ---- */

static int make_id(struct messages *m, const struct message_stream *s, const struct json_node *record,
                   struct source_item *item, struct err *e)
{
    buf_reset(&m->text);
    for (size_t i = 0; i < s->nkeys; i++) {
        const struct json_node *v = json_get(record, s->keys[i]);
        if (!json_is(v, JSON_STRING) && !json_is(v, JSON_NUMBER))
            return err_set(e, "record", "its key %s is neither a text nor a number", err_quote(s->keys[i]));
        struct str part = v->type == JSON_STRING ? json_string(v, &m->arena) : json_text(v);
        if (s->nkeys > 1)
            value_put_key(&m->text, part, i == 0);
        else
            buf_put(&m->text, part);
    }
    if (s->nkeys > 0)
        item->id = buf_str(&m->text);
    return buf_ok(&m->text) ? 0 : err_memory(e);
}

static enum source_got take_record(struct messages *m, struct str name, struct source_item *item,
                                   struct buf *data, struct err *e)
{
    const struct json_node *record = json_get(m->message, STR("record"));
    struct message_stream *s = messages_stream(m, name, e);
    if (s == NULL)
        return SOURCE_FATAL;
    if (m->pick.p != NULL && !str_eq(m->pick, name))
        return messages_leave_out(m, s, item);
    if (s->keys_text.p == NULL)
        err_set(e, "record", "a record of the stream %s, before its SCHEMA", err_quote(name));
    else if (!json_is(record, JSON_OBJECT) || make_id(m, s, record, item, e) == 0)
        return messages_give(m, s, record, item, data, e);
    return messages_refuse(m, item, e);
}

/* ---- all ---- */

/* SOURCE_END: nothing is to be given of it. */
static enum source_got take(struct messages *m, struct source_item *item, struct buf *data, struct err *e)
{
    struct str name = message_text(m, m->message, STR("stream"));
    bool is_record = str_eq(m->type, STR("RECORD")), is_schema = str_eq(m->type, STR("SCHEMA"));
    if ((is_record || is_schema) && name.p == NULL) {
        err_set(e, "record", "%.*s without a stream", (int)m->type.n, m->type.p);
        return messages_refuse(m, item, e);
    }
    if (is_record)
        return take_record(m, name, item, data, e);
    if (is_schema)
        return take_schema(m, name, e) == 0 ? SOURCE_END : messages_refuse(m, item, e);
    if (str_eq(m->type, STR("STATE"))) {
        const struct json_node *value = json_get(m->message, STR("value"));
        if (!json_is(value, JSON_OBJECT)) {
            err_set(e, "record", "STATE without an object as its value");
            return messages_refuse(m, item, e);
        }
        buf_reset(&m->text);
        json_write(&m->text, value);
        return messages_mark(m, item, e);
    }
    return str_eq(m->type, STR("ACTIVATE_VERSION")) ? SOURCE_END : messages_unknown(m, item, e);
}

static enum source_got source_singer_next(void *source, struct source_item *item, struct buf *data,
                                          struct err *e)
{
    struct messages *m = source;
    for (;;) {
        enum source_got got = messages_next(m, item, e);
        if (got == SOURCE_OK)
            got = take(m, item, data, e);
        else
            return got;
        if (got != SOURCE_END)
            return got;
    }
}

const struct source_kind source_singer = {.name = "singer",
                                          .suffixes = "",
                                          .has_messages = true,
                                          .open = source_singer_open,
                                          .next = source_singer_next,
                                          .close = source_singer_close};
