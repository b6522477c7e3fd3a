/*
 * Inside of lib/json: keys in the order of RFC 8785 §3.2.3, that of their UTF-16 code units.
 */
#ifndef HUB_JSON_ORDER_H
#define HUB_JSON_ORDER_H

#include "json/json.h"

int json_key_cmp(const struct json_node *a, const struct json_node *b);

/*
 * A key to be sorted: a copy of its node in which span tells how many nodes behind the object's it stands.
 * Keys that are equal keep their order. SPARE has as much room as KEYS.
 */
size_t json_list_keys(struct json_node *keys, const struct json_node *object);
void json_sort_keys(struct json_node *keys, size_t count, struct json_node *spare);

#endif
