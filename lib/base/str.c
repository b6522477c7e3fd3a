#include "base/str.h"

#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

bool str_eq_nocase(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n > 0 ? memcmp(a.p, b.p, n) : 0;
    if (order != 0)
        return order;
    return (a.n > b.n) - (a.n < b.n);
}

size_t str_find(struct str s, char byte)
{
    const char *found = s.n > 0 ? memchr(s.p, byte, s.n) : NULL;
    return found != NULL ? (size_t)(found - s.p) : s.n;
}

size_t str_search(struct str s, struct str needle, size_t from)
{
    if (needle.n == 0)
        return from <= s.n ? from : s.n + 1;
    while (from + needle.n <= s.n) {
        const char *first = memchr(s.p + from, needle.p[0], s.n - needle.n - from + 1);
        if (first == NULL)
            break;
        if (memcmp(first, needle.p, needle.n) == 0)
            return (size_t)(first - s.p);
        from = (size_t)(first - s.p) + 1;
    }
    return s.n + 1;
}

/* Equal ones in the order of their places, so that no two compare as equal. */
static int by_text(const void *a, const void *b)
{
    const struct str *x = *(const struct str *const *)a, *y = *(const struct str *const *)b;
    int order = str_cmp(*x, *y);
    return order != 0 ? order : x < y ? -1 : 1;
}

int str_twins(const struct str *s, size_t n, size_t at[2])
{
    if (n < 2)
        return 0;
    const struct str **sorted = calloc(n, sizeof *sorted);
    if (sorted == NULL)
        return -1;
    for (size_t i = 0; i < n; i++)
        sorted[i] = &s[i];
    qsort(sorted, n, sizeof *sorted, by_text);
    size_t i = 1;
    while (i < n && !str_eq(*sorted[i - 1], *sorted[i]))
        i++;
    if (i < n) {
        at[0] = (size_t)(sorted[i - 1] - s);
        at[1] = (size_t)(sorted[i] - s);
    }
    free(sorted);
    return i < n;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.n > 0 && is_space(s.p[s.n - 1]))
        s.n--;
    while (s.n > 0 && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    return s;
}

bool str_like(struct str s, struct str pattern)
{
    size_t at = 0, p = 0, star = SIZE_MAX, resume = 0;
    while (at < s.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            resume = at;
        } else if (p < pattern.n && pattern.p[p] == s.p[at]) {
            p++;
            at++;
        } else if (star != SIZE_MAX) {
            /* The last star takes one byte more; those before it have no need to. */
            p = star + 1;
            at = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}
