/*
 * Streams of APIs.
 */
#include <unistd.h>

#include "extract.h"
#include "system/files.h"

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
    struct err odd = {0};
    if (end ? api_is_timeless(api, &odd) : api_is_absent(api, &odd))
        cmd_say_err(&x->cmd, &odd);
    if (end && x->api.one.p != NULL && x->cmd.read == 0)
        cmd_say(&x->cmd, "%.*s: there is no record %s", (int)x->stream.n, x->stream.p, err_quote(x->api.one));
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

/* The files of a stream that lie on another machine. */
static bool take_files(struct extract *x, struct session *s, const struct files *f, struct str stream)
{
    struct err e = {0};
    struct system_stream *d = &x->described;
    const struct json_node *node = system_find_stream(s->system, stream);
    if (x->api.since.p != NULL || x->api.until.p != NULL || x->api.one.p != NULL ||
        x->session.record != NULL || x->session.replay != NULL) {
        err_set(&e, "usage", "--since, --until, --id, --record and --replay are not for a stream of files");
        return extract_fail(x, &e);
    }
    if (system_stream_of(d, s->system, node, stream, &x->arena, &e) == -1 ||
        source_options_of_stream(&x->options, &x->input, d, &e) == -1 ||
        native_name_by(&x->native, d->id, d->label, s->system->described.doc.source.name.p, &e) == -1)
        return extract_fail(x, &e);
    x->source = d->source;
    if (x->spool.take.p == NULL && (x->state_path != NULL || x->cmd.write_marks))
        x->spool.take = f->take;
    return extract_take_folder(x, f->url, &f->account);
}

static bool take_pages(struct extract *x, struct session *s, struct str stream)
{
    struct err e = {0};
    struct str name = s->system->name;
    struct api *api = NULL;
    x->source = s->system->source;
    buf_reset(&x->stream);
    buf_printf(&x->stream, "%.*s:%.*s", (int)name.n, name.p, (int)stream.n, stream.p);
    /* A single record is asked for whatever else is read now. */
    bool ready = native_set_stream(&x->native, x->source, buf_str(&x->stream), &e) == 0 &&
                 (x->api.one.p != NULL || extract_open_state(x, &x->api.checkpoint, &e) == 0) &&
                 (api = api_open(s, stream, &x->api, &e)) != NULL;
    bool stop = ready ? take_records(x, api) : extract_fail(x, &e);
    api_close(api);
    extract_close_state(x);
    return stop;
}

/* OPERAND is CONNECTION:STREAM. */
static bool take_api(struct extract *x, const char *operand)
{
    struct str name = str_of(operand);
    struct err e = {0};
    struct system system = {0};
    struct session session;
    struct files files;
    struct str connection = str_slice(name, 0, str_find(name, ':'));
    struct str stream = str_slice(name, connection.n + 1, name.n);
    x->api.memory = x->memory;
    x->api.since.n = x->api.since.p != NULL ? strlen(x->api.since.p) : 0;
    x->api.until.n = x->api.until.p != NULL ? strlen(x->api.until.p) : 0;
    x->api.one.n = x->api.one.p != NULL ? strlen(x->api.one.p) : 0;
    if (system_open(&system, connection, &x->arena, &x->diags, &e) == -1) {
        system_release(&system);
        return extract_fail_description(x, &e);
    }
    int found = session_open(&session, &system, &x->session, &e) == 0
                    ? files_find(&files, &session, system_find_stream(&system, stream), &e)
                    : -1;
    bool stop = found == -1  ? extract_fail_description(x, &e)
                : found == 1 ? take_files(x, &session, &files, stream)
                             : take_pages(x, &session, stream);
    session_close(&session);
    system_release(&system);
    return stop;
}

const struct extract_kind extract_api = {
    .what = "a stream of an API (CONNECTION:STREAM)",
    .takes = "since until full id state record replay settle take",
    .alone = true,
    .is = is_stream,
    .take = take_api,
};
