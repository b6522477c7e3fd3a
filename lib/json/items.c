#include "json/items.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/pointer.h"

enum {
    TOKENS_MOST = JSON_DEPTH,
    BESIDE = 1 << 20 /* bytes of a value beside the list that is checked in one piece */
};

/* ---- the pointer ---- */

static int take_pointer(struct json_items *it, struct str pointer, struct err *e)
{
    it->pointer = pointer;
    it->token = arena_array(&it->arena, TOKENS_MOST, sizeof *it->token);
    if (it->token == NULL)
        return err_memory(e);
    while (pointer.n > 0) {
        if (pointer.p[0] != '/')
            return err_set(e, "usage", "no JSON Pointer: %s", err_quote(it->pointer));
        if (it->ntokens == TOKENS_MOST)
            return err_set(e, "limit", "a JSON Pointer of more than %d steps", TOKENS_MOST);
        it->token[it->ntokens] = pointer_step(&pointer, &it->arena);
        if (it->token[it->ntokens++].p == NULL)
            return err_memory(e);
    }
    return 0;
}

int json_items_init(struct json_items *it, struct reader from, struct str pointer, size_t depth,
                    struct err *e)
{
    *it = (struct json_items){.limits = {.depth = depth, .bytes = JSON_BYTES}};
    json_stream_init(&it->in, from);
    arena_init(&it->arena, JSON_BYTES);
    if (take_pointer(it, pointer, e) == 0)
        return 0;
    json_items_release(it);
    return -1;
}

void json_items_release(struct json_items *it)
{
    json_stream_release(&it->in);
    arena_release(&it->arena);
}

/* ---- containers around ---- */

static int due(const struct json_items *it, int c, const char *what, struct err *e)
{
    if (c == JSON_STREAM_FAILED)
        return -1;
    if (c == JSON_STREAM_END)
        return err_set(e, "cut_off", "the text ends where %s is due, at byte %" PRIu64, what, it->in.offset);
    return err_set(e, "json", "%s is due, at byte %" PRIu64, what, it->in.offset);
}

static int enter(struct json_items *it, int c, bool on_path, struct err *e)
{
    if (it->depth == JSON_DEPTH)
        return err_set(e, "limit", "nested deeper than %d, at byte %" PRIu64, JSON_DEPTH, it->in.offset);
    it->frame[it->depth++] = (struct items_frame){.is_object = c == '{', .is_on_path = on_path};
    json_stream_step(&it->in);
    return 0;
}

static void leave(struct json_items *it)
{
    json_stream_step(&it->in);
    it->depth--;
    it->in_list = false;
}

/* A text has ended. */
static int end_text(struct json_items *it, struct err *e)
{
    if (it->depth > 0 || it->found)
        return 0;
    it->line = it->text_line;
    return err_set(e, "json", "there is nothing at %s", err_quote(it->pointer));
}

/* A value that is no item, and is not kept: with E what it is not. */
static int expect_value(struct json_items *it, const struct json_limits *limits, struct err *e)
{
    enum json_stream_got got = json_stream_value(&it->in, limits, e);
    return got == JSON_STREAM_OK ? 0 : got == JSON_STREAM_LONG ? 1 : -1;
}

/* A key with its colon. 1: it is the one of the path, 0: it is not, -1. */
static int read_key(struct json_items *it, struct items_frame *f, int c, struct err *e)
{
    if (c != '"')
        return due(it, c, f->has_values ? "a key" : "a key or \"}\"", e);
    int done = expect_value(it, &it->limits, e);
    if (done != 0)
        return done == -1 ? -1 : err_set(e, "limit", "a key of more than %d MiB", JSON_BYTES >> 20);
    bool wanted = f->is_on_path && json_string_is(it->in.tape.node, it->token[it->depth - 1]);
    if (wanted && f->was_taken)
        return err_set(e, "json", "the key %s stands twice in one object, before byte %" PRIu64,
                       err_quote(it->token[it->depth - 1]), it->in.offset);
    f->was_taken |= wanted;
    c = json_stream_peek(&it->in, e);
    if (c != ':')
        return due(it, c, "\":\"", e);
    json_stream_step(&it->in);
    return wanted;
}

/* An index as RFC 6901 §4 writes it. */
static bool is_index(struct str token, uint64_t index)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRIu64, index);
    return n > 0 && str_eq(token, (struct str){text, (size_t)n});
}

/* From behind a value, or a bracket, to the next value of the innermost container. 1: there it is, and
 * *ON_PATH whether it is what the path goes through; 0: the container has ended; -1. */
static int next_value(struct json_items *it, bool *on_path, struct err *e)
{
    struct items_frame *f = &it->frame[it->depth - 1];
    int c = json_stream_peek(&it->in, e);
    if (c == (f->is_object ? '}' : ']')) {
        leave(it);
        return 0;
    }
    if (f->has_values) {
        if (c != ',')
            return due(it, c, f->is_object ? "\",\" or \"}\"" : "\",\" or \"]\"", e);
        json_stream_step(&it->in);
        c = json_stream_peek(&it->in, e);
    }
    int wanted =
        f->is_object ? read_key(it, f, c, e) : f->is_on_path && is_index(it->token[it->depth - 1], f->next++);
    f->has_values = true;
    *on_path = wanted > 0;
    return wanted == -1 ? -1 : 1;
}

/* What stands beside the path: in one piece where it is short, else what it holds, one by one. */
static int pass_beside(struct json_items *it, int c, struct err *e)
{
    struct json_limits limits = {.depth = JSON_DEPTH - it->depth, .bytes = BESIDE};
    int done = expect_value(it, &limits, e);
    if (done == 1 && (c == '{' || c == '[')) {
        err_clear(e);
        return enter(it, c, false, e);
    }
    if (done == 1)
        done = expect_value(it, &it->limits, e);
    return done == 0 ? end_text(it, e) : -1;
}

/* ---- items ---- */

static enum json_items_got give(struct json_items *it, struct err *e)
{
    it->line = it->in.line;
    enum json_stream_got got = json_stream_value(&it->in, &it->limits, e);
    if (got == JSON_STREAM_LONG) {
        err_set(e, "limit", "an item of more than %d MiB, at byte %" PRIu64, JSON_BYTES >> 20, it->in.offset);
        got = json_stream_pass(&it->in, e);
    }
    it->value = it->in.tape.node;
    it->text = it->in.text;
    return got == JSON_STREAM_OK ? JSON_ITEMS_OK : got == JSON_STREAM_BAD ? JSON_ITEMS_BAD : JSON_ITEMS_FATAL;
}

/* What the pointer names: 1: an item, 0: a list, -1. */
static int take_target(struct json_items *it, int c, struct err *e)
{
    it->found = true;
    it->in_list = c == '[';
    if (it->in_list)
        return enter(it, c, false, e);
    if (c == '{')
        return 1;
    if (c < 0)
        return due(it, c, "a value", e);
    return err_set(e, "json", "neither a list nor an object%s%s, at byte %" PRIu64,
                   it->ntokens > 0 ? " at " : "", it->ntokens > 0 ? err_quote(it->pointer) : "",
                   it->in.offset);
}

/* 1: an item stands here; 0: on the way; -1. */
static int advance(struct json_items *it, struct err *e)
{
    bool on_path = true;
    it->line = it->in.line;
    int here = it->depth > 0 ? next_value(it, &on_path, e) : 1;
    if (here == 0)
        return end_text(it, e);
    if (here == -1)
        return -1;
    if (it->in_list)
        return 1;
    int c = json_stream_peek(&it->in, e);
    if (it->depth == 0) {
        it->texts++;
        it->text_line = it->in.line;
        it->found = false;
    }
    if (on_path && it->depth == it->ntokens)
        return take_target(it, c, e);
    if (on_path && (c == '{' || c == '['))
        return enter(it, c, true, e);
    return c < 0 ? due(it, c, "a value", e) : pass_beside(it, c, e);
}

enum json_items_got json_items_next(struct json_items *it, struct err *e)
{
    for (;;) {
        if (it->depth == 0 && it->texts > 0) {
            int c = json_stream_peek(&it->in, e);
            if (c < 0)
                return c == JSON_STREAM_END ? JSON_ITEMS_END : JSON_ITEMS_FATAL;
        }
        int here = advance(it, e);
        if (here != 0)
            return here == 1 ? give(it, e) : JSON_ITEMS_FATAL;
    }
}
