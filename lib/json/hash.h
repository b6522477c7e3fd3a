/*
 * For those who keep the keys of objects: a keyed hash of short strings, all bytes counted. Who does not know
 * the seed cannot make many keys that fall on one place.
 */
#ifndef HUB_JSON_HASH_H
#define HUB_JSON_HASH_H

#include "base/str.h"
#include "base/words.h"

struct hash_seed {
    uint64_t a, b;
};

/* From the kernel's random numbers; from what little varies by itself where there are none. */
struct hash_seed hash_seed_new(void);

/* Both halves of the 128 bits of the product. */
static inline uint64_t hash_mix(uint64_t x, uint64_t y)
{
    __extension__ typedef unsigned __int128 uint128;
    uint128 product = (uint128)x * y;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_bytes(struct hash_seed seed, struct str s)
{
    if (s.n < 8)
        return hash_mix(word_load_few(s.p, s.n) ^ seed.a, s.n ^ seed.b);
    uint64_t state = s.n ^ seed.b;
    for (; s.n > 16; s.p += 8, s.n -= 8)
        state = hash_mix(word_load(s.p) ^ seed.a, state) ^ seed.b;
    return hash_mix(word_load(s.p) ^ seed.a, word_load(s.p + s.n - 8) ^ state);
}

#endif
