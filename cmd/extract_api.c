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
    return colon > 0 && colon + 1 < name.n && !str_starts(name, STR("hub:")) && !database_is(path) &&
           str_search(name, STR("/"), 0) >= name.n && access(path, F_OK) == -1;
}

/* A mark behind a page. */
static bool mark_page(struct extract *x, struct api *api, bool end)
{
    buf_reset(&x->checkpoint);
    return extract_mark(x, api_checkpoint(api, &x->checkpoint), end);
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
    } else if (extract_open_state(x, &x->api.checkpoint, &e) == -1 ||
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
    extract_close_state(x);
    return stop;
}

const struct extract_kind extract_api = {
    .what = "a stream of an API (CONNECTION:STREAM)",
    .takes = "since until full id state record replay",
    .alone = true,
    .is = is_stream,
    .take = take_api,
};
