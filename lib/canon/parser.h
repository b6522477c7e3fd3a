/*
 * Inside of the parser: what parse_expr.c (texts, paths, codecs, expressions), parse_rule.c (rules)
 * and parse_decl.c (declarations) share.
 */
#ifndef HUB_CANON_PARSER_H
#define HUB_CANON_PARSER_H

#include "canon/ast.h"
#include "canon/lex.h"

struct parser {
    struct lexer lex;
    struct arena *arena;
    struct diag_list *diags;
    const struct source_text *source;
    bool panic;    /* an error was told; nothing more is until the next rule */
    bool unclosed; /* a declaration starts where a block has not ended */
    int depth;     /* of nesting, so that no text can exhaust the stack */
};

enum { PARSE_DEPTH = 200 };

void parser_start(struct parser *p, const struct source_text *source, struct arena *a,
                  struct diag_list *diags);

/* Errors: the first of a rule is told. parser_due says what should stand at the present token. */
void parser_fail(struct parser *p, size_t at, const char *what);
void parser_due(struct parser *p, const char *due);

/* Zeroed memory of the tree; NULL: told. */
void *parser_make(struct parser *p, size_t size);

/* ITEMS of SIZE bytes each, N of them in use, with room for one more: grown by doubling. */
void *parser_room(struct parser *p, void *items, size_t n, size_t size);

/* Tokens: accept passes one that is there, expect tells what is missing. */
bool parser_accept(struct parser *p, const char *punct);
bool parser_expect(struct parser *p, const char *punct, const char *due);
bool parser_accept_name(struct parser *p, const char *name);
struct str parser_expect_name(struct parser *p, const char *due);

/* The parts of expressions, each from the present token on. */
struct str parser_plain_text(struct parser *p, const char *due); /* a text without holes */
struct ast_path *parser_native_path(struct parser *p);
struct ast_codec *parser_codec(struct parser *p);
struct ast_codec *parser_chain(struct parser *p);
struct ast_expr **parser_arguments(struct parser *p, size_t *n); /* behind "(" up to ")" */
struct ast_expr *parser_expression(struct parser *p);
struct ast_expr *parser_alternatives(struct parser *p); /* an expression without `else` */
struct ast_expr *parser_literal(struct parser *p);

/* The rules between braces. */
struct ast_rule *parser_body(struct parser *p);

/* After an error: to the end of the rule or declaration. Of the rules in a block on the way (RULES: there are
 * some in it) what is wrong is told, too. */
void parser_resync(struct parser *p, bool rules);

/* Where a declaration starts in a block: it is told that the block was not closed. */
bool parser_leaves_open(struct parser *p);

#endif
