/*
 * A JSON value with one place in it changed: what `next` and `batch` of a description do to a request.
 *
 *     place_set(&tape, request, STR("/body/variables/skip"), value, &arena, &e)
 */
#ifndef HUB_SYSTEM_PLACE_H
#define HUB_SYSTEM_PLACE_H

#include "json/json.h"

/* Appends ROOT to OUT with VALUE at POINTER (NULL: without what is there). Objects on the way are made where
 * they are not there, and the last key is added. -1: the way leads through something else, or into a list
 * behind its end. */
int place_set(struct json_tape *out, const struct json_node *root, struct str pointer,
              const struct json_node *value, struct arena *a, struct err *e);

#endif
