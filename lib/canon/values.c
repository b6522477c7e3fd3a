/* What gives many values, or one out of many. */
#include "canon/machine.h"

static bool values_converted(struct machine *m, const struct code *x)
{
    size_t from = m->nstack;
    if (!machine_values(m, x->arg[0]))
        return false;
    size_t kept = from;
    for (size_t i = from; i < m->nstack; i++) {
        const struct json_node *v = machine_convert(m, x, m->stack[i]);
        if (machine_failed(m))
            return false;
        if (v != NULL)
            m->stack[kept++] = v;
    }
    m->nstack = kept;
    return true;
}

/* What a row of a table holds is spelled as in the records of the stream; what else was computed, is not. */
static bool values_of_steps(struct machine *m, const struct code *x)
{
    bool native = x->arg[0]->op == OP_ROW;
    if (!x->arg[0]->many) {
        const struct json_node *v = machine_value(m, x->arg[0]);
        if (json_is_nothing(v))
            return false;
        machine_walk(m, x->steps, v, native);
        return !machine_failed(m);
    }
    size_t from = m->nstack;
    if (!machine_values(m, x->arg[0]))
        return false;
    size_t n = m->nstack - from;
    /* The inputs stay below the results until these are moved down. */
    if (x->steps->kind == STEP_INDEX && !x->steps->picks) {
        /* an index behind many values picks one of them */
        const struct json_node *v = x->steps->index < n ? m->stack[from + x->steps->index] : NULL;
        m->nstack = from;
        machine_walk(m, x->steps->next, v, native);
        return !machine_failed(m);
    }
    for (size_t i = 0; i < n; i++)
        machine_walk(m, x->steps, m->stack[from + i], native);
    memmove(&m->stack[from], &m->stack[from + n], (m->nstack - from - n) * sizeof *m->stack);
    m->nstack -= n;
    return !machine_failed(m);
}

static bool push_one(struct machine *m, const struct code *x)
{
    const struct json_node *v = machine_value(m, x);
    return v != NULL && !machine_failed(m) && machine_push(m, v);
}

bool machine_values(struct machine *m, const struct code *x)
{
    size_t from = m->nstack;
    bool given;
    if (!x->many)
        return push_one(m, x);
    switch (x->op) {
    case OP_PATH: return machine_path_values(m, x->path);
    case OP_STEPS: return values_of_steps(m, x);
    case OP_DECODE:
    case OP_ENCODE:
    case OP_LOOKUP:
    case OP_REVERSE: return values_converted(m, x);
    case OP_GUARD: return machine_true(m, x->arg[0]) && machine_values(m, x->arg[1]);
    case OP_ALTERNATIVE:
        given = machine_values(m, x->arg[0]);
        if (m->nstack > from || machine_failed(m))
            return given;
        return machine_values(m, x->arg[1]) || (given && !machine_failed(m));
    case OP_ELSE:
        given = machine_values(m, x->arg[0]);
        if (!machine_failed(m))
            return given;
        machine_forgive(m);
        m->nstack = from;
        return x->arg[1] != NULL && machine_values(m, x->arg[1]);
    default: return push_one(m, x);
    }
}

bool machine_items(struct machine *m, const struct code *x)
{
    size_t from = m->nstack;
    if (x->op == OP_GUARD)
        return machine_true(m, x->arg[0]) && machine_items(m, x->arg[1]);
    if (x->op == OP_ELSE && !x->many) {
        bool given = machine_items(m, x->arg[0]);
        if (!machine_failed(m))
            return given;
        machine_forgive(m);
        m->nstack = from;
        return x->arg[1] != NULL && machine_items(m, x->arg[1]);
    }
    if (!machine_values(m, x))
        return false;
    const struct json_node *v = x->many || m->nstack == from ? NULL : m->stack[from];
    if (v == NULL || (v->type != JSON_ARRAY && v->type != JSON_NULL))
        return true;
    m->nstack = from;
    for (const struct json_node *item = v + 1, *end = v + v->span; item < end; item = json_next(item))
        machine_push(m, item);
    return v->type == JSON_ARRAY;
}

/* Of each item that PATH goes through the value, or NULL. */
static bool path_places(struct machine *m, const struct in_path *path)
{
    const struct json_node *v = machine_path_start(m, path);
    bool is_list = json_is(v, JSON_ARRAY);
    if (json_is_nothing(v) || machine_failed(m))
        return false;
    const struct json_node *end = is_list ? v + v->span : v + 1;
    for (const struct json_node *item = is_list ? v + 1 : v; item < end && !machine_failed(m);
         item = is_list ? json_next(item) : end) {
        size_t from = m->nstack;
        machine_walk(m, path->steps->next, item, path->side == SIDE_NATIVE);
        if (m->nstack == from)
            machine_push(m, NULL);
    }
    return !machine_failed(m);
}

bool machine_places(struct machine *m, const struct code *x)
{
    size_t from = m->nstack;
    if (x->many && x->op == OP_PATH && x->path->steps->kind == STEP_EACH)
        return path_places(m, x->path);
    if (x->op == OP_GUARD)
        return machine_true(m, x->arg[0]) && machine_places(m, x->arg[1]);
    if (!x->many || (x->op != OP_DECODE && x->op != OP_ENCODE && x->op != OP_LOOKUP && x->op != OP_REVERSE))
        return machine_items(m, x);
    if (!machine_places(m, x->arg[0]))
        return false;
    for (size_t i = from; i < m->nstack && !machine_failed(m); i++)
        m->stack[i] = machine_convert(m, x, m->stack[i]);
    return !machine_failed(m);
}

bool machine_gives_null(struct machine *m, const struct code *x)
{
    bool null;
    if (!x->many)
        return json_is(machine_value(m, x), JSON_NULL);
    switch (x->op) {
    case OP_PATH: return json_is(machine_path_start(m, x->path), JSON_NULL);
    case OP_DECODE:
    case OP_ENCODE:
    case OP_LOOKUP:
    case OP_REVERSE: return machine_gives_null(m, x->arg[0]);
    case OP_GUARD: return machine_true(m, x->arg[0]) && machine_gives_null(m, x->arg[1]);
    case OP_ALTERNATIVE: return machine_gives_null(m, x->arg[1]);
    case OP_ELSE:
        null = machine_gives_null(m, x->arg[0]);
        if (machine_failed(m))
            machine_forgive(m);
        return null;
    default: return false;
    }
}

const struct json_node *machine_single(struct machine *m, const struct code *x)
{
    size_t from = m->nstack;
    machine_values(m, x->arg[0]);
    return machine_pop_one(m, from);
}

const struct json_node *machine_step_value(struct machine *m, const struct code *x)
{
    size_t from = m->nstack;
    values_of_steps(m, x);
    const struct json_node *v = m->nstack > from ? m->stack[from] : NULL;
    m->nstack = from;
    return machine_failed(m) ? NULL : v;
}
