#include "source/steps.h"

#include "base/clock.h"

enum { EVERY = 5000, LIMIT = 6 * 3600 * 1000 };

static int call(struct session *s, struct exchange *x, const struct json_node *step, struct err *e)
{
    struct view v;
    session_view(s, &v, NULL, NULL);
    if (session_start(s, x, step, &v, NULL, e) == -1)
        return -1;
    enum session_got got = session_finish(s, x, e);
    if (got == SESSION_NONE)
        err_set(e, "http", "%d: a step is due an answer", x->answer->status);
    return got == SESSION_OK ? 0 : -1;
}

static int run(struct session *s, struct exchange *x, const struct json_node *step, struct err *e)
{
    const struct description *d = &s->system->described;
    const struct text *until = description_text(d, json_get(step, STR("until")));
    int64_t every = description_duration(json_get(step, STR("every")), EVERY);
    int64_t end = clock_now() + description_duration(json_get(step, STR("limit")), LIMIT);
    for (;;) {
        struct view v;
        if (call(s, x, step, e) == -1)
            return -1;
        session_view(s, &v, x->value, x);
        int done = until != NULL ? text_test(until, &v, e) : 1;
        if (done != 0)
            return done == 1 ? 0 : -1;
        if (s->http == NULL)
            continue; /* the answers that were waited for come one behind the other */
        if (clock_now() + every > end) {
            e->temporary = true;
            return err_set(e, "http", "was not done within its limit");
        }
        if (session_sleep(s, every, e) == -1)
            return -1;
    }
}

int steps_run(struct session *s, const struct json_node *stream, const struct json_node **last, struct err *e)
{
    const struct json_node *steps = json_get(stream, STR("steps"));
    const struct json_node *end = steps != NULL ? json_next(steps) : NULL;
    struct exchange x;
    int done = 0;
    *last = stream;
    exchange_init(&x);
    for (const struct json_node *step = steps != NULL ? steps + 1 : NULL; step < end && done == 0;
         step = json_next(step)) {
        struct str name = description_string(&s->system->described, json_get(step, STR("name")));
        *last = step;
        if (json_next(step) == end)
            break;
        done = run(s, &x, step, e);
        if (done == 0 && name.p != NULL)
            bindings_set(&s->names, name, x.value);
        if (done == -1 && name.p != NULL && e->place[0] == '\0')
            err_place(e, "%.*s: step %.*s", (int)s->system->source.n, s->system->source.p, (int)name.n,
                      name.p);
    }
    exchange_release(s, &x);
    return done;
}
