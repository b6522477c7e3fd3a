/*
 * Random numbers for tests that state laws: the same ones in every run, from a seed that the test names.
 */
#ifndef HUB_TESTS_RANDOM_H
#define HUB_TESTS_RANDOM_H

#include <stdint.h>

static uint64_t random_state = 1;

/* SEED: not 0. */
static inline void random_seed(uint64_t seed)
{
    random_state = seed;
}

/* xorshift64*. */
static inline uint64_t random_next(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(2685821657736338717);
}

/* From 0 up to but without N. */
static inline uint32_t random_below(uint32_t n)
{
    return (uint32_t)(random_next() >> 33) % n;
}

#endif
