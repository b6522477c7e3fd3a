#include "source/api_parts.h"

static const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES};

/* ---- records ---- */

/* E has no error yet, or nothing is asked. */
static struct str text_of(const struct text *text, const struct view *v, struct err *e)
{
    return text != NULL && e->code == NULL ? text_string(text, v, e) : (struct str){0};
}

/* The texts of a record; E where one is refused. */
static void name_record(struct api *api, struct api_record *r, struct str *time, struct err *e)
{
    struct view v;
    session_view(api->session, &v, r->data, NULL);
    v.around.outer = api->compose.with != NULL ? api->compose.outer : NULL;
    v.arena = &api->arena;
    r->id = text_of(api->id, &v, e);
    if (r->id.p != NULL && api->pages.count > 1)
        repeat_id(&api->repeat, r->id);
    r->label = text_of(api->label, &v, e);
    *time = text_of(api->field, &v, e);
}

/* API_RECORD, API_BAD, API_FATAL; API_PAGE: it was given before. */
static enum api_got take(struct api *api, const struct json_node *record, struct api_record *r, struct err *e)
{
    struct str time;
    arena_reset(&api->arena);
    r->data = compose_record(&api->compose, api->pages.answer, record, e);
    if (r->data == NULL)
        return API_FATAL;
    if (!json_is(r->data, JSON_OBJECT)) {
        err_set(e, "record", "not a JSON object: %s", err_quote(json_text(r->data)));
        return API_BAD;
    }
    if (json_check_record(r->data, api->unique, e) == -1)
        return API_BAD;
    name_record(api, r, &time, e);
    if (e->code != NULL)
        return API_BAD;
    if (!api->since.described)
        return API_RECORD;
    buf_reset(&api->bytes);
    if (api->since.overlap > 0)
        json_write(&api->bytes, r->data);
    int taken = buf_ok(&api->bytes) ? since_take(&api->since, time, buf_str(&api->bytes), e) : err_memory(e);
    if (taken == -1)
        return strcmp(e->code, "memory") == 0 ? API_FATAL : API_BAD;
    return taken == 1 ? API_RECORD : API_PAGE;
}

/* The next record of a file. */
static enum api_got take_of_file(struct api *api, struct api_record *r, struct err *e)
{
    enum source_got got = api_file_next(&api->file, e);
    if (got == SOURCE_END || got == SOURCE_FATAL)
        return got == SOURCE_END ? API_END : API_FATAL;
    r->number = api->file.line;
    r->data = NULL;
    r->raw = buf_str(&api->file.data);
    if (got == SOURCE_BAD)
        return API_BAD;
    if (json_parse(&api->file_tape, r->raw, &limits, NULL, e) == -1)
        return API_FATAL;
    r->raw = (struct str){0};
    return take(api, api->file_tape.node, r, e);
}

/* A page that is a file is opened; one that is not there is none. */
static int open_file(struct api *api, struct err *e)
{
    const struct exchange *x = &api->pages.exchange[api->pages.now];
    if (!x->raw || x->answer->status < 200 || x->answer->status >= 300)
        return 0;
    api->file_open = true;
    return api_file_open(&api->file, api->session, api->call, x->answer->body, api->since.seen.max, e);
}

static void open_page(struct api *api)
{
    api->page_open = true;
    api->at = 0;
    buf_reset(&api->page_name);
    buf_printf(&api->page_name, "%.*s/%llu", (int)api->name.n, api->name.p,
               (unsigned long long)api->pages.page);
}

static int check_repeat(struct api *api, struct err *e)
{
    if (!repeat_page(&api->repeat, api->pages.count))
        return 0;
    err_place(e, "%.*s: %.*s", (int)api->session->system->source.n, api->session->system->source.p,
              (int)api->page_name.n, api->page_name.p);
    return err_set(e, "http",
                   "has the records of the page before, by their ids: paging does not go on (`next`)");
}

enum api_got api_next(struct api *api, struct api_record *r, struct err *e)
{
    for (;;) {
        if (api->ended)
            return API_END;
        if (api->page_open && api->at < api->pages.count) {
            enum api_got got = take(api, api->pages.record[api->at++], r, e);
            r->page = buf_str(&api->page_name);
            r->raw = (struct str){0};
            r->number = api->at;
            if (got == API_PAGE)
                continue;
            if (got == API_BAD && e->place[0] == '\0')
                err_place(e, "%.*s:%llu", (int)r->page.n, r->page.p, (unsigned long long)r->number);
            return got;
        }
        if (api->page_open && api->file_open) {
            enum api_got got = take_of_file(api, r, e);
            r->page = buf_str(&api->page_name);
            if (got == API_PAGE)
                continue;
            if (got != API_END)
                return got;
            api_file_close(&api->file);
            api->file_open = false;
        }
        if (api->page_open) {
            api->page_open = false;
            if (check_repeat(api, e) == -1)
                return API_FATAL;
            return API_PAGE;
        }
        int got = api->is_open ? pages_next(&api->pages, e) : api_next_list(api, e);
        if (got == -1)
            return API_FATAL;
        if (got == 1 && api->pages.begun) {
            open_page(api);
            if (open_file(api, e) == -1)
                return API_FATAL;
        } else if (got == 0 && api->is_open) {
            if (api_end_list(api, e) == -1)
                return API_FATAL;
            api->ended = !api->is_open && api->options.first_page;
        } else if (got == 0) {
            api->ended = true;
        }
    }
}

bool api_is_absent(const struct api *api, struct err *e)
{
    const struct exchange *x = &api->pages.exchange[api->pages.now];
    if (!api->pages.absent || x->said || api->pages.page > 1 || api->outer != NULL ||
        api->options.one.p != NULL)
        return false;
    err_set(e, "http", "%d: it is not there, and there are no records", x->answer->status);
    session_place(api->session, x, e);
    return true;
}

const struct json_node *api_answer(const struct api *api)
{
    return api->pages.answer;
}

bool api_is_timeless(const struct api *api, struct err *e)
{
    if (!api->since.described || api->since.timed || !api->since.untimed)
        return false;
    err_set(e, "since", "no record has the time that `since` names: all will be read again each time");
    err_place(e, "%.*s:%.*s", (int)api->session->system->source.n, api->session->system->source.p,
              (int)api->name.n, api->name.p);
    return true;
}

/* ---- checkpoints ---- */

bool api_checkpoint(struct api *api, struct buf *out)
{
    struct str next = pages_position(&api->pages);
    if (api->options.one.p != NULL || api->since.stays)
        return false;
    if (api->ended || (api->since.described && api->since.in_order && api->outer == NULL)) {
        buf_byte(out, '{');
        since_put(&api->since, true, out);
        buf_byte(out, '}');
        return true;
    }
    /* A place among calls that are made for other records, or in stretches of time, is none to come back to.
     */
    if (api->outer != NULL || api->window.span > 0 || json_get(api->stream, STR("steps")) != NULL ||
        next.p == NULL)
        return false;
    buf_byte(out, '{');
    size_t before = out->n;
    since_put(&api->since, false, out);
    buf_printf(out, "%s\"next\":%.*s,\"page\":%llu,\"read\":%llu}", out->n > before ? "," : "", (int)next.n,
               next.p, (unsigned long long)api->pages.page, (unsigned long long)api->pages.read);
    return true;
}
