#include "canon/forms.h"

#include <stdint.h>

#include "base/ascii.h"

enum { EMAIL_MOST = 254, LOCAL_MOST = 64, LABEL_MOST = 63 };

/* Sets of bytes, a bit each. */
#define ONE(c)          (UINT64_C(1) << ((c)&63))
#define RANGE(from, to) (ONE(to) - ONE(from) + ONE(to))
#define DIGITS          RANGE('0', '9')
#define LETTERS         (RANGE('A', 'Z') | RANGE('a', 'z'))

typedef uint64_t byte_set[4];

/* atext of RFC 5322 §3.2.3, the dot, and what is beyond ASCII. */
static const byte_set local_part = {
    DIGITS | ONE('!') | ONE('#') | ONE('$') | ONE('%') | ONE('&') | ONE('\'') | ONE('*') | ONE('+') |
        ONE('-') | ONE('.') | ONE('/') | ONE('=') | ONE('?'),
    LETTERS | ONE('^') | ONE('_') | ONE('`') | ONE('{') | ONE('|') | ONE('}') | ONE('~'), UINT64_MAX,
    UINT64_MAX};

/* Letters, digits, the hyphen, and what is beyond ASCII. */
static const byte_set label_part = {DIGITS | ONE('-'), LETTERS, UINT64_MAX, UINT64_MAX};

/* reserved and unreserved of RFC 3986 §2.2 and §2.3. */
static const byte_set uri_part = {DIGITS | ONE('-') | ONE('.') | ONE(':') | ONE('/') | ONE('?') | ONE('#') |
                                      ONE('!') | ONE('$') | ONE('&') | ONE('\'') | ONE('(') | ONE(')') |
                                      ONE('*') | ONE('+') | ONE(',') | ONE(';') | ONE('='),
                                  LETTERS | ONE('_') | ONE('~') | ONE('[') | ONE(']') | ONE('@'), 0, 0};

static bool is_in(const byte_set set, char c)
{
    unsigned char byte = (unsigned char)c;
    return set[byte >> 6] >> (byte & 63) & 1;
}

/* Labels between dots, none empty, none with a hyphen at its ends. */
static bool is_domain(struct str domain, bool *capitals)
{
    bool large = false;
    for (size_t at = 0;; at++) {
        size_t label = at;
        for (; at < domain.n && is_in(label_part, domain.p[at]); at++)
            large |= ascii_is_capital(domain.p[at]);
        if (at == label || at - label > LABEL_MOST || domain.p[label] == '-' || domain.p[at - 1] == '-')
            return false;
        *capitals = large;
        if (at == domain.n)
            return true;
        if (domain.p[at] != '.')
            return false;
    }
}

bool form_is_email(struct str text, bool *capitals)
{
    size_t sign = 0;
    if (text.n > EMAIL_MOST)
        return false;
    while (sign < text.n && is_in(local_part, text.p[sign]))
        sign++;
    if (sign == 0 || sign > LOCAL_MOST || sign == text.n || text.p[sign] != '@')
        return false;
    return is_domain(str_slice(text, sign + 1, text.n), capitals);
}

struct str form_lower_domain(struct str text, struct arena *a)
{
    char *out = arena_raw(a, text.n);
    if (out == NULL)
        return (struct str){0};
    size_t sign = str_find(text, '@');
    memcpy(out, text.p, text.n);
    for (size_t i = sign; i < text.n; i++)
        if (ascii_is_capital(text.p[i]))
            out[i] |= 0x20;
    return (struct str){out, text.n};
}

bool form_is_gtin(struct str text)
{
    if (text.n != 8 && (text.n < 12 || text.n > 14))
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (!ascii_is_digit(text.p[i]))
            return false;
        unsigned digit = (unsigned)(text.p[i] - '0');
        /* The weights are 3 and 1 by turns, and 1 for the check digit itself. */
        sum += (text.n - i) % 2 == 0 ? 3 * digit : digit;
    }
    return sum % 10 == 0;
}

bool form_is_phone(struct str text)
{
    if (text.n < 2 || text.n > 16 || text.p[0] != '+' || text.p[1] == '0')
        return false;
    for (size_t i = 1; i < text.n; i++)
        if (!ascii_is_digit(text.p[i]))
            return false;
    return true;
}

bool form_is_uri(struct str text)
{
    size_t colon = str_find(text, ':');
    if (colon == text.n || colon == 0 || !ascii_is_letter(text.p[0]))
        return false;
    for (size_t i = 1; i < colon; i++)
        if (!ascii_is_letter(text.p[i]) && !ascii_is_digit(text.p[i]) && text.p[i] != '+' &&
            text.p[i] != '-' && text.p[i] != '.')
            return false;
    for (size_t i = colon + 1; i < text.n; i++) {
        if (is_in(uri_part, text.p[i]))
            continue;
        if (text.p[i] != '%' || i + 2 >= text.n || !ascii_is_hex(text.p[i + 1]) ||
            !ascii_is_hex(text.p[i + 2]))
            return false;
        i += 2;
    }
    return true;
}
