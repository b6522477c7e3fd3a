/*
 * Which lines of a bulk file belong together: children name the id of their parent, which may stand anywhere.
 * A line has 80 bytes here, in a file without a name (base/spill.h); its text lies elsewhere. In memory there
 * is a table of ids, of those with some part of all hashes at a time.
 *
 *     struct family f;
 *     family_init(&f, 8 << 20);
 *     family_add(&f, &node, id, parent, &e)       for each line: line, offset, n and kind of NODE are said
 *     family_link(&f, &e);
 *     for (uint32_t i = 0; i < f.n; i++)
 *         if (f.node[i].top) …                the first line of a record; or, by its fault, refused alone
 *     family_rest(&f);                        now and then, while its nodes are used
 *     family_release(&f);
 */
#ifndef HUB_SOURCE_FAMILY_H
#define HUB_SOURCE_FAMILY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/siphash.h"
#include "base/spill.h"

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

struct family_slot {
    uint32_t node; /* FAMILY_NONE: free */
    uint32_t tag;  /* of its hash: a node is looked at only where that is equal */
};

struct family {
    struct siphash_key key;
    struct spill spill;
    struct family_node *node; /* in it */
    uint32_t n, cap;
    struct family_slot *slot; /* of the nodes whose id belongs to the part at hand */
    size_t slots;             /* a power of two */
    unsigned part_bits;       /* there are so many parts, 1 << part_bits */
    size_t max;               /* bytes of slots */
    unsigned visits;          /* since the nodes were left */
};

/* MAX: bytes of memory for the table of ids; the less, the more often all nodes are gone through. */
void family_init(struct family *f, size_t max);
void family_release(struct family *f);

/* ID and PARENT: absent where there is none. -1: no room. */
int family_add(struct family *f, const struct family_node *node, struct str id, struct str parent,
               struct err *e);

/* When all were added. -1: memory. */
int family_link(struct family *f, struct err *e);

/* The node behind AT in the tree below TOP: its first child, or else what follows it; FAMILY_NONE at the end.
 */
uint32_t family_walk(const struct family *f, uint32_t top, uint32_t at);

/* A node was visited: of many, far from each other, the memory is given back from time to time. */
void family_rest(struct family *f);

#endif
