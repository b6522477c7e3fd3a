#include "json/json.h"

#include <stdlib.h>

#include "json/order.h"

static bool same_text(const struct json_node *a, const struct json_node *b)
{
    return str_eq(json_text(a), json_text(b));
}

/* The I-th key that equals KEY among those in [at, end); NULL where there are fewer. */
static const struct json_node *find_key(const struct json_node *at, const struct json_node *end,
                                        const struct json_node *key, size_t i)
{
    for (; at < end; at = json_next_key(at))
        if (json_key_cmp(at, key) == 0 && i-- == 0)
            return at;
    return NULL;
}

static size_t count_key(const struct json_node *at, const struct json_node *end, const struct json_node *key)
{
    size_t count = 0;
    for (; at < end; at = json_next_key(at))
        count += json_key_cmp(at, key) == 0;
    return count;
}

/* Takes the square of the number of keys: for few of them, and where there is no memory for better. */
static bool equal_by_search(const struct json_node *a, const struct json_node *b)
{
    const struct json_node *end = json_next(a);
    for (const struct json_node *key = a + 1; key < end; key = json_next_key(key)) {
        const struct json_node *other = find_key(b + 1, json_next(b), key, count_key(a + 1, key, key));
        if (other == NULL || !json_equal(json_value_of(key), json_value_of(other)))
            return false;
    }
    return true;
}

/* LISTS has room for three lists of COUNT keys. */
static bool equal_by_lists(const struct json_node *a, const struct json_node *b, struct json_node *lists,
                           size_t count)
{
    struct json_node *left = lists, *right = lists + count, *spare = lists + 2 * count;
    json_list_keys(left, a);
    json_list_keys(right, b);
    json_sort_keys(left, count, spare);
    json_sort_keys(right, count, spare);
    for (size_t i = 0; i < count; i++)
        if (json_key_cmp(&left[i], &right[i]) != 0 ||
            !json_equal(json_value_of(a + left[i].span), json_value_of(b + right[i].span)))
            return false;
    return true;
}

static bool equal_in_any_order(const struct json_node *a, const struct json_node *b)
{
    enum { FEW = 32 };
    size_t count = json_count(a);
    if (count != json_count(b))
        return false;
    struct json_node *lists = count > FEW ? calloc(3 * count, sizeof *lists) : NULL;
    bool equal = lists != NULL ? equal_by_lists(a, b, lists, count) : equal_by_search(a, b);
    free(lists);
    return equal;
}

/* Whether two objects have the same keys in the same order, as they mostly do. */
static bool same_keys(const struct json_node *a, const struct json_node *b)
{
    const struct json_node *left = a + 1, *right = b + 1;
    while (left < json_next(a) && right < json_next(b)) {
        if (json_key_cmp(left, right) != 0)
            return false;
        left = json_next_key(left);
        right = json_next_key(right);
    }
    return left == json_next(a) && right == json_next(b);
}

/* The values of two containers, side by side. */
static bool same_values(const struct json_node *a, const struct json_node *b)
{
    bool object = a->type == JSON_OBJECT;
    const struct json_node *left = a + 1, *right = b + 1;
    while (left < json_next(a) && right < json_next(b)) {
        if (!json_equal(left + object, right + object))
            return false;
        left = object ? json_next_key(left) : json_next(left);
        right = object ? json_next_key(right) : json_next(right);
    }
    return left == json_next(a) && right == json_next(b);
}

bool json_equal(const struct json_node *a, const struct json_node *b)
{
    if (a->type != b->type)
        return false;
    switch ((enum json_type)a->type) {
    case JSON_NUMBER: return same_text(a, b);
    case JSON_STRING: return a->form == b->form && same_text(a, b) ? true : json_key_cmp(a, b) == 0;
    case JSON_ARRAY: return a->span == b->span && same_values(a, b);
    case JSON_OBJECT:
        if (a->span != b->span)
            return false;
        return same_keys(a, b) ? same_values(a, b) : equal_in_any_order(a, b);
    default: return true;
    }
}
