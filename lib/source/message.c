#include "source/message.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/list.h"

enum { KEPT_MOST = 64 << 20, STREAMS_MOST = 1 << 16 };

int messages_init(struct messages *m, const struct input *input, const struct source_options *o,
                  struct err *e)
{
    *m = (struct messages){.name = input->name, .pick = o->pick};
    lines_init_reader(&m->lines, input->bytes, LINES_MOST);
    arena_init(&m->arena, JSON_BYTES);
    arena_init(&m->kept, KEPT_MOST);
    buf_init(&m->text, JSON_BYTES);
    return value_init(&m->value) == 0 ? 0 : err_memory(e);
}

void messages_release(struct messages *m)
{
    lines_release(&m->lines);
    value_release(&m->value);
    arena_release(&m->arena);
    arena_release(&m->kept);
    buf_release(&m->text);
    free(m->stream);
}

/* ---- messages ---- */

struct str message_text(struct messages *m, const struct json_node *object, struct str key)
{
    const struct json_node *v = json_get(object, key);
    return json_is(v, JSON_STRING) ? json_string(v, &m->arena) : (struct str){0};
}

enum source_got messages_refuse(const struct messages *m, const struct source_item *item, struct err *e)
{
    err_place(e, "%s:%" PRIu64, m->name, item->line);
    return SOURCE_BAD;
}

static int take_apart(struct messages *m, struct str line, struct err *e)
{
    if (value_parse(&m->value, line, e) == -1)
        return -1;
    m->message = m->value.tape.node;
    m->type = message_text(m, m->message, STR("type"));
    return m->type.p != NULL ? 0 : err_set(e, "record", "not a message: an object with a `type` is due");
}

enum source_got messages_next(struct messages *m, struct source_item *item, struct err *e)
{
    enum lines_got got;
    struct str line;
    do {
        got = lines_next(&m->lines, &line, e);
    } while (got == LINES_OK && str_trim(line).n == 0);
    if (got == LINES_END)
        return SOURCE_END;
    *item = (struct source_item){.line = m->lines.number, .raw = line};
    if (got == LINES_FATAL) {
        if (e->place[0] == '\0')
            err_place(e, "%s:%" PRIu64, m->name, m->lines.number + 1);
        return SOURCE_FATAL;
    }
    arena_reset(&m->arena);
    int done = got == LINES_TOO_LONG ? err_set(e, "limit", "a line of more than %d bytes", LINES_MOST)
                                     : take_apart(m, line, e);
    if (done == 0)
        return SOURCE_OK;
    if (!m->lines.unfinished)
        return messages_refuse(m, item, e);
    err_set(e, "cut_off", "cut off: the last line is not whole");
    messages_refuse(m, item, e);
    return SOURCE_FATAL;
}

enum source_got messages_unknown(const struct messages *m, const struct source_item *item, struct err *e)
{
    err_set(e, "record", "a message of the type %s, which is not known: it may hold records",
            err_quote(m->type));
    return messages_refuse(m, item, e);
}

enum source_got messages_mark(struct messages *m, struct source_item *item, struct err *e)
{
    if (!buf_ok(&m->text)) {
        err_memory(e);
        return SOURCE_FATAL;
    }
    item->checkpoint = buf_str(&m->text);
    return SOURCE_MARK;
}

/* ---- streams ---- */

struct message_stream *messages_stream(struct messages *m, struct str name, struct err *e)
{
    for (size_t i = m->nstreams; i > 0; i--)
        if (str_eq(m->stream[i - 1].name, name))
            return &m->stream[i - 1];
    if (m->nstreams == STREAMS_MOST) {
        err_set(e, "limit", "more than %d streams", STREAMS_MOST);
        return NULL;
    }
    struct message_stream *list = list_room(m->stream, m->nstreams, &m->cap, sizeof *list);
    if (list == NULL) {
        err_memory(e);
        return NULL;
    }
    m->stream = list;
    struct message_stream *s = &m->stream[m->nstreams];
    *s = (struct message_stream){.name = arena_str(&m->kept, name)};
    if (s->name.p == NULL) {
        err_memory(e);
        return NULL;
    }
    m->nstreams++;
    return s;
}

enum source_got messages_leave_out(struct messages *m, struct message_stream *s, struct source_item *item)
{
    if (!s->told) {
        buf_reset(&m->text);
        buf_printf(&m->text, "%s:%" PRIu64 ": records of the stream %s are left out: %s is read", m->name,
                   item->line, err_quote(s->name), err_quote(m->pick));
        item->note = buf_str(&m->text);
    }
    s->told = true;
    return SOURCE_LEFT_OUT;
}

enum source_got messages_give(struct messages *m, const struct message_stream *s,
                              const struct json_node *record, struct source_item *item, struct buf *data,
                              struct err *e)
{
    if (record == NULL)
        err_set(e, "record", "has no record");
    else if (value_write(&m->value, record, data, e) == 0) {
        item->stream = s->name;
        return SOURCE_OK;
    }
    return messages_refuse(m, item, e);
}
