#include "canon/forms.h"

#include <stdint.h>

enum { EMAIL_MOST = 254, LOCAL_MOST = 64, LABEL_MOST = 63 };

/* What a byte may be, as bits. */
enum { LOCAL = 1, DOMAIN = 2, CAPITAL = 4, DIGIT = 8, URI = 16, HEX = 32, ALPHA = 64 };

/* One row of sixteen bytes each. Bytes of UTF-8 beyond ASCII may stand in both parts of an address. */
#define L     (LOCAL | URI)
#define D     (LOCAL | DOMAIN | DIGIT | HEX | URI)
#define A     (LOCAL | DOMAIN | CAPITAL | ALPHA | URI)
#define AH    (A | HEX)
#define a     (LOCAL | DOMAIN | ALPHA | URI)
#define ah    (a | HEX)
#define H     (LOCAL | DOMAIN | URI) /* the hyphen */
#define U     URI
#define X     (LOCAL | DOMAIN)
#define ROW_X X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X
static const uint8_t class_of[256] = {
    0,  0,  0,  0,     0,     0,     0,     0, 0, 0,     0,     0,     0,     0,     0,     0,     0,
    0,  0,  0,  0,     0,     0,     0,     0, 0, 0,     0,     0,     0,     0,     0,     0,     L,
    0,  L,  L,  LOCAL, L,     L,     U,     U, L, L,     U,     H,     L,     L,     D,     D,     D,
    D,  D,  D,  D,     D,     D,     D,     U, U, 0,     L,     0,     L,     U,     AH,    AH,    AH,
    AH, AH, AH, A,     A,     A,     A,     A, A, A,     A,     A,     A,     A,     A,     A,     A,
    A,  A,  A,  A,     A,     A,     U,     0, U, LOCAL, L,     LOCAL, ah,    ah,    ah,    ah,    ah,
    ah, a,  a,  a,     a,     a,     a,     a, a, a,     a,     a,     a,     a,     a,     a,     a,
    a,  a,  a,  a,     LOCAL, LOCAL, LOCAL, L, 0, ROW_X, ROW_X, ROW_X, ROW_X, ROW_X, ROW_X, ROW_X, ROW_X,
};
#undef L
#undef D
#undef A
#undef AH
#undef a
#undef ah
#undef H
#undef U
#undef X
#undef ROW_X

static unsigned class_at(struct str text, size_t at)
{
    return class_of[(unsigned char)text.p[at]];
}

/* Labels between dots, none empty, none with a hyphen at its ends. */
static bool is_domain(struct str domain, bool *capitals)
{
    size_t label = 0; /* where it starts */
    unsigned seen = 0;
    for (size_t at = 0; at <= domain.n; at++) {
        if (at < domain.n && domain.p[at] != '.') {
            unsigned class = class_at(domain, at);
            if (!(class & DOMAIN))
                return false;
            seen |= class;
            continue;
        }
        if (at == label || at - label > LABEL_MOST || domain.p[label] == '-' || domain.p[at - 1] == '-')
            return false;
        label = at + 1;
    }
    *capitals = seen & CAPITAL;
    return true;
}

bool form_is_email(struct str text, bool *capitals)
{
    size_t sign = 0;
    if (text.n > EMAIL_MOST)
        return false;
    while (sign < text.n && (class_at(text, sign) & LOCAL))
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
        if (class_at(text, i) & CAPITAL)
            out[i] |= 0x20;
    return (struct str){out, text.n};
}

bool form_is_gtin(struct str text)
{
    if (text.n != 8 && (text.n < 12 || text.n > 14))
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (!(class_at(text, i) & DIGIT))
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
        if (!(class_at(text, i) & DIGIT))
            return false;
    return true;
}

bool form_is_uri(struct str text)
{
    size_t colon = str_find(text, ':');
    if (colon == text.n || colon == 0 || !(class_at(text, 0) & ALPHA))
        return false;
    for (size_t i = 1; i < colon; i++)
        if (!(class_at(text, i) & (ALPHA | DIGIT)) && text.p[i] != '+' && text.p[i] != '-' &&
            text.p[i] != '.')
            return false;
    for (size_t i = colon + 1; i < text.n; i++) {
        if (class_at(text, i) & URI)
            continue;
        if (text.p[i] != '%' || i + 2 >= text.n || !(class_at(text, i + 1) & HEX) ||
            !(class_at(text, i + 2) & HEX))
            return false;
        i += 2;
    }
    return true;
}
