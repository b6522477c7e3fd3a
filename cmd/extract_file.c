/*
 * Files, archives, standard input.
 */
#include "extract.h"

/* Of messages without -s each record has its own stream. */
static bool set_record_stream(struct extract *x, struct str stream, struct err *e)
{
    struct buf *last = &x->record_stream;
    if (stream.p == NULL || x->described.stream.p != NULL || (last->n > 0 && str_eq(buf_str(last), stream)))
        return false;
    buf_reset(last);
    buf_put(last, stream);
    struct buf *name = &x->next_stream;
    buf_reset(name);
    buf_put(name, STR("file:"));
    buf_put(name, stream);
    int done = buf_ok(last) && buf_ok(name) ? native_set_stream(&x->native, x->source, buf_str(name), e)
                                            : err_memory(e);
    return done == -1 && extract_fail(x, e);
}

/* What is no record; true to stop. */
static bool take_message(struct extract *x, enum source_got got, const struct source_item *item)
{
    bool stop = false;
    if (item->note.p != NULL)
        cmd_say(&x->cmd, "%.*s", (int)item->note.n, item->note.p);
    if (got == SOURCE_LEFT_OUT) {
        x->cmd.read++;
        stop = cmd_left_out(&x->cmd);
    }
    if (got == SOURCE_MARK && !str_eq(buf_str(&x->after), item->checkpoint)) {
        buf_reset(&x->checkpoint);
        buf_put(&x->checkpoint, item->checkpoint);
        stop = extract_mark(x, true, false);
    }
    return stop;
}

static bool take_items(struct extract *x, const struct source_kind *kind, void *source,
                       const struct input *in)
{
    struct buf *out = &x->cmd.out.buf;
    struct source_item item = {0};
    struct err e = {0};
    for (bool stop = false; !stop;) {
        x->start = native_begin(out);
        x->begun = true;
        enum source_got got = kind->next(source, &item, out, &e);
        x->begun = false;
        x->cmd.raw_bytes = x->bytes_before + input_bytes(in);
        if (got == SOURCE_OK) {
            x->cmd.read++;
            x->native.given = item.id;
            stop = set_record_stream(x, item.stream, &e) ||
                   extract_give(x, x->start, in->name, item.line, item.raw, &e);
            continue;
        }
        out->n = x->start;
        if (got == SOURCE_END || got == SOURCE_FATAL)
            return got == SOURCE_FATAL && extract_fail(x, &e);
        if (got != SOURCE_BAD) {
            stop = take_message(x, got, &item);
            continue;
        }
        x->cmd.read++;
        stop = extract_refuse(x, item.raw, &e);
    }
    return true;
}

static bool take_rows(struct extract *x, const struct source_kind *kind, void *source, const struct input *in)
{
    struct source_item item = {0};
    struct err e = {0}, why;
    for (;;) {
        buf_reset(&x->row);
        enum source_got got = kind->next(source, &item, &x->row, &e);
        x->cmd.raw_bytes = x->bytes_before + input_bytes(in);
        if (got == SOURCE_END || got == SOURCE_FATAL)
            return got == SOURCE_FATAL && extract_fail(x, &e);
        if (got != SOURCE_OK && got != SOURCE_BAD) {
            if (take_message(x, got, &item))
                return true;
            continue;
        }
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

static int prepare(struct extract *x, const struct source_kind *kind, struct err *e)
{
    x->native.given = (struct str){0};
    buf_reset(&x->record_stream);
    if (kind->has_messages && x->in_folder)
        return err_set(e, "usage", "what a tap writes has a state of its own, and is read alone");
    if (!kind->has_messages && x->state_path != NULL && !x->in_folder)
        return err_set(e, "usage",
                       "--state is for a stream of an API (CONNECTION:STREAM), for a folder, and for singer "
                       "and airbyte");
    if (!kind->has_messages)
        return 0;
    return x->state_open ? 0 : extract_open_state(x, &x->options.checkpoint, e);
}

static bool take_member(struct extract *x, const struct input *in)
{
    struct err e = {0};
    const struct source_kind *kind = source_kind_for(in, &x->options, &e);
    if (kind == NULL)
        return extract_fail(x, &e);
    if (prepare(x, kind, &e) == -1)
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

bool extract_take_file(struct extract *x, const char *path)
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
    .takes = "format group members records parent delimiter encoding skip footer unpivot state",
    .take = extract_take_file,
};
