#include "json/json.h"

#include <stdlib.h>

enum { NODES_LEAST = 256 };

void json_tape_init(struct json_tape *t)
{
    *t = (struct json_tape){0};
}

void json_tape_release(struct json_tape *t)
{
    free(t->node);
    json_tape_init(t);
}

struct json_node *json_tape_room(struct json_tape *t, size_t extra)
{
    if (t->cap - t->n >= extra && t->node != NULL)
        return t->node + t->n;
    if (extra > JSON_SPAN_MOST || t->n > JSON_SPAN_MOST - extra)
        return NULL;
    size_t cap = t->cap > NODES_LEAST ? t->cap : NODES_LEAST;
    while (cap < t->n + extra)
        cap += cap / 2;
    struct json_node *node = realloc(t->node, cap * sizeof *node);
    if (node == NULL)
        return NULL;
    t->node = node;
    t->cap = cap;
    return node + t->n;
}

struct json_node json_literal_node(enum json_type type)
{
    static const struct str text[] = {
        [JSON_NULL] = {"null", 4}, [JSON_FALSE] = {"false", 5}, [JSON_TRUE] = {"true", 4}};
    return (struct json_node){.p = text[type].p, .n = (uint32_t)text[type].n, .span = 1, .type = type & 7u};
}

struct json_node json_string_node(struct str value)
{
    struct json_node node = json_clean_node(value);
    if (!json_is_clean(value))
        node.form = JSON_PLAIN;
    return node;
}

bool json_append(struct json_tape *t, const struct json_node *value)
{
    struct json_node *room = json_tape_room(t, value->span);
    if (room == NULL)
        return false;
    memcpy(room, value, value->span * sizeof *value);
    t->n += value->span;
    return true;
}

size_t json_open(struct json_tape *t, enum json_type type)
{
    struct json_node *room = json_tape_room(t, 1);
    if (room == NULL)
        return SIZE_MAX;
    *room = (struct json_node){.span = 1, .type = type & 7u};
    return t->n++;
}

void json_close(struct json_tape *t, size_t index)
{
    t->node[index].span = (uint32_t)(t->n - index) & JSON_SPAN_MOST;
}
