#include "base/url.h"

#include "base/ascii.h"

/* Bytes of the scheme, where "://" is behind it; else 0. */
static size_t scheme_of(struct str text)
{
    size_t n = 0;
    while (n < text.n && (ascii_is_letter(text.p[n]) || (n > 0 && ascii_is_digit(text.p[n]))))
        n++;
    return str_starts(str_slice(text, n, text.n), STR("://")) ? n : 0;
}

bool url_begins(struct str text)
{
    return scheme_of(text) > 0;
}

static void take_user(struct url *u, struct str authority)
{
    size_t at = authority.n;
    while (at > 0 && authority.p[at - 1] != '@')
        at--;
    u->host = str_slice(authority, at, authority.n);
    if (at == 0)
        return;
    struct str user = str_slice(authority, 0, at - 1);
    size_t colon = str_find(user, ':');
    u->user = str_slice(user, 0, colon);
    if (colon < user.n)
        u->password = str_slice(user, colon + 1, user.n);
}

bool url_parse(struct url *u, struct str text)
{
    size_t n = scheme_of(text);
    *u = (struct url){.scheme = str_slice(text, 0, n)};
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] <= ' ' || text.p[i] == 0x7f)
            return false;
    struct str rest = str_slice(text, n + 3, text.n);
    size_t end = 0;
    while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?' && rest.p[end] != '#')
        end++;
    take_user(u, str_slice(rest, 0, end));
    rest = str_slice(rest, end, rest.n);
    end = 0;
    while (end < rest.n && rest.p[end] != '?' && rest.p[end] != '#')
        end++;
    u->path = str_slice(rest, 0, end);
    u->query = str_slice(rest, end, rest.n);
    return n > 0 && u->host.n > 0;
}

bool url_is_loopback(const struct url *u)
{
    static const struct str own[] = {{"localhost", 9}, {"127.0.0.1", 9}, {"[::1]", 5}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (str_starts(u->host, own[i]) && (u->host.n == own[i].n || u->host.p[own[i].n] == ':'))
            return true;
    return false;
}

static int hex(char c)
{
    return ascii_is_digit(c)      ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

void url_decode(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '%' && i + 2 < text.n && hex(text.p[i + 1]) >= 0 && hex(text.p[i + 2]) >= 0) {
            buf_byte(out, (char)(hex(text.p[i + 1]) * 16 + hex(text.p[i + 2])));
            i += 2;
        } else {
            buf_byte(out, text.p[i]);
        }
    }
}

void url_encode_path(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (ascii_is_letter(c) || ascii_is_digit(c) || (c != '\0' && strchr("-._~/", c) != NULL))
            buf_byte(out, c);
        else
            buf_printf(out, "%%%02X", (unsigned char)c);
    }
}
