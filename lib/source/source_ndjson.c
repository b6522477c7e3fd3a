/*
 * ndjson: each line an object. Empty lines are passed over.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/lines.h"
#include "source/source.h"
#include "source/value.h"
#include "json/json.h"

struct ndjson_source {
    const char *name;
    struct lines lines;
    struct value_reader value;
};

static void source_ndjson_close(void *source)
{
    struct ndjson_source *s = source;
    if (s == NULL)
        return;
    lines_release(&s->lines);
    value_release(&s->value);
    free(s);
}

static void *source_ndjson_open(const struct input *input, const struct source_options *o, struct err *e)
{
    (void)o;
    struct ndjson_source *s = calloc(1, sizeof *s);
    if (s == NULL || value_init(&s->value) == -1) {
        free(s);
        err_memory(e);
        return NULL;
    }
    s->name = input->name;
    lines_init_reader(&s->lines, input->bytes, LINES_MOST);
    return s;
}

static enum lines_got next_line(struct ndjson_source *s, struct str *line, struct err *e)
{
    enum lines_got got;
    do {
        got = lines_next(&s->lines, line, e);
    } while (got == LINES_OK && str_trim(*line).n == 0);
    if (got == LINES_FATAL && e->place[0] == '\0')
        err_place(e, "%s:%" PRIu64, s->name, s->lines.number + 1);
    return got;
}

static enum source_got source_ndjson_next(void *source, struct source_item *item, struct buf *data,
                                          struct err *e)
{
    struct ndjson_source *s = source;
    struct str line;
    enum lines_got got = next_line(s, &line, e);
    if (got == LINES_FATAL || got == LINES_END)
        return got == LINES_END ? SOURCE_END : SOURCE_FATAL;
    item->line = s->lines.number;
    item->raw = line;
    int done = got == LINES_TOO_LONG ? err_set(e, "limit", "a line of more than %d bytes", LINES_MOST) : 0;
    if (done == 0)
        done = value_parse(&s->value, line, e);
    if (done == 0)
        done = value_write(&s->value, s->value.tape.node, data, e);
    if (done == 0)
        return SOURCE_OK;
    err_place(e, "%s:%" PRIu64, s->name, item->line);
    return SOURCE_BAD;
}

const struct source_kind source_ndjson = {.name = "ndjson",
                                          .suffixes = ".ndjson .jsonl ",
                                          .open = source_ndjson_open,
                                          .next = source_ndjson_next,
                                          .close = source_ndjson_close};
