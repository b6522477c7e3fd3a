#include "canon/parse.h"

#include <stdint.h>

#include "canon/lex.h"

struct parser {
    struct lexer lex;
    struct arena *arena;
    struct diag_list *diags;
    const struct source_text *source;
    bool panic; /* an error was told; nothing more is until the next rule */
    int depth;  /* of nesting, so that no text can exhaust the stack */
};

enum { PARSE_DEPTH = 200 };

static struct ast_expr *expression(struct parser *p);
static struct ast_rule *body(struct parser *p);
static void path_steps(struct parser *p, struct ast_step **tail);

static void fail(struct parser *p, size_t at, const char *what)
{
    if (!p->panic)
        diag_add(p->diags, p->source, at, "%s", what);
    p->panic = true;
}

static void fail_due(struct parser *p, const char *due)
{
    struct str found = p->lex.token.text;
    if (p->panic)
        return;
    if (p->lex.token.kind == T_END)
        diag_add(p->diags, p->source, p->lex.token.at, "%s is due here, before the end of the text", due);
    else if (p->lex.token.kind == T_NEWLINE)
        diag_add(p->diags, p->source, p->lex.token.at, "%s is due here, before the end of the rule", due);
    else
        diag_add(p->diags, p->source, p->lex.token.at, "%s is due here, not %s", due, err_quote(found));
    p->panic = true;
}

static void *make(struct parser *p, size_t size)
{
    void *made = arena_alloc(p->arena, size);
    if (made == NULL)
        fail(p, p->lex.token.at, "out of memory");
    return made;
}

/* ITEMS of SIZE bytes each, N of them in use, with room for one more: grown by doubling. */
static void *room_for_one(struct parser *p, void *items, size_t n, size_t size)
{
    if (n > 0 && (n & (n - 1)) != 0)
        return items;
    char *more = make(p, (n > 0 ? 2 * n : 1) * size);
    if (more != NULL && n > 0)
        memcpy(more, items, n * size);
    return more;
}

static bool accept(struct parser *p, const char *punct)
{
    if (!lex_is(&p->lex, punct))
        return false;
    lex_next(&p->lex);
    return true;
}

static bool expect(struct parser *p, const char *punct, const char *due)
{
    if (accept(p, punct))
        return true;
    fail_due(p, due);
    return false;
}

static bool accept_name(struct parser *p, const char *name)
{
    if (!lex_is_name(&p->lex, name))
        return false;
    lex_next(&p->lex);
    return true;
}

static struct str expect_name(struct parser *p, const char *due)
{
    struct str name = {0};
    if (p->lex.token.kind == T_NAME) {
        name = p->lex.token.text;
        lex_next(&p->lex);
    } else {
        fail_due(p, due);
    }
    return name;
}

/* ---- text ---- */

/* An expression in [from, to) of the same source: a hole. */
static struct ast_expr *sub_expression(struct parser *p, size_t from, size_t to)
{
    struct lexer saved = p->lex;
    lex_start(&p->lex, p->source, from, to, p->diags);
    struct ast_expr *x = expression(p);
    if (p->lex.token.kind != T_END)
        fail_due(p, "the end of the hole");
    p->lex = saved;
    return x;
}

static char unescape(char c)
{
    return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

/* Where the hole that starts behind "{" at FROM ends. */
static size_t hole_end(struct str text, size_t from, size_t end)
{
    int depth = 1;
    for (size_t i = from; i < end; i++) {
        if (text.p[i] == '"')
            i = lex_string_end(text, i, end) - 1;
        else if (text.p[i] == '\'')
            while (i + 1 < end && text.p[++i] != '\'')
                ;
        else if (text.p[i] == '{')
            depth++;
        else if (text.p[i] == '}' && --depth == 0)
            return i;
    }
    return end;
}

/* The text of a T_STRING or T_RAW token, and the token is passed. */
static struct ast_text text_token(struct parser *p)
{
    struct ast_text text = {0};
    struct token token = p->lex.token;
    struct str all = p->source->text;
    size_t at = token.at + 1, end = at + token.text.n;
    lex_next(&p->lex);
    text.literal = room_for_one(p, NULL, 0, sizeof *text.literal);
    if (text.literal == NULL)
        return text;
    if (token.kind == T_RAW) {
        text.literal[0] = token.text;
        return text;
    }
    while (!p->panic) {
        char *piece = make(p, end - at + 1);
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
        size_t close = hole_end(all, at + 1, end);
        if (close == end) {
            fail(p, at, "this hole has no end: write \\{ for a brace of its own");
            break;
        }
        text.hole = room_for_one(p, text.hole, text.nholes, sizeof *text.hole);
        text.literal = room_for_one(p, text.literal, text.nholes + 1, sizeof *text.literal);
        if (text.hole == NULL || text.literal == NULL)
            break;
        text.hole[text.nholes++] = sub_expression(p, at + 1, close);
        text.literal[text.nholes] = STR("");
        at = close + 1;
    }
    return text;
}

/* A text without holes. */
static struct str plain_text(struct parser *p, const char *due)
{
    size_t at = p->lex.token.at;
    if (p->lex.token.kind != T_STRING && p->lex.token.kind != T_RAW) {
        fail_due(p, due);
        return (struct str){0};
    }
    struct ast_text text = text_token(p);
    if (text.nholes > 0)
        fail(p, at, "no hole can stand in this text");
    return text.literal != NULL ? text.literal[0] : (struct str){0};
}

/* ---- paths ---- */

static unsigned index_number(struct parser *p)
{
    unsigned value = 0;
    struct token token = p->lex.token;
    if (token.kind != T_NUMBER || token.text.n > 6 || str_find(token.text, '.') < token.text.n) {
        fail_due(p, "a whole number below a million");
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
    } else if (accept(p, "*") && lex_is(&p->lex, "]")) {
        step->kind = STEP_ALIKE;
    } else {
        p->lex = saved;
        if (p->lex.token.kind == T_NUMBER) {
            step->kind = STEP_INDEX;
            step->from = index_number(p);
            if (accept(p, "..")) {
                step->kind = STEP_RANGE;
                step->to = index_number(p);
                if (step->from < 1 || step->to < step->from || step->to > 1000)
                    fail(p, step->at, "a range runs from 1 or more to at most 1000: [1..5]");
            }
        }
        if (!lex_is(&p->lex, "]") && !p->panic) {
            p->lex = saved;
            step->kind = STEP_FILTER;
            step->cond = expression(p);
        }
    }
    expect(p, "]", "\"]\"");
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
        step->key.literal = make(p, sizeof *step->key.literal);
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
        struct ast_step *step = make(p, sizeof *step);
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
    return p->lex.token.kind == T_NAME || lex_is(&p->lex, ".") || lex_is(&p->lex, "$") || lex_is(&p->lex, "^");
}

static struct ast_path *path(struct parser *p)
{
    struct ast_path *path = make(p, sizeof *path);
    if (path == NULL)
        return NULL;
    path->at = p->lex.token.at;
    if (accept(p, "$"))
        path->root = true;
    while (!path->root && accept(p, "^"))
        path->up++;
    struct ast_step **tail = &path->steps;
    bool native = lex_is(&p->lex, ".");
    if (!native && p->lex.token.kind != T_NAME) {
        fail_due(p, "a path");
        return path;
    }
    path->side = native ? SIDE_NATIVE : SIDE_CANONICAL;
    if (native)
        lex_next(&p->lex);
    if (!native || at_key(p)) {
        struct ast_step *first = make(p, sizeof *first);
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

static struct ast_path *native_path(struct parser *p)
{
    struct token token = p->lex.token;
    struct ast_path *native = path(p);
    if (native != NULL && native->side != SIDE_NATIVE && !p->panic) {
        diag_add(p->diags, p->source, token.at, "a native path is due here; native paths start with a dot: .%.*s",
                 (int)token.text.n, token.text.p);
        p->panic = true;
    }
    return native;
}

/* ---- codecs ---- */

static struct ast_expr **arguments(struct parser *p, size_t *n)
{
    struct ast_expr **arg = NULL;
    *n = 0;
    if (accept(p, ")"))
        return NULL;
    do {
        arg = room_for_one(p, arg, *n, sizeof *arg);
        if (arg == NULL)
            return NULL;
        arg[(*n)++] = expression(p);
    } while (!p->panic && accept(p, ","));
    expect(p, ")", "\",\" or \")\"");
    return arg;
}

static struct ast_codec *codec(struct parser *p)
{
    struct ast_codec *c = make(p, sizeof *c);
    if (c == NULL)
        return NULL;
    c->at = p->lex.token.at;
    c->name = expect_name(p, "the name of a codec");
    if (lex_is(&p->lex, "(") && p->lex.token.glued) {
        lex_next(&p->lex);
        c->arg = arguments(p, &c->nargs);
    }
    return c;
}

static struct ast_codec *chain(struct parser *p)
{
    struct ast_codec *first = NULL, **tail = &first;
    while (!p->panic && accept(p, "|")) {
        *tail = codec(p);
        if (*tail == NULL)
            break;
        tail = &(*tail)->next;
    }
    return first;
}

/* ---- expressions ---- */

static struct ast_expr *new_expr(struct parser *p, enum ast_expr_kind kind, size_t at)
{
    struct ast_expr *x = make(p, sizeof *x);
    if (x != NULL) {
        x->kind = kind;
        x->at = at;
        x->source = p->source;
    }
    return x;
}

static struct ast_expr *apply(struct parser *p, enum ast_expr_kind kind, size_t at, struct ast_expr *a, struct ast_expr *b)
{
    struct ast_expr *x = new_expr(p, kind, at);
    struct ast_expr **arg = make(p, 2 * sizeof *arg);
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
    x->arg = arguments(p, &x->nargs);
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
            if (accept_name(p, words[i].word))
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
    } else if (accept(p, "@")) {
        x = new_expr(p, X_PARAM, token.at);
        struct str name = expect_name(p, "the name of a parameter");
        if (x != NULL)
            x->name = name;
    } else if (accept(p, "(")) {
        struct ast_expr *inner = expression(p);
        expect(p, ")", "\")\"");
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
        fail_due(p, "a value");
    }
    return x;
}

static struct ast_expr *coded(struct parser *p)
{
    struct ast_expr *x = primary(p);
    while (!p->panic) {
        size_t at = p->lex.token.at;
        enum ast_expr_kind kind = X_DECODE;
        if (accept_name(p, "as"))
            kind = X_ENCODE;
        else if (!accept(p, "|"))
            break;
        x = apply(p, kind, at, x, NULL);
        struct ast_codec *c = codec(p);
        if (x != NULL)
            x->codec = c;
    }
    return x;
}

static struct ast_expr *unary(struct parser *p)
{
    size_t at = p->lex.token.at;
    enum ast_expr_kind kind = lex_is(&p->lex, "-") ? X_NEGATE : X_NOT;
    if (!accept(p, "-") && !accept(p, "!"))
        return coded(p);
    if (++p->depth > PARSE_DEPTH)
        fail(p, at, "nested too deep");
    struct ast_expr *x = p->panic ? NULL : apply(p, kind, at, unary(p), NULL);
    p->depth--;
    return x;
}

/* Binary operators by how tight they bind, loosest first; those of one level associate to the left. */
static const char *const levels[][7] = {{"||"}, {"&&"}, {"==", "!=", "<", "<=", ">", ">="}, {"+", "-"}, {"*"}};
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
    while (!p->panic && (operator = operator_of(p, level)) != NULL) {
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

static struct ast_expr *alternatives(struct parser *p)
{
    struct ast_expr *x = binary(p, 0);
    while (!p->panic) {
        size_t at = p->lex.token.at;
        if (!accept_name(p, "or"))
            break;
        x = apply(p, X_OR, at, x, binary(p, 0));
    }
    return x;
}

static struct ast_expr *expression(struct parser *p)
{
    if (++p->depth > PARSE_DEPTH)
        fail(p, p->lex.token.at, "nested too deep");
    struct ast_expr *x = p->panic ? NULL : alternatives(p);
    size_t at = p->lex.token.at;
    if (!p->panic && accept_name(p, "else"))
        x = apply(p, X_ELSE, at, x, accept_name(p, "none") ? NULL : alternatives(p));
    p->depth--;
    return x;
}

static struct ast_expr *literal(struct parser *p)
{
    size_t at = p->lex.token.at;
    bool negative = accept(p, "-");
    struct ast_expr *x = NULL;
    if (p->lex.token.kind == T_STRING || p->lex.token.kind == T_RAW || p->lex.token.kind == T_NUMBER ||
        (!negative && p->lex.token.kind == T_NAME))
        x = primary(p);
    bool fits = x != NULL && (negative ? x->kind == X_NUMBER : x->kind <= X_FALSE);
    if (!fits || (x->kind == X_TEXT && x->text.nholes > 0))
        fail(p, at, "a literal is due here: a text without holes, a number, null, true or false");
    return negative && !p->panic ? apply(p, X_NEGATE, at, x, NULL) : x;
}

/* ---- rules ---- */

static bool is_pattern(const struct ast_expr *x)
{
    if (x == NULL)
        return false;
    if (x->kind == X_OR)
        return is_pattern(x->arg[0]) && is_pattern(x->arg[1]);
    return x->kind == X_TEXT;
}

static void block_rest(struct parser *p, struct ast_rule *rule)
{
    rule->kind = RULE_BLOCK;
    if (accept_name(p, "when"))
        rule->when = expression(p);
    rule->body = body(p);
}

static bool at_block(const struct parser *p)
{
    return lex_is(&p->lex, "{") || lex_is_name(&p->lex, "when");
}

static struct ast_path *path_of(struct parser *p, struct ast_expr *x, enum ast_side side, size_t at)
{
    if (x != NULL && x->kind == X_PATH && x->path->side == side)
        return x->path;
    fail(p, at, side == SIDE_NATIVE ? "a native path is due here; it starts with a dot"
                                    : "what stands left of this must be a canonical field");
    return NULL;
}

static void rule_both(struct parser *p, struct ast_rule *rule, struct ast_expr *left)
{
    rule->flow = FLOW_BOTH;
    if (left != NULL && is_pattern(left)) {
        rule->pattern = left;
        rule->pattern_left = true;
    } else {
        rule->left = path_of(p, left, SIDE_CANONICAL, rule->at);
    }
    if (!rule->pattern_left && at_block(p)) {
        block_rest(p, rule);
        return;
    }
    if (!rule->pattern_left && p->lex.token.kind == T_STRING) {
        rule->pattern = alternatives(p);
        if (!is_pattern(rule->pattern))
            fail(p, rule->at, "a two-way rule has a path or texts with holes on its right; for an expression write <-");
    } else if (p->lex.token.kind == T_NAME || p->lex.token.kind == T_NUMBER || lex_is(&p->lex, "(")) {
        fail(p, p->lex.token.at, "a two-way rule has a native path on its right; for an expression write <-");
    } else {
        rule->right = native_path(p);
    }
    rule->chain = chain(p);
    if (!rule->pattern_left && at_block(p)) {
        if (rule->chain != NULL)
            fail(p, rule->chain->at, "no codec can stand before a block");
        block_rest(p, rule);
    } else if (accept_name(p, "else")) {
        rule->otherwise_none = accept_name(p, "none");
        if (!rule->otherwise_none)
            rule->otherwise = literal(p);
    }
}

static void rule_read(struct parser *p, struct ast_rule *rule, struct ast_expr *left)
{
    rule->flow = FLOW_READ;
    rule->left = path_of(p, left, SIDE_CANONICAL, rule->at);
    if (at_block(p)) {
        block_rest(p, rule);
        return;
    }
    size_t at = p->lex.token.at;
    rule->expr = expression(p);
    if (at_block(p)) {
        rule->right = path_of(p, rule->expr, SIDE_NATIVE, at);
        block_rest(p, rule);
    }
}

static void rule_write(struct parser *p, struct ast_rule *rule, struct ast_expr *left)
{
    rule->flow = FLOW_WRITE;
    if (!at_block(p))
        rule->right = native_path(p);
    rule->chain = chain(p);
    if (at_block(p)) {
        rule->left = path_of(p, left, SIDE_CANONICAL, rule->at);
        block_rest(p, rule);
    } else {
        rule->expr = left;
    }
}

static void rule_use(struct parser *p, struct ast_rule *rule)
{
    rule->kind = RULE_USE;
    rule->name = expect_name(p, "the name of a shape");
    if (accept(p, "("))
        rule->arg = arguments(p, &rule->nargs);
}

static void rule_skip(struct parser *p, struct ast_rule *rule)
{
    rule->kind = RULE_SKIP;
    do {
        rule->skip = room_for_one(p, rule->skip, rule->nskip, sizeof *rule->skip);
        if (rule->skip == NULL)
            return;
        rule->skip[rule->nskip++] = native_path(p);
    } while (!p->panic && accept(p, ","));
}

/* A word that starts another kind of rule, unless it is a field of that name. */
static bool starts(struct parser *p, const char *word, enum token_kind follows)
{
    if (!lex_is_name(&p->lex, word))
        return false;
    struct lexer saved = p->lex;
    lex_next(&p->lex);
    if (follows == T_NAME ? p->lex.token.kind == T_NAME : lex_is(&p->lex, ".") && !p->lex.token.glued)
        return true;
    p->lex = saved;
    return false;
}

static struct ast_rule *rule(struct parser *p)
{
    struct ast_rule *rule = make(p, sizeof *rule);
    if (rule == NULL)
        return NULL;
    rule->at = p->lex.token.at;
    rule->source = p->source;
    if (starts(p, "use", T_NAME)) {
        rule_use(p, rule);
        return rule;
    }
    if (starts(p, "skip", T_PUNCT)) {
        rule_skip(p, rule);
        return rule;
    }
    struct ast_expr *left = expression(p);
    if (p->panic)
        return rule;
    if (lex_is(&p->lex, "{") && left != NULL && left->kind == X_PATH) {
        rule->kind = RULE_HALF;
        rule->left = left->path;
        rule->body = body(p);
    } else if (accept(p, "=")) {
        rule_both(p, rule, left);
    } else if (accept(p, "<-")) {
        rule_read(p, rule, left);
    } else if (accept(p, "->")) {
        rule_write(p, rule, left);
    } else {
        fail_due(p, "\"=\", \"<-\", \"->\" or \"{\"");
    }
    return rule;
}

/* After an error: to the end of the rule, over whole blocks. */
static void resync(struct parser *p)
{
    int braces = 0;
    p->lex.depth = 0;
    while (p->lex.token.kind != T_END) {
        if (braces == 0 && (p->lex.token.kind == T_NEWLINE || lex_is(&p->lex, "}")))
            break;
        if (lex_is(&p->lex, "{"))
            braces++;
        if (lex_is(&p->lex, "}"))
            braces--;
        lex_next(&p->lex);
    }
    p->panic = false;
}

static struct ast_rule *body(struct parser *p)
{
    struct ast_rule *first = NULL, **tail = &first;
    if (++p->depth > PARSE_DEPTH)
        fail(p, p->lex.token.at, "nested too deep");
    if (p->panic || !expect(p, "{", "\"{\"")) {
        p->depth--;
        return NULL;
    }
    while (!lex_is(&p->lex, "}") && p->lex.token.kind != T_END) {
        if (p->lex.token.kind == T_NEWLINE) {
            lex_next(&p->lex);
            continue;
        }
        struct ast_rule *next = rule(p);
        if (!p->panic && p->lex.token.kind != T_NEWLINE && !lex_is(&p->lex, "}"))
            fail_due(p, "the end of the rule");
        if (p->panic) {
            resync(p);
        } else if (next != NULL) {
            *tail = next;
            tail = &next->next;
        }
    }
    expect(p, "}", "\"}\"");
    p->depth--;
    return first;
}

/* ---- declarations ---- */

static void map_head(struct parser *p, struct ast_decl *decl)
{
    while (!p->panic && !lex_is(&p->lex, "{")) {
        if (accept_name(p, "each")) {
            decl->each = native_path(p);
        } else if (accept_name(p, "when")) {
            decl->when = expression(p);
        } else if (accept_name(p, "group")) {
            decl->group = expression(p);
        } else if (accept_name(p, "null")) {
            decl->null_word = literal(p);
        } else if (accept_name(p, "absent")) {
            decl->absent = room_for_one(p, decl->absent, decl->nabsent, sizeof *decl->absent);
            if (decl->absent != NULL)
                decl->absent[decl->nabsent++] = plain_text(p, "a text");
        } else {
            fail_due(p, "\"{\", or one of each, group, when, null, absent,");
        }
    }
}

static void decl_map(struct parser *p, struct ast_decl *decl)
{
    decl->kind = DECL_MAP;
    decl->name = expect_name(p, "the name of an entity");
    if (lex_is(&p->lex, "<->"))
        decl->flow = FLOW_BOTH;
    else if (lex_is(&p->lex, "<-"))
        decl->flow = FLOW_READ;
    else if (lex_is(&p->lex, "->"))
        decl->flow = FLOW_WRITE;
    else
        fail_due(p, "\"<->\", \"<-\" or \"->\"");
    if (p->panic)
        return;
    lex_next(&p->lex);
    size_t at = p->lex.token.at;
    decl->stream = lex_stream(&p->lex);
    if (decl->stream.p == NULL)
        fail(p, at, "the name of a stream is due here: system:stream");
    map_head(p, decl);
    decl->body = body(p);
}

static void decl_enum(struct parser *p, struct ast_decl *decl)
{
    struct ast_word **tail = &decl->words;
    decl->kind = DECL_ENUM;
    decl->name = expect_name(p, "the name of the enumeration");
    expect(p, "{", "\"{\"");
    while (!p->panic && !lex_is(&p->lex, "}")) {
        if (p->lex.token.kind == T_NEWLINE) {
            lex_next(&p->lex);
            continue;
        }
        struct ast_word *word = make(p, sizeof *word);
        if (word == NULL)
            return;
        word->name = p->lex.token.kind == T_NAME ? expect_name(p, "a name") : plain_text(p, "a canonical word");
        expect(p, "=", "\"=\"");
        do {
            if (accept(p, "*")) {
                word->rest = true;
            } else {
                word->word = room_for_one(p, word->word, word->nwords, sizeof *word->word);
                if (word->word == NULL)
                    return;
                word->word[word->nwords++] = plain_text(p, "a native word in quotes, or *");
            }
        } while (!p->panic && accept(p, ","));
        *tail = word;
        tail = &word->next;
    }
    expect(p, "}", "\"}\"");
}

static void decl_table(struct parser *p, struct ast_decl *decl)
{
    decl->kind = DECL_TABLE;
    decl->name = expect_name(p, "the name of the table");
    if (!accept_name(p, "from"))
        fail_due(p, "\"from\"");
    decl->file = plain_text(p, "the name of a file");
    if (!accept_name(p, "key"))
        fail_due(p, "\"key\"");
    decl->key = native_path(p);
    if (accept_name(p, "value"))
        decl->value = native_path(p);
}

static void decl_shape(struct parser *p, struct ast_decl *decl)
{
    decl->kind = DECL_SHAPE;
    decl->name = expect_name(p, "the name of the shape");
    if (accept(p, "(")) {
        do {
            decl->param = room_for_one(p, decl->param, decl->nparams, sizeof *decl->param);
            if (decl->param == NULL)
                return;
            decl->param[decl->nparams++] = expect_name(p, "the name of a parameter");
        } while (!p->panic && accept(p, ","));
        expect(p, ")", "\")\"");
    }
    decl->body = body(p);
}

static void declaration(struct parser *p, struct ast_decl *decl)
{
    if (accept_name(p, "map")) {
        decl_map(p, decl);
    } else if (accept_name(p, "enum")) {
        decl_enum(p, decl);
    } else if (accept_name(p, "table")) {
        decl_table(p, decl);
    } else if (accept_name(p, "codec")) {
        decl->kind = DECL_CODEC;
        decl->name = expect_name(p, "the name of the codec");
        expect(p, "=", "\"=\"");
        decl->chain = codec(p);
        if (decl->chain != NULL && !p->panic)
            decl->chain->next = chain(p);
    } else if (accept_name(p, "shape")) {
        decl_shape(p, decl);
    } else if (accept_name(p, "param")) {
        decl->kind = DECL_PARAM;
        decl->name = expect_name(p, "the name of the parameter");
        if (accept(p, "="))
            decl->literal = literal(p);
    } else if (accept_name(p, "include")) {
        decl->kind = DECL_INCLUDE;
        decl->file = plain_text(p, "the name of a file");
    } else {
        fail_due(p, "a declaration (map, enum, table, codec, shape, param or include)");
    }
}

static void start(struct parser *p, const struct source_text *source, struct arena *a, struct diag_list *diags)
{
    *p = (struct parser){.arena = a, .diags = diags, .source = source};
    lex_start(&p->lex, source, 0, source->text.n, diags);
}

struct ast_decl *parse_map(const struct source_text *source, struct arena *a, struct diag_list *diags)
{
    struct parser p;
    struct ast_decl *first = NULL, **tail = &first;
    start(&p, source, a, diags);
    while (p.lex.token.kind != T_END) {
        if (p.lex.token.kind == T_NEWLINE) {
            lex_next(&p.lex);
            continue;
        }
        struct ast_decl *decl = make(&p, sizeof *decl);
        if (decl == NULL)
            break;
        decl->at = p.lex.token.at;
        decl->source = source;
        declaration(&p, decl);
        if (!p.panic && p.lex.token.kind != T_NEWLINE && p.lex.token.kind != T_END)
            fail_due(&p, "the end of the declaration");
        if (p.panic) {
            resync(&p);
            if (lex_is(&p.lex, "}"))
                lex_next(&p.lex);
            continue;
        }
        *tail = decl;
        tail = &decl->next;
    }
    return first;
}

struct ast_expr *parse_expr(const struct source_text *source, struct arena *a, struct diag_list *diags)
{
    struct parser p;
    start(&p, source, a, diags);
    struct ast_expr *x = expression(&p);
    if (!p.panic && p.lex.token.kind == T_NEWLINE)
        lex_next(&p.lex);
    if (!p.panic && p.lex.token.kind != T_END)
        fail_due(&p, "the end of the expression");
    return diags->n == 0 ? x : NULL;
}
