#include "source/compose.h"

void compose_init(struct compose *c, struct session *s, const struct json_node *stream)
{
    *c = (struct compose){.session = s, .stream = stream};
    c->with = json_get(stream, STR("with"));
    c->attach = json_get(stream, STR("attach"));
    pages_init(&c->pages, s);
    buf_init(&c->list, JSON_BYTES);
    json_tape_init(&c->record);
    json_tape_init(&c->parsed);
    arena_init(&c->arena, (size_t)256 << 20);
}

void compose_release(struct compose *c)
{
    pages_release(&c->pages);
    buf_release(&c->list);
    json_tape_release(&c->record);
    json_tape_release(&c->parsed);
    arena_release(&c->arena);
}

/* The child of CONTAINER that RECORD is, or is in. Records come in order, so that the search starts where the
 * last one ended. */
static const struct json_node *child_around(struct compose *c, const struct json_node *container,
                                            const struct json_node *record, size_t depth)
{
    bool object = container->type == JSON_OBJECT;
    const struct json_node *end = json_next(container), *from = c->passed[depth];
    const struct json_node *at = from > container && from <= record && from < end ? from : container + 1;
    while (at < end) {
        const struct json_node *value = object ? json_value_of(at) : at;
        if (record < json_next(value)) {
            c->passed[depth] = at;
            return value;
        }
        at = json_next(value);
    }
    return NULL;
}

/* What `^`, `^^` … mean: the items of lists that the record is in, nearest first, and outside of them the
 * answer. */
static void find_outer(struct compose *c, const struct json_node *answer, const struct json_node *record)
{
    const struct json_node *found[JSON_DEPTH], *at = answer;
    size_t n = 0, depth = 0;
    if (answer != c->answer)
        memset(c->passed, 0, sizeof c->passed);
    c->answer = answer;
    found[n++] = answer;
    while (at != NULL && at < record && depth < JSON_DEPTH) {
        bool list = at->type == JSON_ARRAY;
        at = child_around(c, at, record, depth++);
        if (list && at != NULL && at < record && n < JSON_DEPTH)
            found[n++] = at;
    }
    for (size_t i = 0; i < TEXT_OUTER; i++)
        c->outer[i] = i < n ? found[n - 1 - i] : found[0];
}

static bool is_replaced(struct compose *c, const struct json_node *key)
{
    struct str name = json_string(key, &c->arena);
    return json_get(c->with, name) != NULL || json_get(c->attach, name) != NULL;
}

static int copy_members(struct compose *c, const struct json_node *record, struct err *e)
{
    const struct json_node *end = json_next(record);
    for (const struct json_node *key = record + 1; key < end; key = json_next_key(key))
        if (!is_replaced(c, key) &&
            (!json_append(&c->record, key) || !json_append(&c->record, json_value_of(key))))
            return err_memory(e);
    return 0;
}

static int take_from_outside(struct compose *c, const struct json_node *record, struct err *e)
{
    const struct json_node *end = c->with != NULL ? json_next(c->with) : NULL;
    struct view v;
    session_view(c->session, &v, record, NULL);
    v.around.outer = c->outer;
    for (const struct json_node *key = c->with != NULL ? c->with + 1 : NULL; key < end;
         key = json_next_key(key)) {
        size_t at = c->record.n;
        if (!json_append(&c->record, key))
            return err_memory(e);
        int made = description_value(&c->session->system->described, json_value_of(key), &v, &c->record, e);
        if (made == -1)
            return -1;
        if (made == 0)
            c->record.n = at;
    }
    return 0;
}

/* All records of a call, as one list, into c->list. */
static int ask_for_list(struct compose *c, const struct json_node *call, const struct json_node *record,
                        struct err *e)
{
    struct view v;
    session_view(c->session, &v, record, NULL);
    v.around.outer = c->outer;
    buf_reset(&c->list);
    buf_byte(&c->list, '[');
    int got = pages_start(&c->pages, call, &v, NULL, 0, 0, e) == 0 ? 1 : -1;
    while (got == 1 && (got = pages_next(&c->pages, e)) == 1) {
        for (size_t i = 0; i < c->pages.count; i++) {
            if (c->list.n > 1)
                buf_byte(&c->list, ',');
            json_write(&c->list, c->pages.record[i]);
        }
    }
    buf_byte(&c->list, ']');
    return got == -1 ? -1 : buf_ok(&c->list) ? 0 : err_memory(e);
}

/* The text of what is attached must stay until the record is given. */
static int attach(struct compose *c, const struct json_node *record, struct err *e)
{
    static const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES};
    const struct json_node *end = c->attach != NULL ? json_next(c->attach) : NULL;
    for (const struct json_node *key = c->attach != NULL ? c->attach + 1 : NULL; key < end;
         key = json_next_key(key)) {
        if (ask_for_list(c, json_value_of(key), record, e) == -1)
            return -1;
        struct str text = json_padded(buf_str(&c->list), &c->arena);
        if (text.p == NULL)
            return err_memory(e);
        if (json_parse(&c->parsed, text, &limits, NULL, e) == -1)
            return -1;
        if (!json_append(&c->record, key) || !json_append(&c->record, c->parsed.node))
            return err_memory(e);
    }
    return 0;
}

const struct json_node *compose_record(struct compose *c, const struct json_node *answer,
                                       const struct json_node *record, struct err *e)
{
    if ((c->with == NULL && c->attach == NULL) || !json_is(record, JSON_OBJECT))
        return record;
    arena_reset(&c->arena);
    c->record.n = 0;
    find_outer(c, answer, record);
    size_t start = json_open(&c->record, JSON_OBJECT);
    if (start == SIZE_MAX) {
        err_memory(e);
        return NULL;
    }
    if (copy_members(c, record, e) == -1 || take_from_outside(c, record, e) == -1 ||
        attach(c, record, e) == -1)
        return NULL;
    json_close(&c->record, start);
    return c->record.node;
}
