#include "source/window.h"

#include <time.h>

#include "system/description.h"

void window_init(struct window *w, const struct json_node *stream)
{
    const struct json_node *said = json_get(stream, STR("window"));
    *w = (struct window){.cap = description_integer(json_get(said, STR("cap")), 0),
                         .span = description_duration(json_get(said, STR("span")), 0)};
}

static bool is_before(const struct instant *a, const struct instant *b)
{
    return a->seconds < b->seconds || (a->seconds == b->seconds && a->nanoseconds < b->nanoseconds);
}

static int begin(struct window *w, const struct since *since, struct err *e)
{
    w->has_start = since_from(since, &w->start);
    w->end = since->has_until ? since->until : (struct instant){.seconds = time(NULL)};
    w->bounded = since->has_until || w->span > 0;
    if (w->span > 0 && !w->has_start && w->latest) {
        w->start = (struct instant){.seconds = w->end.seconds - w->span / 1000};
        w->has_start = true;
    }
    if (w->span > 0 && !w->has_start)
        return err_set(e, "usage",
                       "is read in stretches of time: say from when on (--since 2026-01-01T00:00:00Z)");
    return 0;
}

int window_next(struct window *w, const struct since *since, struct err *e)
{
    if (w->begun && (w->span == 0 || !is_before(&w->to, &w->end)))
        return 0;
    if (!w->begun && begin(w, since, e) == -1)
        return -1;
    if (w->begun)
        w->start = w->to;
    w->to = w->end;
    struct instant stop = w->start;
    stop.seconds += w->span / 1000;
    if (w->span > 0 && is_before(&stop, &w->end))
        w->to = stop;
    w->begun = true;
    window_again(w);
    return 1;
}

void window_again(struct window *w)
{
    w->from = w->start;
    w->has_from = w->has_start;
}

static void bind_time(struct session *s, struct str name, bool some, const struct instant *t)
{
    struct buf text;
    buf_init(&text, 64);
    if (some)
        instant_rfc3339(t, &text);
    bindings_set_text(&s->names, name, some ? buf_str(&text) : (struct str){0});
    buf_release(&text);
}

void window_bind(const struct window *w, struct session *s)
{
    bind_time(s, STR("since"), w->has_from, &w->from);
    bind_time(s, STR("until"), w->bounded, &w->to);
}

int window_full(struct window *w, const struct since *since, uint64_t read, struct err *e)
{
    if (w->cap == 0 || read < (uint64_t)w->cap)
        return 0;
    if (since->has_until && since->has_last && !is_before(&since->last, &since->until))
        return 0;
    if (since->described && !since->in_order)
        return err_set(e, "http",
                       "the search gives no more than %lld records, and not in the order of their times, the "
                       "oldest first: it cannot be moved on",
                       (long long)w->cap);
    if (!since->has_last || (w->has_from && !is_before(&w->from, &since->last)))
        return err_set(e, "http", "more than %lld records of one time: the search cannot be moved on",
                       (long long)w->cap);
    w->from = since->last;
    w->has_from = true;
    return 1;
}
