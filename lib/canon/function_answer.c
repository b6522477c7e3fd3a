/*
 * Functions of the answer to a call: header('X-Remaining'), link('next').
 */
#include "canon/expr.h"
#include "canon/function.h"
#include "canon/machine.h"

static struct str name_of(struct machine *m, const struct code *x)
{
    const struct json_node *v = machine_value(m, x->arg[0]);
    return json_is_nothing(v) || machine_failed(m) ? (struct str){0} : machine_text(m, v);
}

static const struct json_node *given(struct machine *m, struct str text)
{
    struct str copy = text.p != NULL ? arena_str(m->arena, text) : text;
    if (text.p == NULL)
        return NULL;
    return copy.p != NULL ? machine_text_node(m, copy) : machine_memory(m);
}

static const struct json_node *run_header(struct machine *m, const struct code *x)
{
    struct str name = name_of(m, x);
    if (name.p == NULL || m->answer == NULL)
        return NULL;
    return given(m, m->answer->header(m->answer->arg, name));
}

static const struct json_node *run_link(struct machine *m, const struct code *x)
{
    struct str relation = name_of(m, x);
    if (relation.p == NULL || m->answer == NULL)
        return NULL;
    return given(m, m->answer->link(m->answer->arg, relation, m->arena));
}

static const struct function answer_table[] = {
    {"header", 1, 1, 0, false, false, GIVES_VALUE, run_header},
    {"link", 1, 1, 0, false, false, GIVES_VALUE, run_link},
    {0},
};

const struct function *function_find_answer(struct str name)
{
    for (const struct function *f = answer_table; f->name != NULL; f++)
        if (str_eq(name, str_of(f->name)))
            return f;
    return NULL;
}
