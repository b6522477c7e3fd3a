#include "base/base64.h"

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *out, struct str bytes)
{
    char *to = buf_room(out, (bytes.n + 2) / 3 * 4);
    if (to == NULL)
        return;
    for (size_t i = 0; i < bytes.n; i += 3) {
        size_t left = bytes.n - i;
        uint32_t three = (uint32_t)(unsigned char)bytes.p[i] << 16;
        if (left > 1)
            three |= (uint32_t)(unsigned char)bytes.p[i + 1] << 8;
        if (left > 2)
            three |= (unsigned char)bytes.p[i + 2];
        to[0] = alphabet[three >> 18];
        to[1] = alphabet[three >> 12 & 63];
        to[2] = left > 1 ? alphabet[three >> 6 & 63] : '=';
        to[3] = left > 2 ? alphabet[three & 63] : '=';
        to += 4;
        out->n += 4;
    }
}

/* 0..63, or -1. */
static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters, of which PADDING are "=". RFC 4648 §3.5: the bits that are left over must be zero. */
static bool decode_four(struct buf *out, const char *text, unsigned padding)
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < 4 - padding; i++) {
        int value = value_of(text[i]);
        if (value == -1)
            return false;
        bits |= (uint32_t)value << (18 - 6 * i);
    }
    for (unsigned i = 0; i < 3 - padding; i++)
        buf_byte(out, (char)(bits >> (16 - 8 * i)));
    uint32_t left_over = padding == 0 ? 0 : padding == 1 ? 0xFF : 0xFFFF;
    return (bits & left_over) == 0;
}

bool base64_decode(struct buf *out, struct str text)
{
    if (text.n % 4 != 0)
        return false;
    for (size_t i = 0; i < text.n; i += 4) {
        bool last = i + 4 == text.n;
        unsigned padding = !last || text.p[i + 3] != '=' ? 0 : text.p[i + 2] != '=' ? 1 : 2;
        if (!decode_four(out, text.p + i, padding))
            return false;
    }
    return buf_ok(out);
}
