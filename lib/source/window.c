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

static int parse(struct instant *out, struct str text, struct err *e)
{
    struct str why;
    if (instant_parse_rfc3339(out, text, &why))
        return 0;
    return err_set(e, "usage", "not a time: %s: %.*s", err_quote(text), (int)why.n, why.p);
}

static int begin(struct window *w, struct session *s, struct since *since, struct str until, struct err *e)
{
    struct buf from;
    buf_init(&from, 64);
    bool some = since_text(since, &from);
    bindings_set_text(&s->names, STR("since"), some ? buf_str(&from) : (struct str){0});
    int done = some ? parse(&w->from, buf_str(&from), e) : 0;
    buf_release(&from);
    if (done == 0 && until.p != NULL)
        done = parse(&w->end, until, e);
    else
        w->end = (struct instant){.seconds = time(NULL)};
    w->bounded = until.p != NULL || w->span > 0;
    if (done == 0 && w->span > 0 && !some)
        return err_set(e, "usage",
                       "is read in stretches of time: say from when on (--since 2026-01-01T00:00:00Z)");
    return done;
}

int window_next(struct window *w, struct session *s, struct since *since, struct str until, struct err *e)
{
    if (w->begun && (w->span == 0 || !is_before(&w->to, &w->end)))
        return 0;
    if (!w->begun && begin(w, s, since, until, e) == -1)
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
