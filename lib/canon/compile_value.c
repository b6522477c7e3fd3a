#include "canon/compile_rules.h"

/* ---- value rules ---- */

const struct ast_path *rules_out_side(const struct compiler *c, const struct ast_rule *rule)
{
    return rules_read(c) ? rule->left : rule->right;
}

const struct ast_path *rules_in_side(const struct compiler *c, const struct ast_rule *rule)
{
    return rules_read(c) ? rule->right : rule->left;
}

/* `name` and `name_raw`: the word that an enumeration with `*` could not name is kept beside the field. */
struct str rules_raw_key(struct compiler *c, struct str key)
{
    return arena_printf(c->arena, "%.*s_raw", (int)key.n, key.p);
}

static const struct ast_decl *rest_enum(const struct compiler *c, const struct ast_codec *chain)
{
    while (chain != NULL && chain->next != NULL)
        chain = chain->next;
    for (const struct ast_decl *d = c->decls; chain != NULL && d != NULL; d = d->next) {
        if (d->kind == DECL_ENUM && str_eq(d->name, chain->name)) {
            for (const struct ast_word *w = d->words; w != NULL; w = w->next) {
                if (w->rest)
                    return d;
            }
        }
    }
    return NULL;
}

static void set_raw(struct compiler *c, struct scope *s, struct out_node *field, const struct ast_rule *rule,
                    struct code *decoded)
{
    struct out_node *raw = out_child(c, field->parent, rules_raw_key(c, json_text(&field->key)));
    struct code *code = compile_op(c, OP_RAW, rule->expr, 1);
    code->arg[0] = decoded;
    if (raw->kind == OUT_NONE)
        out_set(c, s, raw, rule, code);
}

/* The value of a two-way rule between paths, or of a one-way one. */
static struct pending *rule_value(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    struct pending *p;
    if (rule->expr != NULL) {
        p = rules_later(c, s, rule->expr);
        p->chain = rule->chain;
        p->decode = rules_read(c);
    } else {
        p = rules_later_path(c, s, rules_in_side(c, rule), rule->chain);
    }
    return p;
}

/* CODE, or what the rule says for a value that is refused when it is read. */
struct code *rules_or_else(struct compiler *c, struct scope *s, const struct ast_rule *rule,
                           struct code *code)
{
    if (!rules_read(c) || (rule->otherwise == NULL && !rule->otherwise_none))
        return code;
    struct code *either = compile_op(c, OP_ELSE, code->ast, 2);
    either->arg[0] = code;
    if (rule->otherwise != NULL)
        either->arg[1] = compile_constant(c, rule->otherwise, compile_literal(c, s, rule->otherwise));
    return either;
}

static void value_list(struct compiler *c, struct scope *s, const struct ast_rule *rule,
                       const struct ast_step *each)
{
    struct out_node *list = out_walk(c, s, s->out, rules_out_side(c, rule)->steps, each);
    if (list == NULL || !out_become(c, s, list, OUT_LIST, rule->at))
        return;
    if (each->next == NULL) {
        struct producer *p = out_producer(c, list, PRODUCE_VALUES);
        struct pending *values = rule_value(c, s, rule);
        values->many = true;
        p->appends = rule->flow != FLOW_BOTH;
        p->code = rules_guarded(c, s, rules_or_else(c, s, rule, values->code));
        return;
    }
    /* .tags[].name: each value becomes an object */
    struct scope *inner = rules_scope(c, s);
    struct producer *p = out_producer(c, list, PRODUCE_EACH);
    inner->frame = compile_frame(c, s->frame, true);
    inner->in = inner->frame->item;
    struct pending *path = rules_later_path(c, s, rules_in_side(c, rule), NULL);
    path->many = true;
    p->code = path->code;
    struct out_node *body = out_body(c, list, p, inner->frame);
    struct out_node *value = out_walk(c, inner, body, each->next, NULL);
    struct ast_path *here = compile_make(c, sizeof *here);
    here->at = rule->at;
    here->side = c->program->in_side;
    here->text = STR(".");
    out_set(c, inner, value, rule, rules_later_path(c, inner, here, rule->chain)->code);
}

/* x[a..b] = ."Column {nth}": once for each number. */
static void value_range(struct compiler *c, struct scope *s, const struct ast_rule *rule,
                        const struct ast_step *range);

void rules_value(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    if (rule->flow == (rules_read(c) ? FLOW_WRITE : FLOW_READ))
        return;
    if (rule->pattern != NULL) {
        rules_pattern(c, s, rule);
        return;
    }
    const struct ast_path *out = rules_out_side(c, rule);
    const struct ast_step *range = rule->left != NULL ? rules_list_step(rule->left) : NULL;
    if (!out_can_write(c, s, out))
        return;
    if (range != NULL && range->kind == STEP_RANGE) {
        value_range(c, s, rule, range);
        return;
    }
    const struct ast_step *each = rules_list_step(out);
    if (each != NULL) {
        value_list(c, s, rule, each);
        return;
    }
    struct pending *value = rule_value(c, s, rule);
    struct out_node *o = out_place(c, s, out);
    out_set(c, s, o, rule, rules_or_else(c, s, rule, value->code));
    if (o == NULL)
        return;
    if (rules_read(c)) {
        const struct ast_codec *chain = rule->chain;
        if (rule->expr != NULL)
            chain = rule->expr->kind == X_DECODE ? rule->expr->codec : NULL;
        if (rest_enum(c, chain) != NULL && o->parent != NULL && o->key.p != NULL)
            set_raw(c, s, o, rule, value->code);
    } else if (rule->flow == FLOW_BOTH && rest_enum(c, rule->chain) != NULL) {
        value->raw = rule->left;
    }
}

static void value_range(struct compiler *c, struct scope *s, const struct ast_rule *rule,
                        const struct ast_step *range)
{
    for (unsigned i = range->from; i <= range->to; i++) {
        struct scope *inner = rules_scope(c, s);
        inner->nth = i;
        /* The same rule about one place: the list's [] when it is made, its [i] when it is read. */
        struct ast_rule *one = compile_make(c, sizeof *one);
        struct ast_path *left = compile_make(c, sizeof *left);
        *one = *rule;
        *left = *rule->left;
        one->left = left;
        struct ast_step **tail = &left->steps;
        for (const struct ast_step *step = rule->left->steps; step != NULL; step = step->next) {
            struct ast_step *copy = compile_make(c, sizeof *copy);
            *copy = *step;
            if (step == range) {
                copy->kind = rules_read(c) ? STEP_EACH : STEP_INDEX;
                copy->from = i - range->from;
            }
            *tail = copy;
            tail = &copy->next;
        }
        *tail = NULL;
        if (rules_read(c))
            one->flow = FLOW_READ;
        if (rules_read(c) && rule->expr == NULL) {
            struct ast_expr *x = compile_make(c, sizeof *x);
            x->kind = X_PATH;
            x->at = rule->at;
            x->source = rule->source;
            x->path = rule->right;
            one->expr = x;
        }
        rules_value(c, inner, one);
    }
}
