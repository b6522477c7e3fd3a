#include "canon/function.h"
#include "canon/machine.h"

/* ---- numbers ---- */

static enum machine_number parse_number(struct machine *m, const struct json_node *v, struct decimal *out)
{
    if (json_is_nothing(v))
        return NUMBER_ABSENT;
    bool escaped = v->type == JSON_STRING && v->form == JSON_ESCAPED;
    struct str text = escaped ? machine_text(m, v) : json_text(v);
    if (text.p != NULL && decimal_parse(out, text, m->arena))
        return NUMBER_OK;
    if (!machine_failed(m))
        machine_refuse(m, "number", "not a number: %s", err_quote(text));
    return NUMBER_ABSENT;
}

/* Most terms are paths. */
static inline enum machine_number term_of(struct machine *m, const struct code *x, struct decimal *out)
{
    if (x->op != OP_PATH)
        return machine_number(m, x, out);
    const struct json_node *v = machine_path(m, x->path);
    return json_is_nothing(v) || machine_failed(m) ? NUMBER_ABSENT : parse_number(m, v, out);
}

/* Absent where a term is; by the rules of x-checks (`checked`) only where all are. */
static enum machine_number sum_of(struct machine *m, const struct code *x, struct decimal *sum)
{
    unsigned present = 0;
    for (unsigned i = 0; i < x->nargs; i++) {
        struct decimal term;
        enum machine_number got = term_of(m, x->arg[i], &term);
        if (machine_failed(m))
            return NUMBER_ABSENT;
        if (got == NUMBER_ABSENT)
            continue;
        if (x->minus[i])
            term.negative = !term.negative && !decimal_is_zero(&term);
        if (present++ == 0) {
            *sum = term;
        } else if (!decimal_add(sum, sum, &term, m->arena)) {
            machine_digits(m);
            return NUMBER_ABSENT;
        }
    }
    return present > 0 && (present == x->nargs || x->checked) ? NUMBER_OK : NUMBER_ABSENT;
}

static enum machine_number product_of(struct machine *m, const struct code *x, struct decimal *out)
{
    struct decimal left, right;
    enum machine_number l = machine_number(m, x->arg[0], &left);
    enum machine_number r = machine_failed(m) ? NUMBER_ABSENT : machine_number(m, x->arg[1], &right);
    if (l == NUMBER_ABSENT || r == NUMBER_ABSENT || machine_failed(m))
        return NUMBER_ABSENT;
    if (decimal_mul(out, &left, &right, m->arena))
        return NUMBER_OK;
    machine_digits(m);
    return NUMBER_ABSENT;
}

enum machine_number machine_number(struct machine *m, const struct code *x, struct decimal *out)
{
    switch (x->op) {
    case OP_SUM: return sum_of(m, x, out);
    case OP_MULTIPLY: return product_of(m, x, out);
    case OP_NEGATE: {
        enum machine_number got = machine_number(m, x->arg[0], out);
        if (got == NUMBER_OK)
            out->negative = !out->negative && !decimal_is_zero(out);
        return got;
    }
    case OP_ALTERNATIVE:
        if (!x->many) {
            enum machine_number got = machine_number(m, x->arg[0], out);
            return got == NUMBER_OK || machine_failed(m) ? got : machine_number(m, x->arg[1], out);
        }
        break;
    default: break;
    }
    const struct json_node *v = machine_value(m, x);
    return machine_failed(m) ? NUMBER_ABSENT : parse_number(m, v, out);
}

static const struct json_node *number_value(struct machine *m, const struct code *x)
{
    struct decimal d;
    if (machine_number(m, x, &d) == NUMBER_ABSENT)
        return NULL;
    return machine_decimal_node(m, &d);
}

/* ---- comparisons ---- */

static bool holds(enum code_op op, int order)
{
    switch (op) {
    case OP_EQUAL: return order == 0;
    case OP_UNEQUAL: return order != 0;
    case OP_LESS: return order < 0;
    case OP_LESS_EQUAL: return order <= 0;
    case OP_GREATER: return order > 0;
    default: return order >= 0;
    }
}

static enum machine_truth truth(bool holds_)
{
    return holds_ ? TRUTH_YES : TRUTH_NO;
}

static enum machine_truth compare_numbers(struct machine *m, const struct code *x)
{
    struct decimal left, right;
    if (term_of(m, x->arg[0], &left) == NUMBER_ABSENT || machine_failed(m) ||
        term_of(m, x->arg[1], &right) == NUMBER_ABSENT || machine_failed(m))
        return TRUTH_UNKNOWN;
    return truth(holds(x->op, decimal_cmp(&left, &right)));
}

/* Texts are compared byte by byte; for an order, as numbers where both are. */
static bool compare_values(struct machine *m, enum code_op op, const struct json_node *left,
                           const struct json_node *right)
{
    struct decimal l, r;
    if (left->type == JSON_NUMBER || right->type == JSON_NUMBER) {
        if (parse_number(m, left, &l) == NUMBER_ABSENT || parse_number(m, right, &r) == NUMBER_ABSENT)
            return false;
        return holds(op, decimal_cmp(&l, &r));
    }
    if (op == OP_EQUAL || op == OP_UNEQUAL)
        return holds(op, json_equal(left, right) ? 0 : 1);
    struct str a = machine_text(m, left), b = machine_text(m, right);
    if (a.p == NULL || b.p == NULL)
        return false;
    bool numbers = decimal_parse(&l, a, m->arena) && decimal_parse(&r, b, m->arena);
    return holds(op, numbers ? decimal_cmp(&l, &r) : str_cmp(a, b));
}

enum machine_truth machine_compare(struct machine *m, const struct code *x)
{
    bool left_null = code_is_null(x->arg[0]), right_null = code_is_null(x->arg[1]);
    if (left_null || right_null) {
        const struct json_node *v = machine_value(m, x->arg[left_null ? 1 : 0]);
        return truth(json_is_nothing(v) == (x->op == OP_EQUAL));
    }
    if (x->arg[0]->numeric || x->arg[1]->numeric)
        return compare_numbers(m, x);
    const struct json_node *left = machine_value(m, x->arg[0]);
    if (json_is_nothing(left))
        return TRUTH_UNKNOWN;
    const struct json_node *right = machine_value(m, x->arg[1]);
    return json_is_nothing(right) ? TRUTH_UNKNOWN : truth(compare_values(m, x->op, left, right));
}

bool machine_true(struct machine *m, const struct code *x)
{
    switch (x->op) {
    case OP_EQUAL:
    case OP_UNEQUAL:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL: return machine_compare(m, x) == TRUTH_YES && !machine_failed(m);
    case OP_AND: return machine_true(m, x->arg[0]) && machine_true(m, x->arg[1]);
    case OP_OR: return machine_true(m, x->arg[0]) || (!machine_failed(m) && machine_true(m, x->arg[1]));
    case OP_NOT: return !machine_true(m, x->arg[0]) && !machine_failed(m);
    default: break;
    }
    const struct json_node *v = machine_value(m, x);
    if (json_is_nothing(v) || v->type == JSON_FALSE || v->type == JSON_TRUE)
        return v != NULL && v->type == JSON_TRUE;
    machine_refuse(m, "condition", "neither true nor false: %s", err_quote(json_text(v)));
    return false;
}

/* ---- texts ---- */

static const struct json_node *text_value(struct machine *m, const struct code *x)
{
    struct str piece[64];
    size_t n = x->nargs, total = 0;
    if (n > 64)
        return machine_refuse(m, "limit", "more than 64 holes in a text");
    for (size_t i = 0; i < n; i++) {
        const struct json_node *v = machine_value(m, x->arg[i]);
        if (json_is_nothing(v))
            return NULL;
        piece[i] = machine_text(m, v);
        if (piece[i].p == NULL)
            return machine_failed(m)
                       ? NULL
                       : machine_refuse(m, "text", "a list or an object cannot stand in a text");
        total += piece[i].n;
    }
    for (size_t i = 0; i <= n; i++)
        total += x->literal[i].n;
    char *text = arena_raw(m->arena, total + 1);
    if (text == NULL)
        return machine_memory(m);
    size_t at = 0;
    for (size_t i = 0; i <= n; i++) {
        memcpy(text + at, x->literal[i].p, x->literal[i].n);
        at += x->literal[i].n;
        if (i < n) {
            memcpy(text + at, piece[i].p, piece[i].n);
            at += piece[i].n;
        }
    }
    return machine_text_node(m, (struct str){text, total});
}

/* ---- codecs ---- */

static bool set_arguments(struct machine *m, const struct code *x)
{
    struct codec_use *use = x->use;
    for (size_t i = 0; i < use->nargs && !machine_failed(m); i++) {
        if (!(use->literal >> i & 1))
            use->arg[i] = machine_value(m, x->arg[i + 1]);
    }
    return !machine_failed(m);
}

static inline const struct json_node *code_one(struct machine *m, const struct code *x,
                                               const struct json_node *v)
{
    const struct codec_use *use = x->use;
    if (use->nargs > 0 && !set_arguments(m, x))
        return NULL;
    return x->op == OP_DECODE ? use->codec->decode(use, v, &m->run) : use->codec->encode(use, v, &m->run);
}

static const struct json_node *lookup_one(struct machine *m, const struct code *x, const struct json_node *v)
{
    if (json_is_nothing(v))
        return v;
    struct str word = machine_word(m, v);
    const struct json_node *found = word.p != NULL ? lookup_decode(x->lookup, word) : NULL;
    if (found == NULL && word.p != NULL)
        found = lookup_rest(x->lookup);
    if (found == NULL && !machine_failed(m))
        machine_refuse(m, "lookup", "%.*s does not know %s", (int)lookup_name(x->lookup).n,
                       lookup_name(x->lookup).p, err_quote(json_text(v)));
    return found;
}

static const struct json_node *reverse_one(struct machine *m, const struct code *x, const struct json_node *v)
{
    if (json_is_nothing(v))
        return v;
    const struct json_node *rest = lookup_rest(x->lookup);
    if (x->arg[1] != NULL && rest != NULL && json_equal(rest, v)) {
        const struct json_node *raw = machine_value(m, x->arg[1]);
        if (!json_is_nothing(raw) || machine_failed(m))
            return raw;
    }
    bool ambiguous = false;
    struct str text = machine_text(m, v);
    const struct json_node *found = text.p != NULL ? lookup_encode(x->lookup, text, &ambiguous) : NULL;
    if (found == NULL && !machine_failed(m))
        machine_refuse(m, "lookup",
                       ambiguous ? "%.*s has more than one word for %s" : "%.*s has no word for %s",
                       (int)lookup_name(x->lookup).n, lookup_name(x->lookup).p, err_quote(json_text(v)));
    return found;
}

const struct json_node *machine_convert(struct machine *m, const struct code *x, const struct json_node *v)
{
    switch (x->op) {
    case OP_LOOKUP: return lookup_one(m, x, v);
    case OP_REVERSE: return reverse_one(m, x, v);
    default: return json_is_nothing(v) ? v : code_one(m, x, v);
    }
}

/* The look-up that gives the value of X, on the branch that is taken; NULL: none does. */
static const struct code *chosen_lookup(struct machine *m, const struct code *x)
{
    while (x != NULL && x->op != OP_LOOKUP) {
        if (x->op != OP_ALTERNATIVE && x->op != OP_ELSE && x->op != OP_GUARD)
            return NULL;
        size_t from = m->nstack;
        const struct json_node *first = machine_value(m, x->arg[0]);
        bool refused = machine_failed(m);
        if (refused && x->op != OP_ELSE)
            return NULL;
        if (refused)
            machine_forgive(m);
        m->nstack = from;
        if (x->op == OP_GUARD)
            x = json_is(first, JSON_TRUE) ? x->arg[1] : NULL;
        else
            x = refused || (x->op == OP_ALTERNATIVE && json_is_nothing(first)) ? x->arg[1] : x->arg[0];
    }
    return x;
}

/* The word that the enumeration could not name; absent where it could. */
static const struct json_node *raw_value(struct machine *m, const struct code *x)
{
    const struct code *decoded = chosen_lookup(m, x->arg[0]);
    if (decoded == NULL)
        return NULL;
    const struct json_node *v = machine_value(m, decoded->arg[0]);
    if (json_is_nothing(v) || machine_failed(m))
        return NULL;
    struct str word = machine_text(m, v);
    if (word.p == NULL || lookup_decode(decoded->lookup, word) != NULL)
        return NULL;
    return v->type == JSON_STRING ? v : machine_text_node(m, word);
}

static const struct json_node *row_value(struct machine *m, const struct code *x)
{
    const struct json_node *key = machine_value(m, x->arg[0]);
    if (json_is_nothing(key))
        return NULL;
    struct str text = machine_text(m, key);
    return text.p != NULL ? lookup_decode(x->lookup, text) : NULL;
}

/* ---- any value ---- */

static const struct json_node *else_value(struct machine *m, const struct code *x)
{
    size_t from = m->nstack;
    const struct json_node *v = machine_value(m, x->arg[0]);
    if (!machine_failed(m))
        return v;
    machine_forgive(m);
    m->nstack = from;
    return x->arg[1] != NULL ? machine_value(m, x->arg[1]) : NULL;
}

static const struct json_node *nth_value(struct machine *m, const struct code *x)
{
    struct decimal d;
    decimal_from_i64(&d, (int64_t)m->frame[x->frame->index].nth, m->arena);
    return machine_decimal_node(m, &d);
}

static const struct json_node *kept_value(struct machine *m, const struct code *x)
{
    struct frame *f = &m->frame[x->frame->index];
    if (!f->memo_state[x->memo]) {
        const struct json_node *v = machine_value(m, x->arg[0]);
        if (machine_failed(m))
            return NULL;
        f->memo[x->memo] = v;
        f->memo_state[x->memo] = 1;
    }
    return f->memo[x->memo];
}

/* All but what most rules are made of. */
static __attribute__((noinline)) const struct json_node *other_value(struct machine *m, const struct code *x)
{
    switch (x->op) {
    case OP_NTH: return nth_value(m, x);
    case OP_FIELD: return machine_field(m, x->field);
    case OP_STEPS: return machine_step_value(m, x);
    case OP_SINGLE: return machine_single(m, x);
    case OP_TEXT: return text_value(m, x);
    case OP_LOOKUP:
    case OP_REVERSE: {
        const struct json_node *v = machine_value(m, x->arg[0]);
        return machine_failed(m) ? NULL : machine_convert(m, x, v);
    }
    case OP_RAW: return raw_value(m, x);
    case OP_ROW: return row_value(m, x);
    case OP_NEGATE:
    case OP_SUM:
    case OP_MULTIPLY: return number_value(m, x);
    case OP_EQUAL:
    case OP_UNEQUAL:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL:
    case OP_AND:
    case OP_OR:
    case OP_NOT: {
        bool truth = machine_true(m, x);
        return machine_failed(m) ? NULL : machine_bool(truth);
    }
    case OP_ALTERNATIVE: {
        const struct json_node *v = machine_value(m, x->arg[0]);
        return !json_is_nothing(v) || machine_failed(m) ? v : machine_value(m, x->arg[1]);
    }
    case OP_ELSE: return else_value(m, x);
    case OP_GUARD: return machine_true(m, x->arg[0]) ? machine_value(m, x->arg[1]) : NULL;
    case OP_CALL: return x->function->run(m, x);
    case OP_KEPT: return kept_value(m, x);
    case OP_MATCH: return machine_match(m, x);
    case OP_PATTERN: return machine_pattern(m, x);
    default: return NULL;
    }
}

/* Most often a codec without arguments on a path. */
static __attribute__((noinline)) const struct json_node *coded_value(struct machine *m, const struct code *x)
{
    const struct code *in = x->arg[0];
    const struct json_node *v = in->op == OP_PATH ? machine_path(m, in->path) : machine_value(m, in);
    return json_is_nothing(v) ? v : code_one(m, x, v);
}

const struct json_node *machine_value(struct machine *m, const struct code *x)
{
    switch (x->op) {
    case OP_CONST: return x->constant;
    case OP_PATH: return machine_path(m, x->path);
    case OP_DECODE:
    case OP_ENCODE: return coded_value(m, x);
    default: return other_value(m, x);
    }
}
