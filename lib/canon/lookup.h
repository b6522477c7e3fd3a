/*
 * Named pairs that translate in both directions: enumerations and tables.
 *
 *     struct lookup *l = lookup_new(&arena, STR("status"), true);
 *     lookup_add(l, STR("paid"), &node);                 native word, canonical value
 *     const struct json_node *value = lookup_decode(l, word);
 */
#ifndef HUB_CANON_LOOKUP_H
#define HUB_CANON_LOOKUP_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "json/json.h"

struct lookup;

/* IS_ENUM: several words may mean one value, and the first of them is written. In a table that is ambiguous:
 * it then only reads. */
struct lookup *lookup_new(struct arena *a, struct str name, bool is_enum);
struct str lookup_name(const struct lookup *l);

/* Nodes and bytes must live as long as the lookup. 0; 1: the word is there already with another value; -1:
 * memory. */
int lookup_add(struct lookup *l, struct str word, const struct json_node *value);

/* The value that stands for all words not named (`*`). */
void lookup_set_rest(struct lookup *l, const struct json_node *value);
const struct json_node *lookup_rest(const struct lookup *l);

/* NULL: no such word (the rest is not considered). */
const struct json_node *lookup_decode(const struct lookup *l, struct str word);

/* The native word, as a string node, of a canonical text; NULL where there is none. *AMBIGUOUS: there are
 * several. */
const struct json_node *lookup_encode(const struct lookup *l, struct str value, bool *ambiguous);

/* Takes a row of a table's file; NAMES: the header of a file that has one, each name as the value of itself.
 * -1: E. */
typedef int lookup_row(void *arg, const struct json_node *object, bool names, struct err *e);

size_t lookup_count(const struct lookup *l);

#endif
