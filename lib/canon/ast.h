/*
 * A map as it was written: the tree that the parser makes and the compiler reads. It lives in an arena, and
 * points into the source. Offsets (`at`) are into the source that the declaration came from.
 */
#ifndef HUB_CANON_AST_H
#define HUB_CANON_AST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "canon/diag.h"

struct ast_expr;

/* Text with holes: literal, hole, literal, hole, … literal. */
struct ast_text {
    struct str *literal;    /* nholes + 1, unescaped */
    struct ast_expr **hole; /* nholes */
    size_t nholes;
};

enum ast_side { SIDE_NATIVE, SIDE_CANONICAL };

enum ast_step_kind {
    STEP_KEY,   /* .key       `key` (may have holes: arguments of a shape, nth) */
    STEP_ANY,   /* .*         any key */
    STEP_INDEX, /* [0]        `from` */
    STEP_RANGE, /* [1..5]     `from`, `to` */
    STEP_EACH,  /* []  */
    STEP_ALIKE, /* [*] */
    STEP_FILTER /* [COND]     `cond` */
};

struct ast_step {
    enum ast_step_kind kind;
    size_t at;
    struct ast_text key;
    unsigned from, to;
    struct ast_expr *cond;
    struct ast_step *next;
};

struct ast_path {
    size_t at;
    struct str text; /* as it was written, for messages */
    enum ast_side side;
    bool root;              /* $ */
    unsigned up;            /* number of ^ */
    struct ast_step *steps; /* NULL: the value at hand (`.`) */
};

struct ast_codec {
    struct str name;
    size_t at;
    struct ast_expr **arg;
    size_t nargs;
    struct ast_codec *next; /* of a chain, in the order of decoding */
};

enum ast_expr_kind {
    X_TEXT,
    X_NUMBER,
    X_NULL,
    X_TRUE,
    X_FALSE,
    X_NTH,
    X_PARAM, /* @name */
    X_PATH,
    X_CALL,   /* name(arg, …), then steps */
    X_STEPS,  /* (arg[0]), then steps */
    X_DECODE, /* arg[0] | codec */
    X_ENCODE, /* arg[0] as codec */
    X_NEGATE,
    X_NOT,
    X_BINARY, /* arg[0] op arg[1]: + - * == != < <= > >= && || */
    X_OR,     /* arg[0] or arg[1] */
    X_ELSE    /* arg[0] else arg[1] */
};

struct ast_expr {
    enum ast_expr_kind kind;
    size_t at;
    const struct source_text *source;
    struct str name; /* of parameters, calls, numbers (their text), operators */
    struct ast_text text;
    struct ast_path *path;
    struct ast_codec *codec;
    struct ast_expr **arg;
    size_t nargs;
    struct ast_step *steps;
};

enum ast_flow { FLOW_BOTH, FLOW_READ, FLOW_WRITE };

enum ast_rule_kind {
    RULE_VALUE, /* left = right (or only one way: then the other side is an expression) */
    RULE_BLOCK, /* left FLOW [right] [when] { body } */
    RULE_HALF,  /* path { body } */
    RULE_USE,
    RULE_SKIP,
    RULE_BROKEN /* it was told what is wrong; `left` where it was read so far */
};

struct ast_rule {
    enum ast_rule_kind kind;
    enum ast_flow flow;
    size_t at;
    const struct source_text *source;
    struct str left_text, right_text; /* of both sides, as written; of blocks up to the body */
    size_t right_at;
    struct ast_path *left;    /* canonical path; of RULE_HALF: either */
    struct ast_path *right;   /* native path, or NULL */
    struct ast_expr *expr;    /* of one-way value rules */
    struct ast_expr *pattern; /* of two-way value rules with a pattern: X_TEXT, or X_OR of them */
    bool pattern_left;        /* the pattern is text with canonical holes, the native side is `right` */
    struct ast_codec *chain;
    struct ast_expr *otherwise; /* literal behind `else`; X_NULL for null */
    bool otherwise_none;
    struct ast_expr *when;
    struct ast_rule *body;
    struct str name; /* of the shape in RULE_USE */
    struct ast_expr **arg;
    size_t nargs;
    struct ast_path **skip;
    size_t nskip;
    struct ast_rule *next;
};

struct ast_word { /* NAME = "word", "word", * */
    struct str name;
    struct str *word;
    size_t nwords;
    bool rest; /* * */
    struct ast_word *next;
};

enum ast_decl_kind { DECL_MAP, DECL_ENUM, DECL_TABLE, DECL_CODEC, DECL_SHAPE, DECL_PARAM, DECL_INCLUDE };

struct ast_decl {
    enum ast_decl_kind kind;
    bool broken; /* it was told what is wrong outside of its rules: what is missing is NULL or absent */
    size_t at;
    const struct source_text *source;
    struct str name;    /* of maps: the entity */
    enum ast_flow flow; /* of maps */
    struct str stream;  /* of maps */
    struct ast_path *each;
    struct ast_expr *group, *when;
    struct ast_expr *null_word; /* literal, or NULL */
    struct str *absent;
    size_t nabsent;
    struct ast_rule *body; /* of maps and shapes */
    struct str *param;     /* of shapes */
    size_t nparams;
    struct ast_word *words; /* of enums */
    struct str file;        /* of tables and includes */
    struct ast_path *key, *value;
    struct ast_codec *chain;  /* of codecs */
    struct ast_expr *literal; /* of params; NULL: must be given */
    struct ast_decl *next;
};

#endif
