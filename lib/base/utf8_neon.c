#include "base/utf8_vector.h"

#if defined __aarch64__
#include <arm_neon.h>

#define UTF8_CHECK utf8_check_neon
#define TARGET
#define INLINE static inline __attribute__((always_inline))

enum { VECTOR = 16 };
typedef uint8x16_t vector;

INLINE vector vector_load(const char *p)
{
    return vld1q_u8((const uint8_t *)p);
}

INLINE vector vector_fill(unsigned char c)
{
    return vdupq_n_u8(c);
}

INLINE vector vector_or(vector a, vector b)
{
    return vorrq_u8(a, b);
}

INLINE vector vector_and(vector a, vector b)
{
    return vandq_u8(a, b);
}

INLINE vector vector_xor(vector a, vector b)
{
    return veorq_u8(a, b);
}

/* a - b, 0 where that is negative. */
INLINE vector vector_less(vector a, vector b)
{
    return vqsubq_u8(a, b);
}

INLINE vector vector_high_nibbles(vector a)
{
    return vshrq_n_u8(a, 4);
}

INLINE vector vector_lookup(const unsigned char table[16], vector nibbles)
{
    return vqtbl1q_u8(vld1q_u8(table), nibbles);
}

/* NOW moved up by COUNT bytes, with the last ones of BEFORE in front. */
#define vector_shift_in(before, now, count) vextq_u8(before, now, 16 - (count))

INLINE bool vector_any(vector a)
{
    return vmaxvq_u8(a) != 0;
}

INLINE bool vector_any_high_bit(vector a)
{
    return vmaxvq_u8(a) >= 0x80;
}

#include "base/utf8_lookup.inc"
#endif
