#include "source/api_file.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/out.h"

static int spool(struct api_file *f, struct str body, struct err *e)
{
    f->fd = file_unlinked(e);
    if (f->fd == -1)
        return -1;
    if (write_all(f->fd, body, e) == -1)
        return -1;
    return lseek(f->fd, 0, SEEK_SET) == 0 ? 0 : err_errno(e, "cannot be spooled");
}

int api_file_open(struct api_file *f, struct session *s, const struct json_node *call, struct str body,
                  uint64_t memory, struct err *e)
{
    struct system_stream described;
    char path[32];
    *f = (struct api_file){.fd = -1};
    arena_init(&f->arena, 64 << 20);
    buf_init(&f->data, JSON_BYTES);
    fold_init(&f->fold, (size_t)memory);
    f->options.memory = memory;
    if (system_stream_of(&described, s->system, call, STR("file"), &f->arena, e) == -1 ||
        source_options_of_stream(&f->options, &f->input_options, &described, e) == -1 ||
        spool(f, body, e) == -1)
        return -1;
    snprintf(path, sizeof path, "/dev/fd/%d", f->fd);
    if (input_open(&f->input, path, &f->input_options, e) == -1)
        return -1;
    f->has_input = true;
    return 0;
}

void api_file_close(struct api_file *f)
{
    if (f->source != NULL)
        f->kind->close(f->source);
    if (f->has_input)
        input_close(&f->input);
    if (f->fd != -1)
        close(f->fd);
    f->source = NULL;
    f->has_input = false;
    f->fd = -1;
    fold_release(&f->fold);
    buf_release(&f->data);
    arena_release(&f->arena);
}

/* 1: the next file of the answer is open; 0: there is none; -1. */
static int next_input(struct api_file *f, struct err *e)
{
    if (f->source != NULL)
        f->kind->close(f->source);
    f->source = NULL;
    int got = input_next(&f->input, e);
    if (got != 1)
        return got;
    f->kind = source_kind_for(&f->input, &f->options, e);
    if (f->kind != NULL && f->kind->has_messages)
        return err_set(e, "config", "%s is what a program writes, and no answer of an API", f->kind->name);
    f->source = f->kind != NULL ? f->kind->open(&f->input, &f->options, e) : NULL;
    return f->source != NULL ? 1 : -1;
}

static enum source_got next_item(struct api_file *f, struct source_item *item, struct err *e)
{
    for (;;) {
        enum source_got got = f->source != NULL ? f->kind->next(f->source, item, &f->data, e) : SOURCE_END;
        f->line = item->line;
        if (got == SOURCE_LEFT_OUT) /* a footer is no record of an answer */
            continue;
        if (got != SOURCE_END)
            return got;
        int more = next_input(f, e);
        if (more != 1)
            return more == 0 ? SOURCE_END : SOURCE_FATAL;
    }
}

static enum source_got give_group(struct api_file *f, struct err *e)
{
    struct fold_group *g = &f->fold.done;
    f->line = g->line;
    buf_reset(&f->data);
    if (g->refused) {
        buf_put(&f->data, buf_str(&g->raw));
        *e = g->why;
        return SOURCE_BAD;
    }
    buf_put(&f->data, buf_str(&g->json));
    return buf_ok(&f->data) ? SOURCE_OK : (err_memory(e), SOURCE_FATAL);
}

static enum source_got next_group(struct api_file *f, struct err *e)
{
    for (;;) {
        struct source_item item = {0};
        struct err why = {0};
        buf_reset(&f->data);
        enum source_got got = f->ended ? SOURCE_END : next_item(f, &item, &why);
        int closed = 0;
        if (got == SOURCE_FATAL) {
            *e = why;
            return got;
        }
        if (got == SOURCE_END) {
            f->ended = true;
            return fold_end(&f->fold) == 1 ? give_group(f, e) : SOURCE_END;
        }
        closed = got == SOURCE_OK ? fold_row(&f->fold, f->input.name, &item, buf_str(&f->data), e)
                                  : fold_bad(&f->fold, f->input.name, &item, &why, e);
        if (closed != 0)
            return closed == 1 ? give_group(f, e) : SOURCE_FATAL;
    }
}

enum source_got api_file_next(struct api_file *f, struct err *e)
{
    struct source_item item = {0};
    if (f->options.group.p != NULL)
        return next_group(f, e);
    buf_reset(&f->data);
    enum source_got got = next_item(f, &item, e);
    if (got == SOURCE_BAD)
        buf_put(&f->data, item.raw);
    return got;
}
