#include "json/order.h"

#include "base/utf8.h"
#include "json/pieces.h"

/* Byte for byte, since the pieces of the two sides do not match. */
static int decoded_cmp(const struct json_node *a, const struct json_node *b)
{
    struct json_pieces left = json_pieces_of(a), right = json_pieces_of(b);
    struct str x = {0}, y = {0};
    for (;;) {
        bool more = x.n > 0 || json_pieces_next(&left, &x);
        if (y.n == 0 && !json_pieces_next(&right, &y))
            return more;
        if (!more)
            return -1;
        size_t n = x.n < y.n ? x.n : y.n;
        int order = utf8_cmp_utf16(str_slice(x, 0, n), str_slice(y, 0, n));
        if (order != 0)
            return order;
        x = str_slice(x, n, x.n);
        y = str_slice(y, n, y.n);
    }
}

int json_key_cmp(const struct json_node *a, const struct json_node *b)
{
    if (a->form != JSON_ESCAPED && b->form != JSON_ESCAPED)
        return utf8_cmp_utf16(json_text(a), json_text(b));
    return decoded_cmp(a, b);
}

size_t json_list_keys(struct json_node *keys, const struct json_node *object)
{
    size_t count = 0;
    const struct json_node *end = json_next(object);
    for (const struct json_node *key = object + 1; key < end; key = json_next_key(key)) {
        keys[count] = *key;
        keys[count++].span = (uint32_t)(key - object) & JSON_SPAN_MOST;
    }
    return count;
}

static void insertion_sort(struct json_node *keys, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct json_node key = keys[i];
        size_t to = i;
        for (; to > 0 && json_key_cmp(&keys[to - 1], &key) > 0; to--)
            keys[to] = keys[to - 1];
        keys[to] = key;
    }
}

/* KEYS[0..middle) and KEYS[middle..count) are sorted. */
static void merge(struct json_node *keys, size_t middle, size_t count, struct json_node *spare)
{
    memcpy(spare, keys, middle * sizeof *keys);
    size_t left = 0, right = middle, to = 0;
    while (left < middle && right < count)
        keys[to++] = json_key_cmp(&spare[left], &keys[right]) <= 0 ? spare[left++] : keys[right++];
    memcpy(keys + to, spare + left, (middle - left) * sizeof *keys);
}

void json_sort_keys(struct json_node *keys, size_t count, struct json_node *spare)
{
    enum { FEW = 16 };
    if (count <= FEW) {
        insertion_sort(keys, count);
        return;
    }
    size_t middle = count / 2;
    json_sort_keys(keys, middle, spare);
    json_sort_keys(keys + middle, count - middle, spare);
    merge(keys, middle, count, spare);
}
