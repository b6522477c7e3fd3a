/*
 * SipHash-2-4 with 128 bits (Aumasson and Bernstein, 2012): a keyed hash. Who does not know the key cannot
 * make two texts that collide, and by chance it does not happen: the hash stands for the text.
 */
#ifndef HUB_BASE_SIPHASH_H
#define HUB_BASE_SIPHASH_H

#include <stdint.h>

#include "base/str.h"

struct siphash_key {
    uint64_t k0, k1;
};

struct siphash {
    uint64_t low, high;
};

struct siphash siphash_128(struct siphash_key key, struct str text);

/* A key that nobody knows. */
struct siphash_key siphash_random_key(void);

#endif
