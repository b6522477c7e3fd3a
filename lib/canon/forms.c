#include "canon/forms.h"

#include "base/ascii.h"

enum { EMAIL_MOST = 254, LOCAL_MOST = 64, LABEL_MOST = 63 };

/* A part of UTF-8 beyond ASCII. */
static bool is_wide(char c)
{
    return (unsigned char)c >= 0x80;
}

static bool is_one_of(char c, struct str set)
{
    return memchr(set.p, c, set.n) != NULL;
}

/* atext of RFC 5322 §3.2.3, and the dot. */
static bool is_local(char c)
{
    return ascii_is_letter(c) || ascii_is_digit(c) || c == '.' || is_wide(c) ||
           is_one_of(c, STR("!#$%&'*+-/=?^_`{|}~"));
}

static bool is_label(char c)
{
    return ascii_is_letter(c) || ascii_is_digit(c) || c == '-' || is_wide(c);
}

/* reserved and unreserved of RFC 3986 §2.2 and §2.3. */
static bool is_uri(char c)
{
    return ascii_is_letter(c) || ascii_is_digit(c) || is_one_of(c, STR("-._~:/?#[]@!$&'()*+,;="));
}

/* Labels between dots, none empty, none with a hyphen at its ends. */
static bool is_domain(struct str domain, bool *capitals)
{
    size_t label = 0; /* where it starts */
    *capitals = false;
    for (size_t at = 0; at <= domain.n; at++) {
        if (at < domain.n && domain.p[at] != '.') {
            if (!is_label(domain.p[at]))
                return false;
            *capitals = *capitals || ascii_is_capital(domain.p[at]);
            continue;
        }
        if (at == label || at - label > LABEL_MOST || domain.p[label] == '-' || domain.p[at - 1] == '-')
            return false;
        label = at + 1;
    }
    return true;
}

bool form_is_email(struct str text, bool *capitals)
{
    size_t sign = 0;
    if (text.n > EMAIL_MOST)
        return false;
    while (sign < text.n && is_local(text.p[sign]))
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
        if (!ascii_is_letter(text.p[i]) && !ascii_is_digit(text.p[i]) && !is_one_of(text.p[i], STR("+-.")))
            return false;
    for (size_t i = colon + 1; i < text.n; i++) {
        if (is_uri(text.p[i]))
            continue;
        if (text.p[i] != '%' || i + 2 >= text.n || !ascii_is_hex(text.p[i + 1]) ||
            !ascii_is_hex(text.p[i + 2]))
            return false;
        i += 2;
    }
    return true;
}
