#include "canon/parse.h"
#include "canon/parser.h"

static bool is_pattern(const struct ast_expr *x)
{
    if (x == NULL)
        return false;
    if (x->kind == X_OR)
        return is_pattern(x->arg[0]) && is_pattern(x->arg[1]);
    return x->kind == X_TEXT;
}

/* What stands right of the operator, as it was written: up to the present token. */
static void right_ends(const struct parser *p, struct ast_rule *rule)
{
    size_t from = rule->right_at, to = p->lex.previous_end;
    rule->right_text = to > from ? str_slice(p->source->text, from, to) : STR("");
}

static void block_rest(struct parser *p, struct ast_rule *rule)
{
    rule->kind = RULE_BLOCK;
    if (parser_accept_name(p, "when"))
        rule->when = parser_expression(p);
    right_ends(p, rule);
    rule->body = parser_body(p);
}

static bool at_block(const struct parser *p)
{
    return lex_is(&p->lex, "{") || lex_is_name(&p->lex, "when");
}

static struct ast_path *path_of(struct parser *p, struct ast_expr *x, enum ast_side side, size_t at)
{
    if (x != NULL && x->kind == X_PATH && x->path->side == side)
        return x->path;
    parser_fail(p, at,
                side == SIDE_NATIVE ? "a native path is due here; it starts with a dot"
                                    : "what stands left of this must be a canonical field");
    return NULL;
}

static void rule_both(struct parser *p, struct ast_rule *rule, struct ast_expr *left)
{
    rule->flow = FLOW_BOTH;
    rule->left = NULL;
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
        rule->pattern = parser_alternatives(p);
        if (!is_pattern(rule->pattern))
            parser_fail(
                p, rule->at,
                "a two-way rule has a path or texts with holes on its right; for an expression write <-");
    } else if (p->lex.token.kind == T_NAME || p->lex.token.kind == T_NUMBER || lex_is(&p->lex, "(")) {
        parser_fail(p, p->lex.token.at,
                    "a two-way rule has a native path on its right; for an expression write <-");
    } else {
        rule->right = parser_native_path(p);
    }
    rule->chain = parser_chain(p);
    if (!rule->pattern_left && at_block(p)) {
        if (rule->chain != NULL)
            parser_fail(p, rule->chain->at, "no codec can stand before a block");
        block_rest(p, rule);
    } else if (parser_accept_name(p, "else")) {
        rule->otherwise_none = parser_accept_name(p, "none");
        if (!rule->otherwise_none)
            rule->otherwise = parser_literal(p);
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
    rule->expr = parser_expression(p);
    if (at_block(p)) {
        rule->right = path_of(p, rule->expr, SIDE_NATIVE, at);
        block_rest(p, rule);
    }
}

static void rule_write(struct parser *p, struct ast_rule *rule, struct ast_expr *left)
{
    rule->flow = FLOW_WRITE;
    if (!at_block(p))
        rule->right = parser_native_path(p);
    rule->chain = parser_chain(p);
    if (at_block(p)) {
        rule->left = path_of(p, left, SIDE_CANONICAL, rule->at);
        block_rest(p, rule);
    } else {
        rule->left = NULL;
        rule->expr = left;
    }
}

static void rule_use(struct parser *p, struct ast_rule *rule)
{
    rule->kind = RULE_USE;
    rule->name = parser_expect_name(p, "the name of a shape");
    if (parser_accept(p, "("))
        rule->arg = parser_arguments(p, &rule->nargs);
}

static void rule_skip(struct parser *p, struct ast_rule *rule)
{
    rule->kind = RULE_SKIP;
    do {
        rule->skip = parser_room(p, rule->skip, rule->nskip, sizeof *rule->skip);
        if (rule->skip == NULL)
            return;
        rule->skip[rule->nskip++] = parser_native_path(p);
    } while (!p->panic && parser_accept(p, ","));
}

/* A word that starts another kind of rule, unless it is a field of that name. */
static bool starts(struct parser *p, const char *word, enum token_kind follows)
{
    if (!lex_is_name(&p->lex, word))
        return false;
    struct lexer saved = p->lex;
    lex_next(&p->lex);
    bool path = (lex_is(&p->lex, ".") && !p->lex.token.glued) || lex_is(&p->lex, "$") || lex_is(&p->lex, "^");
    if (follows == T_NAME ? p->lex.token.kind == T_NAME : path)
        return true;
    p->lex = saved;
    return false;
}

static struct ast_rule *rule(struct parser *p)
{
    struct ast_rule *rule = parser_make(p, sizeof *rule);
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
    struct ast_expr *left = parser_expression(p);
    if (p->panic)
        return rule;
    if (left != NULL && left->kind == X_PATH)
        rule->left = left->path; /* of rules that turn out to be broken, too */
    if (lex_is(&p->lex, "{") && left != NULL && left->kind == X_PATH) {
        rule->kind = RULE_HALF;
        rule->left = left->path;
        rule->body = parser_body(p);
        return rule;
    }
    rule->left_text = str_slice(p->source->text, rule->at, p->lex.previous_end);
    bool both = parser_accept(p, "="), read = !both && parser_accept(p, "<-");
    if (!both && !read && !parser_accept(p, "->")) {
        parser_due(p, "\"=\", \"<-\", \"->\" or \"{\"");
        return rule;
    }
    rule->right_at = p->lex.token.at;
    if (both)
        rule_both(p, rule, left);
    else if (read)
        rule_read(p, rule, left);
    else
        rule_write(p, rule, left);
    if (rule->kind != RULE_BLOCK)
        right_ends(p, rule);
    return rule;
}

void parser_resync(struct parser *p, bool rules)
{
    int braces = 0;
    while (p->lex.token.kind != T_END && !p->unclosed) {
        p->lex.depth = 0;
        if (braces == 0 && (p->lex.token.kind == T_NEWLINE || lex_is(&p->lex, "}")))
            break;
        if (rules && lex_is(&p->lex, "{") && p->depth < PARSE_DEPTH) {
            p->panic = false;
            parser_body(p);
            continue;
        }
        if (lex_is(&p->lex, "{"))
            braces++;
        if (lex_is(&p->lex, "}"))
            braces--;
        lex_next(&p->lex);
    }
    p->panic = false;
}

/* Whether a declaration starts here, where a rule is due: a block was not closed. No rule starts with two
 * names, but those of `use`, and those where the second one is an operator. */
static bool at_declaration(const struct parser *p)
{
    static const char *const words[] = {"map", "enum", "table", "codec", "shape", "param", "include"};
    static const char *const joins[] = {"or", "else", "as", "when"};
    struct lexer ahead = p->lex;
    size_t word = 0, join = 0;
    while (word < sizeof words / sizeof *words && !lex_is_name(&ahead, words[word]))
        word++;
    if (word == sizeof words / sizeof *words)
        return false;
    lex_next(&ahead);
    while (join < sizeof joins / sizeof *joins && !lex_is_name(&ahead, joins[join]))
        join++;
    bool is_include = word + 1 == sizeof words / sizeof *words;
    return is_include ? ahead.token.kind == T_STRING || ahead.token.kind == T_RAW
                      : ahead.token.kind == T_NAME && join == sizeof joins / sizeof *joins;
}

bool parser_leaves_open(struct parser *p)
{
    if (!at_declaration(p))
        return false;
    parser_fail(p, p->lex.token.at, "\"}\" is due before this declaration");
    p->panic = false;
    p->unclosed = true;
    return true;
}

/* As in JSON: what follows is the next rule. */
static void ends_with_comma(struct parser *p)
{
    parser_fail(p, p->lex.token.at, "a rule ends with its line or with \";\", and no comma");
    p->lex.after_open = false; /* the line ends here */
    lex_next(&p->lex);
    p->panic = false;
}

struct ast_rule *parser_body(struct parser *p)
{
    struct ast_rule *first = NULL, **tail = &first;
    if (++p->depth > PARSE_DEPTH)
        parser_fail(p, p->lex.token.at, "nested too deep");
    if (p->panic || !parser_expect(p, "{", "\"{\"")) {
        p->depth--;
        return NULL;
    }
    while (!lex_is(&p->lex, "}") && p->lex.token.kind != T_END && !p->unclosed) {
        if (p->lex.token.kind == T_NEWLINE) {
            lex_next(&p->lex);
            continue;
        }
        if (parser_leaves_open(p))
            break;
        struct ast_rule *next = rule(p);
        bool ended = p->lex.token.kind == T_NEWLINE || lex_is(&p->lex, "}") || p->unclosed;
        if (!p->panic && lex_is(&p->lex, ","))
            ends_with_comma(p);
        else if (!p->panic && !ended)
            parser_due(p, "the end of the rule");
        if (next == NULL)
            break;
        if (p->panic) {
            parser_resync(p, true);
            next->kind = RULE_BROKEN;
        }
        *tail = next;
        tail = &next->next;
    }
    if (!p->unclosed)
        parser_expect(p, "}", "\"}\"");
    p->depth--;
    return first;
}
