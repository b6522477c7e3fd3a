#include "system/place.h"

#include "base/pointer.h"
#include "base/size.h"

struct change {
    const struct json_node *value;
    struct str pointer; /* the whole, for messages */
    struct json_tape *out;
    struct arena *arena;
};

static int put(struct change *c, const struct json_node *at, struct str pointer, struct err *e);

static int append(struct change *c, const struct json_node *node, struct err *e)
{
    return json_append(c->out, node) ? 0 : err_memory(e);
}

static int put_object(struct change *c, const struct json_node *object, struct str name, struct str rest,
                      struct err *e)
{
    size_t start = json_open(c->out, JSON_OBJECT);
    const struct json_node *end = object != NULL ? json_next(object) : NULL;
    bool found = false;
    if (start == SIZE_MAX)
        return err_memory(e);
    for (const struct json_node *key = object != NULL ? object + 1 : NULL; key < end;
         key = json_next_key(key)) {
        bool here = json_string_is(key, name);
        found |= here;
        if (here && rest.n == 0 && c->value == NULL)
            continue;
        if (append(c, key, e) == -1)
            return -1;
        if (here ? put(c, json_value_of(key), rest, e) == -1 : append(c, json_value_of(key), e) == -1)
            return -1;
    }
    if (!found && c->value != NULL) {
        struct json_node key = json_string_node(name);
        if (append(c, &key, e) == -1 || put(c, NULL, rest, e) == -1)
            return -1;
    }
    json_close(c->out, start);
    return 0;
}

static int put_list(struct change *c, const struct json_node *list, struct str name, struct str rest,
                    struct err *e)
{
    uint64_t index, i = 0;
    if (!count_parse(name, &index) || index >= json_count(list))
        return err_set(e, "config", "%s leads out of a list", err_quote(c->pointer));
    size_t start = json_open(c->out, JSON_ARRAY);
    if (start == SIZE_MAX)
        return err_memory(e);
    const struct json_node *end = json_next(list);
    for (const struct json_node *item = list + 1; item < end; item = json_next(item)) {
        bool here = i++ == index;
        if (here && rest.n == 0 && c->value == NULL)
            continue;
        if (here ? put(c, item, rest, e) == -1 : append(c, item, e) == -1)
            return -1;
    }
    json_close(c->out, start);
    return 0;
}

/* AT with the change at POINTER in it; NULL: there is nothing yet. */
static int put(struct change *c, const struct json_node *at, struct str pointer, struct err *e)
{
    if (pointer.n == 0)
        return append(c, c->value, e);
    struct str rest = pointer, name = pointer_step(&rest, c->arena);
    if (name.p == NULL)
        return err_memory(e);
    if (json_is(at, JSON_ARRAY))
        return put_list(c, at, name, rest, e);
    if (at != NULL && !json_is(at, JSON_OBJECT) && !json_is(at, JSON_NULL))
        return err_set(e, "config", "%s leads through what is no object", err_quote(c->pointer));
    return put_object(c, json_is(at, JSON_OBJECT) ? at : NULL, name, rest, e);
}

int place_set(struct json_tape *out, const struct json_node *root, struct str pointer,
              const struct json_node *value, struct arena *a, struct err *e)
{
    struct change c = {.value = value, .pointer = pointer, .out = out, .arena = a};
    return put(&c, root, pointer, e);
}
