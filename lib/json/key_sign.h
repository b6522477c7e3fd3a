/*
 * The hot path of who knows which key comes next: what a key must look like, as two numbers.
 *
 *     struct key_sign sign = key_sign_of(STR("total"));
 *     if (key_is(key, &sign, "total")) ...
 *
 * Only a key that is not escaped is told; of others it says no.
 */
#ifndef HUB_JSON_KEY_SIGN_H
#define HUB_JSON_KEY_SIGN_H

#include "base/words.h"
#include "json/json.h"

struct key_sign {
    uint64_t shape; /* n, span, type and form of its node */
    uint64_t front; /* word_front of its bytes */
};

/* What stands behind p in a node, in one load. */
static inline uint64_t node_shape(const struct json_node *node)
{
    _Static_assert(sizeof *node == offsetof(struct json_node, n) + sizeof(uint64_t), "no padding");
    return word_load((const char *)node + offsetof(struct json_node, n));
}

static inline struct key_sign key_sign_of(struct str name)
{
    struct json_node node = json_string_node(name);
    return (struct key_sign){node_shape(&node), word_front(name.p, name.n)};
}

/* Whether KEY is the string at NAME, which has this sign. */
static inline bool key_is(const struct json_node *key, const struct key_sign *sign, const char *name)
{
    return node_shape(key) == sign->shape && same_with_front(key->p, name, sign->front, key->n);
}

#endif
