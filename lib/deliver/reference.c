#include "deliver/reference.h"

/* What VALUE names, where it is a reference; NULL: it is none. */
static const struct json_node *named_by(const struct json_node *value)
{
    return json_is(value, JSON_OBJECT) && value->span > 1 && json_string_is(value + 1, STR("hub:ref"))
               ? json_value_of(value + 1)
               : NULL;
}

static bool has_reference(const struct json_node *value)
{
    const struct json_node *end = json_next(value);
    for (const struct json_node *v = value; v < end; v++)
        if (named_by(v) != NULL)
            return true;
    return false;
}

static int put_id(const struct carrier *c, const struct json_node *named, struct json_tape *out,
                  struct arena *a, struct err *e)
{
    struct ledger_key key = {.entity = json_get_string(named, STR("entity"), a),
                             .id = json_get_string(named, STR("id"), a),
                             .source = json_get_string(named, STR("source"), a)};
    struct str id;
    if (key.entity.n == 0 || key.id.n == 0 || key.source.n == 0)
        return err_set(e, "record", "a reference without entity, id and source");
    if (c->host.reference(c->host.arg, &key, &id, e) == -1)
        return -1;
    if (id.n == 0) {
        err_set(e, LEDGER_REFERENCE, "%.*s does not know the %.*s %s of %.*s yet", (int)c->system.n,
                c->system.p, (int)key.entity.n, key.entity.p, err_quote(key.id), (int)key.source.n,
                key.source.p);
        return 0;
    }
    id = arena_str(a, id);
    struct json_node node = str_eq(json_get_string(named, STR("as"), a), STR("number"))
                                ? json_number_node(id)
                                : json_string_node(id);
    return id.p != NULL && json_append(out, &node) ? 1 : err_memory(e);
}

static int put_container(const struct carrier *c, const struct json_node *value, struct json_tape *out,
                         struct arena *a, struct err *e)
{
    size_t start = json_open(out, (enum json_type)value->type);
    const struct json_node *end = json_next(value);
    if (start == SIZE_MAX)
        return err_memory(e);
    for (const struct json_node *v = value + 1; v < end; v = json_next(v)) {
        if (json_is(value, JSON_OBJECT) && !json_append(out, v++))
            return err_memory(e);
        int done = reference_resolve(c, v, out, a, e);
        if (done != 1)
            return done;
    }
    json_close(out, start);
    return 1;
}

int reference_resolve(const struct carrier *c, const struct json_node *value, struct json_tape *out,
                      struct arena *a, struct err *e)
{
    const struct json_node *named = named_by(value);
    if (named != NULL)
        return put_id(c, named, out, a, e);
    if (!has_reference(value))
        return json_append(out, value) ? 1 : err_memory(e);
    return put_container(c, value, out, a, e);
}
