#include "canon/parse.h"
#include "canon/parser.h"

static struct ast_rule *body(struct parser *p);

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
    if (follows == T_NAME ? p->lex.token.kind == T_NAME : lex_is(&p->lex, ".") && !p->lex.token.glued)
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
        rule->body = body(p);
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

/* After an error: to the end of the rule or declaration. Of the rules in a block on the way (RULES: there are
 * some in it) what is wrong is told, too. */
static void resync(struct parser *p, bool rules)
{
    int braces = 0;
    while (p->lex.token.kind != T_END && !p->unclosed) {
        p->lex.depth = 0;
        if (braces == 0 && (p->lex.token.kind == T_NEWLINE || lex_is(&p->lex, "}")))
            break;
        if (rules && lex_is(&p->lex, "{") && p->depth < PARSE_DEPTH) {
            p->panic = false;
            body(p);
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
    static const char *const operators[] = {"or", "else", "as", "when"};
    struct lexer ahead = p->lex;
    size_t word = 0, operator= 0;
    while (word < sizeof words / sizeof *words && !lex_is_name(&ahead, words[word]))
        word++;
    if (word == sizeof words / sizeof *words)
        return false;
    lex_next(&ahead);
    while (operator<sizeof operators / sizeof *operators && !lex_is_name(&ahead, operators[operator]))
        operator++;
    bool is_include = word + 1 == sizeof words / sizeof *words;
    return is_include ? ahead.token.kind == T_STRING || ahead.token.kind == T_RAW
                      : ahead.token.kind == T_NAME && operator== sizeof operators / sizeof * operators;
}

/* Where a declaration starts in a block: it is told that the block was not closed. */
static bool leaves_open(struct parser *p)
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

static struct ast_rule *body(struct parser *p)
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
        if (leaves_open(p))
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
            resync(p, true);
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

/* ---- declarations ---- */

/* WORD, where it STANDS already. */
static void once(struct parser *p, bool stands, const char *word, const char *twice)
{
    if (stands && lex_is_name(&p->lex, word))
        parser_fail(p, p->lex.token.at, twice);
}

static void map_head(struct parser *p, struct ast_decl *decl)
{
    while (!p->panic && !lex_is(&p->lex, "{")) {
        once(p, decl->each != NULL, "each", "each stands twice");
        once(p, decl->when != NULL, "when", "when stands twice");
        once(p, decl->group != NULL, "group", "group stands twice");
        once(p, decl->null_word != NULL, "null", "null stands twice");
        if (p->panic)
            break;
        if (parser_accept_name(p, "each")) {
            decl->each = parser_native_path(p);
        } else if (parser_accept_name(p, "when")) {
            decl->when = parser_expression(p);
        } else if (parser_accept_name(p, "group")) {
            decl->group = parser_expression(p);
        } else if (parser_accept_name(p, "null")) {
            decl->null_word = parser_literal(p);
        } else if (parser_accept_name(p, "absent")) {
            decl->absent = parser_room(p, decl->absent, decl->nabsent, sizeof *decl->absent);
            if (decl->absent != NULL)
                decl->absent[decl->nabsent++] = parser_plain_text(p, "a text");
        } else {
            parser_due(p, "\"{\", or one of each, group, when, null, absent,");
        }
    }
}

/* The rules of a declaration. They are read where its head is wrong, too. */
static void block_of(struct parser *p, struct ast_decl *decl)
{
    decl->broken = p->panic;
    p->lex.depth = p->panic ? 0 : p->lex.depth;
    while (p->panic && !lex_is(&p->lex, "{") && p->lex.token.kind != T_NEWLINE && p->lex.token.kind != T_END)
        lex_next(&p->lex);
    if (lex_is(&p->lex, "{"))
        p->panic = false;
    decl->body = body(p);
}

static void decl_map(struct parser *p, struct ast_decl *decl)
{
    decl->kind = DECL_MAP;
    decl->name = parser_expect_name(p, "the name of an entity");
    if (lex_is(&p->lex, "<->"))
        decl->flow = FLOW_BOTH;
    else if (lex_is(&p->lex, "<-"))
        decl->flow = FLOW_READ;
    else if (lex_is(&p->lex, "->"))
        decl->flow = FLOW_WRITE;
    else
        parser_due(p, "\"<->\", \"<-\" or \"->\"");
    if (!p->panic) {
        lex_next(&p->lex);
        size_t at = p->lex.token.at;
        decl->stream = lex_stream(&p->lex);
        if (decl->stream.p == NULL)
            parser_fail(p, at, "the name of a stream is due here: system:stream");
        map_head(p, decl);
    }
    block_of(p, decl);
}

static struct ast_word *enum_word(struct parser *p)
{
    struct ast_word *word = parser_make(p, sizeof *word);
    if (word == NULL)
        return NULL;
    word->name = p->lex.token.kind == T_NAME ? parser_expect_name(p, "a name")
                                             : parser_plain_text(p, "a canonical word");
    parser_expect(p, "=", "\"=\"");
    do {
        if (parser_accept(p, "*")) {
            word->rest = true;
        } else {
            word->word = parser_room(p, word->word, word->nwords, sizeof *word->word);
            if (word->word == NULL)
                break;
            word->word[word->nwords++] = parser_plain_text(p, "a native word in quotes, or *");
        }
    } while (!p->panic && parser_accept(p, ","));
    bool ended = p->lex.token.kind == T_NEWLINE || lex_is(&p->lex, "}") || p->lex.token.kind == T_END;
    if (!p->panic && !ended)
        parser_due(p, "the end of the word");
    return word;
}

static void decl_enum(struct parser *p, struct ast_decl *decl)
{
    struct ast_word **tail = &decl->words;
    decl->kind = DECL_ENUM;
    decl->name = parser_expect_name(p, "the name of the enumeration");
    if (!parser_expect(p, "{", "\"{\""))
        return;
    while (!lex_is(&p->lex, "}") && p->lex.token.kind != T_END) {
        if (p->lex.token.kind == T_NEWLINE) {
            lex_next(&p->lex);
            continue;
        }
        if (leaves_open(p))
            return;
        struct ast_word *word = enum_word(p);
        if (p->panic) {
            resync(p, false);
            decl->broken = true;
        } else {
            *tail = word;
            tail = &word->next;
        }
    }
    parser_expect(p, "}", "\"}\"");
}

static void decl_table(struct parser *p, struct ast_decl *decl)
{
    decl->kind = DECL_TABLE;
    decl->name = parser_expect_name(p, "the name of the table");
    if (!parser_accept_name(p, "from"))
        parser_due(p, "\"from\"");
    decl->file = parser_plain_text(p, "the name of a file");
    if (!parser_accept_name(p, "key"))
        parser_due(p, "\"key\"");
    decl->key = parser_native_path(p);
    if (parser_accept_name(p, "value"))
        decl->value = parser_native_path(p);
}

static void decl_shape(struct parser *p, struct ast_decl *decl)
{
    decl->kind = DECL_SHAPE;
    decl->name = parser_expect_name(p, "the name of the shape");
    if (parser_accept(p, "(")) {
        do {
            decl->param = parser_room(p, decl->param, decl->nparams, sizeof *decl->param);
            if (decl->param == NULL)
                return;
            decl->param[decl->nparams++] = parser_expect_name(p, "the name of a parameter");
        } while (!p->panic && parser_accept(p, ","));
        parser_expect(p, ")", "\")\"");
    }
    block_of(p, decl);
}

static void declaration_due(struct parser *p)
{
    static const struct str words[] = {STR("map"),   STR("enum"),  STR("table"),  STR("codec"),
                                       STR("shape"), STR("param"), STR("include")};
    struct str near = {0};
    if (p->lex.token.kind == T_NAME)
        near = nearest_name(p->lex.token.text, words, sizeof words / sizeof *words);
    if (near.p == NULL) {
        parser_due(p, "a declaration (map, enum, table, codec, shape, param or include)");
        return;
    }
    diag_add(p->diags, p->source, p->lex.token.at, "no declaration is called %s; did you mean %.*s?",
             err_quote(p->lex.token.text), (int)near.n, near.p);
    p->panic = true;
}

/* False: nothing of it can be used. */
static bool declaration(struct parser *p, struct ast_decl *decl)
{
    if (parser_accept_name(p, "map")) {
        decl_map(p, decl);
    } else if (parser_accept_name(p, "enum")) {
        decl_enum(p, decl);
    } else if (parser_accept_name(p, "table")) {
        decl_table(p, decl);
    } else if (parser_accept_name(p, "codec")) {
        decl->kind = DECL_CODEC;
        decl->name = parser_expect_name(p, "the name of the codec");
        parser_expect(p, "=", "\"=\"");
        decl->chain = parser_codec(p);
        if (decl->chain != NULL && !p->panic)
            decl->chain->next = parser_chain(p);
    } else if (parser_accept_name(p, "shape")) {
        decl_shape(p, decl);
    } else if (parser_accept_name(p, "param")) {
        decl->kind = DECL_PARAM;
        decl->name = parser_expect_name(p, "the name of the parameter");
        if (parser_accept(p, "="))
            decl->literal = parser_literal(p);
    } else if (parser_accept_name(p, "include")) {
        decl->kind = DECL_INCLUDE;
        decl->file = parser_plain_text(p, "the name of a file");
    } else {
        declaration_due(p);
        return false;
    }
    return decl->kind == DECL_INCLUDE ? decl->file.p != NULL : decl->kind == DECL_MAP || decl->name.p != NULL;
}

struct ast_decl *parse_map(const struct source_text *source, struct arena *a, struct diag_list *diags)
{
    struct parser p;
    struct ast_decl *first = NULL, **tail = &first;
    parser_start(&p, source, a, diags);
    while (p.lex.token.kind != T_END) {
        if (p.lex.token.kind == T_NEWLINE) {
            lex_next(&p.lex);
            continue;
        }
        struct ast_decl *decl = parser_make(&p, sizeof *decl);
        if (decl == NULL)
            break;
        decl->at = p.lex.token.at;
        decl->source = source;
        p.unclosed = false;
        bool known = declaration(&p, decl);
        bool ended = p.lex.token.kind == T_NEWLINE || p.lex.token.kind == T_END || p.unclosed;
        if (!p.panic && !ended)
            parser_due(&p, "the end of the declaration");
        if (p.panic) {
            decl->broken = true;
            resync(&p, false);
            if (lex_is(&p.lex, "}"))
                lex_next(&p.lex);
        }
        /* Its name is known, so that what uses it is not told to be wrong. */
        if (!known)
            continue;
        *tail = decl;
        tail = &decl->next;
    }
    return first;
}
