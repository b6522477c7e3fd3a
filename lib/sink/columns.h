/*
 * The names of columns, in the order in which they were added, each found at once.
 *
 *     struct columns columns;
 *     if (!columns_init(&columns, most, &arena)) ...             memory
 *     if (!columns_have(&columns, name)) columns_add(&columns, name);
 *
 * All memory is the arena's; the bytes of a name stay the caller's.
 */
#ifndef HUB_SINK_COLUMNS_H
#define HUB_SINK_COLUMNS_H

#include "base/arena.h"
#include "json/hash.h"

struct columns {
    struct str *name;
    size_t n, most;
    uint32_t *slot; /* one more than the index of a name, 0: free; at least twice as many as names */
    size_t mask;
    struct hash_seed seed;
};

/* Room for MOST names. False: memory. */
bool columns_init(struct columns *c, size_t most, struct arena *a);

bool columns_have(const struct columns *c, struct str name);

/* Of two with one name the first is found. There must be room. */
void columns_add(struct columns *c, struct str name);

#endif
