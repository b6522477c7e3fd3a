#include "system/link.h"

struct reader {
    struct str text;
    size_t at;
};

static void skip_blank(struct reader *r)
{
    while (r->at < r->text.n && (r->text.p[r->at] == ' ' || r->text.p[r->at] == '\t'))
        r->at++;
}

static bool take(struct reader *r, char c)
{
    skip_blank(r);
    if (r->at == r->text.n || r->text.p[r->at] != c)
        return false;
    r->at++;
    return true;
}

/* Up to a character of STOPS, or the end. */
static struct str until(struct reader *r, const char *stops)
{
    size_t from = r->at;
    while (r->at < r->text.n && strchr(stops, r->text.p[r->at]) == NULL)
        r->at++;
    return str_slice(r->text, from, r->at);
}

/* A token or a quoted string (RFC 9110 §5.6.4), its escapes kept: no relation needs one. False: it has no
 * end. */
static bool value(struct reader *r, struct str *out)
{
    if (!take(r, '"')) {
        *out = str_trim(until(r, ";,"));
        return true;
    }
    size_t from = r->at;
    while (r->at < r->text.n && r->text.p[r->at] != '"')
        r->at += r->text.p[r->at] == '\\' ? 2 : 1;
    if (r->at >= r->text.n)
        return false;
    *out = str_slice(r->text, from, r->at++);
    return true;
}

static bool has_word(struct str words, struct str word)
{
    while (words.n > 0) {
        size_t n = str_find(words, ' ');
        if (str_eq_nocase(str_slice(words, 0, n), word))
            return true;
        words = str_slice(words, n + 1, words.n);
    }
    return false;
}

struct str link_find(struct str header, struct str relation)
{
    struct reader r = {.text = header};
    while (take(&r, '<')) {
        struct str target = until(&r, ">"), name, said;
        bool found = false, seen = false; /* of several rel, the first counts (§3.3) */
        if (!take(&r, '>'))
            break;
        while (take(&r, ';')) {
            skip_blank(&r);
            name = str_trim(until(&r, "=;,"));
            said = STR("");
            if (take(&r, '=') && !value(&r, &said))
                return (struct str){0};
            if (str_eq_nocase(name, STR("rel")) && !seen) {
                seen = true;
                found = has_word(said, relation);
            }
        }
        if (found)
            return target;
        if (!take(&r, ','))
            break;
        while (take(&r, ','))
            ;
    }
    return (struct str){0};
}

/* The first of URL's bytes from AT on that is one of STOPS, or its end. */
static size_t stop_at(struct str url, size_t at, const char *stops)
{
    while (at < url.n && strchr(stops, url.p[at]) == NULL)
        at++;
    return at;
}

struct str link_resolve(struct str base, struct str reference, struct arena *a)
{
    size_t scheme = str_search(base, STR("://"), 0);
    if (str_search(reference, STR("://"), 0) < stop_at(reference, 0, "/?#"))
        return reference;
    if (scheme >= base.n)
        return (struct str){0};
    size_t authority = stop_at(base, scheme + 3, "/?#"), path = stop_at(base, authority, "?#"), keep = path;
    const char *between = "";
    if (reference.n == 0) {
        keep = stop_at(base, path, "#");
    } else if (str_starts(reference, STR("//"))) {
        keep = scheme + 1;
    } else if (str_starts(reference, STR("/"))) {
        keep = authority;
    } else if (reference.p[0] != '?') {
        while (keep > authority && base.p[keep - 1] != '/')
            keep--;
        between = keep == authority ? "/" : "";
    }
    return arena_printf(a, "%.*s%s%.*s", (int)keep, base.p, between, (int)reference.n, reference.p);
}
