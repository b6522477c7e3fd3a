/*
 * Which lines of a bulk file belong together: children name the id of their parent, which may stand anywhere.
 * A line has 96 bytes here, a table of ids included; its text lies elsewhere.
 *
 *     struct family f;
 *     family_init(&f, 256 << 20);
 *     family_add(&f, &node, id, parent, &e)       for each line: line, offset, n and kind of NODE are said
 *     family_link(&f, &e);
 *     for (uint32_t i = 0; i < f.n; i++)
 *         if (f.node[i].top) …                the first line of a record; or, by its fault, refused alone
 *     family_release(&f);
 */
#ifndef HUB_SOURCE_FAMILY_H
#define HUB_SOURCE_FAMILY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/siphash.h"

/* FAMILY_TWICE: its id is that of another line, too, and children name it. */
enum family_fault { FAMILY_WELL, FAMILY_NO_PARENT, FAMILY_TWO_PARENTS, FAMILY_OWN_PARENT, FAMILY_TWICE };

enum { FAMILY_NONE = UINT32_MAX };

struct family_node {
    uint64_t line, offset;
    struct siphash id, parent;      /* 0, 0: none */
    uint32_t n, kind;               /* bytes of its text; what its parent keeps it under */
    uint32_t up, child, last, next; /* nodes or FAMILY_NONE: its parent, its first and last child, the next
                                     one of its parent */
    bool top, reached;
    bool twice, named; /* another line has its id; then: and children name it */
    enum family_fault fault;
};

struct family {
    struct siphash_key key;
    struct family_node *node;
    uint32_t n, cap;
    uint32_t *slot; /* of the nodes with an id */
    size_t slots;   /* a power of two */
    size_t max;     /* bytes */
};

void family_init(struct family *f, size_t max);
void family_release(struct family *f);

/* ID and PARENT: absent where there is none. -1: more than the maximum (`memory`). */
int family_add(struct family *f, const struct family_node *node, struct str id, struct str parent,
               struct err *e);

/* When all were added. -1: memory. */
int family_link(struct family *f, struct err *e);

/* The node behind AT in the tree below TOP: its first child, or else what follows it; FAMILY_NONE at the end.
 */
uint32_t family_walk(const struct family *f, uint32_t top, uint32_t at);

#endif
