/*
 * What schema_apply.c and schema_fail.c share: where the walk over a record is, and what it says of what the
 * contract does not take. The place of an error is only put together when there is one.
 */
#ifndef HUB_CANON_SCHEMA_WALK_H
#define HUB_CANON_SCHEMA_WALK_H

#include "canon/schema_tree.h"

/* Where the walk is: an object's member or a list's item. */
struct walk_place {
    const struct walk_place *outer;
    const struct json_node *key; /* NULL: an item */
    size_t index;
};

struct walk {
    struct json_node *out; /* the next node to write */
    size_t changes;        /* what was respelled or moved so far */
    const struct json_node *root;
    const struct schema *schema; /* of the root */
    struct arena *arena;
    struct schema_run *run;
    struct err *e;
};

/* All return -1, with the code `contract` in w->e, but for memory. AT: NULL for the root. */

/* What was put into w->e stands at AT; behind it NAME, where it is a member that is not there. */
int schema_fail_at(struct walk *w, const struct walk_place *at, struct str name);

/* "MESSAGE: VALUE" */
int schema_fail(struct walk *w, const struct walk_place *at, const char *message,
                const struct json_node *value);

int schema_fail_memory(struct walk *w);
int schema_fail_type(struct walk *w, const struct schema *s, const struct walk_place *at,
                     const struct json_node *value);
int schema_fail_choice(struct walk *w, const struct schema *s, const struct walk_place *at,
                       const struct json_node *value);
int schema_fail_missing(struct walk *w, const struct walk_place *at, struct str name);
int schema_fail_unknown(struct walk *w, const struct schema *s, const struct walk_place *at);

#endif
