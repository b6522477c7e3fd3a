#include <stdio.h>

#include "canon/emit.h"
#include "canon/function.h"

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

int machine_refuse_field(struct machine *m, const struct out_node *o)
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
    case OP_KEPT:
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

const struct json_node *emit_spelled_null(const struct machine *m, const struct json_node *v)
{
    const struct program *program = m->program;
    return program->in_side == SIDE_CANONICAL && program->null_node != NULL ? program->null_node : v;
}

const struct json_node *emit_checked(struct machine *m, const struct code *code, const struct json_node *v,
                                     bool two_way)
{
    const struct program *program = m->program;
    if (v->type == JSON_STRING)
        return two_way && m->guards ? guarded_text(m, v) : v;
    const struct json_node *number =
        program->in_side == SIDE_NATIVE && !program->hub && passes_raw(code) ? number_in(v) : NULL;
    if (number != NULL)
        return machine_refuse_number(m, number);
    return v->type == JSON_NULL ? emit_spelled_null(m, v) : v;
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
    return v->type == JSON_STRING && !m->guards ? v : emit_checked(m, o->code, v, is_two_way(o));
}

const struct json_node *emit_kept(struct machine *m, size_t from)
{
    size_t n = m->scratch.n - from;
    struct json_node *copy = arena_raw(m->arena, n * sizeof *copy);
    if (copy == NULL)
        return machine_memory(m);
    memcpy(copy, m->scratch.node + from, n * sizeof *copy);
    m->scratch.n = from;
    return copy;
}

const struct json_node *emit_materialize(struct machine *m, const struct out_node *o)
{
    size_t from = m->scratch.n;
    struct conform_scope around = m->conform.scope;
    int made = emit_node(m, o, &m->scratch);
    m->conform.scope = around; /* only what stands in the output counts */
    return made == 1 ? emit_kept(m, from) : NULL;
}

const struct json_node *machine_field(struct machine *m, const struct out_node *o)
{
    struct frame *f = &m->frame[o->frame->index];
    if (!f->memo_state[o->memo]) {
        const struct json_node *v;
        if (o->kind == OUT_VALUE) {
            v = made_value(m, o);
            if (machine_failed(m))
                machine_refuse_field(m, o);
        } else {
            v = emit_materialize(m, o);
        }
        if (machine_failed(m))
            return NULL;
        f->memo[o->memo] = v;
        f->memo_state[o->memo] = 1;
    }
    return f->memo[o->memo];
}

int emit_append(struct machine *m, struct json_tape *tape, const struct json_node *v)
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
        return machine_refuse_field(m, o);
    if (v != NULL)
        conform_whole(&m->conform, &o->contract, v);
    return emit_append(m, tape, v);
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
    int made = emit_node(m, o, tape);
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
        return machine_failed(m) ? machine_refuse_field(m, o) : 0;
    if (v->type >= JSON_ARRAY || tape->cap - tape->n < 2) {
        conform_whole(&m->conform, &o->contract, v);
        int key = emit_append(m, tape, &o->key);
        conform_told(&o->contract, tape->n);
        return key == 1 ? emit_append(m, tape, v) : key;
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

int emit_node(struct machine *m, const struct out_node *o, struct json_tape *tape)
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
    return emit_node(m, o, tape);
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
