#include "base/size.h"

bool count_parse(struct str text, uint64_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned digit = (unsigned char)text.p[i] - (unsigned)'0';
        if (digit > 9 || n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return text.n > 0;
}

bool int_parse(struct str text, int64_t *out)
{
    uint64_t n;
    bool negative = str_starts(text, STR("-"));
    if (!count_parse(str_slice(text, negative, text.n), &n) || n > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? -(int64_t)(n - (n > 0)) - (n > 0) : (int64_t)n;
    return true;
}

static unsigned unit_shift(char unit)
{
    switch (unit) {
    case 'K': return 10;
    case 'M': return 20;
    case 'G': return 30;
    default: return 0;
    }
}

bool size_parse(struct str text, uint64_t *out)
{
    unsigned shift = text.n > 0 ? unit_shift(text.p[text.n - 1]) : 0;
    uint64_t n;
    if (!count_parse(str_slice(text, 0, text.n - (shift > 0)), &n) || n > UINT64_MAX >> shift)
        return false;
    *out = n << shift;
    return true;
}
