/*
 * Files, archives, standard input.
 */
#include "extract.h"

static bool take_items(struct extract *x, const struct source_kind *kind, void *source,
                       const struct input *in)
{
    struct buf *out = &x->cmd.out.buf;
    struct source_item item;
    struct err e = {0};
    for (bool stop = false; !stop;) {
        x->start = native_begin(out);
        x->begun = true;
        enum source_got got = kind->next(source, &item, out, &e);
        x->begun = false;
        x->cmd.raw_bytes = x->bytes_before + input_bytes(in);
        if (got == SOURCE_OK) {
            x->cmd.read++;
            stop = extract_give(x, x->start, in->name, item.line, item.raw, &e);
            continue;
        }
        out->n = x->start;
        if (got != SOURCE_BAD)
            return got == SOURCE_FATAL && extract_fail(x, &e);
        x->cmd.read++;
        stop = extract_refuse(x, item.raw, &e);
    }
    return true;
}

static bool take_rows(struct extract *x, const struct source_kind *kind, void *source, const struct input *in)
{
    struct source_item item;
    struct err e = {0}, why;
    for (;;) {
        buf_reset(&x->row);
        enum source_got got = kind->next(source, &item, &x->row, &e);
        x->cmd.raw_bytes = x->bytes_before + input_bytes(in);
        if (got != SOURCE_OK && got != SOURCE_BAD)
            return got == SOURCE_FATAL && extract_fail(x, &e);
        int closed;
        if (got == SOURCE_OK) {
            closed = fold_row(&x->fold, in->name, &item, buf_str(&x->row), &e);
        } else {
            why = e;
            e = (struct err){0};
            closed = fold_bad(&x->fold, in->name, &item, &why, &e);
        }
        if (closed == -1)
            return extract_fail(x, &e);
        if (closed == 1 && extract_give_group(x, &e))
            return true;
    }
}

/* ---- inputs ---- */

static bool take_member(struct extract *x, const struct input *in)
{
    struct err e = {0};
    const struct source_kind *kind = source_kind_for(in, &x->options, &e);
    if (kind == NULL)
        return extract_fail(x, &e);
    if (extract_set_stream(x, in->file))
        return true;
    void *source = kind->open(in, &x->options, &e);
    if (source == NULL || native_set_input(&x->native, str_of(in->name), &e) == -1) {
        kind->close(source);
        return extract_fail(x, &e);
    }
    bool stop = x->options.group.p != NULL ? take_rows(x, kind, source, in) : take_items(x, kind, source, in);
    kind->close(source);
    return stop;
}

static bool take_source(struct extract *x, const char *path)
{
    struct err e = {0};
    struct input in;
    if (input_open(&in, path, &x->input, &e) == -1)
        return extract_fail(x, &e);
    int got;
    bool stop = cmd_check_input(&x->cmd, in.fd.fd, path, &e) == -1 && extract_fail(x, &e);
    while (!stop && (got = input_next(&in, &e)) != 0)
        stop = got == -1 ? extract_fail(x, &e) : take_member(x, &in);
    x->bytes_before += input_bytes(&in);
    input_close(&in);
    return stop;
}

const struct extract_kind extract_file = {
    .what = "files",
    .takes = "format group members records parent delimiter skip",
    .take = take_source,
};
