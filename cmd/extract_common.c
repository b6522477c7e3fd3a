#include "extract.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "hub/hub.h"

bool extract_fail(struct extract *x, const struct err *e)
{
    cmd_fail(&x->cmd, e);
    return true;
}

bool extract_fail_description(struct extract *x, const struct err *e)
{
    cmd_fail_diags(&x->cmd, &x->diags, e);
    return true;
}

bool extract_refuse(struct extract *x, struct str raw, struct err *why)
{
    bool stop = strcmp(why->code, "memory") == 0 ? extract_fail(x, why) : cmd_refuse_raw(&x->cmd, raw, why);
    *why = (struct err){0};
    return stop;
}

bool extract_give(struct extract *x, size_t start, const char *name, uint64_t line, struct str raw,
                  struct err *e)
{
    if (native_end(&x->native, &x->cmd.out.buf, start, line, e) == 0)
        return cmd_took(&x->cmd, 1);
    err_place(e, "%s:%" PRIu64, name, line);
    return extract_refuse(x, raw, e);
}

bool extract_give_group(struct extract *x, struct err *e)
{
    struct fold_group *g = &x->fold.done;
    struct buf *out = &x->cmd.out.buf;
    x->cmd.read++;
    if (g->refused)
        return extract_refuse(x, buf_str(&g->raw), &g->why);
    if (native_set_input(&x->native, str_of(g->name.p), e) == -1)
        return extract_fail(x, e);
    size_t start = native_begin(out);
    buf_put(out, buf_str(&g->json));
    return extract_give(x, start, g->name.p, g->line, buf_str(&g->raw), e);
}

/* ---- streams ---- */

bool extract_end_group(struct extract *x)
{
    struct err e = {0};
    return fold_end(&x->fold) == 1 && extract_give_group(x, &e);
}

bool extract_end_stream(struct extract *x, bool end)
{
    struct cmd *c = &x->cmd;
    struct err e = {0};
    if (extract_end_group(x))
        return true;
    struct record_mark mark = {.source = x->source, .stream = buf_str(&x->stream), .end = end};
    return cmd_mark(c, &mark, &e) == -1 && extract_fail(x, &e);
}

bool extract_set_stream(struct extract *x, struct str name)
{
    struct err e = {0};
    buf_reset(&x->next_stream);
    if (x->described.stream.p != NULL) {
        buf_put(&x->next_stream, x->described.stream);
    } else {
        size_t dot = str_find(name, '.');
        buf_put(&x->next_stream, STR("file:"));
        buf_put(&x->next_stream, dot > 0 ? str_slice(name, 0, dot) : name);
    }
    if (!buf_ok(&x->next_stream) || x->next_stream.p == NULL) {
        err_memory(&e);
        return extract_fail(x, &e);
    }
    if (x->stream.n > 0 && !str_eq(buf_str(&x->stream), buf_str(&x->next_stream)) &&
        extract_end_stream(x, false))
        return true;
    struct buf last = x->stream;
    x->stream = x->next_stream;
    x->next_stream = last;
    return native_set_stream(&x->native, x->source, buf_str(&x->stream), &e) == -1 && extract_fail(x, &e);
}

/* ---- checkpoints ---- */

/* One run at a time reads a stream for a hub database, as far as we may say so beside it: what another run
 * reads now would be read twice. */
static int lock_stream(struct extract *x, const char *path, struct err *e)
{
    struct str stream = buf_str(&x->stream);
    struct str name =
        arena_printf(&x->arena, "%.*s-%.*s", (int)x->source.n, x->source.p, (int)stream.n, stream.p);
    if (name.p == NULL)
        return err_memory(e);
    int lock = file_lock_part(path, "read", name, e);
    if (lock == -1 && e->temporary)
        return err_set(e, "busy", "another run reads %.*s of %.*s for this hub", (int)stream.n, stream.p,
                       (int)x->source.n, x->source.p);
    if (lock == -1)
        err_clear(e);
    x->reading = lock + 1;
    return 0;
}

/* Where the hub database says that the stream stands; nothing where it says nothing, or is being made by who
 * loads what we read: while it is empty, nobody may stand in the way of that. */
static int read_bookmark(struct extract *x, const struct json_node **checkpoint, struct err *e)
{
    static const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES};
    const char *path = cmd_database(x->database);
    struct str text;
    struct stat st;
    if (path == NULL)
        return 0;
    if (lock_stream(x, path, e) == -1)
        return -1;
    if (stat(path, &st) == -1 || st.st_size == 0)
        return 0;
    struct hub *hub = hub_open(path, HUB_READS_FIRST, e);
    if (hub == NULL)
        return -1;
    int done = hub_checkpoint(hub, x->source, buf_str(&x->stream), &text, e);
    if (done == 0 && text.p != NULL) {
        buf_reset(&x->after);
        buf_put(&x->after, text);
        struct str copy = arena_str(&x->arena, text);
        done = copy.p == NULL ? err_memory(e) : json_parse(&x->bookmark, copy, &limits, NULL, e);
        *checkpoint = done == 0 && !x->full ? x->bookmark.node : NULL;
    }
    hub_close(hub);
    return done;
}

int extract_open_state(struct extract *x, const struct json_node **checkpoint, struct err *e)
{
    if (x->state_path == NULL)
        return read_bookmark(x, checkpoint, e);
    if (state_open(&x->state, x->state_path, e) == -1)
        return -1;
    x->state_open = true;
    *checkpoint = x->full ? NULL : x->state.checkpoint;
    if (x->state.checkpoint != NULL)
        json_write(&x->after, x->state.checkpoint);
    return 0;
}

void extract_close_state(struct extract *x)
{
    if (x->state_open)
        state_close(&x->state);
    x->state_open = false;
    if (x->reading > 0)
        close(x->reading - 1);
    x->reading = 0;
}

static int write_mark(struct extract *x, struct json_tape *now, struct json_tape *before, bool end,
                      struct err *e)
{
    struct record_mark mark = {.source = x->source, .stream = buf_str(&x->stream), .end = end};
    if (x->checkpoint.n > 0) {
        if (json_parse_made(now, &x->checkpoint, e) == -1)
            return -1;
        mark.checkpoint = now->node;
    }
    if (x->after.n > 0) {
        if (json_parse_made(before, &x->after, e) == -1)
            return -1;
        mark.after = before->node;
    }
    return cmd_mark(&x->cmd, &mark, e);
}

bool extract_mark(struct extract *x, bool some, bool end)
{
    struct err e = {0};
    struct cmd *c = &x->cmd;
    if (!some && !end)
        return false;
    if (!some) {
        buf_reset(&x->checkpoint);
        buf_put(&x->checkpoint, x->after.n > 0 ? buf_str(&x->after) : STR(""));
    }
    struct json_tape now, before;
    json_tape_init(&now);
    json_tape_init(&before);
    int done = write_mark(x, &now, &before, end, &e);
    json_tape_release(&now);
    json_tape_release(&before);
    if (done == 0 && some && x->state_path != NULL && !c->failed && (done = out_flush(&c->out, &e)) == 0)
        done = state_put(&x->state, buf_str(&x->checkpoint), &e);
    struct buf last = x->after;
    x->after = x->checkpoint;
    x->checkpoint = last;
    return done == -1 && extract_fail(x, &e);
}

/* ---- waiting ---- */

int extract_flush(void *arg, struct err *e)
{
    struct extract *x = arg;
    struct out *out = &x->cmd.out;
    if (x->begun)
        out->buf.n = x->start;
    int done = out_flush(out, e);
    if (done == -1)
        err_place(e, "stdout");
    if (x->begun)
        x->start = native_begin(&out->buf);
    return done;
}
