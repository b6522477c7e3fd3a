/*
 * The texts that were seen, 16 bytes each: a set of their keyed hashes, within a maximum of memory.
 *
 *     struct seen seen;
 *     seen_init(&seen, 256 << 20);
 *     if (seen_add(&seen, key) == 0) ...                 it is there already
 *     seen_release(&seen);
 */
#ifndef HUB_BASE_SEEN_H
#define HUB_BASE_SEEN_H

#include <stdbool.h>

#include "base/siphash.h"

struct seen {
    struct siphash_key key;
    struct siphash *slot; /* open addressing; 0, 0: free */
    size_t slots, used;   /* slots is 0 or a power of two */
    size_t max;           /* bytes, also while the table grows */
};

void seen_init(struct seen *s, size_t max);
void seen_release(struct seen *s);

/* Forgets all, keeps the memory. */
void seen_clear(struct seen *s);

/* 1: added; 0: it was there; -1: no memory within the maximum. */
int seen_add(struct seen *s, struct str text);

bool seen_has(const struct seen *s, struct str text);

#endif
