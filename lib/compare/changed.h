/*
 * The places in which two objects differ, as JSON Pointers (RFC 6901) in the order of their keys: the deepest
 * ones that hold no objects on both sides. A list is one place.
 *
 *     struct changed c;
 *     changed_init(&c, ignored, nignored);
 *     int n = changed_find(&c, before, after, &e);         n pointers, which c.list.node holds as a JSON
 * array changed_release(&c);
 *
 * The list is good until the next changed_find.
 */
#ifndef HUB_COMPARE_CHANGED_H
#define HUB_COMPARE_CHANGED_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "json/json.h"

struct changed {
    const struct str *ignored; /* pointers: what they point to, and all within, makes no difference */
    size_t nignored;
    struct json_tape list;
    struct buf pointer; /* of the place at hand */
    struct arena arena; /* the texts of the list, and keys that had to be decoded */
};

/* IGNORED stays the caller's. */
void changed_init(struct changed *c, const struct str *ignored, size_t nignored);
void changed_release(struct changed *c);

/* Both are parsed RFC 8785 text: keys sorted, one spelling for one value. How many places; -1: memory. */
int changed_find(struct changed *c, const struct json_node *before, const struct json_node *after,
                 struct err *e);

#endif
