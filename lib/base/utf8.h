/*
 * UTF-8 (RFC 3629): shortest forms only, no surrogates, nothing above U+10FFFF.
 */
#ifndef HUB_BASE_UTF8_H
#define HUB_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Offset of the first byte of the first sequence that is not UTF-8; s.n where all is well. Vectorised, chosen
 * at run time; HUB_SIMD=portable in the environment (read once) chooses the plain C one. */
size_t utf8_check(struct str s);

/* Bytes of the sequence at s.p[at] (valid UTF-8 is assumed), and its code point. */
size_t utf8_decode(struct str s, size_t at, uint32_t *code_point);

/* Writes 1..4 bytes; CODE_POINT must be a scalar value. */
size_t utf8_encode(char out[4], uint32_t code_point);

/* Characters (code points) in valid UTF-8. */
size_t utf8_count(struct str s);

/* Order of the UTF-16 code units: the order of keys in RFC 8785 §3.2.3. Differs from str_cmp only where one
 * side has a character above U+FFFF and the other one in U+E000..U+FFFF. */
int utf8_cmp_utf16(struct str a, struct str b);

/* The same for the first bytes in which two strings differ. */
int utf8_byte_cmp_utf16(char a, char b);

#endif
