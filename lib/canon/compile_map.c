#include "canon/compile.h"

#include <stdint.h>

#include "base/utf8.h"

/*
 * Rules are walked once to lay out the output; what they compute is compiled afterwards, when every field that an expression may
 * name is known.
 */

/* A piece of code that is laid out and not compiled yet. */
struct pending {
    struct code *code; /* to be filled */
    struct scope *scope;
    const struct ast_expr *expr; /* compiled as one value, or as many; or */
    const struct ast_path *path; /* a path of the input */
    const struct ast_codec *chain; /* behind it */
    bool decode, many;
    const struct json_node *otherwise;
    bool has_otherwise;
    const struct ast_path *raw; /* encoding: the field beside which an unnamed word is kept */
    struct match *match; /* a text to be made; or */
    struct code *input;  /* what the chain runs on */
    struct pending *next;
};

static bool reads(const struct compiler *c)
{
    return c->program->in_side == SIDE_NATIVE;
}

static struct scope *new_scope(struct compiler *c, struct scope *up)
{
    struct scope *s = compile_make(c, sizeof *s);
    *s = *up;
    s->up = up;
    return s;
}

static struct pending *later(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    struct pending *p = compile_make(c, sizeof *p);
    p->code = compile_op(c, OP_CONST, x, 0);
    p->scope = s;
    p->expr = x;
    p->decode = true;
    *c->pending_tail = p;
    c->pending_tail = &p->next;
    return p;
}

static struct pending *later_path(struct compiler *c, struct scope *s, const struct ast_path *path,
                                  const struct ast_codec *chain)
{
    struct pending *p = later(c, s, NULL);
    p->path = path;
    p->chain = chain;
    p->decode = reads(c);
    return p;
}

static struct code *guarded(struct compiler *c, struct scope *s, struct code *code)
{
    if (s->guard == NULL)
        return code;
    struct code *made = compile_op(c, OP_GUARD, code->ast, 2);
    made->arg[0] = s->guard;
    made->arg[1] = code;
    return made;
}

/* ---- the output tree ---- */

static struct out_node *new_out(struct compiler *c, struct frame_def *frame)
{
    struct out_node *o = compile_make(c, sizeof *o);
    o->frame = frame;
    o->memo = -1;
    return o;
}

static bool become(struct compiler *c, const struct scope *s, struct out_node *o, enum out_kind kind, size_t at)
{
    if (o->kind == OUT_NONE)
        o->kind = (uint8_t)kind;
    if (o->kind == kind && kind != OUT_VALUE)
        return true;
    if (o->kind == kind && o->code == NULL)
        return true;
    compile_error(c, s, at, "another rule writes this place already");
    return false;
}

/* The field KEY of an object; fields of a canonical object stand in the order of the keys, of a native one in that of the rules. */
static struct out_node *out_child(struct compiler *c, struct out_node *object, struct str key)
{
    struct out_node **at = &object->children;
    for (; *at != NULL; at = &(*at)->next) {
        if (str_eq(json_text(&(*at)->key), key))
            return *at;
    }
    if (reads(c)) {
        for (at = &object->children; *at != NULL && utf8_cmp_utf16(json_text(&(*at)->key), key) < 0; at = &(*at)->next)
            ;
    }
    struct out_node *o = new_out(c, object->frame);
    o->key = json_string_node(key);
    o->parent = object;
    o->next = *at;
    *at = o;
    return o;
}

static struct producer *new_producer(struct compiler *c, struct out_node *list, enum producer_kind kind)
{
    struct producer *p = compile_make(c, sizeof *p), **tail = &list->producers;
    p->kind = kind;
    while (*tail != NULL)
        tail = &(*tail)->next;
    *tail = p;
    return p;
}

static struct out_node *producer_body(struct compiler *c, struct out_node *list, struct producer *p, struct frame_def *frame)
{
    p->frame = frame;
    p->body = new_out(c, frame);
    p->body->parent = list;
    p->body->producer_of = p;
    return p->body;
}

/* [.name == "gift" && …] written: the fields that make the item one that satisfies it. */
static void imply(struct compiler *c, struct scope *s, struct out_node *item, const struct ast_expr *cond)
{
    if (cond->kind == X_BINARY && str_eq(cond->name, STR("&&"))) {
        imply(c, s, item, cond->arg[0]);
        imply(c, s, item, cond->arg[1]);
        return;
    }
    const struct ast_path *path = cond->kind == X_BINARY && cond->arg[0]->kind == X_PATH ? cond->arg[0]->path : NULL;
    if (path == NULL || !str_eq(cond->name, STR("==")) || path->root || path->up > 0 || path->steps == NULL ||
        path->steps->next != NULL || path->steps->kind != STEP_KEY) {
        compile_error(c, s, cond->at, "to be written, a condition must be equalities of a key and a literal: [.name == \"gift\"]");
        return;
    }
    struct str key = compile_key(c, s, &path->steps->key, path->at);
    struct out_node *field = out_child(c, item, key);
    if (key.p == NULL || !become(c, s, field, OUT_VALUE, cond->at))
        return;
    field->code = compile_op(c, OP_CONST, cond->arg[1], 0);
    field->code->constant = compile_literal(c, s, cond->arg[1]);
    field->implied = true;
}

/* The body of the item of LIST that STEP names, made or found. */
static struct out_node *out_item(struct compiler *c, struct scope *s, struct out_node *list, const struct ast_step *step)
{
    enum producer_kind kind = step->kind == STEP_INDEX ? PRODUCE_INDEX : step->kind == STEP_ALIKE ? PRODUCE_ALL : PRODUCE_PAIR;
    struct str pair = {0};
    if (step->kind == STEP_FILTER)
        pair = str_slice(s->source->text, step->at, step->at + str_find(str_slice(s->source->text, step->at, s->source->text.n), ']'));
    for (struct producer *p = list->producers; p != NULL; p = p->next) {
        if (p->kind == kind && p->index == step->from && str_eq(p->pair, pair))
            return p->body;
    }
    struct producer *p = new_producer(c, list, kind);
    p->index = step->from;
    p->pair = pair;
    struct out_node *body = producer_body(c, list, p, list->frame);
    if (step->kind == STEP_FILTER && become(c, s, body, OUT_OBJECT, step->at))
        imply(c, s, body, step->cond);
    return body;
}

/* From object FROM along STEPS up to (not including) END; the place that is reached. NULL: reported. */
static struct out_node *out_walk(struct compiler *c, struct scope *s, struct out_node *from, const struct ast_step *steps,
                                 const struct ast_step *end)
{
    struct out_node *at = from;
    for (const struct ast_step *step = steps; step != end; step = step->next) {
        if (step->kind == STEP_KEY) {
            struct str key = compile_key(c, s, &step->key, step->at);
            if (key.p == NULL || !become(c, s, at, OUT_OBJECT, step->at))
                return NULL;
            at = out_child(c, at, key);
        } else if (step->kind == STEP_INDEX || step->kind == STEP_ALIKE || step->kind == STEP_FILTER) {
            if (!become(c, s, at, OUT_LIST, step->at))
                return NULL;
            at = out_item(c, s, at, step);
        } else {
            compile_error(c, s, step->at, step->kind == STEP_ANY
                                              ? ".* cannot be written"
                                              : "[] and [a..b] can stand only at the end of the path of a list");
            return NULL;
        }
    }
    return at;
}

static const struct ast_step *last_step(const struct ast_path *path)
{
    const struct ast_step *step = path->steps;
    while (step != NULL && step->next != NULL)
        step = step->next;
    return step;
}

static const struct ast_step *list_step(const struct ast_path *path)
{
    const struct ast_step *step = path->steps;
    while (step != NULL && step->kind != STEP_EACH && step->kind != STEP_RANGE)
        step = step->next;
    return step;
}

static bool can_write(struct compiler *c, struct scope *s, const struct ast_path *path)
{
    if (path->steps == NULL)
        compile_error(c, s, path->at, "the whole of what is made cannot be written by a rule");
    else if (path->root || path->up > 0)
        compile_error(c, s, path->at, "a rule writes below the block that it stands in, not outside of it");
    else
        return true;
    return false;
}

static void set_value(struct compiler *c, struct scope *s, struct out_node *o, const struct ast_rule *rule, struct code *code)
{
    if (o == NULL || !become(c, s, o, OUT_VALUE, rule->at))
        return;
    o->rule = rule;
    o->code = guarded(c, s, code);
}

/* Bare `id` at the root of what is made is the envelope's. */
static bool is_id(const struct ast_path *path)
{
    const struct ast_step *step = path->steps;
    return path->side == SIDE_CANONICAL && step != NULL && step->next == NULL && step->kind == STEP_KEY &&
           step->key.nholes == 0 && str_eq(step->key.literal[0], STR("id"));
}

/* Where a rule for PATH writes, seen from S. NULL: reported. */
static struct out_node *out_place(struct compiler *c, struct scope *s, const struct ast_path *path)
{
    if (!can_write(c, s, path))
        return NULL;
    if (!is_id(path) || s->out != c->program->out)
        return out_walk(c, s, s->out, path->steps, NULL);
    if (c->program->id == NULL) {
        c->program->id = new_out(c, s->out->frame);
        c->program->id->key = json_clean_node(STR("id"));
    }
    return c->program->id;
}

struct out_node *compile_out_field(struct compiler *c, struct scope *s, const struct ast_path *path)
{
    for (unsigned up = path->up; up > 0 && s->up != NULL; up--)
        s = s->up;
    while (s->out == NULL && s->up != NULL)
        s = s->up;
    struct out_node *at = path->root ? c->program->out : s->out;
    const struct ast_step *step = path->steps;
    if (at != NULL && at == c->program->out && c->program->id != NULL && is_id(path)) {
        if (c->program->id->memo < 0)
            c->program->id->memo = (int)c->program->id->frame->nmemos++;
        return c->program->id;
    }
    for (; at != NULL && step != NULL; step = step->next) {
        struct out_node *child = NULL;
        struct str key = step->kind == STEP_KEY ? compile_key(c, s, &step->key, step->at) : (struct str){0};
        for (child = at->kind == OUT_OBJECT ? at->children : NULL; child != NULL && key.p != NULL; child = child->next) {
            if (str_eq(json_text(&child->key), key))
                break;
        }
        at = key.p != NULL ? child : NULL;
    }
    if (at == NULL || path->steps == NULL) {
        compile_error(c, s, path->at, "no rule makes %.*s, so it cannot be used here", (int)path->text.n, path->text.p);
        return NULL;
    }
    if (at->memo < 0)
        at->memo = (int)at->frame->nmemos++;
    return at;
}

/* ---- value rules ---- */

static const struct ast_path *out_side(const struct compiler *c, const struct ast_rule *rule)
{
    return reads(c) ? rule->left : rule->right;
}

static const struct ast_path *in_side(const struct compiler *c, const struct ast_rule *rule)
{
    return reads(c) ? rule->right : rule->left;
}

/* `name` and `name_raw`: the word that an enumeration with `*` could not name is kept beside the field. */
static struct str raw_key(struct compiler *c, struct str key)
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

static void set_raw(struct compiler *c, struct scope *s, struct out_node *field, const struct ast_rule *rule, struct code *decoded)
{
    struct out_node *raw = out_child(c, field->parent, raw_key(c, json_text(&field->key)));
    struct code *code = compile_op(c, OP_RAW, rule->expr, 1);
    code->arg[0] = decoded;
    if (raw->kind == OUT_NONE)
        set_value(c, s, raw, rule, code);
}

/* The value of a two-way rule between paths, or of a one-way one. */
static struct pending *rule_value(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    struct pending *p;
    if (rule->expr != NULL) {
        p = later(c, s, rule->expr);
        p->chain = rule->chain;
        p->decode = reads(c);
    } else {
        p = later_path(c, s, in_side(c, rule), rule->chain);
    }
    if (reads(c) && (rule->otherwise != NULL || rule->otherwise_none)) {
        p->has_otherwise = true;
        p->otherwise = rule->otherwise != NULL ? compile_literal(c, s, rule->otherwise) : NULL;
    }
    return p;
}

static void value_list(struct compiler *c, struct scope *s, const struct ast_rule *rule, const struct ast_step *each)
{
    struct out_node *list = out_walk(c, s, s->out, out_side(c, rule)->steps, each);
    if (list == NULL || !become(c, s, list, OUT_LIST, rule->at))
        return;
    if (each->next == NULL) {
        struct producer *p = new_producer(c, list, PRODUCE_VALUES);
        struct pending *values = rule_value(c, s, rule);
        values->many = true;
        p->appends = rule->flow != FLOW_BOTH;
        p->code = guarded(c, s, values->code);
        return;
    }
    /* .tags[].name: each value becomes an object */
    struct scope *inner = new_scope(c, s);
    struct producer *p = new_producer(c, list, PRODUCE_EACH);
    inner->frame = compile_frame(c, s->frame, true);
    inner->in = inner->frame->item;
    struct pending *path = later_path(c, s, in_side(c, rule), NULL);
    path->many = true;
    p->code = path->code;
    struct out_node *body = producer_body(c, list, p, inner->frame);
    struct out_node *value = out_walk(c, inner, body, each->next, NULL);
    struct ast_path *here = compile_make(c, sizeof *here);
    here->at = rule->at;
    here->side = c->program->in_side;
    here->text = STR(".");
    set_value(c, inner, value, rule, later_path(c, inner, here, rule->chain)->code);
}

/* x[a..b] = ."Column {nth}": once for each number. */
static void value_range(struct compiler *c, struct scope *s, const struct ast_rule *rule, const struct ast_step *range);

static void rule_pattern(struct compiler *c, struct scope *s, const struct ast_rule *rule);

static void add_value(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    if (rule->flow == (reads(c) ? FLOW_WRITE : FLOW_READ))
        return;
    if (rule->pattern != NULL) {
        rule_pattern(c, s, rule);
        return;
    }
    const struct ast_path *out = out_side(c, rule);
    const struct ast_step *range = rule->left != NULL ? list_step(rule->left) : NULL;
    if (!can_write(c, s, out))
        return;
    if (range != NULL && range->kind == STEP_RANGE) {
        value_range(c, s, rule, range);
        return;
    }
    const struct ast_step *each = list_step(out);
    if (each != NULL) {
        value_list(c, s, rule, each);
        return;
    }
    struct pending *value = rule_value(c, s, rule);
    struct out_node *o = out_place(c, s, out);
    set_value(c, s, o, rule, value->code);
    if (o == NULL)
        return;
    if (reads(c)) {
        const struct ast_codec *chain = rule->chain;
        if (rule->expr != NULL)
            chain = rule->expr->kind == X_DECODE ? rule->expr->codec : NULL;
        if (rest_enum(c, chain) != NULL && o->parent != NULL && o->key.p != NULL)
            set_raw(c, s, o, rule, value->code);
    } else if (rule->flow == FLOW_BOTH && rest_enum(c, rule->chain) != NULL) {
        value->raw = rule->left;
    }
}

static void value_range(struct compiler *c, struct scope *s, const struct ast_rule *rule, const struct ast_step *range)
{
    for (unsigned i = range->from; i <= range->to; i++) {
        struct scope *inner = new_scope(c, s);
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
                copy->kind = reads(c) ? STEP_EACH : STEP_INDEX;
                copy->from = i - 1;
            }
            *tail = copy;
            tail = &copy->next;
        }
        *tail = NULL;
        if (reads(c))
            one->flow = FLOW_READ;
        if (reads(c) && rule->expr == NULL) {
            struct ast_expr *x = compile_make(c, sizeof *x);
            x->kind = X_PATH;
            x->at = rule->at;
            x->source = rule->source;
            x->path = rule->right;
            one->expr = x;
        }
        add_value(c, inner, one);
    }
}

/* ---- patterns ---- */

static size_t count_alternatives(const struct ast_expr *x)
{
    return x->kind == X_OR ? count_alternatives(x->arg[0]) + count_alternatives(x->arg[1]) : 1;
}

/* A hole is a path with a chain: taken apart. */
static const struct ast_path *hole_path(struct compiler *c, struct scope *s, const struct ast_expr *x, struct ast_codec **chain)
{
    *chain = NULL;
    while (x->kind == X_DECODE) {
        struct ast_codec *codec = compile_make(c, sizeof *codec);
        *codec = *x->codec;
        codec->next = *chain;
        *chain = codec;
        x = x->arg[0];
    }
    if (x->kind != X_PATH) {
        compile_error(c, s, x->at, "a hole of a two-way text is a path with codecs");
        return NULL;
    }
    return x->path;
}

/* Fields are told by how they are written. */
static unsigned match_field(struct match *m, struct str *names, struct str name)
{
    for (unsigned i = 0; i < m->nfields; i++) {
        if (str_eq(names[i], name))
            return i;
    }
    names[m->nfields] = name;
    return m->nfields++;
}

static void pattern_hole(struct compiler *c, struct scope *s, struct pattern *p, size_t i, const struct ast_path *path,
                         const struct ast_codec *chain, bool makes)
{
    /* From text the hole's chain runs in the direction of the flow where the text is read, against it where it was just made, to be
     * checked. */
    struct code *slot = compile_op(c, OP_CONST, NULL, 0);
    p->slot[i] = &slot->constant;
    if (chain != NULL) {
        struct pending *from = later(c, s, NULL);
        from->chain = chain;
        from->decode = makes ? !reads(c) : reads(c);
        from->input = slot;
        p->decode[i] = from->code;
    } else {
        p->decode[i] = slot;
    }
    if (makes)
        p->encode[i] = later_path(c, s, path, chain)->code;
}

/* Lays out the alternatives; MAKES: the text is made, else taken apart. */
static struct match *new_match(struct compiler *c, struct scope *s, const struct ast_expr *x, bool makes,
                               const struct ast_path **hole_of_field)
{
    struct str names[PATTERN_HOLES];
    struct match *m = compile_make(c, sizeof *m);
    const struct ast_expr *stack[64];
    size_t depth = 0;
    m->nalternatives = count_alternatives(x);
    m->alternative = compile_make(c, m->nalternatives * sizeof *m->alternative);
    m->frame = s->frame;
    m->index = s->frame->nmatches++;
    stack[depth++] = x;
    for (size_t a = 0; a < m->nalternatives && depth > 0;) {
        const struct ast_expr *top = stack[--depth];
        if (top->kind == X_OR) {
            if (depth + 2 > 64)
                break;
            stack[depth++] = top->arg[1];
            stack[depth++] = top->arg[0];
            continue;
        }
        struct pattern *p = &m->alternative[a++];
        size_t n = p->nholes = top->text.nholes;
        p->literal = top->text.literal;
        p->decode = compile_make(c, (n + 1) * sizeof *p->decode);
        p->encode = compile_make(c, (n + 1) * sizeof *p->encode);
        p->slot = compile_make(c, (n + 1) * sizeof *p->slot);
        p->field = compile_make(c, (n + 1) * sizeof *p->field);
        for (size_t i = 0; i < n; i++) {
            struct ast_codec *chain;
            const struct ast_path *path = hole_path(c, s, top->text.hole[i], &chain);
            if (path == NULL)
                return NULL;
            if (m->nfields == PATTERN_HOLES || n > PATTERN_HOLES) {
                compile_error(c, s, top->at, "more than %d holes", PATTERN_HOLES);
                return NULL;
            }
            if (i > 0 && p->literal[i].n == 0)
                compile_error(c, s, top->at, "two holes with nothing between them cannot be told apart");
            unsigned field = match_field(m, names, path->text);
            p->field[i] = field;
            hole_of_field[field] = path;
            pattern_hole(c, s, p, i, path, chain, makes);
        }
    }
    return m;
}

static void rule_pattern(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    const struct ast_path *hole[PATTERN_HOLES];
    /* The text stands on the native side where the pattern stands left. It is made where the flow goes to its side. */
    bool makes = rule->pattern_left != reads(c);
    struct match *m = new_match(c, s, rule->pattern, makes, hole);
    if (m == NULL)
        return;
    const struct ast_path *text = rule->pattern_left ? rule->right : rule->left;
    if (makes) {
        struct pending *p = later(c, s, NULL);
        p->match = m;
        p->chain = rule->chain;
        p->decode = reads(c);
        set_value(c, s, out_place(c, s, text), rule, p->code);
        return;
    }
    m->input = later_path(c, s, text, rule->chain)->code;
    for (unsigned i = 0; i < m->nfields; i++) {
        struct code *code = compile_op(c, OP_MATCH, NULL, 0);
        code->match = m;
        code->hole = i;
        set_value(c, s, out_place(c, s, hole[i]), rule, code);
    }
}

/* ---- blocks ---- */

static void rules(struct compiler *c, struct scope *s, const struct ast_rule *rule);

static struct code *block_condition(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    /* A condition of a two-way block is about what is read. */
    if (rule->when == NULL || (!reads(c) && rule->flow == FLOW_BOTH))
        return NULL;
    return later(c, s, rule->when)->code;
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

static void block_each(struct compiler *c, struct scope *s, const struct ast_rule *rule, const struct ast_step *each)
{
    const struct ast_path *in = in_side(c, rule);
    struct out_node *list = out_walk(c, s, s->out, out_side(c, rule)->steps, each);
    if (list == NULL || !become(c, s, list, OUT_LIST, rule->at))
        return;
    if (each->next != NULL) {
        compile_error(c, s, each->at, "a block for a list ends with []");
        return;
    }
    struct scope *inner = new_scope(c, s);
    struct producer *p = new_producer(c, list, in != NULL ? PRODUCE_EACH : PRODUCE_ONE);
    p->appends = rule->flow != FLOW_BOTH;
    inner->guard = NULL;
    if (in != NULL) {
        inner->frame = compile_frame(c, s->frame, true);
        inner->in = inner->frame->item;
        inner->nth = 0;
        struct pending *path = later_path(c, s, in, NULL);
        path->many = true;
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
    inner->out = producer_body(c, list, p, inner->frame);
    inner->out->kind = OUT_OBJECT;
    rules(c, inner, rule->body);
}

static void block_range(struct compiler *c, struct scope *s, const struct ast_rule *rule, const struct ast_step *range)
{
    struct out_node *list = NULL;
    struct point *in_list = s->in;
    if (range->next != NULL || rule->right != NULL) {
        compile_error(c, s, range->at, "a block for [a..b] ends with it, and has no path on its right");
        return;
    }
    if (reads(c)) {
        list = out_walk(c, s, s->out, rule->left->steps, range);
        if (list == NULL || !become(c, s, list, OUT_LIST, rule->at))
            return;
    } else {
        for (const struct ast_step *step = rule->left->steps; step != range; step = step->next) {
            struct str key = step->kind == STEP_KEY ? compile_key(c, s, &step->key, step->at) : (struct str){0};
            if (key.p == NULL) {
                compile_error(c, s, step->at, "only keys can stand before [a..b]");
                return;
            }
            in_list = compile_key_point(c, in_list, key);
        }
        struct overflow *o = compile_make(c, sizeof *o);
        o->path = compile_make(c, sizeof *o->path);
        o->path->point = in_list;
        o->path->side = SIDE_CANONICAL;
        o->path->ast = rule->left;
        o->path->next = c->program->paths;
        c->program->paths = o->path;
        o->most = range->to - range->from + 1;
        o->rule = rule;
        o->next = c->program->overflows;
        c->program->overflows = o;
    }
    for (unsigned i = range->from; i <= range->to; i++) {
        struct scope *inner = new_scope(c, s);
        inner->nth = i;
        if (reads(c)) {
            struct producer *p = new_producer(c, list, PRODUCE_ONE);
            p->appends = true;
            p->when = both_conditions(c, s->guard, block_condition(c, inner, rule));
            inner->guard = NULL;
            inner->out = producer_body(c, list, p, s->frame);
            inner->out->kind = OUT_OBJECT;
        } else {
            inner->in = compile_index_point(c, in_list, i - range->from);
        }
        rules(c, inner, rule->body);
    }
}

static void block_object(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    const struct ast_path *in = in_side(c, rule), *out = out_side(c, rule);
    struct scope *inner = new_scope(c, s);
    if (in != NULL)
        inner->in = compile_path_point(c, s, in);
    if (out != NULL) {
        inner->out = can_write(c, s, out) ? out_walk(c, s, s->out, out->steps, NULL) : NULL;
        if (inner->out == NULL || !become(c, s, inner->out, OUT_OBJECT, rule->at))
            return;
    }
    struct code *when = block_condition(c, inner, rule);
    inner->guard = both_conditions(c, s->guard, when);
    rules(c, inner, rule->body);
}

static void add_block(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    if (rule->flow == (reads(c) ? FLOW_WRITE : FLOW_READ))
        return;
    const struct ast_step *left_list = list_step(rule->left);
    const struct ast_path *out = out_side(c, rule);
    const struct ast_step *out_list = out != NULL ? list_step(out) : NULL;
    if (left_list != NULL && left_list->kind == STEP_RANGE)
        block_range(c, s, rule, left_list);
    else if (out_list != NULL && can_write(c, s, out))
        block_each(c, s, rule, out_list);
    else if (left_list != NULL && !reads(c))
        compile_error(c, s, rule->at, "a list is written to a list: its native path must end with []");
    else
        block_object(c, s, rule);
}

static void add_half(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    struct scope *inner = new_scope(c, s);
    const struct ast_step *range = list_step(rule->left);
    if (range != NULL && range->kind == STEP_RANGE && rule->left->side == SIDE_CANONICAL) {
        block_range(c, s, rule, range);
        return;
    }
    const struct ast_step *last = last_step(rule->left);
    if (range != NULL || last == NULL || last->kind == STEP_ALIKE) {
        compile_error(c, s, rule->at, "a block that steps in on one side goes to one place: keys, [0] or [a..b]");
        return;
    }
    if (rule->left->side == c->program->in_side) {
        inner->in = compile_path_point(c, s, rule->left);
    } else {
        inner->out = can_write(c, s, rule->left) ? out_walk(c, s, s->out, rule->left->steps, NULL) : NULL;
        if (inner->out == NULL || !become(c, s, inner->out, OUT_OBJECT, rule->at))
            return;
    }
    rules(c, inner, rule->body);
}

static void add_use(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    const struct ast_decl *shape = c->decls;
    while (shape != NULL && (shape->kind != DECL_SHAPE || !str_eq(shape->name, rule->name)))
        shape = shape->next;
    if (shape == NULL) {
        compile_error(c, s, rule->at, "no shape is called %s", err_quote(rule->name));
        return;
    }
    if (rule->nargs != shape->nparams) {
        compile_error(c, s, rule->at, "the shape %.*s takes %zu arguments, not %zu", (int)rule->name.n, rule->name.p, shape->nparams,
                      rule->nargs);
        return;
    }
    if (++c->depth > 32) {
        compile_error(c, s, rule->at, "the shape %.*s uses itself", (int)rule->name.n, rule->name.p);
    } else {
        struct scope inner = *s;
        inner.bindings = NULL;
        for (size_t i = 0; i < rule->nargs; i++) {
            struct binding *b = compile_make(c, sizeof *b);
            b->name = shape->param[i];
            b->value = compile_literal(c, s, rule->arg[i]);
            b->next = (struct binding *)(uintptr_t)inner.bindings;
            inner.bindings = b;
        }
        struct scope *kept = compile_make(c, sizeof *kept);
        *kept = inner;
        kept->source = shape->source;
        rules(c, kept, shape->body);
    }
    c->depth--;
}

static void rules(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    for (; rule != NULL; rule = rule->next) {
        switch (rule->kind) {
        case RULE_VALUE: add_value(c, s, rule); break;
        case RULE_BLOCK: add_block(c, s, rule); break;
        case RULE_HALF: add_half(c, s, rule); break;
        case RULE_USE: add_use(c, s, rule); break;
        case RULE_SKIP: break;
        }
    }
}

/* ---- the second pass ---- */

static struct code *with_raw(struct compiler *c, const struct pending *p, struct code *made)
{
    /* The enumeration is the last codec of the chain: written first, it stands innermost. */
    struct code *at = made;
    while (at->op != OP_REVERSE && at->nargs > 0 && at->arg[0] != NULL)
        at = at->arg[0];
    if (p->raw == NULL || at->op != OP_REVERSE)
        return made;
    struct ast_path *raw = compile_make(c, sizeof *raw);
    struct ast_step **tail = &raw->steps;
    *raw = *p->raw;
    for (const struct ast_step *step = p->raw->steps; step != NULL; step = step->next) {
        struct ast_step *copy = compile_make(c, sizeof *copy);
        *copy = *step;
        if (step->next == NULL && step->kind == STEP_KEY) {
            struct str key = raw_key(c, compile_key(c, p->scope, &step->key, step->at));
            copy->key = (struct ast_text){.literal = compile_make(c, sizeof key)};
            copy->key.literal[0] = key;
        }
        *tail = copy;
        tail = &copy->next;
    }
    at->arg[1] = compile_in_path(c, p->scope, raw, NULL);
    return made;
}

static void compile_pending(struct compiler *c, struct pending *p)
{
    struct code *made;
    if (p->match != NULL) {
        made = compile_op(c, OP_PATTERN, NULL, 0);
        made->match = p->match;
    } else if (p->path != NULL) {
        made = compile_in_path(c, p->scope, p->path, NULL);
    } else if (p->expr != NULL) {
        made = compile_code(c, p->scope, p->expr);
    } else {
        made = p->input;
    }
    if (!p->many)
        made = compile_single(c, made);
    made = with_raw(c, p, compile_chain(c, p->scope, made, p->chain, p->decode));
    if (p->has_otherwise) {
        struct code *either = compile_op(c, OP_ELSE, made->ast, 2);
        either->arg[0] = made;
        either->arg[1] = compile_op(c, OP_CONST, made->ast, 0);
        either->arg[1]->constant = p->otherwise;
        if (p->otherwise == NULL)
            either->arg[1] = NULL;
        made = either;
    }
    *p->code = *made;
}

/* ---- circles ---- */

enum { WHITE, GREY, BLACK };

static bool circle_in_node(struct out_node *o);

static bool circle_in_code(const struct code *x)
{
    if (x == NULL)
        return false;
    if (x->op == OP_FIELD && x->field != NULL && circle_in_node(x->field))
        return true;
    for (size_t i = 0; i < x->nargs; i++) {
        if (circle_in_code(x->arg[i]))
            return true;
    }
    return false;
}

static bool circle_in_node(struct out_node *o)
{
    if (o->colour != WHITE)
        return o->colour == GREY;
    o->colour = GREY;
    bool found = circle_in_code(o->code);
    for (struct out_node *child = o->children; child != NULL && !found; child = child->next)
        found = circle_in_node(child);
    for (struct producer *p = o->producers; p != NULL && !found; p = p->next)
        found = circle_in_code(p->code) || circle_in_code(p->when) || (p->body != NULL && circle_in_node(p->body));
    o->colour = BLACK;
    return found;
}

static void refuse_circles(struct compiler *c, const struct scope *s, struct out_node *o)
{
    for (struct out_node *child = o->children; child != NULL; child = child->next)
        refuse_circles(c, s, child);
    for (struct producer *p = o->producers; p != NULL; p = p->next) {
        if (p->body != NULL)
            refuse_circles(c, s, p->body);
    }
    if (o->kind == OUT_VALUE && o->rule != NULL && circle_in_node(o))
        compile_error(c, s, o->rule->at, "this field is computed from itself");
}

/* ---- numbering ---- */

static void number_points(struct compiler *c, struct frame_def *f, struct point *p, unsigned *next)
{
    p->first_slot = *next;
    for (struct point *child = p->children; child != NULL; child = child->sibling) {
        if (child->kind == POINT_KEY)
            child->slot = (*next)++;
    }
    for (struct point *child = p->children; child != NULL; child = child->sibling) {
        if (child->kind != POINT_KEY)
            child->slot = (*next)++;
        f->point[child->slot] = child;
    }
    if (p->nkeys > 0) {
        struct str *names = compile_make(c, p->nkeys * sizeof *names);
        for (struct point *child = p->children; child != NULL; child = child->sibling) {
            if (child->kind == POINT_KEY)
                names[child->slot - p->first_slot] = child->key;
        }
        p->keys = json_keys_new(names, p->nkeys);
    }
    for (struct point *child = p->children; child != NULL; child = child->sibling)
        number_points(c, f, child, next);
}

static void finish_frames(struct compiler *c, struct program *program)
{
    program->frame = compile_make(c, program->nframes * sizeof *program->frame);
    for (struct frame_def *f = program->frames; f != NULL; f = f->next) {
        unsigned next = 1;
        program->frame[f->index] = f;
        f->point = compile_make(c, f->npoints * sizeof *f->point);
        f->point[0] = f->item;
        number_points(c, f, f->item, &next);
    }
    for (struct in_path *path = program->paths; path != NULL; path = path->next) {
        const struct point *p = path->point;
        path->is_key = p->kind == POINT_KEY && path->steps == NULL;
        path->frame = p->frame->index;
        path->slot = p->slot;
        path->object = path->is_key ? p->parent->slot : 0;
    }
}

void program_release(struct program *program)
{
    for (unsigned i = 0; i < program->nframes; i++) {
        struct frame_def *f = program->frame[i];
        for (unsigned slot = 0; slot < f->npoints; slot++)
            json_keys_free(f->point[slot]->keys);
    }
}

/* ---- whole maps ---- */

static struct program *new_program(struct compiler *c, enum ast_side side)
{
    struct program *program = compile_make(c, sizeof *program);
    program->in_side = side;
    c->program = program;
    c->pending = NULL;
    c->pending_tail = &c->pending;
    c->depth = 0;
    return program;
}

static void finish(struct compiler *c)
{
    for (struct pending *p = c->pending; p != NULL; p = p->next)
        compile_pending(c, p);
    finish_frames(c, c->program);
}

static void spellings(struct compiler *c, struct scope *s, const struct ast_decl *map)
{
    struct program *program = c->program;
    program->absent = map->absent;
    program->nabsent = map->nabsent;
    program->empty_absent = c->empty_absent;
    if (map->null_word != NULL) {
        program->null_node = compile_literal(c, s, map->null_word);
        if (program->null_node != NULL && program->null_node->type == JSON_STRING)
            program->null_word = json_string(program->null_node, c->arena);
    }
}

struct program *compile_map(struct compiler *c, const struct ast_decl *map, enum ast_flow flow)
{
    struct program *program = new_program(c, flow == FLOW_READ ? SIDE_NATIVE : SIDE_CANONICAL);
    struct scope *s = compile_make(c, sizeof *s);
    program->decl = map;
    program->entity = map->name;
    program->stream = map->stream;
    program->hub = str_starts(map->stream, STR("hub:"));
    *s = (struct scope){.frame = compile_frame(c, NULL, false), .in_side = program->in_side, .source = map->source};
    s->in = s->frame->item;
    program->root = program->record = s->frame;
    spellings(c, s, map);
    struct scope *inner = s;
    struct pending *each = NULL;
    if (map->group != NULL)
        compile_error(c, s, map->group->at, "group is not known to this version of hub-canon");
    if (reads(c) && map->each != NULL) {
        each = later_path(c, s, map->each, NULL);
        each->many = true;
        inner = new_scope(c, s);
        inner->frame = program->record = compile_frame(c, s->frame, true);
        inner->in = inner->frame->item;
    }
    program->out = new_out(c, inner->frame);
    program->out->kind = OUT_OBJECT;
    inner->out = program->out;
    struct pending *when = reads(c) && map->when != NULL ? later(c, inner, map->when) : NULL;
    rules(c, inner, map->body);
    finish(c);
    if (each != NULL)
        program->each = each->code;
    if (when != NULL)
        program->when = when->code;
    refuse_circles(c, s, program->out);
    return program;
}

struct program *compile_expr(struct compiler *c, const struct ast_expr *x, enum ast_side side, bool checks, struct code **code)
{
    struct program *program = new_program(c, side);
    struct scope s = {.frame = compile_frame(c, NULL, false), .in_side = side, .source = x->source};
    s.in = s.frame->item;
    c->checks = checks;
    *code = compile_scalar(c, &s, x);
    finish(c);
    return program;
}

struct program *compile_path_on(struct compiler *c, const struct ast_path *path, struct code **code)
{
    struct program *program = new_program(c, path->side);
    const struct source_text nowhere = {0};
    struct scope s = {.frame = compile_frame(c, NULL, false), .in_side = path->side, .source = &nowhere};
    s.in = s.frame->item;
    *code = compile_single(c, compile_in_path(c, &s, path, NULL));
    finish(c);
    return program;
}
