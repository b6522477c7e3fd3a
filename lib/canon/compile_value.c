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

/* The codec that gives what a chain gives: its last one, or that of the chain that it stands for. DEPTH:
 * codecs made of themselves are refused elsewhere. NULL: there is none. */
static const struct ast_codec *last_of(const struct compiler *c, const struct ast_codec *chain,
                                       unsigned depth)
{
    while (chain != NULL && chain->next != NULL)
        chain = chain->next;
    for (const struct ast_decl *d = c->decls; chain != NULL && d != NULL; d = d->next) {
        if (d->kind == DECL_CODEC && str_eq(d->name, chain->name))
            return depth > 0 ? last_of(c, d->chain, depth - 1) : NULL;
    }
    return chain;
}

enum { CODECS_DEEP = 32 };

/* Whether what a chain gives is named by an enumeration that takes all words. */
static bool chain_has_raw(const struct compiler *c, const struct ast_codec *chain)
{
    const struct ast_codec *last = last_of(c, chain, CODECS_DEEP);
    for (const struct ast_decl *d = c->decls; last != NULL && d != NULL; d = d->next) {
        bool named = d->kind == DECL_ENUM && str_eq(d->name, last->name);
        for (const struct ast_word *w = named ? d->words : NULL; w != NULL; w = w->next) {
            if (w->rest)
                return true;
        }
    }
    return false;
}

/* Whether a chain gives lists, and writes them as a whole; without a codec a list is one. */
static bool chain_gives_lists(const struct compiler *c, const struct ast_codec *chain)
{
    const struct ast_codec *last = last_of(c, chain, CODECS_DEEP);
    const struct codec *codec = last != NULL ? codec_find(last->name) : NULL;
    return chain == NULL || (codec != NULL && (codec->is & CODEC_LISTS) != 0);
}

/* The same of an expression, on any of its branches. */
static bool expr_has_raw(const struct compiler *c, const struct ast_expr *x)
{
    if (x == NULL)
        return false;
    if (x->kind == X_DECODE)
        return chain_has_raw(c, &(struct ast_codec){.name = x->codec->name});
    return (x->kind == X_OR || x->kind == X_ELSE) &&
           (expr_has_raw(c, x->arg[0]) || (x->nargs > 1 && expr_has_raw(c, x->arg[1])));
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
        p->way = rules_read(c) ? CODEC_READS : CODEC_WRITES;
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

/* The path that an expression takes items from, and runs nothing but codecs on; NULL: it is another one. */
static const struct ast_path *path_of_items(const struct ast_expr *x)
{
    while (x->kind == X_DECODE || x->kind == X_ENCODE)
        x = x->arg[0];
    return x->kind == X_PATH ? x->path : NULL;
}

/* ITEM with the codecs of X, which are told of as they stand: seen from S. */
static struct code *codecs_on_item(struct compiler *c, struct scope *s, const struct ast_expr *x,
                                   struct code *item)
{
    if (x->kind == X_PATH)
        return item;
    struct code *in = codecs_on_item(c, s, x->arg[0], item);
    struct ast_codec *one = compile_make(c, sizeof *one);
    *one = *x->codec;
    one->next = NULL;
    struct pending *p = rules_later(c, s, NULL);
    p->input = in;
    p->chain = one;
    p->way = x->kind == X_DECODE ? CODEC_READS : CODEC_WRITES;
    return p->code;
}

/* x[].key of each item of a path: each value becomes an object. */
static void value_objects(struct compiler *c, struct scope *s, const struct ast_rule *rule,
                          const struct ast_step *each, struct out_node *list,
                          const struct point *written_from)
{
    const struct ast_path *from = rules_in_side(c, rule);
    if (rule->expr != NULL)
        from = path_of_items(rule->expr);
    if (rule->expr != NULL && from == NULL) {
        compile_error(c, s, rule->expr->at,
                      "an object for each item is made of a path here, with codecs at most: .PATH[] | codec");
        return;
    }
    struct scope *inner = rules_scope(c, s);
    struct producer *p = out_producer(c, list, PRODUCE_EACH, rule->at);
    p->from = written_from;
    inner->frame = compile_frame(c, s->frame, true);
    inner->in = inner->frame->item;
    struct pending *path = rules_later_path(c, s, from, NULL);
    path->many = true;
    path->items = inner->frame;
    p->code = path->code;
    struct out_node *body = out_body(c, list, p, inner->frame);
    struct out_node *value = out_walk(c, inner, body, each->next, NULL);
    struct ast_path *here = compile_make(c, sizeof *here);
    here->at = rule->at;
    here->side = c->program->in_side;
    here->text = STR(".");
    struct code *item = rules_later_path(c, inner, here, NULL)->code;
    if (rule->expr != NULL)
        item = codecs_on_item(c, s, rule->expr, item);
    struct pending *made = rules_later(c, s, NULL); /* behind what it runs on */
    made->input = item;
    made->chain = rule->chain;
    made->way = rules_read(c) ? CODEC_READS : rule->expr != NULL ? CODEC_WRITES : CODEC_RETURNS;
    out_set(c, inner, value, rule, made->code);
}

static void value_list(struct compiler *c, struct scope *s, const struct ast_rule *rule,
                       const struct ast_step *each)
{
    struct out_node *list = out_walk(c, s, s->out, rules_out_side(c, rule)->steps, each);
    if (list == NULL || !out_become(c, s, list, OUT_LIST, rule->at))
        return;
    list->rule = list->rule != NULL ? list->rule : rule;
    const struct point *from = out_written_from(c, s, rule, list);
    if (each->next == NULL) {
        struct producer *p = out_producer(c, list, PRODUCE_VALUES, rule->at);
        p->from = from;
        struct pending *values = rule_value(c, s, rule);
        values->many = true;
        p->appends = rule->flow != FLOW_BOTH;
        p->code = rules_guarded(c, s, rules_or_else(c, s, rule, values->code));
        return;
    }
    value_objects(c, s, rule, each, list, from);
}

/* RULE with a path on its left that has BY (NULL: nothing) in place of the step OLD. */
static struct ast_rule *rule_about(struct compiler *c, const struct ast_rule *rule,
                                   const struct ast_step *old, const struct ast_step *by)
{
    struct ast_rule *made = compile_make(c, sizeof *made);
    struct ast_path *left = compile_make(c, sizeof *left);
    struct ast_step **tail = &left->steps;
    *made = *rule;
    *left = *rule->left;
    made->left = left;
    for (const struct ast_step *step = rule->left->steps; step != NULL; step = step->next) {
        const struct ast_step *from = step == old ? by : step;
        if (from == NULL)
            continue;
        struct ast_step *copy = compile_make(c, sizeof *copy);
        *copy = *from;
        *tail = copy;
        tail = &copy->next;
    }
    *tail = NULL;
    return made;
}

static bool picks_items(const struct ast_path *path)
{
    const struct ast_step *step = path->steps;
    while (step != NULL && step->kind != STEP_FILTER)
        step = step->next;
    return step != NULL;
}

/* An item of a list has no word beside it. */
static bool ends_in_key(const struct ast_path *path)
{
    const struct ast_step *step = path->steps;
    while (step != NULL && step->next != NULL)
        step = step->next;
    return step != NULL && step->kind == STEP_KEY;
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
    /* One native value is read as a list (split): the list as a whole is written to it; else its one item. */
    bool from_list = !rules_read(c) && rule->flow == FLOW_BOTH && range != NULL && range->next == NULL;
    bool one_item = from_list && !chain_gives_lists(c, rule->chain);
    const struct ast_rule *whole = from_list ? rule_about(c, rule, range, NULL) : NULL;
    if (from_list && !one_item) {
        if (picks_items(out))
            compile_error(
                c, s, rule->at,
                "a list is not written to what a condition picks: read it with <-, or name one value");
        rule = whole;
    }
    struct pending *value = rule_value(c, s, rule);
    if (one_item)
        value->whole = whole->left;
    struct out_node *o = out_place(c, s, out);
    struct code *made = rules_or_else(c, s, rule, value->code);
    out_set(c, s, o, rule, made);
    if (o == NULL)
        return;
    out_written_from(c, s, rule, o);
    if (rules_read(c)) {
        bool raw = rule->expr != NULL ? expr_has_raw(c, rule->expr) : chain_has_raw(c, rule->chain);
        if (raw && o->parent != NULL && o->key.p != NULL)
            set_raw(c, s, o, rule, made);
    } else if (rule->flow == FLOW_BOTH && ends_in_key(rule->left) && chain_has_raw(c, rule->chain)) {
        value->raw = rule->left;
    }
}

static void value_range(struct compiler *c, struct scope *s, const struct ast_rule *rule,
                        const struct ast_step *range)
{
    if (!rules_read(c) && rules_range_point(c, s, rule->left, range) == NULL)
        return;
    for (unsigned i = range->from; i <= range->to; i++) {
        struct scope *inner = rules_scope(c, s);
        inner->nth = i;
        /* The same rule about one place: the list's [] when it is made, its [i] when it is read. */
        struct ast_step place = *range;
        place.kind = rules_read(c) ? STEP_EACH : STEP_INDEX;
        place.from = i - range->from;
        struct ast_rule *one = rule_about(c, rule, range, &place);
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
