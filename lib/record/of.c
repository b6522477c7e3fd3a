#include "record/of.h"

#include <stdio.h>
#include <stdlib.h>

enum { PARTS = 3, NAME_NODES = 1 + 2 * PARTS };

static const struct str keys[PARTS] = {STR("entity"), STR("id"), STR("source")};

/* A record, by the values of the keys. */
struct name {
    struct str part[PARTS];
};

static int compare(const void *x, const void *y)
{
    const struct name *a = x, *b = y;
    int order = 0;
    for (size_t i = 0; i < PARTS && order == 0; i++)
        order = str_cmp(a->part[i], b->part[i]);
    return order;
}

/* The name that ITEM has in its one spelling, where nothing needs to be decoded. */
static bool is_spelled(const struct json_node *item, struct name *name)
{
    if (item->type != JSON_OBJECT || item->span != NAME_NODES)
        return false;
    const struct json_node *key = item + 1;
    for (size_t i = 0; i < PARTS; i++, key += 2) {
        const struct json_node *value = json_value_of(key);
        if (key->form != JSON_CLEAN || !str_eq(json_text(key), keys[i]) || value->type != JSON_STRING ||
            value->form != JSON_CLEAN || value->n == 0)
            return false;
        name->part[i] = json_text(value);
    }
    return true;
}

static bool is_canonical(const struct json_node *of)
{
    struct name name[2];
    size_t n = 0;
    for (const struct json_node *item = of + 1, *end = json_next(of); item < end; item = json_next(item), n++)
        if (!is_spelled(item, &name[n % 2]) || (n > 0 && compare(&name[(n - 1) % 2], &name[n % 2]) >= 0))
            return false;
    return n > 0;
}

/* 1; 0: it names no record; -1: memory. */
static int take_name(struct name *name, const struct json_node *item, struct arena *a)
{
    if (item->type != JSON_OBJECT || item->span != NAME_NODES)
        return 0;
    for (size_t i = 0; i < PARTS; i++) {
        const struct json_node *value = json_get(item, keys[i]);
        if (!json_is(value, JSON_STRING) || value->n == 0)
            return 0;
        name->part[i] = json_string(value, a);
        if (name->part[i].p == NULL)
            return -1;
    }
    return 1;
}

static int refuse(struct err *e, size_t at)
{
    char field[32];
    int n = snprintf(field, sizeof field, "/of/%zu", at);
    err_field(e, n > 0 ? str_of(field) : STR("/of"));
    return err_set(e, "record", "must have the texts entity, id and source, and nothing else");
}

/* The names of OF, sorted, each once: *N of them. */
static int take_names(struct name *name, size_t *n, const struct json_node *of, struct arena *a,
                      struct err *e)
{
    const struct json_node *item = of + 1;
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++, item = json_next(item)) {
        int took = take_name(&name[i], item, a);
        if (took != 1)
            return took == 0 ? refuse(e, i) : err_memory(e);
    }
    qsort(name, *n, sizeof *name, compare);
    for (size_t i = 0; i < *n; i++)
        if (kept == 0 || compare(&name[kept - 1], &name[i]) != 0)
            name[kept++] = name[i];
    *n = kept;
    return 0;
}

/* NULL: memory. */
static const struct json_node *make(const struct name *name, size_t n, struct arena *a)
{
    struct json_node *made = arena_array(a, 1 + n * NAME_NODES, sizeof *made), *node = made;
    if (made == NULL)
        return NULL;
    *node++ = (struct json_node){.type = JSON_ARRAY, .span = (uint32_t)(1 + n * NAME_NODES) & JSON_SPAN_MOST};
    for (size_t i = 0; i < n; i++) {
        *node++ = (struct json_node){.type = JSON_OBJECT, .span = NAME_NODES};
        for (size_t k = 0; k < PARTS; k++) {
            *node++ = json_clean_node(keys[k]);
            *node++ = json_string_node(name[i].part[k]);
        }
    }
    return made;
}

const struct json_node *of_one(struct str entity, struct str id, struct str source, struct arena *a)
{
    const struct name name = {{entity, id, source}};
    return make(&name, 1, a);
}

const struct json_node *of_respell(const struct json_node *of, struct arena *a, struct err *e)
{
    if (is_canonical(of))
        return of;
    size_t n = json_count(of);
    struct name *name = n > 0 ? arena_array(a, n, sizeof *name) : NULL;
    if (n == 0) {
        err_field(e, STR("/of"));
        err_set(e, "record", "is empty");
    } else if (name == NULL) {
        err_memory(e);
    } else if (take_names(name, &n, of, a, e) == 0) {
        const struct json_node *made = make(name, n, a);
        if (made == NULL)
            err_memory(e);
        return made;
    }
    return NULL;
}
