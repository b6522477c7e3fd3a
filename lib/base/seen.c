#include "base/seen.h"

#include <stdlib.h>

enum { SLOTS_FIRST = 1024 };

void seen_init(struct seen *s, size_t max)
{
    *s = (struct seen){.key = siphash_random_key(), .max = max};
}

void seen_release(struct seen *s)
{
    free(s->slot);
    s->slot = NULL;
    s->slots = s->used = 0;
}

void seen_clear(struct seen *s)
{
    if (s->slots > 0)
        memset(s->slot, 0, s->slots * sizeof *s->slot);
    s->used = 0;
}

/* Where HASH is, or the free slot where it would be. */
static struct siphash *find(const struct seen *s, struct siphash hash)
{
    size_t mask = s->slots - 1;
    for (size_t i = (size_t)hash.low & mask;; i = (i + 1) & mask) {
        struct siphash *slot = &s->slot[i];
        if ((slot->low == hash.low && slot->high == hash.high) || (slot->low == 0 && slot->high == 0))
            return slot;
    }
}

static bool grow(struct seen *s)
{
    size_t slots = s->slots == 0 ? SLOTS_FIRST : s->slots * 2;
    if ((slots + s->slots) > s->max / sizeof *s->slot)
        return false;
    struct seen wider = *s;
    wider.slots = slots;
    wider.slot = calloc(slots, sizeof *wider.slot);
    if (wider.slot == NULL)
        return false;
    for (size_t i = 0; i < s->slots; i++)
        if (s->slot[i].low != 0 || s->slot[i].high != 0)
            *find(&wider, s->slot[i]) = s->slot[i];
    free(s->slot);
    *s = wider;
    return true;
}

static struct siphash hash_of(const struct seen *s, struct str text)
{
    struct siphash hash = siphash_128(s->key, text);
    if (hash.low == 0 && hash.high == 0)
        hash.low = 1;
    return hash;
}

bool seen_has(const struct seen *s, struct str text)
{
    if (s->used == 0)
        return false;
    struct siphash hash = hash_of(s, text), *slot = find(s, hash);
    return slot->low == hash.low && slot->high == hash.high;
}

int seen_add(struct seen *s, struct str text)
{
    /* At most three quarters full; where it may not grow, seven eighths. */
    if (s->used >= s->slots / 4 * 3 && !grow(s) && s->used >= s->slots / 8 * 7)
        return -1;
    struct siphash hash = hash_of(s, text), *slot = find(s, hash);
    if (slot->low == hash.low && slot->high == hash.high)
        return 0;
    *slot = hash;
    s->used++;
    return 1;
}
