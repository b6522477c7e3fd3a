#include "json/parse.h"

#if defined __x86_64__
#include <emmintrin.h>

#define JSON_SCAN json_scan_sse2
#define TARGET
#define INLINE static inline __attribute__((always_inline))

enum { STEP = 16 };

typedef struct {
    __m128i all;
} scan_seen;

INLINE struct json_marks scan_step(const char *p, scan_seen *seen)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    seen->all = _mm_or_si128(seen->all, bytes);
    return (struct json_marks){
        .quote = (uint32_t)_mm_movemask_epi8(quote),
        .stop = (uint32_t)_mm_movemask_epi8(_mm_or_si128(backslash, control)),
    };
}

INLINE uint64_t scan_differ(const char *p, const char *q)
{
    __m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i b = _mm_loadu_si128((const __m128i *)(const void *)q);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) ^ 0xFFFFu;
}

INLINE size_t first_mark(uint64_t marks)
{
    return (size_t)__builtin_ctzll(marks);
}

INLINE bool scan_high(scan_seen seen)
{
    return _mm_movemask_epi8(seen.all) != 0;
}

#include "json/parse_loop.inc"
#endif
