#include <stdint.h>

#include "canon/parse.h"
#include "canon/parser.h"

static void path_steps(struct parser *p, struct ast_step **tail);

void parser_start(struct parser *p, const struct source_text *source, struct arena *a,
                  struct diag_list *diags)
{
    *p = (struct parser){.arena = a, .diags = diags, .source = source};
    lex_start(&p->lex, source, 0, source->text.n);
}

void parser_fail(struct parser *p, size_t at, const char *what)
{
    if (!p->panic)
        diag_add(p->diags, p->source, at, "%s", what);
    p->panic = true;
}

static void bad_token(struct parser *p)
{
    const struct token *t = &p->lex.token;
    if (t->text.n > 0)
        diag_add(p->diags, p->source, t->at, "%s: %s", t->why, err_quote(t->text));
    else
        diag_add(p->diags, p->source, t->at, "%s", t->why);
}

void parser_due(struct parser *p, const char *due)
{
    struct str found = p->lex.token.text;
    if (p->panic)
        return;
    if (p->lex.token.kind == T_BAD)
        bad_token(p);
    else if (p->lex.token.kind == T_END)
        diag_add(p->diags, p->source, p->lex.token.at, "%s is due here, before the end of the text", due);
    else if (p->lex.token.kind == T_NEWLINE)
        diag_add(p->diags, p->source, p->lex.token.at, "%s is due here, before the end of the rule", due);
    else
        diag_add(p->diags, p->source, p->lex.token.at, "%s is due here, not %s", due, err_quote(found));
    p->panic = true;
}

void *parser_make(struct parser *p, size_t size)
{
    void *made = arena_alloc(p->arena, size);
    if (made == NULL)
        parser_fail(p, p->lex.token.at, "out of memory");
    return made;
}

/* ITEMS of SIZE bytes each, N of them in use, with room for one more: grown by doubling. */
void *parser_room(struct parser *p, void *items, size_t n, size_t size)
{
    if (n > 0 && (n & (n - 1)) != 0)
        return items;
    char *more = parser_make(p, (n > 0 ? 2 * n : 1) * size);
    if (more != NULL && n > 0)
        memcpy(more, items, n * size);
    return more;
}

bool parser_accept(struct parser *p, const char *punct)
{
    if (!lex_is(&p->lex, punct))
        return false;
    lex_next(&p->lex);
    return true;
}

bool parser_expect(struct parser *p, const char *punct, const char *due)
{
    if (parser_accept(p, punct))
        return true;
    parser_due(p, due);
    return false;
}

bool parser_accept_name(struct parser *p, const char *name)
{
    if (!lex_is_name(&p->lex, name))
        return false;
    lex_next(&p->lex);
    return true;
}

struct str parser_expect_name(struct parser *p, const char *due)
{
    struct str name = {0};
    if (p->lex.token.kind == T_NAME) {
        name = p->lex.token.text;
        lex_next(&p->lex);
    } else {
        parser_due(p, due);
    }
    return name;
}

/* ---- text ---- */

/* An expression in [from, to) of the same source: a hole. */
static struct ast_expr *sub_expression(struct parser *p, size_t from, size_t to)
{
    struct lexer saved = p->lex;
    lex_start(&p->lex, p->source, from, to);
    struct ast_expr *x = parser_expression(p);
    if (p->lex.token.kind != T_END)
        parser_due(p, "the end of the hole");
    p->lex = saved;
    return x;
}

static char unescape(char c)
{
    return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

/* The text of a T_STRING or T_RAW token, and the token is passed. */
static struct ast_text text_token(struct parser *p)
{
    struct ast_text text = {0};
    struct token token = p->lex.token;
    struct str all = p->source->text;
    size_t at = token.at + 1, end = at + token.text.n;
    lex_next(&p->lex);
    text.literal = parser_room(p, NULL, 0, sizeof *text.literal);
    if (text.literal == NULL)
        return text;
    if (token.kind == T_RAW) {
        text.literal[0] = token.text;
        return text;
    }
    while (!p->panic) {
        char *piece = parser_make(p, end - at + 1);
        if (piece == NULL)
            break;
        size_t n = 0;
        for (; at < end && all.p[at] != '{'; at++) {
            if (all.p[at] == '\\' && at + 1 < end)
                piece[n++] = unescape(all.p[++at]);
            else
                piece[n++] = all.p[at];
        }
        text.literal[text.nholes] = (struct str){piece, n};
        if (at >= end)
            break;
        size_t close = lex_hole_end(all, at + 1, end);
        if (close == end) {
            parser_fail(p, at, "this hole has no end: write \\{ for a brace of its own");
            break;
        }
        text.hole = parser_room(p, text.hole, text.nholes, sizeof *text.hole);
        text.literal = parser_room(p, text.literal, text.nholes + 1, sizeof *text.literal);
        if (text.hole == NULL || text.literal == NULL)
            break;
        text.hole[text.nholes++] = sub_expression(p, at + 1, close);
        text.literal[text.nholes] = STR("");
        at = close + 1;
    }
    return text;
}

/* A text without holes. */
struct str parser_plain_text(struct parser *p, const char *due)
{
    size_t at = p->lex.token.at;
    if (p->lex.token.kind != T_STRING && p->lex.token.kind != T_RAW) {
        parser_due(p, due);
        return (struct str){0};
    }
    struct ast_text text = text_token(p);
    if (text.nholes > 0)
        parser_fail(p, at, "no hole can stand in this text");
    return text.literal != NULL ? text.literal[0] : (struct str){0};
}

/* ---- paths ---- */

static unsigned index_number(struct parser *p)
{
    unsigned value = 0;
    struct token token = p->lex.token;
    if (token.kind != T_NUMBER || token.text.n > 6 || str_find(token.text, '.') < token.text.n) {
        parser_due(p, "a whole number below a million");
        return 0;
    }
    for (size_t i = 0; i < token.text.n; i++)
        value = value * 10 + (unsigned)(token.text.p[i] - '0');
    lex_next(&p->lex);
    return value;
}

/* What stands in [ ], the opening one passed. */
static void bracket(struct parser *p, struct ast_step *step)
{
    struct lexer saved = p->lex;
    if (lex_is(&p->lex, "]")) {
        step->kind = STEP_EACH;
    } else if (parser_accept(p, "*") && lex_is(&p->lex, "]")) {
        step->kind = STEP_ALIKE;
    } else {
        p->lex = saved;
        if (p->lex.token.kind == T_NUMBER) {
            step->kind = STEP_INDEX;
            step->from = index_number(p);
            if (parser_accept(p, "..")) {
                step->kind = STEP_RANGE;
                step->to = index_number(p);
                if (step->from < 1 || step->to < step->from || step->to > 1000)
                    parser_fail(p, step->at, "a range runs from 1 or more to at most 1000: [1..5]");
            }
        }
        if (!lex_is(&p->lex, "]") && !p->panic) {
            p->lex = saved;
            step->kind = STEP_FILTER;
            step->cond = parser_expression(p);
        }
    }
    parser_expect(p, "]", "\"]\"");
}

static void key(struct parser *p, struct ast_step *step)
{
    struct token token = p->lex.token;
    step->kind = STEP_KEY;
    if (lex_is(&p->lex, "*")) {
        step->kind = STEP_ANY;
        lex_next(&p->lex);
    } else if (token.kind == T_STRING || token.kind == T_RAW) {
        step->key = text_token(p);
    } else {
        step->key.literal = parser_make(p, sizeof *step->key.literal);
        if (step->key.literal != NULL)
            step->key.literal[0] = token.text;
        lex_next(&p->lex);
    }
}

static bool at_key(const struct parser *p)
{
    const struct token *t = &p->lex.token;
    return t->glued && (t->kind == T_NAME || t->kind == T_NUMBER || t->kind == T_STRING || t->kind == T_RAW ||
                        lex_is(&p->lex, "*"));
}

static void path_steps(struct parser *p, struct ast_step **tail)
{
    while (!p->panic) {
        struct lexer saved = p->lex;
        size_t at = p->lex.token.at;
        bool is_key = lex_is(&p->lex, ".") && p->lex.token.glued;
        if (!is_key && !(lex_is(&p->lex, "[") && p->lex.token.glued))
            return;
        lex_next(&p->lex);
        if (is_key && !at_key(p)) {
            p->lex = saved;
            return;
        }
        struct ast_step *step = parser_make(p, sizeof *step);
        if (step == NULL)
            return;
        step->at = at;
        if (is_key)
            key(p, step);
        else
            bracket(p, step);
        *tail = step;
        tail = &step->next;
    }
}

static bool at_path(const struct parser *p)
{
    return p->lex.token.kind == T_NAME || lex_is(&p->lex, ".") || lex_is(&p->lex, "$") ||
           lex_is(&p->lex, "^");
}

static struct ast_path *path(struct parser *p)
{
    struct ast_path *path = parser_make(p, sizeof *path);
    if (path == NULL)
        return NULL;
    path->at = p->lex.token.at;
    if (parser_accept(p, "$"))
        path->root = true;
    while (!path->root && parser_accept(p, "^"))
        path->up++;
    struct ast_step **tail = &path->steps;
    bool native = lex_is(&p->lex, ".");
    if (!native && p->lex.token.kind != T_NAME) {
        parser_due(p, "a path");
        return path;
    }
    path->side = native ? SIDE_NATIVE : SIDE_CANONICAL;
    if (native)
        lex_next(&p->lex);
    if (!native || at_key(p)) {
        struct ast_step *first = parser_make(p, sizeof *first);
        if (first == NULL)
            return path;
        first->at = p->lex.token.at;
        key(p, first);
        *tail = first;
        tail = &first->next;
    }
    path_steps(p, tail);
    path->text = str_slice(p->source->text, path->at, p->lex.previous_end);
    return path;
}

struct ast_path *parser_native_path(struct parser *p)
{
    struct token token = p->lex.token;
    struct ast_path *native = path(p);
    if (native != NULL && native->side != SIDE_NATIVE && !p->panic) {
        diag_add(p->diags, p->source, token.at,
                 "a native path is due here; native paths start with a dot: .%.*s", (int)token.text.n,
                 token.text.p);
        p->panic = true;
    }
    return p->panic ? NULL : native;
}

/* ---- codecs ---- */

struct ast_expr **parser_arguments(struct parser *p, size_t *n)
{
    struct ast_expr **arg = NULL;
    *n = 0;
    if (parser_accept(p, ")"))
        return NULL;
    do {
        arg = parser_room(p, arg, *n, sizeof *arg);
        if (arg == NULL)
            return NULL;
        arg[(*n)++] = parser_expression(p);
    } while (!p->panic && parser_accept(p, ","));
    parser_expect(p, ")", "\",\" or \")\"");
    return arg;
}

struct ast_codec *parser_codec(struct parser *p)
{
    struct ast_codec *c = parser_make(p, sizeof *c);
    if (c == NULL)
        return NULL;
    c->at = p->lex.token.at;
    c->name = parser_expect_name(p, "the name of a codec");
    if (lex_is(&p->lex, "(") && p->lex.token.glued) {
        lex_next(&p->lex);
        c->arg = parser_arguments(p, &c->nargs);
    }
    return c;
}

struct ast_codec *parser_chain(struct parser *p)
{
    struct ast_codec *first = NULL, **tail = &first;
    while (!p->panic && parser_accept(p, "|")) {
        *tail = parser_codec(p);
        if (*tail == NULL)
            break;
        tail = &(*tail)->next;
    }
    return first;
}

/* ---- expressions ---- */

static struct ast_expr *new_expr(struct parser *p, enum ast_expr_kind kind, size_t at)
{
    struct ast_expr *x = parser_make(p, sizeof *x);
    if (x != NULL) {
        x->kind = kind;
        x->at = at;
        x->source = p->source;
    }
    return x;
}

static struct ast_expr *apply(struct parser *p, enum ast_expr_kind kind, size_t at, struct ast_expr *a,
                              struct ast_expr *b)
{
    struct ast_expr *x = new_expr(p, kind, at);
    struct ast_expr **arg = parser_make(p, 2 * sizeof *arg);
    if (x == NULL || arg == NULL)
        return NULL;
    arg[0] = a;
    arg[1] = b;
    x->arg = arg;
    x->nargs = b != NULL ? 2 : 1;
    return x;
}

static struct ast_expr *call(struct parser *p, struct token name)
{
    struct ast_expr *x = new_expr(p, X_CALL, name.at);
    if (x == NULL)
        return NULL;
    x->name = name.text;
    lex_next(&p->lex);
    x->arg = parser_arguments(p, &x->nargs);
    path_steps(p, &x->steps);
    return x;
}

static struct ast_expr *word_or_path(struct parser *p)
{
    static const struct {
        const char *word;
        enum ast_expr_kind kind;
    } words[] = {{"null", X_NULL}, {"true", X_TRUE}, {"false", X_FALSE}, {"nth", X_NTH}};
    struct token token = p->lex.token;
    if (token.kind == T_NAME) {
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (parser_accept_name(p, words[i].word))
                return new_expr(p, words[i].kind, token.at);
        }
        struct lexer saved = p->lex;
        lex_next(&p->lex);
        if (lex_is(&p->lex, "(") && p->lex.token.glued)
            return call(p, token);
        p->lex = saved;
    }
    struct ast_expr *x = new_expr(p, X_PATH, token.at);
    if (x != NULL)
        x->path = path(p);
    return x;
}

static struct ast_expr *primary(struct parser *p)
{
    struct token token = p->lex.token;
    struct ast_expr *x = NULL;
    if (token.kind == T_STRING || token.kind == T_RAW) {
        x = new_expr(p, X_TEXT, token.at);
        struct ast_text text = text_token(p);
        if (x != NULL)
            x->text = text;
    } else if (token.kind == T_NUMBER) {
        x = new_expr(p, X_NUMBER, token.at);
        if (x != NULL)
            x->name = token.text;
        lex_next(&p->lex);
    } else if (parser_accept(p, "@")) {
        x = new_expr(p, X_PARAM, token.at);
        struct str name = parser_expect_name(p, "the name of a parameter");
        if (x != NULL)
            x->name = name;
    } else if (parser_accept(p, "(")) {
        struct ast_expr *inner = parser_expression(p);
        parser_expect(p, ")", "\")\"");
        struct ast_step *steps = NULL;
        path_steps(p, &steps);
        x = inner;
        if (steps != NULL) {
            x = apply(p, X_STEPS, token.at, inner, NULL);
            if (x != NULL)
                x->steps = steps;
        }
    } else if (at_path(p)) {
        x = word_or_path(p);
    } else {
        parser_due(p, "a value");
    }
    return x;
}

static struct ast_expr *coded(struct parser *p)
{
    struct ast_expr *x = primary(p);
    while (!p->panic) {
        size_t at = p->lex.token.at;
        enum ast_expr_kind kind = X_DECODE;
        if (parser_accept_name(p, "as"))
            kind = X_ENCODE;
        else if (!parser_accept(p, "|"))
            break;
        x = apply(p, kind, at, x, NULL);
        struct ast_codec *c = parser_codec(p);
        if (x != NULL)
            x->codec = c;
    }
    return x;
}

static struct ast_expr *unary(struct parser *p)
{
    size_t at = p->lex.token.at;
    enum ast_expr_kind kind = lex_is(&p->lex, "-") ? X_NEGATE : X_NOT;
    if (!parser_accept(p, "-") && !parser_accept(p, "!"))
        return coded(p);
    if (++p->depth > PARSE_DEPTH)
        parser_fail(p, at, "nested too deep");
    struct ast_expr *x = p->panic ? NULL : apply(p, kind, at, unary(p), NULL);
    p->depth--;
    return x;
}

/* Binary operators by how tight they bind, loosest first; those of one level associate to the left. */
static const char *const levels[][7] = {
    {"||"}, {"&&"}, {"==", "!=", "<", "<=", ">", ">="}, {"+", "-"}, {"*"}};
enum { LEVELS = sizeof levels / sizeof *levels, LEVEL_RELATION = 2 };

static const char *operator_of(const struct parser *p, size_t level)
{
    for (size_t i = 0; i < 7 && levels[level][i] != NULL; i++) {
        if (lex_is(&p->lex, levels[level][i]))
            return levels[level][i];
    }
    return NULL;
}

static struct ast_expr *binary(struct parser *p, size_t level)
{
    if (level == LEVELS)
        return unary(p);
    struct ast_expr *x = binary(p, level + 1);
    const char *operator;
    while (!p->panic && (operator= operator_of(p, level)) != NULL) {
        size_t at = p->lex.token.at;
        lex_next(&p->lex);
        x = apply(p, X_BINARY, at, x, binary(p, level + 1));
        if (x != NULL)
            x->name = str_of(operator);
        if (level == LEVEL_RELATION)
            break;
    }
    return x;
}

struct ast_expr *parser_alternatives(struct parser *p)
{
    struct ast_expr *x = binary(p, 0);
    while (!p->panic) {
        size_t at = p->lex.token.at;
        if (!parser_accept_name(p, "or"))
            break;
        x = apply(p, X_OR, at, x, binary(p, 0));
    }
    return x;
}

struct ast_expr *parser_expression(struct parser *p)
{
    if (++p->depth > PARSE_DEPTH)
        parser_fail(p, p->lex.token.at, "nested too deep");
    struct ast_expr *x = p->panic ? NULL : parser_alternatives(p);
    size_t at = p->lex.token.at;
    if (!p->panic && parser_accept_name(p, "else"))
        x = apply(p, X_ELSE, at, x, parser_accept_name(p, "none") ? NULL : parser_alternatives(p));
    p->depth--;
    return x;
}

struct ast_expr *parser_literal(struct parser *p)
{
    size_t at = p->lex.token.at;
    bool negative = parser_accept(p, "-");
    struct ast_expr *x = NULL;
    if (p->lex.token.kind == T_STRING || p->lex.token.kind == T_RAW || p->lex.token.kind == T_NUMBER ||
        (!negative && p->lex.token.kind == T_NAME))
        x = primary(p);
    bool fits = x != NULL && (negative ? x->kind == X_NUMBER : x->kind <= X_FALSE);
    if (!fits || (x->kind == X_TEXT && x->text.nholes > 0))
        parser_fail(p, at, "a literal is due here: a text without holes, a number, null, true or false");
    return negative && !p->panic ? apply(p, X_NEGATE, at, x, NULL) : x;
}

struct ast_expr *parse_expr(const struct source_text *source, struct arena *a, struct diag_list *diags)
{
    struct parser p;
    parser_start(&p, source, a, diags);
    struct ast_expr *x = parser_expression(&p);
    if (!p.panic && p.lex.token.kind == T_NEWLINE)
        lex_next(&p.lex);
    if (!p.panic && p.lex.token.kind != T_END)
        parser_due(&p, "the end of the expression");
    return diags->n == 0 ? x : NULL;
}
