#include <stdio.h>

#include "canon/function.h"
#include "canon/machine.h"

/* ---- errors ---- */

static void pointer_of(const struct machine *m, const struct out_node *o, struct buf *out)
{
    if (o->producer_of != NULL) {
        pointer_of(m, o->parent, out);
        const struct producer *p = o->producer_of;
        size_t at = p->kind == PRODUCE_INDEX ? p->index : 0;
        if (p->kind == PRODUCE_EACH)
            at = m->frame[p->frame->index].nth - 1;
        buf_byte(out, '/');
        buf_u64(out, at);
    } else if (o->parent != NULL) {
        pointer_of(m, o->parent, out);
        buf_byte(out, '/');
        buf_put(out, json_text(&o->key));
    }
}

static const struct in_path *path_in(const struct code *x)
{
    if (x == NULL)
        return NULL;
    if (x->op == OP_PATH)
        return x->path;
    if (x->op == OP_MATCH)
        return path_in(x->match->input);
    for (size_t i = x->op == OP_GUARD; i < x->nargs; i++) {
        const struct in_path *path = path_in(x->arg[i]);
        if (path != NULL)
            return path;
    }
    return NULL;
}

/* Names the field that could not be made, and what it was to be made from. */
static int refuse_field(struct machine *m, const struct out_node *o)
{
    if (m->err.field[0] != '\0')
        return -1;
    struct buf pointer;
    buf_init(&pointer, sizeof m->err.field);
    pointer_of(m, o, &pointer);
    if (o == m->program->id)
        buf_put(&pointer, STR("/id"));
    err_field(&m->err, pointer.p != NULL ? buf_str(&pointer) : STR(""));
    buf_release(&pointer);
    const struct in_path *path = path_in(o->code);
    size_t n = strlen(m->err.message);
    if (path != NULL && path->ast != NULL && path->ast->text.n > 1 && n < sizeof m->err.message)
        snprintf(m->err.message + n, sizeof m->err.message - n, " (from %.*s)", (int)path->ast->text.n,
                 path->ast->text.p);
    return -1;
}

/* ---- values ---- */

/* Whether a native number could come through without a codec having looked at it. */
static bool passes_raw(const struct code *x)
{
    switch (x->op) {
    case OP_PATH:
    case OP_STEPS:
    case OP_ROW: return true;
    case OP_CALL:
        if (x->function->gives == GIVES_ITEMS)
            return passes_raw(x->arg[0]);
        if (x->function->gives != GIVES_ARGUMENT)
            return false;
        /* fall through */
    case OP_SINGLE:
    case OP_GUARD:
    case OP_ALTERNATIVE:
    case OP_ELSE:
        for (size_t i = x->op == OP_GUARD || x->op == OP_CALL; i < x->nargs; i++) {
            if (x->arg[i] != NULL && passes_raw(x->arg[i]))
                return true;
        }
        return false;
    default: return false;
    }
}

/* The first number of a value, or NULL. */
static const struct json_node *number_in(const struct json_node *v)
{
    for (const struct json_node *end = json_next(v); v < end; v++) {
        if (v->type == JSON_NUMBER)
            return v;
    }
    return NULL;
}

/* A text that is written by a rule of both directions, and that the map would read as none. */
static const struct json_node *guarded_text(struct machine *m, const struct json_node *v)
{
    const struct json_node *back = v->n > 0 ? machine_blank(m, v) : v;
    return back == v ? v
                     : machine_refuse(m, "map", "would be read back as %s: %s",
                                      back != NULL ? "null" : "absent", err_quote(json_text(v)));
}

/* V, a null, as the native side spells it. */
static const struct json_node *spelled_null(const struct machine *m, const struct json_node *v)
{
    const struct program *program = m->program;
    return program->in_side == SIDE_CANONICAL && program->null_node != NULL ? program->null_node : v;
}

/* V, made by CODE; TWO_WAY: by a rule of both directions. */
static const struct json_node *checked_value(struct machine *m, const struct code *code,
                                             const struct json_node *v, bool two_way)
{
    const struct program *program = m->program;
    if (v->type == JSON_STRING)
        return two_way && m->guards ? guarded_text(m, v) : v;
    const struct json_node *number =
        program->in_side == SIDE_NATIVE && !program->hub && passes_raw(code) ? number_in(v) : NULL;
    if (number != NULL)
        return machine_refuse(m, "number", "a JSON number needs a codec (number, decimal or integer): %s",
                              err_quote(json_text(number)));
    return v->type == JSON_NULL ? spelled_null(m, v) : v;
}

static bool is_two_way(const struct out_node *o)
{
    return o->rule != NULL && o->rule->flow == FLOW_BOTH;
}

/* NULL: absent or refused. */
static inline const struct json_node *made_value(struct machine *m, const struct out_node *o)
{
    const struct code *code = o->code;
    const struct json_node *v = code->op == OP_PATH ? machine_path(m, code->path) : machine_value(m, code);
    if (v == NULL || machine_failed(m))
        return NULL;
    return v->type == JSON_STRING && !m->guards ? v : checked_value(m, o->code, v, is_two_way(o));
}

/* A value that is kept for the life of its frame's item, moved from the scratch tape to the arena. */
static const struct json_node *kept(struct machine *m, size_t from)
{
    size_t n = m->scratch.n - from;
    struct json_node *copy = arena_raw(m->arena, n * sizeof *copy);
    if (copy == NULL)
        return machine_memory(m);
    memcpy(copy, m->scratch.node + from, n * sizeof *copy);
    m->scratch.n = from;
    return copy;
}

static int emit(struct machine *m, const struct out_node *o, struct json_tape *tape);

/* The value of a node as nodes of the arena; NULL: absent or refused. */
static const struct json_node *materialize(struct machine *m, const struct out_node *o)
{
    size_t from = m->scratch.n;
    struct conform_scope around = m->conform.scope;
    int made = emit(m, o, &m->scratch);
    m->conform.scope = around; /* only what stands in the output counts */
    return made == 1 ? kept(m, from) : NULL;
}

const struct json_node *machine_field(struct machine *m, const struct out_node *o)
{
    struct frame *f = &m->frame[o->frame->index];
    if (!f->memo_state[o->memo]) {
        const struct json_node *v;
        if (o->kind == OUT_VALUE) {
            v = made_value(m, o);
            if (machine_failed(m))
                refuse_field(m, o);
        } else {
            v = materialize(m, o);
        }
        if (machine_failed(m))
            return NULL;
        f->memo[o->memo] = v;
        f->memo_state[o->memo] = 1;
    }
    return f->memo[o->memo];
}

static int append(struct machine *m, struct json_tape *tape, const struct json_node *v)
{
    if (v == NULL)
        return 0;
    if (json_append(tape, v))
        return 1;
    machine_memory(m);
    return -1;
}

static const struct json_node *value_of(struct machine *m, const struct out_node *o)
{
    return o->memo >= 0 ? machine_field(m, o) : made_value(m, o);
}

static int emit_value(struct machine *m, const struct out_node *o, struct json_tape *tape)
{
    const struct json_node *v = value_of(m, o);
    if (machine_failed(m))
        return refuse_field(m, o);
    if (v != NULL)
        conform_whole(&m->conform, &o->contract, v);
    return append(m, tape, v);
}

/* ---- objects ---- */

/* A key and what stands behind it; nothing where that is nothing. */
static int emit_member(struct machine *m, const struct out_node *o, struct json_tape *tape)
{
    size_t before = tape->n;
    if (!json_append(tape, &o->key)) {
        machine_memory(m);
        return -1;
    }
    int made = emit(m, o, tape);
    if (made == 0)
        tape->n = before;
    else
        conform_told(&o->contract, before + 1);
    return made;
}

/* A value that the contract takes as it stands, and KEPT of its bytes; NULL: there is none. */
static inline const struct json_node *direct_value(struct machine *m, const struct out_node *o,
                                                   uint32_t *kept)
{
    if (o->contract.direct == NULL || !m->conform.holds)
        return NULL;
    const struct json_node *v = machine_path(m, o->contract.direct);
    if (!json_is(v, JSON_STRING))
        return NULL;
    *kept = conform_kept(&m->conform, &o->contract, v);
    return *kept != CONFORM_WRONG ? v : NULL;
}

/* The same where a single node is due, as is most often so. */
static inline int emit_field(struct machine *m, const struct out_node *o, struct json_tape *tape)
{
    uint32_t kept = 0;
    const struct json_node *direct = direct_value(m, o, &kept), *v = direct;
    if (direct == NULL)
        v = value_of(m, o);
    if (v == NULL)
        return machine_failed(m) ? refuse_field(m, o) : 0;
    if (v->type >= JSON_ARRAY || tape->cap - tape->n < 2) {
        conform_whole(&m->conform, &o->contract, v);
        int key = append(m, tape, &o->key);
        conform_told(&o->contract, tape->n);
        return key == 1 ? append(m, tape, v) : key;
    }
    if (direct == NULL)
        kept = conform_value(&m->conform, &o->contract, v);
    conform_told(&o->contract, tape->n + 1);
    struct json_node *to = tape->node + tape->n;
    to[0] = o->key;
    to[1] = *v;
    to[1].n = kept;
    tape->n += 2;
    return 1;
}

static int emit_object(struct machine *m, const struct out_node *o, struct json_tape *tape, bool whole)
{
    size_t at = json_open(tape, JSON_OBJECT), n = 0, required = 0;
    struct conform_scope around = conform_open(&m->conform, &o->contract);
    if (at == SIZE_MAX) {
        machine_memory(m);
        return -1;
    }
    for (const struct out_node *child = o->children; child != NULL; child = child->next) {
        int made = child->kind == OUT_VALUE ? emit_field(m, child, tape) : emit_member(m, child, tape);
        if (made < 0)
            return -1;
        n += made > 0 && !child->implied;
        required += made > 0 && child->contract.required;
    }
    if (n == 0 && !whole) {
        tape->n = at;
        m->conform.scope = around;
        return 0;
    }
    json_close(tape, at);
    conform_object(&m->conform, &o->contract, tape, at, required, around);
    return 1;
}

/* ---- lists ---- */

/* What a list is, by the most that any rule gives to it. */
enum { LIST_REFUSED = -1, LIST_ABSENT, LIST_NULL, LIST_EMPTY, LIST_FILLED };

static int most(int a, int b)
{
    return a > b ? a : b;
}

/* The items of CODE, on the stack; and what a list is that has none of them. */
static int push_items(struct machine *m, const struct code *code)
{
    if (machine_items(m, code))
        return LIST_EMPTY;
    return !machine_failed(m) && machine_gives_null(m, code) ? LIST_NULL : LIST_ABSENT;
}

static bool wanted(struct machine *m, const struct producer *p)
{
    return p->when == NULL || machine_true(m, p->when);
}

static int emit_each(struct machine *m, const struct producer *p, struct json_tape *tape)
{
    size_t from = m->nstack;
    int made = push_items(m, p->code);
    size_t to = m->nstack;
    for (size_t i = from; i < to && !machine_failed(m); i++) {
        machine_enter(m, p->frame, m->stack[i], i - from + 1);
        if (machine_check_overflow(m, p->frame) == 0 && emit(m, p->body, tape) > 0)
            made = LIST_FILLED;
    }
    m->nstack = from;
    return machine_failed(m) ? LIST_REFUSED : made;
}

static int emit_values(struct machine *m, const struct out_node *list, const struct producer *p,
                       struct json_tape *tape)
{
    size_t from = m->nstack;
    int made = push_items(m, p->code);
    size_t to = m->nstack;
    for (size_t i = from; i < to && !machine_failed(m); i++) {
        const struct json_node *v = checked_value(m, p->code, m->stack[i], !p->appends);
        if (v == NULL)
            continue;
        conform_whole(&m->conform, &p->values, v);
        if (append(m, tape, v) > 0)
            made = LIST_FILLED;
    }
    m->nstack = from;
    return machine_failed(m) ? refuse_field(m, list) : made;
}

/* The items of one producer, one after the other. */
static int emit_items(struct machine *m, const struct out_node *list, const struct producer *p,
                      struct json_tape *tape)
{
    if (!wanted(m, p))
        return machine_failed(m) ? refuse_field(m, list) : LIST_ABSENT;
    switch (p->kind) {
    case PRODUCE_EACH: return emit_each(m, p, tape);
    case PRODUCE_VALUES: return emit_values(m, list, p, tape);
    default: break;
    }
    int made = emit(m, p->body, tape);
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
            bare = most(bare, push_items(m, p->code));
        if (p->kind == PRODUCE_EACH) {
            for (size_t i = at, to = m->nstack; i < to && !machine_failed(m); i++) {
                machine_enter(m, p->frame, m->stack[i], i - at + 1);
                m->stack[i] = machine_check_overflow(m, p->frame) == 0 ? materialize(m, p->body) : NULL;
            }
        } else if (p->kind == PRODUCE_VALUES) {
            for (size_t i = at; i < m->nstack && !machine_failed(m); i++)
                m->stack[i] = checked_value(m, p->code, m->stack[i], true);
        } else {
            machine_push(m, materialize(m, p->body));
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
        return refuse_field(m, list);
    size_t n = positions(m, list, start, pair), fixed = last_index(m, list, start);
    for (size_t pos = 0; pos < n; pos++) {
        const struct json_node *item = NULL;
        size_t i = 0;
        for (const struct producer *p = list->producers; p != NULL; p = p->next) {
            if (p->appends)
                continue;
            const struct json_node *more = contribution(m, p, start, i, pair[i], pos);
            i++;
            if (more == NULL)
                continue;
            size_t at = m->scratch.n;
            if (item != NULL && !merge(m, item, more))
                return machine_failed(m) ? refuse_field(m, list) : (machine_memory(m), -1);
            item = item != NULL ? kept(m, at) : more;
        }
        if (item == NULL && pos < fixed && m->program->in_side == SIDE_CANONICAL) {
            machine_refuse(m, "list",
                           "[%zu] has a value and [%zu] has none: it would be read back from there", fixed,
                           pos);
            return refuse_field(m, list);
        }
        if (item != NULL && append(m, tape, item) > 0)
            made = LIST_FILLED;
    }
    m->nstack = from;
    return machine_failed(m) ? LIST_REFUSED : made;
}

static int emit_null(struct machine *m, const struct out_node *o, struct json_tape *tape)
{
    const struct json_node *v = spelled_null(m, machine_null());
    conform_whole(&m->conform, &o->contract, v);
    return append(m, tape, v);
}

static int emit_list(struct machine *m, const struct out_node *o, struct json_tape *tape)
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

static int emit(struct machine *m, const struct out_node *o, struct json_tape *tape)
{
    switch (o->kind) {
    case OUT_VALUE: return emit_value(m, o, tape);
    case OUT_OBJECT: return emit_object(m, o, tape, false);
    case OUT_LIST: return emit_list(m, o, tape);
    case OUT_NONE: break;
    }
    return 0;
}

int machine_emit(struct machine *m, const struct out_node *o, struct json_tape *tape)
{
    return emit(m, o, tape);
}

int machine_emit_whole(struct machine *m, const struct out_node *o, struct json_tape *tape)
{
    return emit_object(m, o, tape, true);
}

static void point_pointer(const struct point *p, struct buf *out)
{
    if (p->kind != POINT_KEY)
        return;
    point_pointer(p->parent, out);
    buf_byte(out, '/');
    buf_put(out, p->key);
}

int machine_check_overflow(struct machine *m, const struct frame_def *frame)
{
    for (const struct overflow *o = m->program->overflows; o != NULL; o = o->next) {
        if (o->path->point->frame != frame)
            continue;
        const struct json_node *list = machine_path(m, o->path);
        if (json_is(list, JSON_ARRAY) && json_count(list) > o->most) {
            struct buf pointer;
            machine_refuse(m, "overflow", "%zu items, and columns for %u", json_count(list), o->most);
            buf_init(&pointer, sizeof m->err.field);
            point_pointer(o->path->point, &pointer);
            err_field(&m->err, buf_str(&pointer));
            buf_release(&pointer);
            return -1;
        }
    }
    return 0;
}
