#include "canon/compile_rules.h"

/* In one map, its shapes spread out: shapes that use shapes grow fast. */
enum { RULES_MOST = 20000 };

/* ---- blocks ---- */

static struct code *block_condition(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    /* A condition of a two-way block is about what is read. */
    if (rule->when == NULL || (!rules_read(c) && rule->flow == FLOW_BOTH))
        return NULL;
    return rules_later(c, s, rule->when)->code;
}

static struct code *both_conditions(struct compiler *c, struct code *a, struct code *b)
{
    if (a == NULL || b == NULL)
        return a != NULL ? a : b;
    struct code *made = compile_op(c, OP_AND, b->ast, 2);
    made->arg[0] = a;
    made->arg[1] = b;
    return made;
}

static void block_each(struct compiler *c, struct scope *s, const struct ast_rule *rule,
                       const struct ast_step *each)
{
    const struct ast_path *in = rules_in_side(c, rule);
    struct out_node *list = out_walk(c, s, s->out, rules_out_side(c, rule)->steps, each);
    if (list == NULL || !out_become(c, s, list, OUT_LIST, rule->at))
        return;
    if (each->next != NULL) {
        compile_error(c, s, each->at, "a block for a list ends with []");
        return;
    }
    struct scope *inner = rules_scope(c, s);
    struct producer *p = out_producer(c, list, in != NULL ? PRODUCE_EACH : PRODUCE_ONE, rule->at);
    p->appends = rule->flow != FLOW_BOTH;
    p->from = out_written_from(c, s, rule, list);
    inner->guard = NULL;
    if (in != NULL) {
        inner->frame = compile_frame(c, s->frame, true);
        inner->in = inner->frame->item;
        inner->nth = 0;
        struct pending *path = rules_later_path(c, s, in, NULL);
        path->many = true;
        path->items = inner->frame;
        p->code = path->code;
        /* The condition of a list is asked of each item. */
        p->when = s->guard;
        inner->guard = NULL;
        struct code *when = block_condition(c, inner, rule);
        if (when != NULL)
            inner->guard = when;
    } else {
        p->when = both_conditions(c, s->guard, block_condition(c, s, rule));
    }
    inner->out = out_body(c, list, p, inner->frame);
    inner->out->kind = OUT_OBJECT;
    rules_compile(c, inner, rule->body);
}

struct point *rules_range_point(struct compiler *c, struct scope *s, const struct ast_path *path,
                                const struct ast_step *range)
{
    const struct ast_step *step;
    struct point *list = rules_keys_point(c, s, path, &step);
    if (list == NULL || step != range) {
        compile_error(c, s, step->at, "only keys can stand before [a..b]");
        return NULL;
    }
    struct overflow *o = compile_make(c, sizeof *o);
    o->path = compile_make(c, sizeof *o->path);
    o->path->point = list;
    o->path->side = SIDE_CANONICAL;
    o->path->ast = path;
    o->path->next = c->program->paths;
    c->program->paths = o->path;
    o->most = range->to - range->from + 1;
    o->next = c->program->overflows;
    c->program->overflows = o;
    return list;
}

static void block_range(struct compiler *c, struct scope *s, const struct ast_rule *rule,
                        const struct ast_step *range)
{
    struct out_node *list = NULL;
    struct point *in_list = s->in;
    if (range->next != NULL || rule->right != NULL) {
        compile_error(c, s, range->at, "a block for [a..b] ends with it, and has no path on its right");
        return;
    }
    if (rules_read(c)) {
        list = out_walk(c, s, s->out, rule->left->steps, range);
        if (list == NULL || !out_become(c, s, list, OUT_LIST, rule->at))
            return;
    } else if ((in_list = rules_range_point(c, s, rule->left, range)) == NULL) {
        return;
    }
    for (unsigned i = range->from; i <= range->to; i++) {
        struct scope *inner = rules_scope(c, s);
        inner->nth = i;
        if (rules_read(c)) {
            struct producer *p = out_producer(c, list, PRODUCE_ONE, rule->at);
            p->appends = true;
            p->when = both_conditions(c, s->guard, block_condition(c, inner, rule));
            inner->guard = NULL;
            inner->out = out_body(c, list, p, s->frame);
            inner->out->kind = OUT_OBJECT;
        } else {
            inner->in = compile_index_point(c, in_list, i - range->from);
        }
        rules_compile(c, inner, rule->body);
    }
}

static void block_object(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    const struct ast_path *in = rules_in_side(c, rule), *out = rules_out_side(c, rule);
    struct scope *inner = rules_scope(c, s);
    if (in != NULL)
        inner->in = compile_path_point(c, s, in);
    if (out != NULL) {
        inner->out = out_can_write(c, s, out) ? out_walk(c, s, s->out, out->steps, NULL) : NULL;
        if (inner->out == NULL || !out_become(c, s, inner->out, OUT_OBJECT, rule->at))
            return;
        out_written_from(c, s, rule, inner->out);
    }
    struct code *when = block_condition(c, inner, rule);
    inner->guard = both_conditions(c, s->guard, when);
    rules_compile(c, inner, rule->body);
}

static void add_block(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    if (rule->flow == (rules_read(c) ? FLOW_WRITE : FLOW_READ))
        return;
    const struct ast_step *left_list = rules_list_step(rule->left);
    const struct ast_path *out = rules_out_side(c, rule);
    const struct ast_step *out_list = out != NULL ? rules_list_step(out) : NULL;
    if (left_list != NULL && left_list->kind == STEP_EACH && rule->flow == FLOW_BOTH && rule->right == NULL)
        compile_error(
            c, s, rule->at,
            "a two-way block for a list needs a native path: %.*s = .PATH[] { … }; items made one way are "
            "%.*s <- { … }",
            (int)rule->left->text.n, rule->left->text.p, (int)rule->left->text.n, rule->left->text.p);
    else if (left_list != NULL && left_list->kind == STEP_RANGE)
        block_range(c, s, rule, left_list);
    else if (out_list != NULL && out_can_write(c, s, out))
        block_each(c, s, rule, out_list);
    else if (left_list != NULL && !rules_read(c))
        compile_error(c, s, rule->at, "a list is written to a list: its native path must end with []");
    else
        block_object(c, s, rule);
}

static const struct ast_step *last_step(const struct ast_path *path)
{
    const struct ast_step *step = path->steps;
    while (step != NULL && step->next != NULL)
        step = step->next;
    return step;
}

static void add_half(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    struct scope *inner = rules_scope(c, s);
    const struct ast_step *range = rules_list_step(rule->left);
    if (range != NULL && range->kind == STEP_RANGE && rule->left->side == SIDE_CANONICAL) {
        block_range(c, s, rule, range);
        return;
    }
    const struct ast_step *last = last_step(rule->left);
    if (range != NULL || last == NULL || last->kind == STEP_ALIKE) {
        compile_error(c, s, rule->at,
                      "a block that steps in on one side goes to one place: keys, [0] or [a..b]");
        return;
    }
    if (rule->left->side == c->program->in_side) {
        inner->in = compile_path_point(c, s, rule->left);
    } else {
        inner->out = out_can_write(c, s, rule->left) ? out_walk(c, s, s->out, rule->left->steps, NULL) : NULL;
        if (inner->out == NULL || !out_become(c, s, inner->out, OUT_OBJECT, rule->at))
            return;
    }
    rules_compile(c, inner, rule->body);
}

/* The arguments that RULE gives SHAPE, for INNER; false: one is none, which was told. */
static bool bind_shape(struct compiler *c, const struct scope *s, const struct ast_rule *rule,
                       const struct ast_decl *shape, struct scope *inner)
{
    struct binding *first = NULL;
    bool ok = true;
    for (size_t i = 0; i < rule->nargs; i++) {
        struct binding *b = compile_make(c, sizeof *b);
        b->name = shape->param[i];
        b->value = compile_literal(c, s, rule->arg[i]);
        b->next = first;
        first = b;
        ok &= b->value != NULL;
    }
    inner->bindings = first;
    return ok;
}

static void add_use(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    const struct ast_decl *shape = c->decls;
    while (shape != NULL && (shape->kind != DECL_SHAPE || !str_eq(shape->name, rule->name)))
        shape = shape->next;
    if (shape == NULL) {
        compile_unknown(c, s, rule->at, "shape", rule->name, 1u << DECL_SHAPE, NULL, 0);
        return;
    }
    if (shape->broken)
        return;
    if (rule->nargs != shape->nparams) {
        compile_error(c, s, rule->at, "the shape %.*s takes %zu argument%s, not %zu", (int)rule->name.n,
                      rule->name.p, shape->nparams, shape->nparams == 1 ? "" : "s", rule->nargs);
        return;
    }
    if (++c->depth > 32) {
        compile_error(c, s, rule->at, "the shape %.*s uses itself", (int)rule->name.n, rule->name.p);
    } else {
        struct scope *inner = compile_make(c, sizeof *inner);
        *inner = *s;
        inner->source = shape->source;
        if (bind_shape(c, s, rule, shape, inner))
            rules_compile(c, inner, shape->body);
    }
    c->depth--;
}

static void add_skips(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    for (size_t i = 0; rules_read(c) && i < rule->nskip; i++)
        compile_skip(c, s, rule->skip[i]);
}

void rules_compile(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    for (; rule != NULL && c->rules <= RULES_MOST; rule = rule->next) {
        if (++c->rules > RULES_MOST)
            compile_error(c, s, rule->at, "this map makes more than %d rules, those of its shapes among them",
                          RULES_MOST);
        switch (rule->kind) {
        case RULE_VALUE: rules_value(c, s, rule); break;
        case RULE_BLOCK: add_block(c, s, rule); break;
        case RULE_HALF: add_half(c, s, rule); break;
        case RULE_USE: add_use(c, s, rule); break;
        case RULE_SKIP: add_skips(c, s, rule); break;
        case RULE_BROKEN: break;
        }
    }
}
