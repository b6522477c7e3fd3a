#include <stdlib.h>

#include "source/api_parts.h"

enum { TEXT_MOST = 1 << 20, DEFAULT_MEMORY = 256 << 20 };

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

int api_open_outer(struct api *api, struct err *e)
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
    return set_since(api, e) == -1 || (api->options.one.p == NULL && api_open_outer(api, e) == -1) ? -1 : 0;
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
