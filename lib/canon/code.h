/*
 * A compiled map, for one direction. What is read is the input, what is made is the output; whether the input
 * is the native or the canonical side is the only thing that the direction changes.
 *
 * Input: a *frame* is a place where values are looked up: the record, an item of a list that a rule goes
 * through, an item that a condition is asked of. What is reached from it by keys and indexes alone are its
 * *points*, kept in a trie, so that each object is searched once for all the keys that any rule wants of it.
 * Steps that give many values ([], [COND], [*], .*) are done when asked.
 *
 * Output: a tree of *out nodes*: objects, lists, and values with the code that makes them.
 */
#ifndef HUB_CANON_CODE_H
#define HUB_CANON_CODE_H

#include <stdint.h>

#include "canon/ast.h"
#include "canon/codec.h"
#include "canon/conform.h"
#include "canon/lookup.h"
#include "json/json.h"
#include "json/keys.h"

/* ---- input ---- */

enum point_kind {
    POINT_ITEM,     /* what the frame stands on */
    POINT_KEY,      /* a key of `parent` */
    POINT_INDEX,    /* an index of `parent`; of a value that is no list, 0 is the value */
    POINT_PATH,     /* the one value of a path with many steps */
    POINT_ENVELOPE, /* of the record that the frame stands on: its member `key` */
};

struct point {
    enum point_kind kind;
    struct frame_def *frame;
    struct point *parent;
    struct str key;
    unsigned index;
    struct in_path *path;
    unsigned slot;             /* in frame.value */
    const struct out_node *to; /* the list that two-way rules write from its items; of one item, where to */
    bool scattered;            /* there are several such: read, they are merged by position */
    /* children by key stand in adjacent slots, filled by one search */
    struct point *children, *sibling;
    unsigned first_slot, nkeys;
    struct json_keys *keys;
};

struct frame_def {
    struct frame_def *up;
    unsigned index;           /* in program.frame */
    bool of_list;             /* nth means something */
    const struct in_path *of; /* whose values it stands on, one after the other; NULL: not known */
    struct point *item;
    struct point *all;    /* every point, by `next_all` order of making */
    struct point **point; /* by slot */
    unsigned npoints;
    unsigned nmemos; /* values kept for the life of an item */
    unsigned nmatches;
    struct frame_def *next;
};

/* A step that gives many values, or comes behind one. */
struct in_step {
    enum ast_step_kind kind;
    struct str key;
    unsigned index;
    struct code *cond;
    struct frame_def *frame; /* that the condition is asked in */
    bool picks;              /* STEP_INDEX right behind [] or [COND]: of all, not of each */
    struct in_step
        *of; /* STEP_INDEX behind several such: the steps of whose values it picks one; else NULL */
    struct in_step *next;
};

struct in_path {
    /* Most paths are one key of an object that was searched already: found without a look at the point. */
    unsigned frame, object, slot; /* index of the frame; slots in it of the object and of the value */
    bool is_key;
    bool many;
    bool enters; /* to what is read further in: its value is not wanted as a whole */
    bool asks;   /* only whether there is a value, or how many */
    enum ast_side side;
    struct point *point;
    struct in_step *steps;
    const struct ast_path *ast;
    struct in_path *next; /* of the program */
};

/* ---- code ---- */

enum code_op {
    OP_CONST,
    OP_PATH,
    OP_NTH,
    OP_FIELD,  /* another value of the output */
    OP_STEPS,  /* steps on the value of arg[0] */
    OP_SINGLE, /* of many, the one: none = absent, several = refused */
    OP_TEXT,   /* literals and holes (arg) */
    OP_DECODE,
    OP_ENCODE,
    OP_LOOKUP,  /* decode by an enumeration or table */
    OP_REVERSE, /* encode by one; arg[1]: the raw word kept beside it, or NULL */
    OP_RAW,     /* the word that OP_LOOKUP (arg[0]) could not name */
    OP_ROW,     /* a table as a function: the row of a key */
    OP_NEGATE,
    OP_SUM, /* of the terms arg; those that `minus` marks are subtracted */
    OP_MULTIPLY,
    OP_EQUAL,
    OP_UNEQUAL,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_AND,
    OP_OR,
    OP_NOT,
    OP_ALTERNATIVE, /* arg[0] or arg[1] */
    OP_ELSE,        /* arg[0] else arg[1] (NULL: none) */
    OP_GUARD,       /* arg[1] when arg[0] */
    OP_CALL,        /* a function of function.h */
    OP_KEPT,        /* arg[0], asked once for each item of `frame` */
    OP_MATCH,       /* a hole of a text that was matched */
    OP_PATTERN      /* text made from the first alternative whose holes all have values */
};

struct code {
    uint8_t op;   /* enum code_op */
    bool many;    /* its value is a list made by steps that give many */
    bool numeric; /* comparisons with it compare numbers */
    bool checked; /* by the rules of x-checks: absent terms count as 0 */
    unsigned nargs;
    struct code **arg;
    union {
        const struct json_node *constant; /* OP_CONST */
        struct in_path *path;             /* OP_PATH */
        struct out_node *field;           /* OP_FIELD */
        struct in_step *steps;            /* OP_STEPS */
        struct codec_use *use;            /* OP_DECODE, OP_ENCODE */
        struct lookup *lookup;            /* OP_LOOKUP, OP_REVERSE, OP_ROW */
        const struct function *function;  /* OP_CALL */
        struct str *literal;              /* OP_TEXT: nargs + 1 */
        struct match *match;              /* OP_MATCH, OP_PATTERN */
        bool *minus;                      /* OP_SUM: of each term */
    };
    struct frame_def *frame;    /* of OP_NTH, OP_KEPT; of OP_CALL: where its second argument is asked */
    unsigned hole;              /* of OP_MATCH */
    unsigned memo;              /* of OP_KEPT: where its value is kept */
    const struct ast_expr *ast; /* for places; may be NULL */
};

static inline bool code_is_null(const struct code *x)
{
    return x->op == OP_CONST && x->constant != NULL && x->constant->type == JSON_NULL;
}

/* ---- patterns ---- */

enum { PATTERN_HOLES = 32 }; /* at most, in one alternative and in all distinct fields of a pattern */

/* One alternative: literal, hole, literal, … The chain of hole i decodes (reading it from text) or encodes.
 */
struct pattern {
    size_t nholes;
    struct str *literal;  /* nholes + 1 */
    struct code **decode; /* of the hole's text: its input is OP_CONST `slot[i]`, set before it is run; NULL:
                             as it is */
    const struct json_node ***slot;
    unsigned *field;      /* which of match.nfields it fills */
    struct code **encode; /* makes the hole's text from the input */
};

struct match {
    unsigned index; /* in the frame's matches */
    struct frame_def *frame;
    struct code *input; /* the text to be matched; NULL in a map that only writes it */
    struct pattern *alternative;
    size_t nalternatives;
    unsigned nfields;
};

/* ---- output ---- */

enum out_kind { OUT_NONE, OUT_OBJECT, OUT_LIST, OUT_VALUE };

struct out_node {
    uint8_t kind; /* enum out_kind */
    bool implied; /* written by the equality of a condition: alone it makes no item */
    int memo;     /* where its value is kept for OP_FIELD, or -1 */
    struct json_node key;
    struct code *code; /* of OUT_VALUE */
    struct out_node *next, *children;
    struct producer *producers; /* of OUT_LIST */
    struct out_node *parent;
    struct producer *producer_of; /* the producer whose body this is */
    struct frame_def *frame;
    const struct ast_rule *rule;
    struct conform_rule contract;
    unsigned colour; /* of the search for circles */
};

enum producer_kind {
    PRODUCE_EACH,   /* an item for each value of `path` */
    PRODUCE_ONE,    /* one item, in the frame of the list; dropped where it is empty */
    PRODUCE_VALUES, /* the values of `code` */
    PRODUCE_INDEX,  /* the item at `index` */
    PRODUCE_ALL,    /* put into all items that others make (one where none does) */
    PRODUCE_PAIR    /* an item told by the equalities of a condition */
};

struct producer {
    enum producer_kind kind;
    bool appends;             /* by a one-way rule: behind what stands there; else merged by position */
    const struct point *from; /* the list whose items a two-way rule is written from; NULL: another rule */
    unsigned index;
    struct in_path *path;
    struct code *code;
    struct code *when;           /* asked before an item is made, in the frame of the list */
    struct frame_def *frame;     /* of the items */
    struct out_node *body;       /* OUT_OBJECT, OUT_VALUE or OUT_LIST; NULL: values as they are */
    struct conform_rule values;  /* for those */
    size_t at;                   /* of its rule, in its source */
    const struct ast_expr *pair; /* the condition that tells it */
    struct producer *next;
};

/* More items in a list than numbered columns for them. */
struct overflow {
    struct in_path *path;
    unsigned most;
    struct overflow *next;
};

struct program {
    enum ast_side in_side;
    bool hub;      /* the native side is a canonical record */
    bool template; /* both sides are read; the envelope tells of a change, too */
    struct str entity, stream;
    struct frame_def *frames;
    struct frame_def **frame; /* by index; [0] is the record */
    unsigned nframes;
    struct frame_def
        *root; /* frame[0], of maps: the one that has an envelope; NULL for an expression alone */
    struct frame_def *record; /* the frame whose item gives one output record: [0], or that of `each` */
    struct code *each;
    struct code *when;
    struct out_node *out; /* OUT_OBJECT */
    struct out_node *id;  /* the rule for the envelope's id, or NULL */
    struct overflow *overflows;
    struct in_path *paths; /* all of them */
    /* spellings of null and absent on the native side */
    bool empty_absent;
    struct str null_word; /* absent where null has no spelling */
    const struct json_node *null_node;
    struct str *absent;
    size_t nabsent;
    const struct ast_decl *decl;
    struct program *next;
};

#endif
