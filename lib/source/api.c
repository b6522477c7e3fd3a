#include "source/api.h"

#include <stdlib.h>

#include "source/api_file.h"
#include "source/compose.h"
#include "source/pages.h"
#include "source/repeat.h"
#include "source/since.h"
#include "source/steps.h"
#include "source/window.h"

enum { TEXT_MOST = 1 << 20, DEFAULT_MEMORY = 256 << 20 };

struct api {
    struct session *session;
    struct str name;
    const struct json_node *stream, *call; /* the object under streams; what its records come from */
    struct api_options options;
    struct pages pages;
    struct compose compose;
    struct since since;
    struct window window;
    const struct text *id, *label, *field;
    bool is_open;   /* pages are being read */
    bool ended;     /* all was read */
    bool page_open; /* records of a page are being given */
    size_t at;      /* the next of them */
    bool resumed;   /* the position of the checkpoint was used */
    struct repeat repeat;
    struct json_unique *unique;
    struct api_file file; /* the page, where it is one */
    bool file_open;
    struct json_tape file_tape;
    struct buf bytes, page_name, list;
    struct json_tape list_tape;
    struct arena arena; /* of one record */
    /* each */
    struct api *outer;
    int64_t by; /* records of it for a call; 0: one, and not as a list */
    bool outer_ended;
};

static const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES};

/* ---- life ---- */

static void init(struct api *api, struct session *s, const struct api_options *o)
{
    api->session = s;
    api->options = *o;
    pages_init(&api->pages, s);
    since_init(&api->since, o->memory > 0 ? o->memory : DEFAULT_MEMORY);
    buf_init(&api->bytes, JSON_BYTES);
    buf_init(&api->page_name, TEXT_MOST);
    repeat_init(&api->repeat);
    buf_init(&api->list, JSON_BYTES);
    json_tape_init(&api->list_tape);
    json_tape_init(&api->file_tape);
    arena_init(&api->arena, (size_t)256 << 20);
}

void api_close(struct api *api)
{
    if (api == NULL)
        return;
    api_close(api->outer);
    if (api->file_open)
        api_file_close(&api->file);
    json_tape_release(&api->file_tape);
    pages_release(&api->pages);
    if (api->stream != NULL)
        compose_release(&api->compose);
    since_release(&api->since);
    json_unique_free(api->unique);
    buf_release(&api->bytes);
    buf_release(&api->page_name);
    repeat_release(&api->repeat);
    buf_release(&api->list);
    json_tape_release(&api->list_tape);
    arena_release(&api->arena);
    free(api);
}

/* How the stream says that it is read incrementally, and what a person and the run before say. A single
 * record is asked for whatever the run before has read, and moves nothing. */
static int set_since(struct api *api, struct err *e)
{
    const struct description *d = &api->session->system->described;
    const struct json_node *said = json_get(api->stream, STR("since")), *order = json_get(said, STR("order"));
    struct since *since = &api->since;
    if (api->options.one.p != NULL)
        return 0;
    since->described = said != NULL;
    since->overlap = description_duration(json_get(said, STR("overlap")), 0);
    since->in_order = said != NULL && (order == NULL || json_string_is(order, STR("oldest")));
    api->field = description_text(d, json_get(said, STR("field")));
    if (json_is(api->options.checkpoint, JSON_ARRAY))
        return err_set(e, "config", "the checkpoint is not that of an API");
    if (api->options.checkpoint != NULL && since_load(since, api->options.checkpoint, e) == -1)
        return -1;
    bool asked = api->options.since.p != NULL || api->options.until.p != NULL;
    if (asked && !since->described)
        return err_set(e, "usage",
                       "the stream %s has no `since`: it is always read whole, without --since and --until",
                       err_quote(api->name));
    return since_ask(since, api->options.since, api->options.until, e);
}

static int open_outer(struct api *api, struct err *e)
{
    const struct json_node *each = json_get(api->stream, STR("each"));
    api_close(api->outer);
    api->outer = NULL;
    api->outer_ended = false;
    struct str name = description_string(&api->session->system->described, json_get(each, STR("stream")));
    if (each == NULL)
        return 0;
    struct api_options all = {.memory = api->options.memory, .first_page = api->options.first_page};
    api->by = description_integer(json_get(each, STR("by")), 0);
    api->outer = api_open(api->session, name, &all, e);
    return api->outer != NULL ? 0 : -1;
}

static int set_stream(struct api *api, struct err *e)
{
    const struct description *d = &api->session->system->described;
    api->id = description_text(d, json_get(api->stream, STR("id")));
    api->label = description_text(d, json_get(api->stream, STR("label")));
    compose_init(&api->compose, api->session, api->stream);
    window_init(&api->window, api->stream);
    api->window.latest = api->options.first_page;
    api->pages.most = (uint64_t)api->window.cap;
    api->pages.only_first = api->options.first_page;
    api->unique = json_unique_new();
    if (api->unique == NULL)
        return err_memory(e);
    if (api->options.one.p != NULL && json_get(api->stream, STR("one")) == NULL)
        return err_set(e, "usage", "the stream %s has no `one`: it cannot be asked for a single record",
                       err_quote(api->name));
    return set_since(api, e) == -1 || (api->options.one.p == NULL && open_outer(api, e) == -1) ? -1 : 0;
}

static int not_asked_for(struct session *s, const struct json_node *described, struct str stream,
                         struct err *e)
{
    struct str source = s->system->source;
    if (json_get(described, STR("format")) != NULL)
        return err_set(e, "usage", "its files lie nowhere: name them, hub-extract -s %.*s:%.*s FILE",
                       (int)source.n, source.p, (int)stream.n, stream.p);
    return err_set(e, "config", "the stream %s says nowhere where it is to be asked for (get, post, steps)",
                   err_quote(stream));
}

struct api *api_open(struct session *s, struct str stream, const struct api_options *o, struct err *e)
{
    struct api *api = calloc(1, sizeof *api);
    if (api == NULL) {
        err_memory(e);
        return NULL;
    }
    init(api, s, o);
    api->name = stream;
    const struct json_node *described = system_find_stream(s->system, stream);
    int done = described != NULL ? 0 : system_no_stream(s->system, stream, e);
    if (done == 0 && !request_is_call(described) && json_get(described, STR("steps")) == NULL)
        done = not_asked_for(s, described, stream, e);
    if (done == 0) {
        api->stream = described;
        done = set_stream(api, e);
    }
    if (done == 0)
        return api;
    if (e->place[0] == '\0')
        err_place(e, "%.*s:%.*s", (int)s->system->source.n, s->system->source.p, (int)stream.n, stream.p);
    api_close(api);
    return NULL;
}

/* ---- what is asked for, one list of pages after the other ---- */

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
static int start_next(struct api *api, struct err *e)
{
    if (api->options.one.p != NULL)
        return start_one(api, e);
    int got = 0;
    while (got == 0) {
        bool within = api->outer != NULL && api->window.begun && !api->outer_ended;
        got = within ? 1 : window_next(&api->window, &api->since, e);
        if (got != 1)
            return got;
        if (api->outer_ended && open_outer(api, e) == -1)
            return -1;
        if (api->outer != NULL)
            got = next_each(api, e);
    }
    if (got == -1)
        return -1;
    window_again(&api->window);
    return start_pages(api, e);
}

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

/* Behind the last page of a list: 1 where the search goes on from a later time. */
static int end_pages(struct api *api, struct err *e)
{
    int full = window_full(&api->window, &api->since, api->pages.read, e);
    api->is_open = false;
    if (full != 1)
        return full;
    return start_pages(api, e);
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
        int got = api->is_open ? pages_next(&api->pages, e) : start_next(api, e);
        if (got == -1)
            return API_FATAL;
        if (got == 1 && api->pages.begun) {
            open_page(api);
            if (open_file(api, e) == -1)
                return API_FATAL;
        } else if (got == 0 && api->is_open) {
            if (end_pages(api, e) == -1)
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
    if (!api->pages.absent || api->outer != NULL || api->options.one.p != NULL || x->answer->status < 400)
        return false;
    err_set(e, "http", "%d: it is not there, and there are no records", x->answer->status);
    session_place(api->session, x, e);
    return true;
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
