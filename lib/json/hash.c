#include "json/hash.h"

#include <sys/random.h>
#include <time.h>

struct hash_seed hash_seed_new(void)
{
    struct hash_seed seed;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed)
        return seed;
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t nanoseconds = (uint64_t)now.tv_nsec, stack = (uint64_t)(uintptr_t)&now;
    seed.a = hash_mix(nanoseconds ^ UINT64_C(0x9E3779B97F4A7C15), stack ^ UINT64_C(0xD1B54A32D192ED03));
    seed.b = hash_mix(seed.a ^ nanoseconds, UINT64_C(0x9E3779B97F4A7C15));
    return seed;
}
