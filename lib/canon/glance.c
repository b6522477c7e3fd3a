#include "canon/glance.h"

#include "base/decimal.h"
#include "canon/function.h"
#include "canon/machine.h"

enum { TERMS = 32 /* most in both sums together, and most that are needed */, NO_KEY = 0xFFFF };

/* The value of a member, or 0 where another member is true. */
struct term {
    uint16_t key, unless; /* which value; NO_KEY */
    bool minus;
};

struct glance {
    uint16_t needed[TERMS]; /* keys without which it is not asked */
    unsigned nneeded;
    unsigned nterms, nleft; /* in all; those of the left side come first. 0: it is no equality of sums */
    struct term term[TERMS];
};

/* ---- compiling ---- */

static uint16_t key_of(const struct code *x, const struct frame_def *frame)
{
    const struct in_path *path = x->path;
    if (x->op != OP_PATH || !path->is_key || path->frame != frame->index || path->object != frame->item->slot)
        return NO_KEY;
    return (uint16_t)(path->slot - frame->item->first_slot);
}

static bool is_call(const struct code *x, struct str name, unsigned nargs)
{
    return x->op == OP_CALL && x->nargs == nargs && str_eq(str_of(x->function->name), name);
}

static bool is_zero(const struct code *x)
{
    return x->op == OP_CONST && x->numeric && str_eq(json_text(x->constant), STR("0"));
}

static bool add_term(struct glance *g, const struct code *x, bool minus, const struct frame_def *frame)
{
    bool choice = is_call(x, STR("if"), 3) && is_zero(x->arg[1]);
    struct term term = {.key = key_of(choice ? x->arg[2] : x, frame), .unless = NO_KEY, .minus = minus};
    if (choice)
        term.unless = key_of(x->arg[0], frame);
    if (g->nterms == TERMS || term.key == NO_KEY || (choice && term.unless == NO_KEY))
        return false;
    g->term[g->nterms++] = term;
    return true;
}

static bool add_sum(struct glance *g, const struct code *x, const struct frame_def *frame)
{
    if (x->op != OP_SUM)
        return add_term(g, x, false, frame);
    for (unsigned i = 0; i < x->nargs; i++)
        if (!add_term(g, x->arg[i], x->minus[i], frame))
            return false;
    return true;
}

static bool add_sums(struct glance *g, const struct code *code, const struct frame_def *frame)
{
    /* Else texts are compared, not numbers. */
    bool numbers = code->arg[0]->numeric || code->arg[1]->numeric;
    if (code->op != OP_EQUAL || !numbers || !add_sum(g, code->arg[0], frame))
        return false;
    g->nleft = g->nterms;
    return add_sum(g, code->arg[1], frame);
}

/* The keys that has() asks for in a condition, up to the first operand of && that asks anything else, which
 * may be refused: whether there was none. */
static bool add_needed(struct glance *g, const struct code *x, const struct frame_def *frame)
{
    if (x->op == OP_AND)
        return add_needed(g, x->arg[0], frame) && add_needed(g, x->arg[1], frame);
    if (!is_call(x, STR("has"), 1) || key_of(x->arg[0], frame) == NO_KEY || g->nneeded == TERMS)
        return false;
    g->needed[g->nneeded++] = key_of(x->arg[0], frame);
    return true;
}

struct glance *glance_of(const struct code *code, const struct frame_def *frame, struct arena *a)
{
    struct glance made = {0};
    /* A comparison with null has rules of its own. */
    if (!code->checked || code->op < OP_EQUAL || code->op > OP_GREATER_EQUAL ||
        frame->item->nkeys >= NO_KEY || code_is_null(code->arg[0]) || code_is_null(code->arg[1]))
        return NULL;
    if (is_call(code->arg[0], STR("if"), 2))
        add_needed(&made, code->arg[0]->arg[0], frame);
    if (!add_sums(&made, code, frame))
        made.nterms = 0;
    struct glance *kept = made.nterms > 0 || made.nneeded > 0 ? arena_alloc(a, sizeof *kept) : NULL;
    if (kept != NULL)
        *kept = made;
    return kept;
}

/* ---- reckoning ---- */

enum { NO_PLACES = -1 };

struct reckoning {
    int64_t total;
    int places;   /* of all amounts so far, or NO_PLACES */
    bool present; /* a term of this side is known */
};

static bool add(struct reckoning *r, struct str text, bool minus)
{
    int64_t amount;
    unsigned places;
    if (!decimal_amount(&amount, &places, text))
        return false;
    if (r->places == NO_PLACES)
        r->places = (int)places;
    return r->places == (int)places && !__builtin_add_overflow(r->total, minus ? -amount : amount, &r->total);
}

/* The terms from T up to END. */
static bool reckon(struct reckoning *r, const struct term *t, const struct term *end,
                   const struct json_node *const *value)
{
    for (; t < end; t++) {
        const struct json_node *v = value[t->key], *unless = t->unless != NO_KEY ? value[t->unless] : NULL;
        if (json_is(unless, JSON_TRUE)) {
            r->present = true;
            continue;
        }
        if (!json_is_nothing(unless) && unless->type != JSON_FALSE)
            return false;
        if (json_is_nothing(v))
            continue;
        if (v->type != JSON_STRING || v->form != JSON_CLEAN || !add(r, json_text(v), t->minus))
            return false;
        r->present = true;
    }
    return true;
}

static bool sums_are_equal(const struct glance *g, const struct json_node *const *value)
{
    struct reckoning left = {.places = NO_PLACES}, right;
    const struct term *middle = g->term + g->nleft, *end = g->term + g->nterms;
    if (!reckon(&left, g->term, middle, value) || !left.present)
        return false;
    right = (struct reckoning){.places = left.places};
    return reckon(&right, middle, end, value) && right.present && left.total == right.total;
}

enum glance_answer glance(const struct glance *g, const struct json_node *const *value)
{
    for (unsigned i = 0; i < g->nneeded; i++)
        if (json_is_nothing(value[g->needed[i]]))
            return GLANCE_SKIPPED;
    return g->nterms > 0 && sums_are_equal(g, value) ? GLANCE_HOLDS : GLANCE_UNKNOWN;
}
