#include "canon/function.h"
#include "canon/machine.h"

/* ---- sort ---- */

struct sorted {
    const struct json_node *item;
    struct str text; /* .p NULL: the item has no key */
    struct decimal number;
    bool is_number;
};

static bool key_of(struct machine *m, const struct code *x, struct sorted *s, size_t nth)
{
    const struct json_node *key = s->item;
    if (x->nargs > 1) {
        machine_enter(m, x->frame, s->item, nth);
        key = machine_value(m, x->arg[1]);
    }
    if (machine_failed(m) || json_is_nothing(key))
        return !machine_failed(m);
    s->text = machine_text(m, key);
    if (s->text.p == NULL && !machine_failed(m))
        machine_refuse(m, "text", "a list or an object cannot be sorted by");
    s->is_number = s->text.p != NULL && decimal_parse(&s->number, s->text, m->arena);
    return !machine_failed(m);
}

/* Numbers by their value, then texts by their bytes, then what has no key. */
static bool comes_before(const struct sorted *a, const struct sorted *b)
{
    if (a->text.p == NULL || b->text.p == NULL)
        return a->text.p != NULL;
    if (a->is_number != b->is_number)
        return a->is_number;
    return (a->is_number ? decimal_cmp(&a->number, &b->number) : str_cmp(a->text, b->text)) < 0;
}

/* Stable, from the bottom up, with as much room again behind the items. */
static struct sorted *merge_sort(struct sorted *from, size_t n)
{
    struct sorted *to = from + n;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t start = 0; start < n; start += 2 * width) {
            size_t middle = start + width < n ? start + width : n;
            size_t end = start + 2 * width < n ? start + 2 * width : n;
            for (size_t left = start, right = middle, at = start; at < end; at++) {
                bool second = left == middle || (right < end && comes_before(&from[right], &from[left]));
                to[at] = second ? from[right++] : from[left++];
            }
        }
        struct sorted *done = to;
        to = from;
        from = done;
    }
    return from;
}

static const struct json_node *list_node(struct machine *m, const struct sorted *s, size_t n)
{
    size_t span = 1;
    for (size_t i = 0; i < n; i++)
        span += s[i].item->span;
    struct json_node *list = span <= JSON_SPAN_MOST ? arena_raw(m->arena, span * sizeof *list) : NULL;
    if (list == NULL)
        return machine_memory(m);
    *list = (struct json_node){.span = (uint32_t)span & JSON_SPAN_MOST, .type = JSON_ARRAY};
    struct json_node *behind = list + 1;
    for (size_t i = 0; i < n; i++) {
        memcpy(behind, s[i].item, s[i].item->span * sizeof *behind);
        behind += s[i].item->span;
    }
    return list;
}

/* The items on the stack from FROM on, with their keys; NULL: memory, or refused. */
static struct sorted *with_keys(struct machine *m, const struct code *x, size_t from)
{
    size_t n = m->nstack - from;
    struct sorted *s = arena_array(m->arena, 2 * n + 1, sizeof *s);
    if (s == NULL)
        machine_memory(m);
    for (size_t i = 0; i < n && s != NULL; i++) {
        s[i].item = m->stack[from + i];
        if (!key_of(m, x, &s[i], i + 1))
            return NULL;
    }
    return s;
}

const struct json_node *function_sort(struct machine *m, const struct code *x)
{
    size_t from = m->nstack, n = 0;
    struct sorted *s = NULL;
    if (machine_items(m, x->arg[0])) {
        n = m->nstack - from;
        s = with_keys(m, x, from);
    }
    m->nstack = from;
    return s != NULL ? list_node(m, merge_sort(s, n), n) : NULL;
}

/* ---- allocate ---- */

struct share {
    struct decimal whole; /* units, rounded down, at the places of the total */
    struct decimal rest;  /* what was cut off, times the sum of the weights */
};

/* The sum of N weights. False: refused, or memory. */
static bool add_weights(struct machine *m, struct decimal *weight, size_t n, size_t from, struct decimal *sum)
{
    bool ok = decimal_from_i64(sum, 0, m->arena);
    for (size_t i = 0; i < n && ok; i++) {
        struct code constant = {.op = OP_CONST, .constant = m->stack[from + i]};
        if (machine_number(m, &constant, &weight[i]) == NUMBER_ABSENT && !machine_failed(m))
            ok = decimal_from_i64(&weight[i], 0, m->arena);
        if (machine_failed(m))
            return false;
        if (weight[i].negative) {
            machine_refuse(m, "number", "a weight below zero");
            return false;
        }
        ok = ok && decimal_add(sum, sum, &weight[i], m->arena);
    }
    if (!ok)
        machine_digits(m);
    return ok;
}

/* TOTAL * WEIGHT / SUM, cut to the places of the total, and what is left of it. */
static bool cut_share(struct machine *m, struct share *s, const struct decimal *total,
                      const struct decimal *weight, const struct decimal *sum)
{
    struct decimal product, taken;
    return decimal_mul(&product, total, weight, m->arena) &&
           decimal_div(&s->whole, &product, sum, total->scale, DECIMAL_DOWN, m->arena) &&
           decimal_mul(&taken, &s->whole, sum, m->arena) && decimal_sub(&s->rest, &product, &taken, m->arena);
}

/* Whether the share at AT is one of those that get a unit of what all lost by being cut: the largest rests
 * first, of equal ones the earlier. */
static bool gets_unit(const struct share *s, size_t n, size_t at, int64_t units)
{
    int64_t before = 0;
    for (size_t i = 0; i < n; i++) {
        int order = i == at ? -1 : decimal_cmp(&s[i].rest, &s[at].rest);
        before += order > 0 || (order == 0 && i < at);
    }
    return before < units;
}

/* The share at AT of a total that is not negative. False: memory, or too many digits. */
static bool allocate(struct machine *m, const struct decimal *total, const struct decimal *weight, size_t n,
                     const struct decimal *sum, size_t at, struct decimal *out)
{
    struct share *s = arena_array(m->arena, n, sizeof *s);
    struct decimal left = *total, units;
    int64_t count;
    bool ok = s != NULL;
    for (size_t i = 0; i < n && ok; i++)
        ok = cut_share(m, &s[i], total, &weight[i], sum) && decimal_sub(&left, &left, &s[i].whole, m->arena);
    ok = ok && decimal_shift(&units, &left, -(int)total->scale, m->arena) && decimal_to_i64(&units, &count);
    if (!ok)
        return false;
    *out = s[at].whole;
    const struct decimal unit = {.small = 1, .scale = total->scale};
    return !gets_unit(s, n, at, count) || decimal_add(out, out, &unit, m->arena);
}

const struct json_node *function_allocate(struct machine *m, const struct code *x)
{
    struct decimal total, sum, nth, out;
    int64_t place = 0;
    size_t from = m->nstack;
    if (machine_number(m, x->arg[0], &total) == NUMBER_ABSENT ||
        machine_number(m, x->arg[2], &nth) == NUMBER_ABSENT || !machine_items(m, x->arg[1])) {
        m->nstack = from;
        return NULL;
    }
    size_t n = m->nstack - from;
    if (!decimal_to_i64(&nth, &place) || place < 1 || (uint64_t)place > n) {
        m->nstack = from;
        return machine_refuse(m, "number", "no weight of that number: there are %zu", n);
    }
    struct decimal *weight = arena_array(m->arena, n, sizeof *weight);
    bool ok = weight != NULL && add_weights(m, weight, n, from, &sum);
    m->nstack = from;
    if (machine_failed(m))
        return NULL;
    if (ok && decimal_is_zero(&sum) && !decimal_is_zero(&total))
        return machine_refuse(m, "number", "the weights are all zero");
    if (ok && decimal_is_zero(&sum))
        return machine_decimal_node(m, &total);
    bool negative = total.negative;
    total.negative = false;
    if (!ok || !allocate(m, &total, weight, n, &sum, (size_t)place - 1, &out))
        return machine_digits(m);
    out.negative = negative && !decimal_is_zero(&out);
    return machine_decimal_node(m, &out);
}
