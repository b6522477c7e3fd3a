#include "json/json.h"

#include "json/order.h"

static bool keys_in_order(const struct json_node *object)
{
    const struct json_node *last = object + 1, *end = json_next(object);
    if (last == end)
        return true;
    for (const struct json_node *key = json_next_key(last); key < end; last = key, key = json_next_key(key))
        if (json_key_cmp(last, key) > 0)
            return false;
    return true;
}

static bool all_in_order(const struct json_node *value)
{
    const struct json_node *end = json_next(value);
    for (const struct json_node *v = value; v < end; v++)
        if (v->type == JSON_OBJECT && !keys_in_order(v))
            return false;
    return true;
}

/* Where the sorted value goes, and room for lists of keys: what was listed for the objects around it stays.
 */
struct sorted {
    struct json_node *out;
    struct json_node *spare;
};

static bool put(struct sorted *s, const struct json_node *value);

static bool put_all(struct sorted *s, const struct json_node *container)
{
    bool same = true;
    const struct json_node *end = json_next(container);
    for (const struct json_node *v = container + 1; v < end; v = json_next(v))
        same = put(s, v) && same;
    return same;
}

static bool put_object(struct sorted *s, const struct json_node *object)
{
    if (keys_in_order(object))
        return put_all(s, object);
    struct json_node *keys = s->spare;
    size_t count = json_list_keys(keys, object);
    json_sort_keys(keys, count, keys + count);
    s->spare = keys + count;
    for (size_t i = 0; i < count; i++) {
        const struct json_node *key = object + keys[i].span;
        *s->out++ = *key;
        put(s, json_value_of(key));
    }
    s->spare = keys;
    return false;
}

/* Appends VALUE sorted; whether it was so already. What was not no longer has its text. */
static bool put(struct sorted *s, const struct json_node *value)
{
    struct json_node *node = s->out++;
    *node = *value;
    bool same = true;
    if (value->type == JSON_OBJECT)
        same = put_object(s, value);
    else if (value->type == JSON_ARRAY)
        same = put_all(s, value);
    if (!same)
        node->p = NULL;
    return same;
}

bool json_sort(struct json_tape *out, const struct json_node *value)
{
    if (all_in_order(value))
        return json_append(out, value);
    /* An object has half as many keys as nodes; all lists that are there at a time are of nodes within each
     * other. */
    size_t n = value->span;
    struct json_node *room = json_tape_room(out, 2 * n);
    if (room == NULL)
        return false;
    struct sorted s = {.out = room, .spare = room + n};
    put(&s, value);
    out->n += n;
    return true;
}
