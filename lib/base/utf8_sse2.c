#include "base/utf8_vector.h"

#if defined __x86_64__
#include <emmintrin.h>

enum { BLOCK = 64 };

static bool is_ascii(const char *p)
{
    __m128i all = _mm_setzero_si128();
    for (int i = 0; i < BLOCK; i += 16)
        all = _mm_or_si128(all, _mm_loadu_si128((const __m128i *)(const void *)(p + i)));
    return _mm_movemask_epi8(all) == 0;
}

/* SSE2 has no table look-up: it passes over the ASCII at the front, where most texts end. */
size_t utf8_check_sse2(struct str s)
{
    size_t at = 0;
    while (s.n - at >= BLOCK && is_ascii(s.p + at))
        at += BLOCK;
    return utf8_check_from(s, at);
}
#endif
