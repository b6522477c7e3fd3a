/*
 * Inside of utf8.c: the checks for one set of vector instructions each, and the plain one that they end with.
 */
#ifndef HUB_BASE_UTF8_VECTOR_H
#define HUB_BASE_UTF8_VECTOR_H

#include "base/str.h"

/* utf8_check of s.p[at..], where AT is the start of a character. */
size_t utf8_check_from(struct str s, size_t at);

size_t utf8_check_sse2(struct str s);
size_t utf8_check_avx2(struct str s);
size_t utf8_check_neon(struct str s);

#endif
