/*
 * The declarations of a map file: maps with their heads, enumerations, tables, codecs, shapes, parameters.
 */
#include "canon/parse.h"
#include "canon/parser.h"

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
    decl->body = parser_body(p);
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
        if (parser_leaves_open(p))
            return;
        struct ast_word *word = enum_word(p);
        if (p->panic) {
            parser_resync(p, false);
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
            parser_resync(&p, false);
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
