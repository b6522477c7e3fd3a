/*
 * Tokens of the map language. The lexer hands out one token at a time and can be put back to an earlier one.
 */
#ifndef HUB_CANON_LEX_H
#define HUB_CANON_LEX_H

#include <stdbool.h>

#include "canon/diag.h"

enum token_kind {
    T_END,     /* of the text */
    T_NEWLINE, /* the end of a rule: a line end that counts, or ";" */
    T_NAME,
    T_NUMBER, /* digits, with a fraction unless a dot stands glued before it */
    T_STRING, /* "…": text is what stands between the quotes, holes and escapes and all */
    T_RAW,    /* '…': text is the value */
    T_BAD,    /* what no token begins with: `why` says what is wrong with `text` */
    T_PUNCT   /* text: one of ( ) [ ] { } . .. , | @ $ ^ = == != < <= <- > >= -> + - * ! && || <-> : */
};

struct token {
    enum token_kind kind;
    struct str text;
    size_t at;  /* offset in the source */
    bool glued; /* nothing stands between it and the token before */
    const char *why;
};

struct lexer {
    const struct source_text *source;
    size_t at, end;
    size_t previous_end; /* of the token before the present one */
    int depth;           /* open ( and [ : line ends do not count in them */
    bool after_open;     /* the last token lets the rule go on behind a line end */
    bool after_dot;
    struct token token; /* the present one */
};

/* Of [from, to) of the source. The first token is then the present one. */
void lex_start(struct lexer *lex, const struct source_text *source, size_t from, size_t to);
void lex_next(struct lexer *lex);

/* A STREAM ("shopify:orders-csv") starting at the present token, which may be several tokens: the word, and
 * the lexer moves behind it. Absent where there is none. */
struct str lex_stream(struct lexer *lex);

static inline bool lex_is(const struct lexer *lex, const char *punct)
{
    return lex->token.kind == T_PUNCT && str_eq(lex->token.text, str_of(punct));
}

static inline bool lex_is_name(const struct lexer *lex, const char *name)
{
    return lex->token.kind == T_NAME && str_eq(lex->token.text, str_of(name));
}

/* Offset behind a string that starts with its quote at AT, or `end` where it is not closed (by the end of the
 * line). */
size_t lex_string_end(struct str text, size_t at, size_t end);

/* Offset of the "}" that closes the hole whose expression starts at FROM, behind its "{"; `end`: none does.
 */
size_t lex_hole_end(struct str text, size_t from, size_t end);

#endif
