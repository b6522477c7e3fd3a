/*
 * Runs compiled maps (code.h). A machine holds what one program needs while it works on one record; it
 * allocates from the record's arena only, so that nothing is taken from the system once warm.
 *
 *     struct machine *m = machine_new(program);
 *     machine_start(m, &arena, data, 0, &envelope);
 *     if (machine_emit(m, program->out, &tape) == -1) ...        m->err
 */
#ifndef HUB_CANON_MACHINE_H
#define HUB_CANON_MACHINE_H

#include "base/decimal.h"
#include "canon/code.h"

struct match_result {
    bool done;
    const struct json_node **field; /* NULL: the text is absent or null (`null` tells which) */
    bool null;
};

/* What is known of a point: the values of its children by key, its own where a path leads to it. */
enum { FRAME_KEYS_FOUND = 1, FRAME_PATH_DONE = 2 };

/* A frame_def at work. */
struct frame {
    const struct json_node *item;
    size_t nth;                     /* from 1 */
    const struct json_node **value; /* of points, by slot */
    uint8_t *known;                 /* by slot: FRAME_… */
    const struct json_node **memo;
    uint8_t *memo_state; /* 0 not made yet, 1 made */
    struct match_result *match;
};

struct machine_envelope {
    struct str id, source, entity;
    struct str op;                          /* of templates, as the following */
    const struct json_node *before, *after; /* NULL: absent */
};

struct machine {
    const struct program *program;
    struct frame *frame; /* by frame_def.index */
    struct arena *arena; /* of the record */
    struct err err;      /* code set: refused */
    struct codec_run run;
    struct machine_envelope envelope;
    uint64_t alike; /* json_alike of the item of the first frame */
    /* Values of paths that give many, as a stack: who pushes pops. */
    const struct json_node **stack;
    size_t nstack, capstack;
    struct json_tape scratch;
    struct conform conform;              /* what is emitted, to the contract */
    struct shares *shares;               /* what allocate() made of the record */
    const struct expr_answer_of *answer; /* what header() and link() ask; NULL: absent */
    bool blanks;                         /* native texts may mean null or absent */
    bool empty_blank;                    /* and only the empty one does */
    bool guards;                         /* texts that are written may be those that mean null or absent */
};

/* A program has one machine: part of what is known while it runs stands in the program itself. NULL: memory.
 */
struct machine *machine_new(const struct program *program);
void machine_free(struct machine *m);

/* ENVELOPE may be NULL. ALIKE is json_alike of ITEM, or 0. */
void machine_start(struct machine *m, struct arena *arena, const struct json_node *item, uint64_t alike,
                   const struct machine_envelope *envelope);

/* Puts the item of a list (or of a condition) before a frame. */
void machine_enter(struct machine *m, const struct frame_def *def, const struct json_node *item, size_t nth);

/* One value; NULL: absent, or refused (m->err.code is set). */
const struct json_node *machine_value(struct machine *m, const struct code *x);

/* All values of X pushed on the stack. False: absent as a whole (nothing pushed), or refused. */
bool machine_values(struct machine *m, const struct code *x);

/* What X is gone through by, pushed on the stack: its many values; of one value that is a list its items; any
 * other alone. False: absent or null (nothing pushed), or refused. */
bool machine_items(struct machine *m, const struct code *x);

/* The same with NULL in the place of an item of a list (.list[].key) that has no value. */
bool machine_places(struct machine *m, const struct code *x);

/* Whether what X takes its values from, where machine_items gives none, is null. */
bool machine_gives_null(struct machine *m, const struct code *x);

/* Whether a condition holds; absent and null do not. */
bool machine_true(struct machine *m, const struct code *x);

/* A comparison. Unknown: one of its sides is absent or null (or refused). */
enum machine_truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN };
enum machine_truth machine_compare(struct machine *m, const struct code *x);

enum machine_number { NUMBER_ABSENT, NUMBER_OK };
enum machine_number machine_number(struct machine *m, const struct code *x, struct decimal *out);

/* Appends what the out node makes: 1, 0 nothing, -1 refused (m->err has field and message). An object that is
 * `whole` is made even where it is empty. */
int machine_emit(struct machine *m, const struct out_node *o, struct json_tape *tape);
int machine_emit_whole(struct machine *m, const struct out_node *o, struct json_tape *tape);

/* Lists of the item before FRAME that have more items than numbered columns: -1 refused. */
int machine_check_overflow(struct machine *m, const struct frame_def *frame);

/* ---- between the files of the machine ---- */

static inline bool machine_failed(const struct machine *m)
{
    return m->err.code != NULL;
}

const struct json_node *machine_refuse(struct machine *m, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
const struct json_node *machine_memory(struct machine *m);

/* The same of arithmetic, which has limits of its own. */
const struct json_node *machine_digits(struct machine *m);
/* Names the field that could not be made, and what it was to be made from. Gives -1. */
int machine_refuse_field(struct machine *m, const struct out_node *o);
void machine_forgive(struct machine *m); /* forgets a refusal */
bool machine_push(struct machine *m, const struct json_node *v);

/* Takes what was pushed since FROM, which is one value or none (NULL); several are refused. */
const struct json_node *machine_pop_one(struct machine *m, size_t from);
const struct json_node *machine_point(struct machine *m, const struct point *p);
const struct json_node *machine_path_start(struct machine *m, const struct in_path *path);
const struct json_node *machine_any_path(struct machine *m, const struct in_path *path);
const struct json_node *machine_convert(
    struct machine *m, const struct code *x,
    const struct json_node *v); /* OP_DECODE, OP_LOOKUP and their reverse */
const struct json_node *machine_single(struct machine *m, const struct code *x);     /* OP_SINGLE */
const struct json_node *machine_step_value(struct machine *m, const struct code *x); /* OP_STEPS */
bool machine_path_values(struct machine *m, const struct in_path *path);
void machine_walk(struct machine *m, const struct in_step *step, const struct json_node *v, bool native);
const struct json_node *machine_blank(struct machine *m, const struct json_node *v);
const struct json_node *machine_text_node(struct machine *m, struct str text);
const struct json_node *machine_decimal_node(struct machine *m, const struct decimal *d);
const struct json_node *machine_bool(bool value);
const struct json_node *machine_null(void);
struct str machine_text(struct machine *m,
                        const struct json_node *v); /* of strings, numbers, booleans; .p NULL: none */

/* The same of what a rule takes without a codec and writes back as a text: numbers and booleans of a system
 * are refused. */
struct str machine_word(struct machine *m, const struct json_node *v);
const struct json_node *machine_refuse_number(struct machine *m, const struct json_node *number);
const struct json_node *machine_match(struct machine *m, const struct code *x);   /* OP_MATCH */
const struct json_node *machine_pattern(struct machine *m, const struct code *x); /* OP_PATTERN */
const struct json_node *machine_field(struct machine *m, const struct out_node *o);

/* The value of a path that gives one; most are one key of an object that was searched already. */
static inline const struct json_node *machine_path(struct machine *m, const struct in_path *path)
{
    const struct frame *f = &m->frame[path->frame];
    if (path->is_key && f->known[path->object] & FRAME_KEYS_FOUND) {
        const struct json_node *v = f->value[path->slot];
        if (!m->blanks || ((v == NULL || v->n > 0) && m->empty_blank))
            return v;
    }
    return machine_any_path(m, path);
}

static inline bool json_is_nothing(const struct json_node *v)
{
    return v == NULL || v->type == JSON_NULL;
}

#endif
