#include "source/fold.h"

#include <inttypes.h>

static void group_init(struct fold_group *g)
{
    *g = (struct fold_group){0};
    buf_init(&g->json, FOLD_GROUP_MOST);
    buf_init(&g->raw, FOLD_GROUP_MOST);
    buf_init(&g->key, FOLD_GROUP_MOST);
    buf_init(&g->name, FOLD_GROUP_MOST);
}

static void group_release(struct fold_group *g)
{
    buf_release(&g->json);
    buf_release(&g->raw);
    buf_release(&g->key);
    buf_release(&g->name);
}

void fold_init(struct fold *f, size_t max)
{
    *f = (struct fold){0};
    group_init(&f->done);
    group_init(&f->now);
    seen_init(&f->seen, max);
}

void fold_release(struct fold *f)
{
    group_release(&f->done);
    group_release(&f->now);
    seen_release(&f->seen);
}

static void refuse(struct fold_group *g, const struct err *why)
{
    if (!g->refused)
        g->why = *why;
    g->refused = true;
}

/* Closes the open group, if there is one: 1 or 0. */
static int close_group(struct fold *f)
{
    if (!f->now.open)
        return 0;
    buf_put(&f->now.json, STR("]}"));
    struct fold_group done = f->now;
    f->now = f->done;
    f->done = done;
    f->now.open = false;
    return 1;
}

static void open_group(struct fold *f, const char *name, const struct source_item *item)
{
    struct fold_group *g = &f->now;
    buf_reset(&g->json);
    buf_reset(&g->raw);
    buf_reset(&g->key);
    buf_reset(&g->name);
    buf_put(&g->json, STR("{\"rows\":["));
    buf_put(&g->name, str_of(name));
    buf_byte(&g->name, '\0');
    g->line = item->line;
    g->open = true;
    g->refused = false;
}

static void put_raw(struct fold_group *g, struct str raw)
{
    /* The last row of a file may lack its end of line, and a row of the next file follow it. */
    if (g->raw.n > 0 && g->raw.p[g->raw.n - 1] != '\n' && g->raw.p[g->raw.n - 1] != '\r')
        buf_byte(&g->raw, '\n');
    buf_put(&g->raw, raw);
}

static int check_size(const struct fold_group *g, struct err *e)
{
    if (buf_ok(&g->json) && buf_ok(&g->raw) && buf_ok(&g->key) && buf_ok(&g->name))
        return 0;
    if (g->json.n + g->raw.n < FOLD_GROUP_MOST / 4)
        err_memory(e);
    else
        err_set(e, "limit", "the rows from here on with the same %s pass %d MiB: is it a column to group by?",
                err_quote(buf_str(&g->key)), FOLD_GROUP_MOST >> 20);
    err_place(e, "%s:%" PRIu64, g->name.p != NULL ? g->name.p : "", g->line);
    return -1;
}

static int out_of_keys(const struct fold *f, struct err *e)
{
    err_set(e, "memory", "the keys of the groups pass %zu bytes: allow more with -M", f->seen.max);
    err_place(e, "%s:%" PRIu64, f->now.name.p, f->now.line);
    return -1;
}

/* A new group with the key of this row; it may be refused from the start. */
static int begin(struct fold *f, const char *name, const struct source_item *item, struct err *e)
{
    struct fold_group *g = &f->now;
    open_group(f, name, item);
    buf_put(&g->key, item->key);
    if (check_size(g, e) == -1)
        return -1;
    if (f->torn)
        refuse(g, &f->torn_by);
    f->torn = false;
    int added = seen_add(&f->seen, item->key);
    if (added == -1)
        return out_of_keys(f, e);
    if (added == 0) {
        struct err why = {0};
        err_set(&why, "group",
                "rows with %s came before, and others between: sort the rows by that column first",
                err_quote(item->key));
        err_place(&why, "%s:%" PRIu64, name, item->line);
        refuse(g, &why);
    }
    return 0;
}

int fold_row(struct fold *f, const char *name, const struct source_item *item, struct str json, struct err *e)
{
    if (item->key.n == 0) {
        struct err why = {0};
        err_set(&why, "group", "the cell to group by is empty");
        err_place(&why, "%s:%" PRIu64, name, item->line);
        return fold_bad(f, name, item, &why, e);
    }
    int closed = 0;
    if (!f->now.open || f->torn || !str_eq(buf_str(&f->now.key), item->key)) {
        closed = close_group(f);
        if (begin(f, name, item, e) == -1)
            return -1;
    } else {
        buf_byte(&f->now.json, ',');
    }
    buf_put(&f->now.json, json);
    put_raw(&f->now, item->raw);
    return check_size(&f->now, e) == -1 ? -1 : closed;
}

/* What belongs to neither side stays with the group before, or stands alone where there is none. */
int fold_bad(struct fold *f, const char *name, const struct source_item *item, const struct err *why,
             struct err *e)
{
    if (!f->now.open)
        open_group(f, name, item);
    put_raw(&f->now, item->raw);
    refuse(&f->now, why);
    f->torn = true;
    f->torn_by = (struct err){0};
    err_set(&f->torn_by, "group", "the row before cannot be read, and may be one of these: %s", why->message);
    err_place(&f->torn_by, "%s", why->place);
    return check_size(&f->now, e);
}

int fold_end(struct fold *f)
{
    f->torn = false;
    seen_clear(&f->seen);
    return close_group(f);
}
