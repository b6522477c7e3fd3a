#include "canon/function.h"
#include "canon/machine.h"

/* ---- sort ---- */

struct sorted {
    const struct json_node *item;
    size_t at;       /* where it stood; of shares */
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

/* A list of what is on the stack from FROM on. */
static const struct json_node *list_node(struct machine *m, size_t from)
{
    size_t span = 1;
    for (size_t i = from; i < m->nstack; i++)
        span += m->stack[i]->span;
    struct json_node *list = span <= JSON_SPAN_MOST ? arena_raw(m->arena, span * sizeof *list) : NULL;
    if (list == NULL)
        return machine_memory(m);
    *list = (struct json_node){.span = (uint32_t)span & JSON_SPAN_MOST, .type = JSON_ARRAY};
    struct json_node *behind = list + 1;
    for (size_t i = from; i < m->nstack; i++) {
        memcpy(behind, m->stack[i], m->stack[i]->span * sizeof *behind);
        behind += m->stack[i]->span;
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
    size_t from = m->nstack;
    const struct json_node *list = NULL;
    struct sorted *s = machine_items(m, x->arg[0]) ? with_keys(m, x, from) : NULL;
    if (s != NULL) {
        s = merge_sort(s, m->nstack - from);
        for (size_t i = from; i < m->nstack; i++)
            m->stack[i] = s[i - from].item;
        list = list_node(m, from);
    }
    m->nstack = from;
    return list;
}

/* ---- each ---- */

/* What has no value is null, so that all stand at the places of their items. */
const struct json_node *function_each(struct machine *m, const struct code *x)
{
    size_t from = m->nstack;
    const struct json_node *list = NULL;
    if (machine_items(m, x->arg[0])) {
        for (size_t i = from, to = m->nstack; i < to && !machine_failed(m); i++) {
            machine_enter(m, x->frame, m->stack[i], i - from + 1);
            const struct json_node *v = machine_value(m, x->arg[1]);
            m->stack[i] = v != NULL ? v : machine_null();
        }
        list = machine_failed(m) ? NULL : list_node(m, from);
    }
    m->nstack = from;
    return list;
}

/* ---- allocate ---- */

/* How a total was shared out: each item asks for its share, and all are reckoned at once. */
struct shares {
    const struct code *of;
    struct decimal total;
    size_t n;
    const struct json_node **weight;
    struct json_node *share;
    struct shares *next;
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

/* TOTAL * WEIGHT / SUM, cut to the places of the total, and REST: what was cut off, times the sum. */
static bool cut_share(struct machine *m, struct decimal *share, struct decimal *rest,
                      const struct decimal *total, const struct decimal *weight, const struct decimal *sum)
{
    struct decimal product, taken;
    return decimal_mul(&product, total, weight, m->arena) &&
           decimal_div(share, &product, sum, total->scale, DECIMAL_DOWN, m->arena) &&
           decimal_mul(&taken, share, sum, m->arena) && decimal_sub(rest, &product, &taken, m->arena);
}

/* Makes SHARE[i] of WEIGHT[i]. A unit of what all lost by being cut goes to each of those that lost the most,
 * of equal ones to the earlier. False: memory, or too many digits. */
static bool share_out(struct machine *m, struct decimal *share, const struct decimal *total,
                      const struct decimal *weight, size_t n, const struct decimal *sum)
{
    const struct decimal unit = {.small = 1, .scale = total->scale};
    struct sorted *lost = arena_array(m->arena, 2 * n, sizeof *lost);
    struct decimal left = *total, units;
    int64_t count;
    bool ok = lost != NULL;
    for (size_t i = 0; i < n && ok; i++) {
        lost[i] = (struct sorted){.at = i, .text = STR(""), .is_number = true};
        ok = cut_share(m, &share[i], &lost[i].number, total, &weight[i], sum) &&
             decimal_sub(&left, &left, &share[i], m->arena);
        lost[i].number.negative = !decimal_is_zero(&lost[i].number); /* the largest first */
    }
    if (!ok || !decimal_shift(&units, &left, -(int)total->scale, m->arena) || !decimal_to_i64(&units, &count))
        return false;
    lost = merge_sort(lost, n);
    for (int64_t i = 0; i < count && ok; i++)
        ok = decimal_add(&share[lost[i].at], &share[lost[i].at], &unit, m->arena);
    return ok;
}

/* Of the weights on the stack from FROM on. NULL: refused, or memory. */
static struct shares *make_shares(struct machine *m, const struct decimal *total, size_t n, size_t from)
{
    struct shares *s = arena_alloc(m->arena, sizeof *s);
    struct decimal *weight = arena_array(m->arena, n, sizeof *weight), sum;
    struct decimal *share = arena_array(m->arena, n, sizeof *share), whole = *total;
    if (s != NULL) {
        *s = (struct shares){.total = *total, .n = n};
        s->weight = arena_array(m->arena, n, sizeof *s->weight);
        s->share = arena_array(m->arena, n, sizeof *s->share);
    }
    if (s == NULL || weight == NULL || share == NULL || s->weight == NULL || s->share == NULL) {
        machine_memory(m);
        return NULL;
    }
    memcpy(s->weight, m->stack + from, n * sizeof *s->weight);
    if (!add_weights(m, weight, n, from, &sum))
        return NULL;
    if (decimal_is_zero(&sum) && !decimal_is_zero(total)) {
        machine_refuse(m, "number", "the weights are all zero");
        return NULL;
    }
    whole.negative = false;
    for (size_t i = 0; i < n; i++)
        share[i] = whole;
    bool ok = decimal_is_zero(&sum) || share_out(m, share, &whole, weight, n, &sum);
    for (size_t i = 0; i < n && ok; i++) {
        share[i].negative = total->negative && !decimal_is_zero(&share[i]);
        struct str text = decimal_text(&share[i], DECIMAL_KEEP, m->arena);
        s->share[i] = json_clean_node(text);
        ok = text.p != NULL;
    }
    if (!ok)
        machine_digits(m);
    return ok ? s : NULL;
}

static bool is_shared(const struct shares *s, const struct decimal *total,
                      const struct json_node *const *weight, size_t n)
{
    if (s->n != n || s->total.scale != total->scale || decimal_cmp(&s->total, total) != 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s->weight[i] != weight[i] && !json_equal(s->weight[i], weight[i]))
            return false;
    }
    return true;
}

/* The shares of X for the weights on the stack from FROM on, known or made. */
static const struct shares *find_shares(struct machine *m, const struct code *x, const struct decimal *total,
                                        size_t from)
{
    size_t n = m->nstack - from;
    struct shares **at = &m->shares;
    while (*at != NULL && (*at)->of != x)
        at = &(*at)->next;
    if (*at != NULL && is_shared(*at, total, m->stack + from, n))
        return *at;
    struct shares *made = make_shares(m, total, n, from);
    if (made == NULL)
        return NULL;
    made->of = x;
    made->next = *at != NULL ? (*at)->next : NULL;
    *at = made;
    return made;
}

const struct json_node *function_allocate(struct machine *m, const struct code *x)
{
    struct decimal total, nth;
    int64_t place = 0;
    size_t from = m->nstack;
    if (machine_number(m, x->arg[0], &total) == NUMBER_ABSENT ||
        machine_number(m, x->arg[2], &nth) == NUMBER_ABSENT || !machine_items(m, x->arg[1])) {
        m->nstack = from;
        return NULL;
    }
    size_t n = m->nstack - from;
    bool is_one = decimal_to_i64(&nth, &place) && place >= 1 && (uint64_t)place <= n;
    const struct shares *s = is_one ? find_shares(m, x, &total, from) : NULL;
    m->nstack = from;
    if (!is_one)
        return machine_refuse(m, "number", "no weight of that number: there are %zu", n);
    return s != NULL ? &s->share[place - 1] : NULL;
}
