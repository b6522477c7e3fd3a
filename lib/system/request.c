#include "system/request.h"

#include "base/base64.h"
#include "system/place.h"

enum { URL_MOST = 1 << 20, BODY_MOST = 64 << 20 };

static const struct {
    struct str key, method;
} methods[] = {{STR("get"), STR("GET")},
               {STR("post"), STR("POST")},
               {STR("put"), STR("PUT")},
               {STR("patch"), STR("PATCH")},
               {STR("delete"), STR("DELETE")}};

void request_init(struct request *r)
{
    *r = (struct request){0};
    buf_init(&r->url, URL_MOST);
    buf_init(&r->body, BODY_MOST);
    buf_init(&r->text, URL_MOST);
    json_tape_init(&r->draft);
    json_tape_init(&r->work);
    arena_init(&r->arena, (size_t)256 << 20);
}

void request_release(struct request *r)
{
    buf_release(&r->url);
    buf_release(&r->body);
    buf_release(&r->text);
    json_tape_release(&r->draft);
    json_tape_release(&r->work);
    arena_release(&r->arena);
}

static const struct json_node *place_of(const struct json_node *call, struct str *method)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        const struct json_node *url = json_get(call, methods[i].key);
        if (json_is(url, JSON_STRING)) {
            *method = methods[i].method;
            return url;
        }
    }
    return NULL;
}

bool request_is_call(const struct json_node *object)
{
    struct str method;
    return place_of(object, &method) != NULL;
}

/* ---- the draft ---- */

static int put_text(struct request *r, struct str key, struct str text, struct err *e)
{
    struct json_node name = json_string_node(key), value = json_string_node(text);
    return json_append(&r->draft, &name) && json_append(&r->draft, &value) ? 0 : err_memory(e);
}

/* The member KEY of CALL as NAME of the draft; nothing where it is absent. */
static int put_value(struct request *r, const struct description *d, const struct json_node *call,
                     struct str key, struct str name, const struct view *v, struct err *e)
{
    const struct json_node *node = json_get(call, key);
    struct json_node *name_node = arena_alloc(&r->arena, sizeof *name_node);
    size_t at = r->draft.n;
    if (node == NULL)
        return 0;
    if (name_node == NULL)
        return err_memory(e);
    *name_node = json_string_node(name);
    if (!json_append(&r->draft, name_node))
        return err_memory(e);
    int made = description_value(d, node, v, &r->draft, e);
    if (made == 0)
        r->draft.n = at;
    return made == -1 ? -1 : 0;
}

/* The body of a GraphQL request: its text out of its file, verbatim, and its variables. */
static int put_graphql(struct request *r, const struct description *d, const struct json_node *call,
                       const struct view *v, struct err *e)
{
    struct str text = description_query(d, json_get(call, STR("graphql")));
    struct json_node *key = arena_alloc(&r->arena, sizeof *key);
    if (key == NULL)
        return err_memory(e);
    *key = json_clean_node(STR("body"));
    size_t start = json_append(&r->draft, key) ? json_open(&r->draft, JSON_OBJECT) : SIZE_MAX;
    if (start == SIZE_MAX || put_text(r, STR("query"), text, e) == -1)
        return err_memory(e);
    if (put_value(r, d, call, STR("variables"), STR("variables"), v, e) == -1)
        return -1;
    json_close(&r->draft, start);
    return 0;
}

static int put_body(struct request *r, const struct description *d, const struct json_node *call,
                    const struct view *v, struct err *e)
{
    if (json_get(call, STR("graphql")) != NULL)
        return put_graphql(r, d, call, v, e);
    struct str key = json_get(call, STR("form")) != NULL ? STR("form") : STR("json");
    return put_value(r, d, call, key, STR("body"), v, e);
}

static int draft(struct request *r, const struct description *d, const struct json_node *call,
                 const struct view *v, struct err *e)
{
    const struct json_node *place = place_of(call, &r->method);
    struct err why = {0};
    r->draft.n = 0;
    if (place == NULL)
        return err_set(e, "config", "a call that says neither get nor post");
    struct str url = text_url(description_text(d, place), v, &why);
    if (url.p == NULL) {
        if (why.code != NULL)
            *e = why;
        else
            err_set(e, "config", "a value is missing in the URL %s", err_quote(description_string(d, place)));
        return -1;
    }
    size_t start = json_open(&r->draft, JSON_OBJECT);
    if (start == SIZE_MAX)
        return err_memory(e);
    if (put_text(r, STR("url"), url, e) == -1 ||
        put_value(r, d, call, STR("query"), STR("query"), v, e) == -1 ||
        put_value(r, d, call, STR("headers"), STR("headers"), v, e) == -1 || put_body(r, d, call, v, e) == -1)
        return -1;
    json_close(&r->draft, start);
    return 0;
}

static int change(struct request *r, const struct json_node *changes, bool *new_url, struct err *e)
{
    const struct json_node *end = changes != NULL ? json_next(changes) : NULL;
    for (const struct json_node *key = changes != NULL ? changes + 1 : NULL; key < end;
         key = json_next_key(key)) {
        const struct json_node *value = json_value_of(key);
        struct str pointer = json_string(key, &r->arena);
        r->work.n = 0;
        *new_url |= str_eq(pointer, STR("/url"));
        if (pointer.p == NULL)
            return err_memory(e);
        if (place_set(&r->work, r->draft.node, pointer, json_is(value, JSON_NULL) ? NULL : value, &r->arena,
                      e) == -1)
            return -1;
        struct json_tape last = r->draft;
        r->draft = r->work;
        r->work = last;
    }
    return 0;
}

const struct json_node *request_draft(const struct request *r)
{
    return r->draft.node;
}

/* ---- the bytes ---- */

static void put_pair(struct buf *out, char first, struct str key, struct str value)
{
    buf_byte(out, first);
    put_percent(out, key);
    buf_byte(out, '=');
    put_percent(out, value);
}

/* Each value of a list stands for itself; an object has no place there. */
static int put_pairs(struct buf *out, const struct json_node *object, char first, struct arena *a,
                     struct err *e)
{
    const struct json_node *end = object != NULL ? json_next(object) : NULL;
    for (const struct json_node *key = object != NULL ? object + 1 : NULL; key < end;
         key = json_next_key(key)) {
        const struct json_node *value = json_value_of(key);
        bool list = json_is(value, JSON_ARRAY);
        const struct json_node *stop = json_next(value);
        struct str name = json_string(key, a);
        for (const struct json_node *one = list ? value + 1 : value; one < stop; one = json_next(one)) {
            if (json_is(one, JSON_NULL))
                continue;
            struct str text = json_is(one, JSON_STRING) ? json_string(one, a) : json_text(one);
            if (json_is(one, JSON_OBJECT) || json_is(one, JSON_ARRAY))
                return err_set(e, "config",
                               "%s: an object or a list of lists has no place in a query or form",
                               err_quote(name));
            put_pair(out, first, name, text);
            first = '&';
        }
    }
    return buf_ok(out) ? 0 : err_memory(e);
}

static int put_header(struct request *r, struct str name, struct str value, struct err *e)
{
    for (size_t i = 0; i < r->nheaders; i++)
        if (str_eq_nocase(r->header[i].name, name))
            return 0;
    if (r->nheaders == REQUEST_HEADERS)
        return err_set(e, "config", "more than %d headers", REQUEST_HEADERS);
    struct http_header *header = &r->header[r->nheaders++];
    *header = (struct http_header){arena_str(&r->arena, name), arena_str(&r->arena, value)};
    return header->name.p != NULL && header->value.p != NULL ? 0 : err_memory(e);
}

static int put_headers(struct request *r, const struct json_node *object, struct err *e)
{
    const struct json_node *end = object != NULL ? json_next(object) : NULL;
    for (const struct json_node *key = object != NULL ? object + 1 : NULL; key < end;
         key = json_next_key(key)) {
        const struct json_node *value = json_value_of(key);
        struct str text = json_is(value, JSON_STRING) ? json_string(value, &r->arena) : json_text(value);
        if (put_header(r, json_string(key, &r->arena), text, e) == -1)
            return -1;
    }
    return 0;
}

static int write_body(struct request *r, const struct json_node *call, struct err *e)
{
    const struct json_node *body = json_get(r->draft.node, STR("body"));
    bool form = json_get(call, STR("form")) != NULL;
    r->has_body = body != NULL;
    if (body == NULL)
        return 0;
    if (!form) {
        json_write(&r->body, body);
    } else {
        if (put_pairs(&r->body, body, '&', &r->arena, e) == -1)
            return -1;
        memmove(r->body.p, r->body.p + 1, r->body.n - (r->body.n > 0)); /* the first "&" */
        r->body.n -= r->body.n > 0;
    }
    if (!buf_ok(&r->body))
        return err_memory(e);
    return put_header(r, STR("Content-Type"),
                      form ? STR("application/x-www-form-urlencoded") : STR("application/json"), e);
}

static char query_mark(const struct request *r)
{
    return str_find(buf_str(&r->url), '?') < r->url.n ? '&' : '?';
}

int request_make(struct request *r, const struct description *d, const struct json_node *call,
                 struct str base, const struct view *v, const struct json_node *changes, struct err *e)
{
    bool new_url = false;
    arena_reset(&r->arena);
    buf_reset(&r->url);
    buf_reset(&r->body);
    r->nheaders = 0;
    if (draft(r, d, call, v, e) == -1 || change(r, changes, &new_url, e) == -1)
        return -1;
    const struct json_node *url = json_get(r->draft.node, STR("url"));
    struct str text = json_is(url, JSON_STRING) ? json_string(url, &r->arena) : STR("");
    if (str_search(text, STR("://"), 0) >= text.n)
        buf_put(&r->url, base);
    buf_put(&r->url, text);
    if (!new_url &&
        put_pairs(&r->url, json_get(r->draft.node, STR("query")), query_mark(r), &r->arena, e) == -1)
        return -1;
    if (put_headers(r, json_get(r->draft.node, STR("headers")), e) == -1 || write_body(r, call, e) == -1)
        return -1;
    return buf_ok(&r->url) ? 0 : err_memory(e);
}

/* "Basic " and the base64 of USER:PASSWORD (RFC 7617). */
static int add_basic(struct request *r, const struct description *d, const struct json_node *pair,
                     const struct view *v, struct err *e)
{
    struct err why = {0};
    struct str user = text_string(description_text(d, json_at(pair, 0)), v, &why);
    struct str password = text_string(description_text(d, json_at(pair, 1)), v, &why);
    if (why.code != NULL) {
        *e = why;
        return -1;
    }
    buf_reset(&r->text);
    buf_put(&r->text, user.p != NULL ? user : STR(""));
    buf_byte(&r->text, ':');
    buf_put(&r->text, password.p != NULL ? password : STR(""));
    struct str both = arena_str(&r->arena, buf_str(&r->text));
    buf_reset(&r->text);
    buf_put(&r->text, STR("Basic "));
    if (both.p != NULL)
        base64_encode(&r->text, both);
    return both.p != NULL && buf_ok(&r->text) ? put_header(r, STR("Authorization"), buf_str(&r->text), e)
                                              : err_memory(e);
}

int request_add_basic(struct request *r, const struct description *d, const struct json_node *call,
                      const struct view *v, struct err *e)
{
    const struct json_node *basic = json_get(call, STR("basic"));
    return basic != NULL ? add_basic(r, d, basic, v, e) : 0;
}

int request_add(struct request *r, const struct description *d, const struct json_node *object,
                const struct view *v, struct err *e)
{
    static const struct str parts[] = {STR("headers"), STR("query")};
    for (size_t i = 0; i < 2; i++) {
        const struct json_node *part = json_get(object, parts[i]);
        r->work.n = 0;
        if (part == NULL)
            continue;
        if (description_value(d, part, v, &r->work, e) == -1)
            return -1;
        if (i == 0 ? put_headers(r, r->work.node, e) == -1
                   : put_pairs(&r->url, r->work.node, query_mark(r), &r->arena, e) == -1)
            return -1;
    }
    return request_add_basic(r, d, object, v, e);
}
