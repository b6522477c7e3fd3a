#include "source/state.h"

#include <errno.h>
#include <unistd.h>

#include "base/file.h"

enum { STATE_MOST = 16 << 20 };

/* A lock of a file beside it: the file itself is replaced with each checkpoint. */
static int take_lock(struct state *s, struct err *e)
{
    struct str name = arena_printf(&s->arena, "%s.lock", s->path);
    if (name.p == NULL)
        return err_memory(e);
    s->lock = file_lock(name.p, false, e);
    if (s->lock == -1 && e->temporary)
        err_set(e, "busy", "another run reads with this state");
    return s->lock != -1 ? 0 : -1;
}

static int read_checkpoint(struct state *s, struct err *e)
{
    static const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = STATE_MOST};
    struct str text;
    if (access(s->path, F_OK) == -1 && errno == ENOENT)
        return 0;
    if (file_read(&text, s->path, STATE_MOST, &s->arena, e) == -1)
        return -1;
    if (str_trim(text).n == 0)
        return 0;
    int done = json_parse(&s->tape, text, &limits, NULL, e);
    if (done == 0 && !json_is(s->tape.node, JSON_OBJECT) && !json_is(s->tape.node, JSON_ARRAY))
        done = err_set(e, "json", "not a checkpoint: neither an object nor a list");
    if (done == -1)
        err_place(e, "%s", s->path);
    s->checkpoint = done == 0 ? s->tape.node : NULL;
    return done;
}

int state_open(struct state *s, const char *path, struct err *e)
{
    *s = (struct state){.path = path, .lock = -1};
    arena_init(&s->arena, 4 * (size_t)STATE_MOST);
    json_tape_init(&s->tape);
    return take_lock(s, e) == 0 ? read_checkpoint(s, e) : -1;
}

int state_put(struct state *s, struct str checkpoint, struct err *e)
{
    struct file_write w;
    if (file_write_open(&w, s->path, 0600, e) == -1)
        return -1;
    buf_put(&w.out.buf, checkpoint);
    buf_byte(&w.out.buf, '\n');
    return file_write_commit(&w, e);
}

void state_close(struct state *s)
{
    if (s->lock != -1)
        close(s->lock);
    s->lock = -1;
    json_tape_release(&s->tape);
    arena_release(&s->arena);
}
