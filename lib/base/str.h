/*
 * Slices: a pointer and a length. NUL ends nothing, and nothing is owned: a slice is good for as long as
 * the bytes that it points into (each function that returns one says how long that is).
 *
 *     struct str name = STR("orders");
 *     if (str_eq(name, str_of(argv[1])))
 *         ...
 */
#ifndef HUB_BASE_STR_H
#define HUB_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
    const char *p; /* NULL only when absent; an empty slice has a pointer */
    size_t n;      /* bytes */
};

/* The slice of a string literal. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})

static inline struct str str_of(const char *text)
{
    return (struct str){text, text != NULL ? strlen(text) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The same, but that the letters of ASCII are alike in both cases. */
bool str_eq_nocase(struct str a, struct str b);

static inline bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

/* [from, to) of S; both are clipped to its length. */
static inline struct str str_slice(struct str s, size_t from, size_t to)
{
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    return (struct str){from > 0 ? s.p + from : s.p,
                        to - from}; /* an absent slice has no pointer to add to */
}

/* Order of the bytes, shorter first where one is a prefix of the other: the order of the code points of
 * valid UTF-8. */
int str_cmp(struct str a, struct str b);

/* Offset of the first BYTE, or s.n. */
size_t str_find(struct str s, char byte);

/* Offset of the first occurrence of NEEDLE at or after FROM, or s.n + 1 where there is none. */
size_t str_search(struct str s, struct str needle, size_t from);

/* Whether S is like PATTERN, in which "*" stands for any bytes, also for none. */
bool str_like(struct str s, struct str pattern);

/* Finds two equal ones among the N texts of S: their places, AT[0] before AT[1]. 1: found; 0: none are equal;
 * -1: memory. */
int str_twins(const struct str *s, size_t n, size_t at[2]);

/* Without the ASCII white space (blank, \t \n \v \f \r) at both ends. */
struct str str_trim(struct str s);

#endif
