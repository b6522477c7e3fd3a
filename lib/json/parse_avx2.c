#include "json/parse.h"

#if defined __x86_64__
#include <immintrin.h>

#define JSON_SCAN json_scan_avx2
#define TARGET    __attribute__((target("avx2,bmi")))
#define INLINE    static inline __attribute__((always_inline, target("avx2,bmi")))

enum { STEP = 32 };

typedef struct {
    __m256i all;
} scan_seen;

INLINE struct json_marks scan_step(const char *p, scan_seen *seen)
{
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
    __m256i backslash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
    __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1F)), bytes);
    seen->all = _mm256_or_si256(seen->all, bytes);
    return (struct json_marks){
        .quote = (uint32_t)_mm256_movemask_epi8(quote),
        .stop = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(backslash, control)),
    };
}

INLINE uint64_t scan_differ(const char *p, const char *q)
{
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)q);
    return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b));
}

INLINE size_t first_mark(uint64_t marks)
{
    return (size_t)__builtin_ctzll(marks);
}

INLINE bool scan_high(scan_seen seen)
{
    return _mm256_movemask_epi8(seen.all) != 0;
}

#include "json/parse_loop.inc"
#endif
