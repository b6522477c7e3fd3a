/*
 * For hot paths: eight bytes at a time in a plain register, and short copies and comparisons without a call.
 * Nothing here reads or writes outside the bytes that it is given.
 */
#ifndef HUB_BASE_WORDS_H
#define HUB_BASE_WORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* The first byte of a word is its lowest on every machine that this runs on. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little-endian");

#define WORD_ONES  UINT64_C(0x0101010101010101)
#define WORD_HIGHS UINT64_C(0x8080808080808080)

static inline uint64_t word_load(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint32_t half_load(const char *p)
{
    uint32_t half;
    memcpy(&half, p, sizeof half);
    return half;
}

/* N <= 7 bytes, zeros behind them. */
static inline uint64_t word_load_few(const char *p, size_t n)
{
    if (n >= 4)
        return half_load(p) | (uint64_t)half_load(p + n - 4) << (n - 4) * 8;
    if (n == 0)
        return 0;
    uint64_t first = (unsigned char)p[0], middle = (unsigned char)p[n / 2], last = (unsigned char)p[n - 1];
    return first | middle << n / 2 * 8 | last << (n - 1) * 8;
}

/* A mark (the high bit) at the first byte below LEAST (at most 0x80), and perhaps at later ones; 0 where
 * there is none. */
static inline uint64_t word_below(uint64_t word, unsigned char least)
{
    return (word - WORD_ONES * least) & ~word & WORD_HIGHS;
}

static inline uint64_t word_equal(uint64_t word, unsigned char byte)
{
    return word_below(word ^ WORD_ONES * byte, 1);
}

/* Blanks, which need no escape, behind N <= 7 bytes. */
static inline uint64_t word_blanks(size_t n)
{
    return WORD_ONES * ' ' << n * 8;
}

/* A mark at the first byte that a JSON string cannot hold as it is. */
static inline uint64_t word_unclean(uint64_t word)
{
    return word_equal(word, '"') | word_equal(word, '\\') | word_below(word, ' ');
}

/* Index of the byte of the first mark. */
static inline size_t word_first(uint64_t marks)
{
    return (size_t)__builtin_ctzll(marks) >> 3;
}

static inline bool same_bytes(const char *a, const char *b, size_t n)
{
    if (n < 8)
        return word_load_few(a, n) == word_load_few(b, n);
    if (n > 32)
        return memcmp(a, b, n) == 0;
    uint64_t differ = word_load(a + n - 8) ^ word_load(b + n - 8);
    for (size_t i = 0; i + 8 < n; i += 8)
        differ |= word_load(a + i) ^ word_load(b + i);
    return differ == 0;
}

/* The first eight bytes; zeros where there are fewer. */
static inline uint64_t word_front(const char *p, size_t n)
{
    return n < 8 ? word_load_few(p, n) : word_load(p);
}

/* same_bytes, where B's front is known. */
static inline bool same_with_front(const char *a, const char *b, uint64_t front, size_t n)
{
    if (word_front(a, n) != front)
        return false;
    if (n <= 8)
        return true;
    for (size_t i = 8; i + 8 < n; i += 8)
        if (word_load(a + i) != word_load(b + i))
            return false;
    return word_load(a + n - 8) == word_load(b + n - 8);
}

static inline void copy_bytes(char *to, const char *from, size_t n)
{
    if (n > 32) {
        memcpy(to, from, n);
    } else if (n >= 16) {
        char first[16], last[16];
        memcpy(first, from, 16);
        memcpy(last, from + n - 16, 16);
        memcpy(to, first, 16);
        memcpy(to + n - 16, last, 16);
    } else if (n >= 8) {
        uint64_t first = word_load(from), last = word_load(from + n - 8);
        memcpy(to, &first, 8);
        memcpy(to + n - 8, &last, 8);
    } else if (n >= 4) {
        uint32_t first = half_load(from), last = half_load(from + n - 4);
        memcpy(to, &first, 4);
        memcpy(to + n - 4, &last, 4);
    } else if (n > 0) {
        char middle = from[n / 2], last = from[n - 1];
        to[0] = from[0];
        to[n / 2] = middle;
        to[n - 1] = last;
    }
}

#endif
