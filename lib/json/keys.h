/*
 * A set of keys, known beforehand, to be found in many objects that mostly look alike (the records of one
 * stream). Where an object has its keys in the order of the one before, each costs one comparison of bytes.
 *
 *     struct json_keys *keys = json_keys_new(names, count, &arena);
 *     const struct json_node *found[count];
 *     json_keys_find(keys, object, found);          found[i]: the value of names[i], or NULL
 *
 * One user at a time: it remembers the layout that it saw last. Nothing is allocated after json_keys_new,
 * save when an object has more keys than any before.
 */
#ifndef HUB_JSON_KEYS_H
#define HUB_JSON_KEYS_H

#include "json/json.h"

struct json_keys;

/* The names are copied. Duplicates among them: the first index is filled. NULL: memory. Free with
 * json_keys_free. */
struct json_keys *json_keys_new(const struct str *names, size_t count);
void json_keys_free(struct json_keys *k);

/* Fills FOUND[0..count). OBJECT may be NULL or something else than an object: then all are NULL. Returns how
 * many keys of the object are none of the set. */
size_t json_keys_find(struct json_keys *k, const struct json_node *object, const struct json_node **found);

/* The same for an object of which it is known to whom it is alike (json_alike; 0: not known): where the last
 * one that was found had the same number, no key is looked at. */
size_t json_keys_find_alike(struct json_keys *k, const struct json_node *object, uint64_t number,
                            const struct json_node **found);

#endif
