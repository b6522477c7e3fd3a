/*
 * What hub-canon does with most records needs nothing that is said: several threads do it ahead, each by maps
 * and a contract of its own. A record of which more is to be said (it is refused, a check warns) is left to
 * the first thread, which does all of it again.
 */
#include <stdlib.h>

#include "canon.h"

struct twin {
    struct canon canon; /* the tool's, but for what it runs */
    struct canon *of;
    bool warned;
};

static void warn(void *arg, const struct record *canonical, const char *check, const char *message)
{
    struct twin *w = arg;
    (void)canonical, (void)check, (void)message;
    w->warned = true;
}

static void release(struct twin *w)
{
    where_free(w->canon.where);
    map_set_free(w->canon.maps);
    contract_free(w->canon.contract);
    free(w);
}

static bool load(struct twin *w, const struct canon *t)
{
    struct canon *own = &w->canon;
    struct err e = {0};
    own->contract = contract_twin(t->contract);
    own->maps = own->contract != NULL ? map_set_twin(t->maps, own->contract, warn, w) : NULL;
    if (t->where != NULL && own->maps != NULL)
        own->where = where_compile(own->maps, str_of(t->where_text), "-w", &e);
    return own->maps != NULL && (own->where != NULL) == (t->where != NULL);
}

static void *start(void *arg)
{
    struct canon *t = arg;
    struct twin *w = malloc(sizeof *w);
    if (w == NULL)
        return NULL;
    *w = (struct twin){.canon = *t, .of = t};
    w->canon.contract = NULL;
    w->canon.maps = NULL;
    w->canon.where = NULL;
    w->canon.cmd = NULL;
    if (load(w, t))
        return w;
    release(w);
    return NULL;
}

/* What it saw of records that are not read again is told with the rest. */
static void end(void *state)
{
    struct twin *w = state;
    map_set_join_unread(w->of->maps, w->canon.maps);
    release(w);
}

static int make(void *state, const struct record *r, struct buf *out)
{
    struct twin *w = state;
    struct err e;
    if (r->kind != RECORD_NATIVE && r->kind != RECORD_CANONICAL)
        return -1;
    err_clear(&e);
    w->warned = false;
    int lines = canon_lines(&w->canon, r, out, &e);
    if (w->warned || lines == -1 || !buf_ok(out))
        return -1;
    return map_look_for_unread(w->canon.maps, r, &e) == 0 ? lines : -1;
}

void canon_make_ahead(struct canon *t)
{
    bool one_by_one = t->template == NULL && t->roundtrip == NULL && !t->explain &&
                      t->unread != MAP_UNREAD_KEEP && !map_set_groups(t->maps);
    t->maker = (struct record_maker){start, make, end, t};
    if (one_by_one)
        cmd_make_ahead(t->cmd, &t->maker);
}
