/*
 * Streams of APIs.
 */
#include <unistd.h>

#include "extract.h"

/* CONNECTION:STREAM, and no file and no database. */
static bool is_stream(const char *path)
{
    struct str name = str_of(path);
    size_t colon = str_find(name, ':');
    return colon > 0 && colon + 1 < name.n && !str_starts(name, STR("hub:")) &&
           !str_starts(name, STR("sqlite:")) && str_search(name, STR("/"), 0) >= name.n &&
           access(path, F_OK) == -1;
}

/* A mark behind a page: what it covers was flushed before its checkpoint is kept. */
static bool mark_page(struct extract *x, struct api *api, bool end)
{
    struct err e = {0};
    struct cmd *c = &x->cmd;
    struct buf last = x->after;
    x->after = x->checkpoint;
    x->checkpoint = last;
    buf_reset(&x->checkpoint);
    bool some = api_checkpoint(api, &x->checkpoint);
    if (!some) { /* the one before still holds */
        if (x->after.n > 0)
            buf_put(&x->checkpoint, buf_str(&x->after));
        if (!end)
            return false;
    }
    struct json_tape now, before;
    json_tape_init(&now);
    json_tape_init(&before);
    struct record_mark mark = {.source = x->source, .stream = buf_str(&x->stream), .end = end};
    int done = 0;
    if (x->checkpoint.n > 0 && (done = json_parse_made(&now, &x->checkpoint, &e)) == 0)
        mark.checkpoint = now.node;
    if (done == 0 && x->after.n > 0 && (done = json_parse_made(&before, &x->after, &e)) == 0)
        mark.after = before.node;
    if (done == 0)
        done = cmd_mark(c, &mark, &e);
    json_tape_release(&now);
    json_tape_release(&before);
    if (done == 0 && some && x->state_path != NULL && !c->failed && (done = out_flush(&c->out, &e)) == 0)
        done = state_put(&x->state, buf_str(&x->checkpoint), &e);
    return done == -1 && extract_fail(x, &e);
}

static bool take_api_record(struct extract *x, const struct api_record *r, struct str *page, struct err *e)
{
    struct buf *out = &x->cmd.out.buf;
    x->cmd.read++;
    if (page->p != r->page.p || page->n != r->page.n || r->number == 1) {
        *page = r->page;
        if (native_set_input(&x->native, r->page, e) == -1)
            return extract_fail(x, e);
    }
    size_t start = native_begin(out);
    json_write(out, r->data);
    if (native_end_as(&x->native, out, start, r->number, r->id, r->label, e) == 0)
        return cmd_took(&x->cmd, 1);
    return extract_fail(x, e);
}

static bool take_records(struct extract *x, struct api *api)
{
    struct api_record r = {0};
    struct str page = {0};
    struct err e = {0};
    for (;;) {
        bool stop = false;
        switch (api_next(api, &r, &e)) {
        case API_RECORD: stop = take_api_record(x, &r, &page, &e); break;
        case API_PAGE: stop = mark_page(x, api, false); break;
        case API_END: return mark_page(x, api, true);
        case API_FATAL: return extract_fail(x, &e);
        case API_BAD: {
            struct buf raw;
            buf_init(&raw, JSON_BYTES);
            if (r.raw.p != NULL)
                buf_put(&raw, r.raw);
            else
                json_write(&raw, r.data);
            x->cmd.read++;
            stop = extract_refuse(x, buf_str(&raw), &e);
            buf_release(&raw);
            break;
        }
        }
        if (stop)
            return true;
    }
}

static int open_state(struct extract *x, struct err *e)
{
    if (x->state_path == NULL)
        return 0;
    if (state_open(&x->state, x->state_path, e) == -1)
        return -1;
    x->api.checkpoint = x->full ? NULL : x->state.checkpoint;
    if (x->state.checkpoint != NULL)
        json_write(&x->checkpoint, x->state.checkpoint);
    return 0;
}

/* NAME is CONNECTION:STREAM. */
static bool take_api(struct extract *x, const char *operand)
{
    struct str name = str_of(operand);
    struct err e = {0};
    struct system system = {0};
    struct session session = {0};
    struct str connection = str_slice(name, 0, str_find(name, ':'));
    struct str stream = str_slice(name, connection.n + 1, name.n);
    struct api *api = NULL;
    x->api.memory = x->memory;
    x->api.since.n = x->api.since.p != NULL ? strlen(x->api.since.p) : 0;
    x->api.until.n = x->api.until.p != NULL ? strlen(x->api.until.p) : 0;
    x->api.one.n = x->api.one.p != NULL ? strlen(x->api.one.p) : 0;
    bool stop = true, opened = false;
    if (system_open(&system, connection, &x->arena, &x->diags, &e) == -1) {
        extract_fail_description(x, &e);
    } else if (open_state(x, &e) == -1 ||
               (opened = true, session_open(&session, &system, &x->session, &e)) == -1 ||
               (api = api_open(&session, stream, &x->api, &e)) == NULL) {
        extract_fail(x, &e);
    } else {
        x->source = system.source;
        buf_reset(&x->stream);
        buf_printf(&x->stream, "%.*s:%.*s", (int)system.name.n, system.name.p, (int)stream.n, stream.p);
        stop = native_set_stream(&x->native, x->source, buf_str(&x->stream), &e) == -1 ? extract_fail(x, &e)
                                                                                       : take_records(x, api);
    }
    api_close(api);
    if (opened)
        session_close(&session);
    system_release(&system);
    if (x->state_path != NULL)
        state_close(&x->state);
    return stop;
}

const struct extract_kind extract_api = {
    .what = "a stream of an API (CONNECTION:STREAM)",
    .takes = "since until full id state record replay",
    .alone = true,
    .is = is_stream,
    .take = take_api,
};
