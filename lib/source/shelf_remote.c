/*
 * A folder of another machine.
 */
#include "source/shelf.h"

static struct str path(struct shelf *s, struct str name)
{
    struct buf encoded;
    buf_init(&encoded, 1 << 20);
    buf_put(&encoded, s->place);
    url_encode_path(&encoded, name);
    struct str copy = buf_ok(&encoded) ? arena_str(s->arena, buf_str(&encoded)) : (struct str){0};
    buf_release(&encoded);
    return copy;
}

static int list(struct shelf *s, struct buf *names, struct err *e)
{
    if (transfer_list(s->transfer, s->place, names, e) == -1)
        return -1;
    for (size_t i = 0; i < names->n; i++)
        if (names->p[i] == '\n')
            names->p[i] = '\0';
    return 0;
}

static int look(struct shelf *s, struct str name, struct shelf_file *f, struct err *e)
{
    struct str url = path(s, name);
    int64_t seconds = -1;
    if (url.p == NULL)
        return err_memory(e);
    int found = transfer_look(s->transfer, url, &f->size, &seconds, e);
    f->changed = seconds >= 0 ? seconds * 1000000000 : -1;
    return found;
}

static int move(struct shelf *s, struct str name, struct str folder, struct str as, struct err *e)
{
    struct str to = arena_printf(s->arena, "%.*s/%.*s", (int)folder.n, folder.p, (int)as.n, as.p);
    if (to.p == NULL)
        return err_memory(e);
    return transfer_make_folder(s->transfer, s->place, folder, e) == 0
               ? transfer_rename(s->transfer, s->place, name, to, e)
               : -1;
}

const struct shelf_kind shelf_remote = {.list = list, .look = look, .move = move, .path = path};
