#include "system/text.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "canon/lex.h"

enum { HOLES_MOST = 32, TEXT_MOST = 64 << 20 };

struct text {
    struct expr *whole; /* an expression, or one hole and nothing else */
    struct str literal[HOLES_MOST + 1];
    struct expr *hole[HOLES_MOST];
    size_t nholes;
};

/* ---- making ---- */

/* TEXT stands in STRING, CHARACTER characters behind its start. */
static struct expr *compile(struct doc *d, const struct json_node *string, struct str text, size_t character,
                            const struct expr_names *names)
{
    struct diag_list *found = arena_alloc(d->arena, sizeof *found);
    if (found == NULL)
        return NULL;
    found->arena = d->arena;
    struct expr *x = expr_compile_within(text, names, TEXT_OUTER, found);
    if (x == NULL && found->n > 0)
        doc_fault_in(d, string, character + found->diag[0].column - 1, "%.*s", (int)found->diag[0].message.n,
                     found->diag[0].message.p);
    return x;
}

static size_t characters(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

/* Up to the next hole, or the end; *AT moves there. */
static struct str literal(struct doc *d, struct str s, size_t *at)
{
    char *out = arena_raw(d->arena, s.n + 1);
    size_t n = 0;
    if (out == NULL)
        return (struct str){0};
    for (; *at < s.n && s.p[*at] != '{'; ++*at) {
        char next = *at + 1 < s.n ? s.p[*at + 1] : '\0';
        if (s.p[*at] == '\\' && (next == '{' || next == '}' || next == '\\'))
            ++*at;
        out[n++] = s.p[*at];
    }
    return (struct str){out, n};
}

static bool take_holes(struct text *t, struct doc *d, const struct json_node *string, struct str s,
                       const struct expr_names *names)
{
    size_t at = 0;
    t->literal[0] = literal(d, s, &at);
    while (at < s.n && t->literal[t->nholes].p != NULL) {
        size_t close = lex_hole_end(s, at + 1, s.n);
        size_t character = characters(str_slice(s, 0, at));
        if (close == s.n || t->nholes == HOLES_MOST) {
            doc_fault_in(d, string, character,
                         close == s.n ? "this hole has no end: write \\\\{ for a brace of its own"
                                      : "too many holes");
            return false;
        }
        t->hole[t->nholes] = compile(d, string, str_slice(s, at + 1, close), character + 1, names);
        if (t->hole[t->nholes++] == NULL)
            return false;
        at = close + 1;
        t->literal[t->nholes] = literal(d, s, &at);
    }
    if (t->nholes == 1 && t->literal[0].n == 0 && t->literal[1].n == 0) {
        t->whole = t->hole[0];
        t->nholes = 0;
    }
    return t->literal[t->nholes].p != NULL;
}

struct text *text_new(struct doc *d, const struct json_node *string, enum text_kind kind,
                      const struct expr_names *names)
{
    struct text *t = calloc(1, sizeof *t);
    struct str s = json_string(string, d->arena);
    bool ok = t != NULL && s.p != NULL;
    if (ok && kind == TEXT_EXPR)
        ok = (t->whole = compile(d, string, s, 0, names)) != NULL;
    else if (ok)
        ok = take_holes(t, d, string, s, names);
    if (ok)
        return t;
    text_free(t);
    return NULL;
}

void text_free(struct text *t)
{
    if (t == NULL)
        return;
    expr_free(t->whole);
    for (size_t i = 0; i < t->nholes; i++)
        expr_free(t->hole[i]);
    free(t);
}

struct expr *text_expr(const struct text *t)
{
    return t->whole;
}

/* ---- running ---- */

static const struct json_node *run(struct expr *x, const struct view *v, struct err *e)
{
    expr_surround(x, &v->around);
    const struct json_node *value = expr_value(x, v->value, e);
    /* What was reckoned is a decimal of the contract, a text there. */
    if (!json_is(value, JSON_STRING) || !expr_is_number(x))
        return value;
    struct json_node *number = arena_alloc(v->arena, sizeof *number);
    if (number == NULL) {
        err_memory(e);
        return NULL;
    }
    *number = json_number_node(json_text(value));
    return number;
}

/* The values of a path that gives many, as a list. */
static const struct json_node *run_many(struct expr *x, const struct view *v, struct err *e)
{
    size_t count, nodes = 1;
    const struct json_node *const *value = expr_values(x, v->value, &count, e);
    if (value == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        nodes += value[i]->span;
    struct json_node *list = arena_array(v->arena, nodes, sizeof *list);
    if (list == NULL) {
        err_memory(e);
        return NULL;
    }
    list[0] = (struct json_node){.span = (uint32_t)nodes & JSON_SPAN_MOST, .type = JSON_ARRAY};
    struct json_node *at = list + 1;
    for (size_t i = 0; i < count; at += value[i++]->span)
        memcpy(at, value[i], value[i]->span * sizeof *at);
    return list;
}

static struct str plain(const struct json_node *value, struct arena *a, struct err *e)
{
    struct str none = {0};
    if (value == NULL || value->type == JSON_NULL)
        return none;
    if (value->type == JSON_ARRAY || value->type == JSON_OBJECT) {
        err_set(e, "text", "a list or an object where a text is due");
        return none;
    }
    struct str text = value->type == JSON_STRING ? json_string(value, a) : json_text(value);
    if (text.p == NULL)
        err_memory(e);
    return text;
}

void put_percent(struct buf *out, struct str text)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool unreserved =
            ascii_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            buf_byte(out, (char)c);
        } else {
            buf_byte(out, '%');
            buf_byte(out, hex[c >> 4]);
            buf_byte(out, hex[c & 15]);
        }
    }
}

/* Whether what was written of a URL is beyond its host. */
static bool in_path(struct str url)
{
    size_t scheme = str_search(url, STR("://"), 0);
    size_t from = scheme < url.n ? scheme + 3 : 0;
    return str_find(str_slice(url, from, url.n), '/') < url.n - from;
}

static struct str join(const struct text *t, const struct view *v, bool url, struct err *e)
{
    struct buf out;
    struct str none = {0}, made = none;
    buf_init(&out, TEXT_MOST);
    buf_put(&out, t->literal[0]);
    bool whole = true;
    for (size_t i = 0; i < t->nholes && whole; i++) {
        struct str piece = plain(run(t->hole[i], v, e), v->arena, e);
        whole = piece.p != NULL;
        if (whole && url && in_path(buf_str(&out)))
            put_percent(&out, piece);
        else if (whole)
            buf_put(&out, piece);
        buf_put(&out, t->literal[i + 1]);
    }
    if (whole) {
        made = buf_ok(&out) ? arena_str(v->arena, out.n > 0 ? buf_str(&out) : STR("")) : none;
        if (made.p == NULL)
            err_memory(e);
    }
    buf_release(&out);
    return made;
}

const struct json_node *text_value(const struct text *t, const struct view *v, struct err *e)
{
    if (t->whole != NULL && expr_is_many(t->whole)) {
        expr_surround(t->whole, &v->around);
        return run_many(t->whole, v, e);
    }
    if (t->whole != NULL)
        return run(t->whole, v, e);
    struct str text = join(t, v, false, e);
    struct json_node *node = text.p != NULL ? arena_alloc(v->arena, sizeof *node) : NULL;
    if (node != NULL)
        *node = json_string_node(text);
    else if (text.p != NULL)
        err_memory(e);
    return node;
}

struct str text_string(const struct text *t, const struct view *v, struct err *e)
{
    return t->whole != NULL ? plain(run(t->whole, v, e), v->arena, e) : join(t, v, false, e);
}

struct str text_url(const struct text *t, const struct view *v, struct err *e)
{
    return t->whole != NULL ? plain(run(t->whole, v, e), v->arena, e) : join(t, v, true, e);
}

int text_test(const struct text *t, const struct view *v, struct err *e)
{
    expr_surround(t->whole, &v->around);
    return (int)expr_test(t->whole, v->value, e);
}
