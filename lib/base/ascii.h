/*
 * What a byte is in ASCII, whatever the locale; bytes of other characters in UTF-8 are none of these.
 */
#ifndef HUB_BASE_ASCII_H
#define HUB_BASE_ASCII_H

#include <stdbool.h>

static inline bool ascii_is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

static inline bool ascii_is_capital(char c)
{
    return (unsigned char)(c - 'A') < 26;
}

static inline bool ascii_is_small(char c)
{
    return (unsigned char)(c - 'a') < 26;
}

static inline bool ascii_is_letter(char c)
{
    return ascii_is_small((char)(c | 0x20));
}

static inline bool ascii_is_hex(char c)
{
    return ascii_is_digit(c) || (unsigned char)((c | 0x20) - 'a') < 6;
}

/* C with a capital letter made small. */
static inline char ascii_lower(char c)
{
    return (char)(ascii_is_capital(c) ? c | 0x20 : c);
}

#endif
