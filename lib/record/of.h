/*
 * `of` of the envelope: what a record was made from. It names a set of records, so in its one spelling they
 * are sorted, and each stands once.
 *
 *     if ((r->of = of_respell(r->of, &arena, &e)) == NULL) ...
 */
#ifndef HUB_RECORD_OF_H
#define HUB_RECORD_OF_H

#include "base/arena.h"
#include "base/err.h"
#include "json/json.h"

/* An array: itself where it is spelled so, else another in A. NULL: it does not name records (code `record`),
 * or memory. */
const struct json_node *of_respell(const struct json_node *of, struct arena *a, struct err *e);

/* The array that names this record alone, in A; the texts stay where they are. NULL: memory. */
const struct json_node *of_one(struct str entity, struct str id, struct str source, struct arena *a);

#endif
