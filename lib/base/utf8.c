#include "base/utf8.h"

#include "base/simd.h"
#include "base/utf8_vector.h"

static bool is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* Bytes of the well-formed sequence at P, of which N > 0 bytes are there; 0 where there is none. The ranges
 * are those of RFC 3629 §4 (UTF8-octets). */
static size_t sequence(const unsigned char *p, size_t n)
{
    unsigned char lead = p[0];
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4 || n < 2)
        return 0;
    if (lead < 0xE0)
        return is_continuation(p[1]) ? 2 : 0;
    unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < least || p[1] > most || n < 3 || !is_continuation(p[2]))
        return 0;
    if (lead < 0xF0)
        return 3;
    return n >= 4 && is_continuation(p[3]) ? 4 : 0;
}

static bool is_ascii8(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

size_t utf8_check_from(struct str s, size_t at)
{
    while (at < s.n) {
        if (s.n - at >= 8 && is_ascii8(s.p + at)) {
            at += 8;
            continue;
        }
        size_t n = sequence((const unsigned char *)s.p + at, s.n - at);
        if (n == 0)
            return at;
        at += n;
    }
    return s.n;
}

size_t utf8_check(struct str s)
{
    switch (simd_level()) {
#if defined __x86_64__
    case SIMD_AVX2: return utf8_check_avx2(s);
    case SIMD_SSE2: return utf8_check_sse2(s);
#elif defined __aarch64__
    case SIMD_NEON: return utf8_check_neon(s);
#endif
    default: return utf8_check_from(s, 0);
    }
}

size_t utf8_decode(struct str s, size_t at, uint32_t *code_point)
{
    const unsigned char *p = (const unsigned char *)s.p + at;
    if (p[0] < 0x80) {
        *code_point = p[0];
        return 1;
    }
    if (p[0] < 0xE0) {
        *code_point = (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
        return 2;
    }
    if (p[0] < 0xF0) {
        *code_point = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
        return 3;
    }
    *code_point = (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    return 4;
}

size_t utf8_encode(char out[4], uint32_t code_point)
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xC0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xE0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code_point & 0x3F));
    return 4;
}

size_t utf8_count(struct str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++)
        count += !is_continuation((unsigned char)s.p[i]);
    return count;
}

/* In UTF-16 what is above U+FFFF starts with a surrogate (D800..DFFF), and so stands before U+E000..U+FFFF
 * (UTF-8: EE, EF); in UTF-8 (F0..F4) it stands behind them. Where two strings first differ in such bytes both
 * are leading bytes. */
static int utf16_rank(unsigned char c)
{
    return c == 0xEE || c == 0xEF ? c + 0x10 : c;
}

int utf8_byte_cmp_utf16(char a, char b)
{
    return utf16_rank((unsigned char)a) - utf16_rank((unsigned char)b);
}

static uint64_t load8(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

int utf8_cmp_utf16(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n, i = 0;
    while (n - i >= 8 && load8(a.p + i) == load8(b.p + i))
        i += 8;
    while (i < n && a.p[i] == b.p[i])
        i++;
    if (i < n)
        return utf8_byte_cmp_utf16(a.p[i], b.p[i]);
    return (a.n > b.n) - (a.n < b.n);
}
