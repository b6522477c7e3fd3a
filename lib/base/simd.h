/*
 * Which vector instructions to use, decided once. HUB_SIMD=portable|sse2|avx2|neon in the environment lowers
 * it, for tests and for telling a fault in the vector code from one elsewhere; a level that the processor
 * lacks is ignored.
 */
#ifndef HUB_BASE_SIMD_H
#define HUB_BASE_SIMD_H

#include <stdbool.h>

enum simd_level { SIMD_PORTABLE, SIMD_SSE2, SIMD_AVX2, SIMD_NEON };

/* Kept for the process, since neither the processor nor (for us) the environment changes. */
enum simd_level simd_level(void);

/* Chooses for the rest of the process, so that a test runs all levels; false, and nothing changed, where the
 * processor lacks it. */
bool simd_use(enum simd_level level);

#endif
