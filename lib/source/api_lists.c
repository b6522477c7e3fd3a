#include "source/api_parts.h"
#include "source/steps.h"

/* The names that one stream shares with the other are those of the one that is asked now. */
static void bind_names(struct api *api)
{
    const struct json_node *list = api->list_tape.n > 0 ? api->list_tape.node : NULL;
    window_bind(&api->window, api->session);
    if (list != NULL)
        bindings_set(&api->session->names, STR("each"), api->by > 0 ? list : list + 1);
}

/* The next records of the other stream as `each`: a list of `by`, or one. 1, 0: there are no more, -1. */
static int next_each(struct api *api, struct err *e)
{
    struct api_record r;
    int64_t most = api->by > 0 ? api->by : 1, n = 0;
    buf_reset(&api->list);
    bind_names(api->outer);
    while (n < most && !api->outer_ended) {
        enum api_got got = api_next(api->outer, &r, e);
        if (got == API_FATAL || got == API_BAD)
            return -1;
        api->outer_ended = got == API_END;
        if (got != API_RECORD)
            continue;
        buf_byte(&api->list, n++ == 0 ? '[' : ',');
        json_write(&api->list, r.data);
    }
    if (n == 0)
        return 0;
    buf_byte(&api->list, ']');
    return json_parse_made(&api->list_tape, &api->list, e) == 0 ? 1 : -1;
}

/* Where the checkpoint of a run that did not come to its end says how to go on. */
static const struct json_node *position(struct api *api, uint64_t *page, uint64_t *read)
{
    const struct json_node *c = api->resumed || !api->since.goes_on ? NULL : api->options.checkpoint;
    api->resumed = true;
    *page = (uint64_t)description_integer(json_get(c, STR("page")), 0);
    *read = (uint64_t)description_integer(json_get(c, STR("read")), 0);
    return json_get(c, STR("next"));
}

static int start_pages(struct api *api, struct err *e)
{
    struct view v;
    uint64_t page, read;
    const struct json_node *changes = position(api, &page, &read);
    bind_names(api);
    since_begin_list(&api->since);
    repeat_begin(&api->repeat);
    if (steps_run(api->session, api->stream, &api->call, e) == -1)
        return -1;
    session_view(api->session, &v, NULL, NULL);
    if (pages_start(&api->pages, api->call, &v, changes, page, read, e) == -1)
        return -1;
    api->is_open = true;
    return 1;
}

static int start_one(struct api *api, struct err *e)
{
    struct view v;
    if (api->call != NULL)
        return 0;
    api->call = json_get(api->stream, STR("one"));
    bindings_set_text(&api->session->names, STR("id"), api->options.one);
    session_view(api->session, &v, NULL, NULL);
    if (pages_start(&api->pages, api->call, &v, NULL, 0, 0, e) == -1)
        return -1;
    api->is_open = true;
    return 1;
}

/* The next list of pages: for each stretch of time, and in it for each of the other stream. */
int api_next_list(struct api *api, struct err *e)
{
    if (api->options.one.p != NULL)
        return start_one(api, e);
    int got = 0;
    while (got == 0) {
        bool within = api->outer != NULL && api->window.begun && !api->outer_ended;
        got = within ? 1 : window_next(&api->window, &api->since, e);
        if (got != 1)
            return got;
        if (api->outer_ended && api_open_outer(api, e) == -1)
            return -1;
        if (api->outer != NULL)
            got = next_each(api, e);
    }
    if (got == -1)
        return -1;
    window_again(&api->window);
    return start_pages(api, e);
}

int api_end_list(struct api *api, struct err *e)
{
    int full = window_full(&api->window, &api->since, api->pages.read, e);
    api->is_open = false;
    if (full != 1)
        return full;
    return start_pages(api, e);
}
