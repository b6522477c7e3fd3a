/*
 * Inside of the compiler: rules are walked once to lay out the output (compile_out.c makes the tree,
 * compile_value.c, compile_pattern.c and compile_block.c the rules); what they compute is compiled afterwards
 * (compile_later.c), when every field that an expression may name is known.
 */
#ifndef HUB_CANON_COMPILE_RULES_H
#define HUB_CANON_COMPILE_RULES_H

#include "canon/compile.h"

/* A piece of code that is laid out and not compiled yet. */
struct pending {
    struct code *code; /* to be filled */
    struct scope *scope;
    const struct ast_expr *expr;   /* compiled as one value, or as many; or */
    const struct ast_path *path;   /* a path of the input */
    const struct ast_codec *chain; /* behind it */
    enum codec_way way;
    bool many;
    const struct ast_path *whole; /* the list whose one item is due: null where that is; NULL */
    struct frame_def *items;      /* whose items the values of the path are; NULL */
    const struct ast_path *raw;   /* encoding: the field beside which an unnamed word is kept */
    struct match *match;          /* a text to be made; or */
    struct code *input;           /* what the chain runs on */
    struct pending *next;
};

/* Whether the native side is what is read. */
bool rules_read(const struct compiler *c);

/* Which way the codecs of a rule of both directions go. */
enum codec_way rules_way(const struct compiler *c);
struct scope *rules_scope(struct compiler *c, struct scope *up);

/* Code to be compiled in the second pass: of an expression, or of a path of the input with the codecs behind
 * it. */
struct pending *rules_later(struct compiler *c, struct scope *s, const struct ast_expr *x);
struct pending *rules_later_path(struct compiler *c, struct scope *s, const struct ast_path *path,
                                 const struct ast_codec *chain);
void rules_finish_one(struct compiler *c, struct pending *p);

/* CODE, or what the rule says (`else`) for a value that is refused when it is read. */
struct code *rules_or_else(struct compiler *c, struct scope *s, const struct ast_rule *rule,
                           struct code *code);

/* CODE under the conditions of the blocks around S. */
struct code *rules_guarded(struct compiler *c, struct scope *s, struct code *code);

const struct ast_path *rules_out_side(const struct compiler *c, const struct ast_rule *rule);
const struct ast_path *rules_in_side(const struct compiler *c, const struct ast_rule *rule);
const struct ast_step *rules_list_step(const struct ast_path *path); /* its first [] or [a..b], or NULL */

/* The key of the field beside KEY that keeps a word which an enumeration could not name. */
struct str rules_raw_key(struct compiler *c, struct str key);

/* The list that numbered columns are written from, seen from S: PATH up to its step RANGE. A record with more
 * items than columns for them will be refused. NULL: reported. */
struct point *rules_range_point(struct compiler *c, struct scope *s, const struct ast_path *path,
                                const struct ast_step *range);

void rules_compile(struct compiler *c, struct scope *s, const struct ast_rule *rule);
void rules_value(struct compiler *c, struct scope *s, const struct ast_rule *rule);
void rules_pattern(struct compiler *c, struct scope *s, const struct ast_rule *rule);

/* ---- the output tree ---- */

struct out_node *out_new(struct compiler *c, struct frame_def *frame);

/* Makes of O what KIND says; false, and an error, where a rule made something else of it, or any value. */
bool out_become(struct compiler *c, const struct scope *s, struct out_node *o, enum out_kind kind, size_t at);

/* The field KEY of an object, made or found. */
struct out_node *out_child(struct compiler *c, struct out_node *object, struct str key);
struct producer *out_producer(struct compiler *c, struct out_node *list, enum producer_kind kind, size_t at);
struct out_node *out_body(struct compiler *c, struct out_node *list, struct producer *p,
                          struct frame_def *frame);

/* From object FROM along STEPS up to (not including) END; the place that is reached. NULL: reported. */
struct out_node *out_walk(struct compiler *c, struct scope *s, struct out_node *from,
                          const struct ast_step *steps, const struct ast_step *end);

/* Where a rule for PATH writes, seen from S. NULL: reported. */
struct out_node *out_place(struct compiler *c, struct scope *s, const struct ast_path *path);
bool out_can_write(struct compiler *c, struct scope *s, const struct ast_path *path);

/* O (NULL: reported already) is the value that CODE makes. */
void out_set(struct compiler *c, struct scope *s, struct out_node *o, const struct ast_rule *rule,
             struct code *code);

/* The place of the input that the keys at the start of PATH lead to, and the first STEP that is none. NULL: a
 * key is wrong, which was told; STEP is that key. */
struct point *rules_keys_point(struct compiler *c, struct scope *s, const struct ast_path *path,
                               const struct ast_step **step);

/* Notes that a two-way RULE, seen from S, writes to TO from items of a list of the input, and gives that
 * list. NULL: the rule is another one. */
const struct point *out_written_from(struct compiler *c, struct scope *s, const struct ast_rule *rule,
                                     const struct out_node *to);

/* ---- when all is laid out ---- */

void program_refuse_circles(struct compiler *c, const struct scope *s, struct out_node *o);

/* Two rules on one list that write the same place of its items: their values would have to be equal in each
 * record. */
void program_refuse_conflicts(struct compiler *c, const struct scope *s, const struct out_node *o);
void program_number(struct compiler *c, struct program *program);

/* ---- a program, from its first point to its last ---- */

struct program *program_new(struct compiler *c, enum ast_side side);
void program_finish(struct compiler *c); /* what was left for later, and the numbers of the points */

#endif
