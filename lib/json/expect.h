/*
 * Inside of lib/json: the objects that a reader of many alike texts expects, because it has seen them before.
 * Where a text has them, its keys are told while it is parsed, none of them repeats, and it need not be gone
 * through again (json_check_record).
 *
 * Which object is expected where is learned from the last text that was not as expected: what the outermost
 * value is, and below each key.
 */
#ifndef HUB_JSON_EXPECT_H
#define HUB_JSON_EXPECT_H

#include "json/layout.h"

/* WAYS: how many layouts an object may have, from its home on. */
enum { EXPECT_LAYOUTS = 64, EXPECT_WAYS = 4, EXPECT_KEYS = 256, EXPECT_ALIKE = 4 };

struct expect {
    /* Of objects in which no key repeats. A key's tag: number of the layout, from 1, of the object that its
     * value is or is a list of; 0: not known. */
    struct layout layout[EXPECT_LAYOUTS];
    uint32_t outermost; /* the same of the whole text */

    /* The first objects of the text at hand that have a known layout, of the outermost ones, as nodes from
     * its start. */
    struct {
        size_t at;
        uint32_t layout;
    } alike[EXPECT_ALIKE];
    size_t nalike;
    size_t strange; /* other objects, of those with any keys */
};

static inline void expect_note(struct expect *x, size_t at, uint32_t layout)
{
    if (x->nalike == EXPECT_ALIKE)
        return;
    x->alike[x->nalike].at = at;
    x->alike[x->nalike++].layout = layout;
}

#endif
