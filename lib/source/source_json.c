/*
 * json: one text, held whole. The records are the items of the list that the pointer names; without a pointer
 * of the text itself. An object where a list could be is one record.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "source/source.h"
#include "source/value.h"

enum { STEP = 256 << 10 };

struct json_source {
    const char *name;
    struct buf text;
    struct value_reader value;
    const struct json_node *at, *end;
    const char *counted; /* lines are counted up to here */
    uint64_t line;
};

static int read_text(struct json_source *s, struct reader from, struct err *e)
{
    for (;;) {
        char *room = buf_room(&s->text, STEP);
        if (room == NULL)
            return err_memory(e);
        ssize_t got = from.read(from.arg, room, STEP, e);
        if (got < 1)
            return (int)got;
        s->text.n += (size_t)got;
        if (s->text.n > JSON_BYTES)
            return err_set(
                e, "limit",
                "a JSON text of more than %d MiB: it is held whole; make NDJSON of it first (jq -c '.[]')",
                JSON_BYTES >> 20);
    }
}

static int find_records(struct json_source *s, struct str pointer, struct err *e)
{
    const struct json_node *v = s->value.tape.node;
    if (pointer.p != NULL)
        v = json_pointer(v, pointer);
    if (v == NULL)
        return err_set(e, "json", "there is nothing at %s", err_quote(pointer));
    if (!json_is(v, JSON_ARRAY) && !json_is(v, JSON_OBJECT))
        return err_set(e, "json", "neither a list nor an object%s%s", pointer.p != NULL ? " at " : "",
                       pointer.p != NULL ? err_quote(pointer) : "");
    s->at = json_is(v, JSON_ARRAY) ? v + 1 : v;
    s->end = json_next(v);
    return 0;
}

static void source_json_close(void *source)
{
    struct json_source *s = source;
    if (s == NULL)
        return;
    buf_release(&s->text);
    value_release(&s->value);
    free(s);
}

static void *source_json_open(const struct input *input, const struct source_options *o, struct err *e)
{
    struct json_source *s = calloc(1, sizeof *s);
    if (s == NULL) {
        err_memory(e);
        return NULL;
    }
    s->name = input->name;
    s->line = 1;
    buf_init(&s->text, JSON_BYTES + 2 * STEP);
    int done = value_init(&s->value) == -1 ? err_memory(e) : 0;
    if (done == 0 && read_text(s, input->bytes, e) == 0 &&
        value_parse(&s->value, buf_str(&s->text), e) == 0 && find_records(s, o->records, e) == 0) {
        s->counted = s->text.p;
        return s;
    }
    if (e->place[0] == '\0')
        err_place(e, "%s", s->name);
    source_json_close(s);
    return NULL;
}

static void count_lines(struct json_source *s, const char *to)
{
    const char *newline;
    while ((newline = memchr(s->counted, '\n', (size_t)(to - s->counted))) != NULL) {
        s->line++;
        s->counted = newline + 1;
    }
}

static enum source_got source_json_next(void *source, struct source_item *item, struct buf *data,
                                        struct err *e)
{
    struct json_source *s = source;
    if (s->at == s->end)
        return SOURCE_END;
    const struct json_node *value = s->at;
    s->at = json_next(value);
    count_lines(s, value->p);
    item->line = s->line;
    item->raw = json_text(value);
    if (value_write(&s->value, value, data, e) == 0)
        return SOURCE_OK;
    err_place(e, "%s:%" PRIu64, s->name, s->line);
    return SOURCE_BAD;
}

const struct source_kind source_json = {.name = "json",
                                        .suffixes = ".json ",
                                        .open = source_json_open,
                                        .next = source_json_next,
                                        .close = source_json_close};
