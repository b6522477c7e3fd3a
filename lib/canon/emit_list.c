/* Lists: what several rules give to one is put together here. */
#include "canon/emit.h"

/* What a list is, by the most that any rule gives to it. */
enum { LIST_REFUSED = -1, LIST_ABSENT, LIST_NULL, LIST_EMPTY, LIST_FILLED };

static int most(int a, int b)
{
    return a > b ? a : b;
}

/* The items of CODE, on the stack; and what a list is that has none of them. PLACED: with NULL for those that
 * have no value. */
static int push_items(struct machine *m, const struct code *code, bool placed)
{
    if (placed ? machine_places(m, code) : machine_items(m, code))
        return LIST_EMPTY;
    return !machine_failed(m) && machine_gives_null(m, code) ? LIST_NULL : LIST_ABSENT;
}

static bool wanted(struct machine *m, const struct producer *p)
{
    return p->when == NULL || machine_true(m, p->when);
}

/* What is written to several native lists is merged by position when it is read. */
static bool keeps_places(const struct producer *p)
{
    return p->from != NULL && p->from->scattered;
}

/* MADE, of the item at NTH. *GAP: one more than the first that had nothing; where the items are PLACED, none
 * may come behind it. */
static int into_place(struct machine *m, bool placed, size_t nth, size_t *gap, int made)
{
    if (made == 0 && *gap == 0)
        *gap = nth + 1;
    if (made <= 0 || *gap == 0 || !placed)
        return made;
    machine_refuse(m, "list", "[%zu] has a value and [%zu] has none: it would be read back from there", nth,
                   *gap - 1);
    return -1;
}

/* Puts what stands in P's list at NTH, if there is something, before the frame of its items. False: there is
 * none, or it is refused. */
static bool enter_item(struct machine *m, const struct producer *p, const struct json_node *item, size_t nth)
{
    if (item == NULL)
        return false;
    machine_enter(m, p->frame, item, nth + 1);
    return machine_check_overflow(m, p->frame) == 0;
}

static int emit_each(struct machine *m, const struct out_node *list, const struct producer *p,
                     struct json_tape *tape)
{
    size_t from = m->nstack, gap = 0;
    bool placed = keeps_places(p);
    int made = push_items(m, p->code, placed);
    size_t to = m->nstack;
    for (size_t i = from; i < to && !machine_failed(m); i++) {
        int one = enter_item(m, p, m->stack[i], i - from) ? emit_node(m, p->body, tape) : 0;
        if (into_place(m, placed, i - from, &gap, one) > 0)
            made = LIST_FILLED;
    }
    m->nstack = from;
    return machine_failed(m) ? machine_refuse_field(m, list) : made;
}

static int emit_values(struct machine *m, const struct out_node *list, const struct producer *p,
                       struct json_tape *tape)
{
    size_t from = m->nstack, gap = 0;
    bool placed = keeps_places(p);
    int made = push_items(m, p->code, placed);
    size_t to = m->nstack;
    for (size_t i = from; i < to && !machine_failed(m); i++) {
        const struct json_node *v = m->stack[i];
        if (v != NULL)
            v = emit_checked(m, p->code, v, !p->appends);
        if (v != NULL)
            conform_whole(&m->conform, &p->values, v);
        if (into_place(m, placed, i - from, &gap, emit_append(m, tape, v)) > 0)
            made = LIST_FILLED;
    }
    m->nstack = from;
    return machine_failed(m) ? machine_refuse_field(m, list) : made;
}

/* The items of one producer, one after the other. */
static int emit_items(struct machine *m, const struct out_node *list, const struct producer *p,
                      struct json_tape *tape)
{
    if (!wanted(m, p))
        return machine_failed(m) ? machine_refuse_field(m, list) : LIST_ABSENT;
    switch (p->kind) {
    case PRODUCE_EACH: return emit_each(m, list, p, tape);
    case PRODUCE_VALUES: return emit_values(m, list, p, tape);
    default: break;
    }
    int made = emit_node(m, p->body, tape);
    return made > 0 ? LIST_FILLED : made;
}

/* B's fields behind A's; objects in both are merged in turn. */
static bool merge(struct machine *m, const struct json_node *a, const struct json_node *b)
{
    struct json_tape *tape = &m->scratch;
    if (a == NULL || b == NULL)
        return json_append(tape, a != NULL ? a : b);
    if (a->type != JSON_OBJECT || b->type != JSON_OBJECT) {
        machine_refuse(m, "map", "two rules write different values to one place of a list");
        return false;
    }
    size_t at = json_open(tape, JSON_OBJECT);
    bool ok = at != SIZE_MAX;
    for (const struct json_node *key = a + 1, *end = a + a->span; ok && key < end; key = json_next_key(key))
        ok = json_append(tape, key) && merge(m, json_value_of(key), json_get(b, json_text(key)));
    for (const struct json_node *key = b + 1, *end = b + b->span; ok && key < end; key = json_next_key(key)) {
        if (json_get(a, json_text(key)) == NULL)
            ok = json_append(tape, key) && json_append(tape, json_value_of(key));
    }
    if (ok)
        json_close(tape, at);
    return ok;
}

enum { PRODUCERS = 64 };

/* What each producer gives, on the stack; for each where its values start. What the list is without them. */
static int gather(struct machine *m, const struct out_node *list, size_t start[PRODUCERS + 1])
{
    size_t n = 0;
    int bare = LIST_ABSENT;
    for (const struct producer *p = list->producers; p != NULL && !machine_failed(m); p = p->next) {
        if (p->appends)
            continue;
        if (n == PRODUCERS) {
            machine_refuse(m, "limit", "more than %d rules for one list", PRODUCERS);
            return LIST_REFUSED;
        }
        size_t at = start[n++] = m->nstack;
        if (!wanted(m, p))
            continue;
        if (p->kind == PRODUCE_VALUES || p->kind == PRODUCE_EACH)
            bare = most(bare, push_items(m, p->code, true));
        if (p->kind == PRODUCE_EACH) {
            for (size_t i = at, to = m->nstack; i < to && !machine_failed(m); i++)
                m->stack[i] = enter_item(m, p, m->stack[i], i - at) ? emit_materialize(m, p->body) : NULL;
        } else if (p->kind == PRODUCE_VALUES) {
            for (size_t i = at; i < m->nstack && !machine_failed(m); i++)
                if (m->stack[i] != NULL)
                    m->stack[i] = emit_checked(m, p->code, m->stack[i], true);
        } else {
            machine_push(m, emit_materialize(m, p->body));
        }
    }
    start[n] = m->nstack;
    return machine_failed(m) ? LIST_REFUSED : bare;
}

/* How many items the list has, and at which each PAIR stands: behind the others, in the order of the rules.
 */
static size_t positions(const struct machine *m, const struct out_node *list, const size_t *start,
                        size_t *pair)
{
    size_t n = 0, i = 0;
    bool all = false;
    for (const struct producer *p = list->producers; p != NULL; p = p->next) {
        if (p->appends)
            continue;
        size_t given = start[i + 1] - start[i];
        bool some = given > 0 && m->stack[start[i]] != NULL;
        if ((p->kind == PRODUCE_EACH || p->kind == PRODUCE_VALUES) && given > n)
            n = given;
        if (p->kind == PRODUCE_INDEX && some && p->index + 1 > n)
            n = p->index + 1;
        all |= p->kind == PRODUCE_ALL && some;
        i++;
    }
    if (n == 0 && all)
        n = 1;
    i = 0;
    for (const struct producer *p = list->producers; p != NULL; p = p->next) {
        if (p->appends)
            continue;
        pair[i] = n;
        if (p->kind == PRODUCE_PAIR && start[i + 1] > start[i] && m->stack[start[i]] != NULL)
            n++;
        i++;
    }
    return n;
}

/* The largest index that a rule names and has a value for: what stands there would move where one before it
 * is empty. */
static size_t last_index(const struct machine *m, const struct out_node *list, const size_t *start)
{
    size_t last = 0, i = 0;
    for (const struct producer *p = list->producers; p != NULL; p = p->next) {
        if (p->appends)
            continue;
        bool some = start[i + 1] > start[i] && m->stack[start[i]] != NULL;
        if (p->kind == PRODUCE_INDEX && some && p->index > last)
            last = p->index;
        i++;
    }
    return last;
}

/* What producer P gives to the item at POS, or NULL. */
static const struct json_node *contribution(const struct machine *m, const struct producer *p,
                                            const size_t *start, size_t i, size_t pair, size_t pos)
{
    size_t given = start[i + 1] - start[i];
    switch (p->kind) {
    case PRODUCE_EACH:
    case PRODUCE_VALUES: return pos < given ? m->stack[start[i] + pos] : NULL;
    case PRODUCE_INDEX: return given > 0 && p->index == pos ? m->stack[start[i]] : NULL;
    case PRODUCE_ALL: return given > 0 ? m->stack[start[i]] : NULL;
    case PRODUCE_PAIR: return given > 0 && pair == pos ? m->stack[start[i]] : NULL;
    case PRODUCE_ONE: break;
    }
    return NULL;
}

static int emit_merged(struct machine *m, const struct out_node *list, struct json_tape *tape)
{
    size_t start[PRODUCERS + 1], pair[PRODUCERS], from = m->nstack;
    m->conform.holds = false; /* what several rules give to one item is put together in any order */
    int made = gather(m, list, start);
    if (made == LIST_REFUSED)
        return machine_refuse_field(m, list);
    size_t n = positions(m, list, start, pair), fixed = last_index(m, list, start), gap = 0;
    bool scattered = false;
    for (const struct producer *p = list->producers; p != NULL; p = p->next)
        scattered |= keeps_places(p);
    for (size_t pos = 0; pos < n; pos++) {
        const struct json_node *item = NULL;
        size_t i = 0;
        for (const struct producer *p = list->producers; p != NULL; p = p->next) {
            if (p->appends)
                continue;
            const struct json_node *given = contribution(m, p, start, i, pair[i], pos);
            i++;
            if (given == NULL)
                continue;
            size_t at = m->scratch.n;
            if (item != NULL && !merge(m, item, given))
                return machine_failed(m) ? machine_refuse_field(m, list) : (machine_memory(m), -1);
            item = item != NULL ? emit_kept(m, at) : given;
        }
        bool placed = m->program->in_side == SIDE_CANONICAL && (pos <= fixed || scattered);
        int more = into_place(m, placed, pos, &gap, emit_append(m, tape, item));
        if (more < 0)
            return machine_refuse_field(m, list);
        if (more > 0)
            made = LIST_FILLED;
    }
    m->nstack = from;
    return machine_failed(m) ? LIST_REFUSED : made;
}

static int emit_null(struct machine *m, const struct out_node *o, struct json_tape *tape)
{
    const struct json_node *v = emit_spelled_null(m, machine_null());
    conform_whole(&m->conform, &o->contract, v);
    return emit_append(m, tape, v);
}

int emit_list(struct machine *m, const struct out_node *o, struct json_tape *tape)
{
    size_t at = json_open(tape, JSON_ARRAY), positional = 0;
    int made = LIST_ABSENT;
    if (at == SIZE_MAX) {
        machine_memory(m);
        return -1;
    }
    for (const struct producer *p = o->producers; p != NULL; p = p->next)
        positional += !p->appends;
    const struct producer *only = o->producers;
    if (positional == 1 && only->next == NULL && (only->kind != PRODUCE_INDEX || only->index == 0))
        made = emit_items(m, o, only, tape);
    else if (positional > 0)
        made = emit_merged(m, o, tape);
    for (const struct producer *p = o->producers; p != NULL && made >= 0; p = p->next) {
        if (!p->appends)
            continue;
        int more = emit_items(m, o, p, tape);
        made = more < 0 ? more : most(made, more);
    }
    if (made < LIST_EMPTY)
        tape->n = at;
    if (made == LIST_NULL)
        return emit_null(m, o, tape);
    if (made < LIST_EMPTY)
        return made;
    json_close(tape, at);
    conform_list(&m->conform, &o->contract, tape->node + at);
    return 1;
}
