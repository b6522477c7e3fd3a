#include "base/utf8_vector.h"

#if defined __x86_64__
#include <immintrin.h>

#define UTF8_CHECK utf8_check_avx2
#define TARGET     __attribute__((target("avx2,bmi")))
#define INLINE     static inline __attribute__((always_inline, target("avx2,bmi")))

enum { VECTOR = 32 };
typedef __m256i vector;

INLINE vector vector_load(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

INLINE vector vector_fill(unsigned char c)
{
    return _mm256_set1_epi8((char)c);
}

INLINE vector vector_or(vector a, vector b)
{
    return _mm256_or_si256(a, b);
}

INLINE vector vector_and(vector a, vector b)
{
    return _mm256_and_si256(a, b);
}

INLINE vector vector_xor(vector a, vector b)
{
    return _mm256_xor_si256(a, b);
}

/* a - b, 0 where that is negative. */
INLINE vector vector_less(vector a, vector b)
{
    return _mm256_subs_epu8(a, b);
}

INLINE vector vector_high_nibbles(vector a)
{
    return _mm256_and_si256(_mm256_srli_epi16(a, 4), _mm256_set1_epi8(0x0F));
}

INLINE vector vector_lookup(const unsigned char table[16], vector nibbles)
{
    __m128i half = _mm_loadu_si128((const __m128i *)(const void *)table);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(half), nibbles);
}

/* NOW moved up by COUNT bytes, with the last ones of BEFORE in front. */
#define vector_shift_in(before, now, count)                                                                  \
    _mm256_alignr_epi8(now, _mm256_permute2x128_si256(before, now, 0x21), 16 - (count))

INLINE bool vector_any(vector a)
{
    return !_mm256_testz_si256(a, a);
}

INLINE bool vector_any_high_bit(vector a)
{
    return _mm256_movemask_epi8(a) != 0;
}

#include "base/utf8_lookup.inc"
#endif
