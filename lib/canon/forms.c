#include "canon/forms.h"

#include <stdint.h>

#include "base/ascii.h"

enum { EMAIL_MOST = 254, LOCAL_MOST = 64, LABEL_MOST = 63 };

/* What a byte may be part of. */
enum {
    LOCAL = 1,  /* of an e-mail address: atext of RFC 5322 §3.2.3, the dot, and what is beyond ASCII */
    LABEL = 2,  /* of a domain: letters, digits, the hyphen, and what is beyond ASCII */
    URI = 4,    /* reserved and unreserved of RFC 3986 §2.2 and §2.3 */
    CAPITAL = 8 /* A to Z */
};

static const uint8_t parts[256] = {
    ['0' ... '9'] = LOCAL | LABEL | URI,
    ['a' ... 'z'] = LOCAL | LABEL | URI,
    ['A' ... 'Z'] = LOCAL | LABEL | URI | CAPITAL,
    [0x80 ... 0xFF] = LOCAL | LABEL,
    ['-'] = LOCAL | LABEL | URI,
    ['.'] = LOCAL | URI,
    ['!'] = LOCAL | URI,
    ['#'] = LOCAL | URI,
    ['$'] = LOCAL | URI,
    ['%'] = LOCAL,
    ['&'] = LOCAL | URI,
    ['\''] = LOCAL | URI,
    ['*'] = LOCAL | URI,
    ['+'] = LOCAL | URI,
    ['/'] = LOCAL | URI,
    ['='] = LOCAL | URI,
    ['?'] = LOCAL | URI,
    ['^'] = LOCAL,
    ['_'] = LOCAL | URI,
    ['`'] = LOCAL,
    ['{'] = LOCAL,
    ['|'] = LOCAL,
    ['}'] = LOCAL,
    ['~'] = LOCAL | URI,
    [':'] = URI,
    ['('] = URI,
    [')'] = URI,
    [','] = URI,
    [';'] = URI,
    ['['] = URI,
    [']'] = URI,
    ['@'] = URI,
};

static inline unsigned parts_of(char c)
{
    return parts[(unsigned char)c];
}

/* Labels between dots, none empty, none with a hyphen at its ends. */
static bool is_domain(struct str domain, bool *capitals)
{
    unsigned seen = 0;
    for (size_t at = 0;; at++) {
        size_t label = at;
        for (unsigned is; at < domain.n && ((is = parts_of(domain.p[at])) & LABEL) != 0; at++)
            seen |= is;
        if (at == label || at - label > LABEL_MOST || domain.p[label] == '-' || domain.p[at - 1] == '-')
            return false;
        *capitals = (seen & CAPITAL) != 0;
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
    while (sign < text.n && (parts_of(text.p[sign]) & LOCAL) != 0)
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
        if ((parts_of(text.p[i]) & URI) != 0)
            continue;
        if (text.p[i] != '%' || i + 2 >= text.n || !ascii_is_hex(text.p[i + 1]) ||
            !ascii_is_hex(text.p[i + 2]))
            return false;
        i += 2;
    }
    return true;
}
