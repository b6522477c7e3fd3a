/*
 * What hub-canon does with most records needs nothing that is said or counted: several threads do it ahead,
 * each by maps and a contract of its own. A record of which more is to be said (it is refused, a check warns)
 * is left to the first thread, which does all of it again.
 */
#include <stdlib.h>

#include "canon.h"

struct twin {
    struct canon canon; /* the tool's, but for what it runs */
    bool warned;
};

static void warn(void *arg, const struct record *canonical, const char *check, const char *message)
{
    struct twin *w = arg;
    (void)canonical, (void)check, (void)message;
    w->warned = true;
}

static void end(void *state)
{
    struct twin *w = state;
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
    const struct canon *t = arg;
    struct twin *w = malloc(sizeof *w);
    if (w == NULL)
        return NULL;
    *w = (struct twin){.canon = *t};
    w->canon.contract = NULL;
    w->canon.maps = NULL;
    w->canon.where = NULL;
    w->canon.cmd = NULL;
    if (load(w, t))
        return w;
    end(w);
    return NULL;
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
    return w->warned ? -1 : lines;
}

void canon_make_ahead(struct canon *t)
{
    bool one_by_one = t->template == NULL && t->roundtrip == NULL && !t->explain &&
                      t->unread != MAP_UNREAD_KEEP && !map_set_groups(t->maps);
    t->maker = (struct record_maker){start, make, end, t};
    t->cmd->in.maker = one_by_one ? &t->maker : NULL;
}
