#include "base/simd.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { UNDECIDED = -1 };

/* The process-wide cache of the decision. Threads that race for it all store the same. */
static atomic_int decided = UNDECIDED;

static bool has(enum simd_level level)
{
    switch (level) {
    case SIMD_PORTABLE: return true;
#if defined __x86_64__
    case SIMD_SSE2: return true;
    case SIMD_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
#elif defined __aarch64__
    case SIMD_NEON: return true;
#endif
    default: return false;
    }
}

static enum simd_level best(void)
{
    static const enum simd_level falling[] = {SIMD_NEON, SIMD_AVX2, SIMD_SSE2};
    for (size_t i = 0; i < sizeof falling / sizeof falling[0]; i++)
        if (has(falling[i]))
            return falling[i];
    return SIMD_PORTABLE;
}

static enum simd_level decide(void)
{
    static const char *const names[] = {
        [SIMD_PORTABLE] = "portable", [SIMD_SSE2] = "sse2", [SIMD_AVX2] = "avx2", [SIMD_NEON] = "neon"};
    const char *wish = getenv("HUB_SIMD");
    for (size_t i = 0; wish != NULL && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(wish, names[i]) == 0 && has((enum simd_level)i))
            return (enum simd_level)i;
    return best();
}

enum simd_level simd_level(void)
{
    int level = atomic_load_explicit(&decided, memory_order_relaxed);
    if (level == UNDECIDED) {
        level = (int)decide();
        atomic_store_explicit(&decided, level, memory_order_relaxed);
    }
    return (enum simd_level)level;
}

bool simd_use(enum simd_level level)
{
    if (!has(level))
        return false;
    atomic_store_explicit(&decided, (int)level, memory_order_relaxed);
    return true;
}
