/*
 * What can be told of an x-check without the machine, from the members of its object alone:
 *
 * - that two sums are equal ("total == subtotal - discount_total + if(tax_inclusive, 0, tax_total)"),
 * reckoned in plain integers as long as all their terms are amounts of the same number of places;
 * - that it is not asked ("if(has(a) && has(b), …) < 1"), since a member is not there.
 *
 *     const struct glance *g = glance_of(code, frame, &arena);       NULL: it is another kind of check
 *     if (g != NULL && (answer = glance(g, value)) != GLANCE_UNKNOWN) ...
 */
#ifndef HUB_CANON_GLANCE_H
#define HUB_CANON_GLANCE_H

#include "base/arena.h"
#include "canon/code.h"

struct glance;

/* CODE is asked of the item of FRAME. NULL also where A is full. */
struct glance *glance_of(const struct code *code, const struct frame_def *frame, struct arena *a);

enum glance_answer {
    GLANCE_UNKNOWN, /* the machine knows */
    GLANCE_HOLDS,
    GLANCE_SKIPPED /* its left side is not there */
};

/* VALUE: of each key that is asked of the item, in the order of their slots; NULL: absent. */
enum glance_answer glance(const struct glance *g, const struct json_node *const *value);

#endif
