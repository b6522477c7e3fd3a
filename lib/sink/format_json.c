/*
 * ndjson and json: native records as their data, canonical ones whole (so that what was written can be read
 * as records again).
 */
#include <stdlib.h>

#include "record/write.h"
#include "sink/format.h"

struct format {
    struct json_tape sorted;
    uint64_t records; /* of this file */
};

static void *open_format(const struct format_options *options, struct err *e)
{
    struct format *f = calloc(1, sizeof *f);
    if (options->columns != NULL) {
        err_set(e, "usage", "columns have a meaning for csv and tsv only");
        free(f);
        return NULL;
    }
    if (f == NULL)
        err_memory(e);
    else
        json_tape_init(&f->sorted);
    return f;
}

static void close_format(void *arg)
{
    struct format *f = arg;
    if (f != NULL)
        json_tape_release(&f->sorted);
    free(f);
}

/* VALUE with its keys in order, behind what f->sorted holds; absent stays absent. Nodes move: *AT is the
 * place. */
static bool sort(struct format *f, const struct json_node *value, size_t *at)
{
    *at = f->sorted.n;
    return value == NULL || json_sort(&f->sorted, value);
}

/* The canonical line without its newline, whatever the order in which its keys came. */
static enum format_put put_canonical(struct format *f, struct buf *out, const struct record *r, struct err *e)
{
    struct record sorted = *r;
    size_t data, of;
    f->sorted.n = 0;
    if (!sort(f, r->data, &data) || !sort(f, r->of, &of)) {
        err_memory(e);
        return FORMAT_FATAL;
    }
    sorted.data = r->data != NULL ? f->sorted.node + data : NULL;
    sorted.of = r->of != NULL ? f->sorted.node + of : NULL;
    record_write(out, &sorted);
    if (buf_ok(out))
        out->n--;
    return FORMAT_OK;
}

static enum format_put put_value(struct format *f, struct buf *out, const struct record *r, struct err *e)
{
    if (r->kind == RECORD_CANONICAL)
        return put_canonical(f, out, r, e);
    if (r->kind != RECORD_NATIVE) {
        err_set(e, "record", "neither a native nor a canonical record");
        return FORMAT_REFUSED;
    }
    const struct json_node *content = record_state(r);
    if (content == NULL)
        return FORMAT_NOTHING;
    json_write(out, content);
    return FORMAT_OK;
}

static void nothing(void *arg, struct buf *out)
{
    (void)arg;
    (void)out;
}

static enum format_put put_line(void *arg, struct buf *out, const struct record *r, struct err *e)
{
    enum format_put done = put_value(arg, out, r, e);
    if (done == FORMAT_OK)
        buf_byte(out, '\n');
    return done;
}

static void begin_array(void *arg, struct buf *out)
{
    struct format *f = arg;
    f->records = 0;
    buf_byte(out, '[');
}

static enum format_put put_element(void *arg, struct buf *out, const struct record *r, struct err *e)
{
    struct format *f = arg;
    size_t start = out->n;
    buf_put(out, f->records > 0 ? STR(",\n") : STR("\n"));
    enum format_put done = put_value(f, out, r, e);
    if (done == FORMAT_OK)
        f->records++;
    else
        out->n = start;
    return done;
}

static void end_array(void *arg, struct buf *out)
{
    struct format *f = arg;
    buf_put(out, f->records > 0 ? STR("\n]\n") : STR("]\n"));
}

const struct format_kind format_ndjson = {.name = "ndjson",
                                          .suffixes = ".ndjson .jsonl ",
                                          .open = open_format,
                                          .begin = nothing,
                                          .put = put_line,
                                          .end = nothing,
                                          .close = close_format};

const struct format_kind format_json = {.name = "json",
                                        .suffixes = ".json ",
                                        .open = open_format,
                                        .begin = begin_array,
                                        .put = put_element,
                                        .end = end_array,
                                        .close = close_format};
