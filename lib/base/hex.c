#include "base/hex.h"

#include "base/words.h"

/* The digits of four bytes, the first of each in front. */
static uint64_t digits_of(uint32_t bytes)
{
    uint64_t apart = (bytes | (uint64_t)bytes << 16) & UINT64_C(0x0000FFFF0000FFFF);
    apart = (apart | apart << 8) & UINT64_C(0x00FF00FF00FF00FF);
    uint64_t values = (apart >> 4 | apart << 8) & WORD_ONES * 15;
    uint64_t letters = (values + WORD_ONES * 6) >> 4 & WORD_ONES; /* 1 where the value is 10 or more */
    return values + WORD_ONES * '0' + letters * ('a' - '0' - 10);
}

char *hex_write(char *to, struct str bytes)
{
    size_t i = 0;
    for (; bytes.n - i >= 4; i += 4, to += 8) {
        uint64_t digits = digits_of(half_load(bytes.p + i));
        memcpy(to, &digits, 8);
    }
    for (; i < bytes.n; i++, to += 2) {
        uint64_t digits = digits_of((unsigned char)bytes.p[i]);
        memcpy(to, &digits, 2);
    }
    return to;
}

void hex_put(struct buf *out, struct str bytes)
{
    char *room = buf_room(out, 2 * bytes.n);
    if (room != NULL)
        out->n += (size_t)(hex_write(room, bytes) - room);
}

/* The value of a digit, or 16. */
static unsigned value(char c)
{
    return c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

/* The four bytes of eight digits, if they are such: who writes them anew gets the same. */
static uint32_t bytes_of(uint64_t digits)
{
    uint64_t values = (digits & WORD_ONES * 15) + (digits >> 6 & WORD_ONES) * 9; /* letters have that bit */
    uint64_t apart = (values << 4 | values >> 8) & UINT64_C(0x00FF00FF00FF00FF);
    apart = (apart | apart >> 8) & UINT64_C(0x0000FFFF0000FFFF);
    return (uint32_t)(apart | apart >> 16);
}

bool hex_read(char *to, struct str text)
{
    size_t i = 0;
    for (; text.n - i >= 8; i += 8, to += 4) {
        uint64_t digits = word_load(text.p + i);
        uint32_t bytes = bytes_of(digits);
        if (digits_of(bytes) != digits)
            return false;
        memcpy(to, &bytes, 4);
    }
    for (; i + 1 < text.n; i += 2) {
        unsigned high = value(text.p[i]), low = value(text.p[i + 1]);
        if (high == 16 || low == 16)
            return false;
        *to++ = (char)(high << 4 | low);
    }
    return text.n % 2 == 0;
}
