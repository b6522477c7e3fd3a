/*
 * From what was written (ast.h) to what runs (code.h), for one direction at a time.
 *
 *     struct compiler c = {.arena = &arena, .diags = &diags, .decls = decls};
 *     struct program *read = compile_map(&c, decl, FLOW_READ);
 *     if (diags.n > 0) ...                     all errors of all rules
 *
 * The second half is what compile_map.c (rules, output) and compile_expr.c (paths, codecs, expressions) say
 * to each other.
 */
#ifndef HUB_CANON_COMPILE_H
#define HUB_CANON_COMPILE_H

#include <setjmp.h>

#include "canon/code.h"
#include "canon/expr.h"

struct compiler {
    struct arena *arena;
    struct diag_list *diags;
    const struct ast_decl *decls; /* of the file and what it includes */
    /* The literal given for a parameter from outside, or NULL. */
    const struct json_node *(*param)(void *arg, struct str name);
    /* Reads the rows of a table's file, each an object that lives as long as A, and gives them to ROW. -1: E.
     */
    int (*rows)(void *arg, const struct ast_decl *decl, struct arena *a, lookup_row *row, void *row_arg,
                struct err *e);
    /* What to say of an entity that the contract does not have; NULL: it has it. */
    const char *(*unknown_entity)(void *arg, struct str name);
    void *arg;
    /* Of an expression that is run within others' values: what bare names and @names are; else NULL. */
    const struct expr_names *names;
    struct scope *names_scope;
    bool looks;        /* for errors only: parameters may lack values, tables are not read */
    bool empty_absent; /* an empty text is absent: the native records come from cells */
    /* private */
    jmp_buf *out_of_memory; /* where a compilation ends when its arena is full */
    struct program *program;
    struct pending *pending, **pending_tail;
    struct table_made *tables;
    bool checks; /* by the rules of x-checks */
    unsigned depth;
    unsigned rules; /* compiled so far, of this map */
};

/* NULL: out of memory. */
struct program *compile_map(struct compiler *c, const struct ast_decl *map, enum ast_flow flow);

/* An expression on its own, run on one value that is `side`. */
struct program *compile_expr(struct compiler *c, const struct ast_expr *x, enum ast_side side, bool checks,
                             struct code **code);

/* The same of a record of `side`, whose id, source and entity are those of its envelope. */
struct program *compile_expr_of_record(struct compiler *c, const struct ast_expr *x, enum ast_side side,
                                       struct code **code);

/* The same by c->names, with OUTER values around the one that it is run on. Frame 0 is the value at hand,
 * those up to OUTER the ones around it, the next is the object of the names. The code may give many values.
 */
struct program *compile_expr_within(struct compiler *c, const struct ast_expr *x, unsigned outer,
                                    struct code **code);

/* A path from the value at hand that must be one of keys and indexes: the key and the value of a table. */
struct program *compile_path_on(struct compiler *c, const struct ast_path *path, struct code **code);

/* Gives back what a program holds outside of the arena. */
void program_release(struct program *program);

/* ---- between the files of the compiler ---- */

struct binding { /* an argument of a shape */
    struct str name;
    const struct json_node *value;
    const struct binding *next;
};

/* Where a rule or a condition stands. */
struct scope {
    struct scope *up;
    struct frame_def *frame;
    struct point *in;
    enum ast_side in_side;
    struct out_node *out; /* the object that rules fill; NULL in conditions */
    unsigned nth;         /* inside of [a..b]: the number; else 0 */
    const struct binding *bindings;
    struct code *guard; /* values are made only when this holds; NULL */
    const struct source_text *source;
};

void compile_error(struct compiler *c, const struct scope *s, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* "no WHAT is called NAME", and the nearest of the declarations of KINDS (bits of enum ast_decl_kind) and of
 * the N names. */
void compile_unknown(struct compiler *c, const struct scope *s, size_t at, const char *what, struct str name,
                     unsigned kinds, const struct str *names, size_t n);
void *compile_make(struct compiler *c,
                   size_t size); /* zeroed; never NULL: a full arena ends the compilation */

struct frame_def *compile_frame(struct compiler *c, struct frame_def *up, bool of_list);
struct point *compile_key_point(struct compiler *c, struct point *parent, struct str key);
struct point *compile_index_point(struct compiler *c, struct point *parent, unsigned index);
struct point *compile_path_point(struct compiler *c, struct scope *s, const struct ast_path *path);

/* The rule that makes O, or the first that makes a part of it. NULL: none does. */
const struct ast_rule *compile_rule_of(const struct out_node *o);

/* Notes that what PATH reaches is known, and not read. */
void compile_skip(struct compiler *c, struct scope *s, const struct ast_path *path);

struct code *compile_code(struct compiler *c, struct scope *s, const struct ast_expr *x);   /* may be many */
struct code *compile_scalar(struct compiler *c, struct scope *s, const struct ast_expr *x); /* one value */
struct code *compile_variable(struct compiler *c, struct scope *s,
                              const struct ast_expr *x); /* by c->names */
struct code *compile_in_path(struct compiler *c, struct scope *s, const struct ast_path *path,
                             const struct ast_expr *x);
struct code *compile_chain(struct compiler *c, struct scope *s, struct code *in,
                           const struct ast_codec *chain, enum codec_way way);
/* Of the codec `ref`, whose first argument is no expression. */
bool compile_is_reference(const struct codec *codec);
void compile_reference(struct compiler *c, struct scope *s, struct code *made, const struct ast_codec *codec);

/* The source of the record that is read. */
struct code *compile_source(struct compiler *c, struct scope *s);

/* CALL, or what keeps its value where it is the same for all items of the list that S stands in. */
struct code *compile_kept(struct compiler *c, const struct scope *s, struct code *call);
struct code *compile_single(struct compiler *c, struct code *x);
struct code *compile_op(struct compiler *c, enum code_op op, const struct ast_expr *x, size_t nargs);
struct code *compile_constant(struct compiler *c, const struct ast_expr *x, const struct json_node *value);
struct in_step *compile_in_steps(struct compiler *c, struct scope *s, const struct ast_step *step,
                                 enum ast_side side, bool *many);

/* Literal of a rule or declaration: text, number (as text), null, true, false. */
const struct json_node *compile_literal(struct compiler *c, const struct scope *s, const struct ast_expr *x);

/* The value of a parameter, from outside or of its declaration; NULL: reported. */
const struct json_node *compile_param(struct compiler *c, const struct scope *s, struct str name, size_t at);

/* The text of a key, its holes filled by what is known when compiled. Absent: reported. */
struct str compile_key(struct compiler *c, const struct scope *s, const struct ast_text *key, size_t at);

/* The enumeration or table of that name, or NULL. */
struct lookup *compile_lookup(struct compiler *c, struct scope *s, struct str name,
                              const struct ast_decl **decl);

/* The field of the output that the first keys of a path name, seen from S, and what of the path goes on in
 * its value. NULL: reported. */
struct out_node *compile_out_field(struct compiler *c, struct scope *s, const struct ast_path *path,
                                   const struct ast_step **rest);

/* Whether a path is the `id` of what is made, and no rule makes it: then it is the native record's own. */
bool compile_is_own_id(const struct compiler *c, const struct scope *s, const struct ast_path *path);

#endif
