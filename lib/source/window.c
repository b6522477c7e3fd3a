#include "source/window.h"

#include <time.h>

#include "system/description.h"

void window_init(struct window *w, const struct json_node *stream)
{
    const struct json_node *said = json_get(stream, STR("window"));
    *w = (struct window){.cap = description_integer(json_get(said, STR("cap")), 0),
                         .span = description_duration(json_get(said, STR("span")), 0)};
}

static void bind_time(struct session *s, struct str name, const struct instant *t)
{
    struct buf text;
    buf_init(&text, 64);
    instant_rfc3339(t, &text);
    bindings_set_text(&s->names, name, buf_str(&text));
    buf_release(&text);
}

static bool is_before(const struct instant *a, const struct instant *b)
{
    return a->seconds < b->seconds || (a->seconds == b->seconds && a->nanoseconds < b->nanoseconds);
}

static int begin(struct window *w, struct session *s, struct since *since, struct err *e)
{
    bool some = since_from(since, &w->from);
    if (some)
        bind_time(s, STR("since"), &w->from);
    else
        bindings_set(&s->names, STR("since"), NULL);
    w->end = since->has_until ? since->until : (struct instant){.seconds = time(NULL)};
    w->bounded = since->has_until || w->span > 0;
    if (w->span > 0 && !some)
        return err_set(e, "usage",
                       "is read in stretches of time: say from when on (--since 2026-01-01T00:00:00Z)");
    return 0;
}

int window_next(struct window *w, struct session *s, struct since *since, struct err *e)
{
    if (w->begun && (w->span == 0 || !is_before(&w->to, &w->end)))
        return 0;
    if (!w->begun && begin(w, s, since, e) == -1)
        return -1;
    if (w->begun)
        w->from = w->to;
    w->to = w->end;
    struct instant stop = w->from;
    stop.seconds += w->span / 1000;
    if (w->span > 0 && is_before(&stop, &w->end))
        w->to = stop;
    if (w->span > 0)
        bind_time(s, STR("since"), &w->from);
    if (w->bounded)
        bind_time(s, STR("until"), &w->to);
    w->begun = true;
    return 1;
}

int window_full(struct window *w, struct session *s, struct since *since, uint64_t read, struct err *e)
{
    if (w->cap == 0 || read < (uint64_t)w->cap)
        return 0;
    if (!since->described || !since->has_high || (w->from.seconds != 0 && !is_before(&w->from, &since->high)))
        return err_set(e, "http", "more than %lld records of one time: the search cannot be moved on",
                       (long long)w->cap);
    w->from = since->high;
    bind_time(s, STR("since"), &w->from);
    return 1;
}
