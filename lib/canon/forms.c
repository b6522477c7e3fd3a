#include "canon/forms.h"

#include <arpa/inet.h>
#include <stdint.h>

#include "base/ascii.h"

enum { EMAIL_MOST = 254, LOCAL_MOST = 64, LABEL_MOST = 63 };

/* What a byte may be part of. */
enum {
    LOCAL = 1,   /* of an e-mail address: atext of RFC 5322 §3.2.3, the dot, and what is beyond ASCII */
    LABEL = 2,   /* of a domain: letters, digits, the hyphen, and what is beyond ASCII */
    CAPITAL = 4, /* A to Z */
    /* of a URI: the name of a host holds the first (unreserved and sub-delims of RFC 3986 §2), what is before
       it the second too, a path all but the last, what is behind "?" and "#" all */
    NAME = 8,
    USER = 16,
    PATH = 32,
    QUERY = 64
};

static const uint8_t parts[256] = {
    ['0' ... '9'] = LOCAL | LABEL | NAME,
    ['a' ... 'z'] = LOCAL | LABEL | NAME,
    ['A' ... 'Z'] = LOCAL | LABEL | NAME | CAPITAL,
    [0x80 ... 0xFF] = LOCAL | LABEL,
    ['-'] = LOCAL | LABEL | NAME,
    ['.'] = LOCAL | NAME,
    ['!'] = LOCAL | NAME,
    ['#'] = LOCAL,
    ['$'] = LOCAL | NAME,
    ['%'] = LOCAL,
    ['&'] = LOCAL | NAME,
    ['\''] = LOCAL | NAME,
    ['*'] = LOCAL | NAME,
    ['+'] = LOCAL | NAME,
    ['/'] = LOCAL | PATH,
    ['='] = LOCAL | NAME,
    ['?'] = LOCAL | QUERY,
    ['^'] = LOCAL,
    ['_'] = LOCAL | NAME,
    ['`'] = LOCAL,
    ['{'] = LOCAL,
    ['|'] = LOCAL,
    ['}'] = LOCAL,
    ['~'] = LOCAL | NAME,
    [':'] = USER,
    ['('] = NAME,
    [')'] = NAME,
    [','] = NAME,
    [';'] = NAME,
    ['@'] = PATH,
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
    if (text.n < PHONE_LEAST || text.n > PHONE_MOST || text.p[0] != '+' || text.p[1] == '0')
        return false;
    for (size_t i = 1; i < text.n; i++)
        if (!ascii_is_digit(text.p[i]))
            return false;
    return true;
}

static bool is_scheme(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!ascii_is_letter(c) && (i == 0 || (!ascii_is_digit(c) && c != '+' && c != '-' && c != '.')))
            return false;
    }
    return text.n > 0;
}

/* Only characters of PART, and "%" before two hex digits. */
static bool is_made_of(struct str text, unsigned part)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((parts_of(text.p[i]) & part) != 0)
            continue;
        if (text.p[i] != '%' || i + 2 >= text.n || !ascii_is_hex(text.p[i + 1]) ||
            !ascii_is_hex(text.p[i + 2]))
            return false;
        i += 2;
    }
    return true;
}

static bool is_ipv6(struct str text)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr made;
    if (text.n >= sizeof address)
        return false;
    memcpy(address, text.p, text.n);
    address[text.n] = '\0';
    return strlen(address) == text.n && inet_pton(AF_INET6, address, &made) == 1;
}

/* §3.2; of the literals in brackets those of IPv6, since no other version was ever defined. */
static bool is_authority(struct str text)
{
    size_t sign = str_find(text, '@');
    struct str host = sign < text.n ? str_slice(text, sign + 1, text.n) : text;
    if (sign < text.n && !is_made_of(str_slice(text, 0, sign), NAME | USER))
        return false;
    bool literal = host.n > 0 && host.p[0] == '[';
    size_t end = literal ? str_find(host, ']') : str_find(host, ':');
    if (literal && (end == host.n || !is_ipv6(str_slice(host, 1, end++))))
        return false;
    if (!literal && !is_made_of(str_slice(host, 0, end), NAME))
        return false;
    if (end < host.n && host.p[end] != ':')
        return false;
    for (size_t i = end + 1; i < host.n; i++)
        if (!ascii_is_digit(host.p[i]))
            return false;
    return true;
}

bool form_is_uri(struct str text)
{
    size_t colon = str_find(text, ':');
    if (colon == text.n || !is_scheme(str_slice(text, 0, colon)))
        return false;
    struct str rest = str_slice(text, colon + 1, text.n);
    if (str_starts(rest, STR("//"))) {
        size_t end = 2;
        while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?' && rest.p[end] != '#')
            end++;
        if (!is_authority(str_slice(rest, 2, end)))
            return false;
        rest = str_slice(rest, end, rest.n);
    }
    size_t hash = str_find(rest, '#'), query = str_find(str_slice(rest, 0, hash), '?');
    const unsigned path = NAME | USER | PATH;
    return is_made_of(str_slice(rest, 0, query), path) &&
           is_made_of(str_slice(rest, query, hash), path | QUERY) &&
           is_made_of(str_slice(rest, hash + 1, rest.n), path | QUERY);
}
