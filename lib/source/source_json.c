/*
 * json: texts of any size, one behind the other. The records are the items of the list that the pointer
 * names; without a pointer of the text itself. An object where a list could be is one record.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "source/source.h"
#include "source/value.h"
#include "json/items.h"

struct json_source {
    const char *name;
    struct json_items items;
    struct value_reader value;
};

static void source_json_close(void *source)
{
    struct json_source *s = source;
    if (s == NULL)
        return;
    json_items_release(&s->items);
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
    if (json_items_init(&s->items, input->bytes, o->records, VALUE_DEPTH, e) == 0 &&
        (value_init(&s->value) == 0 || err_memory(e) == 0))
        return s;
    source_json_close(s);
    return NULL;
}

static enum source_got source_json_next(void *source, struct source_item *item, struct buf *data,
                                        struct err *e)
{
    struct json_source *s = source;
    enum json_items_got got = json_items_next(&s->items, e);
    if (got == JSON_ITEMS_END)
        return SOURCE_END;
    item->line = s->items.line;
    item->raw = s->items.text;
    if (got == JSON_ITEMS_OK && value_write(&s->value, s->items.value, data, e) == 0)
        return SOURCE_OK;
    if (e->place[0] == '\0')
        err_place(e, "%s:%" PRIu64, s->name, s->items.line);
    return got == JSON_ITEMS_FATAL ? SOURCE_FATAL : SOURCE_BAD;
}

const struct source_kind source_json = {.name = "json",
                                        .suffixes = ".json ",
                                        .open = source_json_open,
                                        .next = source_json_next,
                                        .close = source_json_close};
