/*
 * template: what a template makes of each record, one after the other.
 */
#include <stdlib.h>

#include "sink/format.h"

struct format {
    const struct format_options *options;
};

static void *open_format(const struct format_options *options, struct err *e)
{
    struct format *f = calloc(1, sizeof *f);
    if (f == NULL) {
        err_memory(e);
        return NULL;
    }
    f->options = options;
    if (options->columns == NULL && !options->safe_cells)
        return f;
    err_set(e, "usage", "%s: columns and cells are what the template says",
            options->safe_cells ? "--safe-cells" : "--columns");
    free(f);
    return NULL;
}

static enum format_put put(void *arg, struct buf *out, const struct record *r, struct err *e)
{
    const struct format_options *options = ((struct format *)arg)->options;
    if (record_state(r) == NULL && !template_tells_deletions(options->template))
        return FORMAT_NOTHING;
    switch (letters_write(options->letters, options->template, r, out, e)) {
    case LETTER_WRONG: return FORMAT_FATAL;
    case LETTER_REFUSED: return FORMAT_REFUSED;
    case LETTER_NOTHING: return FORMAT_LEFT_OUT;
    case LETTER_OK: break;
    }
    return FORMAT_OK;
}

static void nothing(void *arg, struct buf *out)
{
    (void)arg;
    (void)out;
}

static void close_format(void *arg)
{
    free(arg);
}

const struct format_kind format_template = {.name = "template",
                                            .suffixes = "",
                                            .open = open_format,
                                            .begin = nothing,
                                            .put = put,
                                            .end = nothing,
                                            .close = close_format};
