#include "canon/compile_rules.h"

#include "base/utf8.h"

/* ---- the output tree ---- */

struct out_node *out_new(struct compiler *c, struct frame_def *frame)
{
    struct out_node *o = compile_make(c, sizeof *o);
    o->frame = frame;
    o->memo = -1;
    return o;
}

const struct ast_rule *compile_rule_of(const struct out_node *o)
{
    const struct ast_rule *found = o->rule;
    for (const struct out_node *child = o->children; child != NULL && found == NULL; child = child->next)
        found = compile_rule_of(child);
    for (const struct producer *p = o->producers; p != NULL && found == NULL; p = p->next)
        found = p->body != NULL ? compile_rule_of(p->body) : NULL;
    return found;
}

static void written_twice(struct compiler *c, const struct scope *s, const struct out_node *o, size_t at)
{
    const struct ast_rule *other = compile_rule_of(o);
    unsigned line, column;
    if (other == NULL || other->source != s->source || other->at == at) {
        compile_error(c, s, at, "another rule writes this place already");
        return;
    }
    source_place(other->source, other->at, &line, &column);
    compile_error(c, s, at, "another rule writes this place already, on line %u", line);
}

bool out_become(struct compiler *c, const struct scope *s, struct out_node *o, enum out_kind kind, size_t at)
{
    if (o->kind == OUT_NONE)
        o->kind = (uint8_t)kind;
    if (o->kind == kind && kind != OUT_VALUE)
        return true;
    if (o->kind == kind && o->code == NULL)
        return true;
    written_twice(c, s, o, at);
    return false;
}

/* The field KEY of an object; fields of a canonical object stand in the order of the keys, of a native one in
 * that of the rules. */
struct out_node *out_child(struct compiler *c, struct out_node *object, struct str key)
{
    struct out_node **at = &object->children;
    for (; *at != NULL; at = &(*at)->next) {
        if (str_eq(json_text(&(*at)->key), key))
            return *at;
    }
    if (rules_read(c)) {
        for (at = &object->children; *at != NULL && utf8_cmp_utf16(json_text(&(*at)->key), key) < 0;
             at = &(*at)->next)
            ;
    }
    struct out_node *o = out_new(c, object->frame);
    o->key = json_string_node(key);
    o->parent = object;
    o->next = *at;
    *at = o;
    return o;
}

struct producer *out_producer(struct compiler *c, struct out_node *list, enum producer_kind kind, size_t at)
{
    struct producer *p = compile_make(c, sizeof *p), **tail = &list->producers;
    p->kind = kind;
    p->at = at;
    while (*tail != NULL)
        tail = &(*tail)->next;
    *tail = p;
    return p;
}

struct out_node *out_body(struct compiler *c, struct out_node *list, struct producer *p,
                          struct frame_def *frame)
{
    p->frame = frame;
    p->body = out_new(c, frame);
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
    const struct ast_path *path =
        cond->kind == X_BINARY && cond->arg[0]->kind == X_PATH ? cond->arg[0]->path : NULL;
    if (path == NULL || !str_eq(cond->name, STR("==")) || path->root || path->up > 0 || path->steps == NULL ||
        path->steps->next != NULL || path->steps->kind != STEP_KEY) {
        compile_error(
            c, s, cond->at,
            "to be written, a condition must be equalities of a key and a literal: [.name == \"gift\"]");
        return;
    }
    struct str key = compile_key(c, s, &path->steps->key, path->at);
    struct out_node *field = out_child(c, item, key);
    if (key.p == NULL || !out_become(c, s, field, OUT_VALUE, cond->at))
        return;
    field->code = compile_op(c, OP_CONST, cond->arg[1], 0);
    field->code->constant = compile_literal(c, s, cond->arg[1]);
    field->implied = true;
}

/* Whether two conditions are the same equalities in the same order. */
static bool is_same_pair(struct compiler *c, struct scope *s, const struct ast_expr *a,
                         const struct ast_expr *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case X_BINARY:
        return str_eq(a->name, b->name) && is_same_pair(c, s, a->arg[0], b->arg[0]) &&
               is_same_pair(c, s, a->arg[1], b->arg[1]);
    case X_PATH: {
        const struct ast_step *x = a->path->steps, *y = b->path->steps;
        if (x == NULL || y == NULL || x->kind != STEP_KEY || y->kind != STEP_KEY || x->next != NULL ||
            y->next != NULL)
            return false;
        return str_eq(compile_key(c, s, &x->key, x->at), compile_key(c, s, &y->key, y->at));
    }
    case X_TEXT:
    case X_NUMBER:
    case X_PARAM:
    case X_TRUE:
    case X_FALSE: return json_equal(compile_literal(c, s, a), compile_literal(c, s, b));
    default: return false;
    }
}

/* The body of the item of LIST that STEP names, made or found. */
static struct out_node *out_item(struct compiler *c, struct scope *s, struct out_node *list,
                                 const struct ast_step *step)
{
    enum producer_kind kind = step->kind == STEP_INDEX   ? PRODUCE_INDEX
                              : step->kind == STEP_ALIKE ? PRODUCE_ALL
                                                         : PRODUCE_PAIR;
    for (struct producer *p = list->producers; p != NULL; p = p->next) {
        if (p->kind == kind && p->index == step->from &&
            (kind != PRODUCE_PAIR || is_same_pair(c, s, p->pair, step->cond)))
            return p->body;
    }
    struct producer *p = out_producer(c, list, kind, step->at);
    p->index = step->from;
    p->pair = step->cond;
    struct out_node *body = out_body(c, list, p, list->frame);
    if (step->kind == STEP_FILTER && out_become(c, s, body, OUT_OBJECT, step->at))
        imply(c, s, body, step->cond);
    return body;
}

/* From object FROM along STEPS up to (not including) END; the place that is reached. NULL: reported. */
struct out_node *out_walk(struct compiler *c, struct scope *s, struct out_node *from,
                          const struct ast_step *steps, const struct ast_step *end)
{
    struct out_node *at = from;
    for (const struct ast_step *step = steps; step != end; step = step->next) {
        if (step->kind == STEP_KEY) {
            struct str key = compile_key(c, s, &step->key, step->at);
            if (key.p == NULL || !out_become(c, s, at, OUT_OBJECT, step->at))
                return NULL;
            at = out_child(c, at, key);
        } else if (step->kind == STEP_INDEX || step->kind == STEP_ALIKE || step->kind == STEP_FILTER) {
            if (!out_become(c, s, at, OUT_LIST, step->at))
                return NULL;
            at = out_item(c, s, at, step);
        } else {
            compile_error(c, s, step->at,
                          step->kind == STEP_ANY
                              ? ".* cannot be written"
                              : "[] and [a..b] can stand only at the end of the path of a list");
            return NULL;
        }
    }
    return at;
}

const struct ast_step *rules_list_step(const struct ast_path *path)
{
    const struct ast_step *step = path->steps;
    while (step != NULL && step->kind != STEP_EACH && step->kind != STEP_RANGE)
        step = step->next;
    return step;
}

bool out_can_write(struct compiler *c, struct scope *s, const struct ast_path *path)
{
    if (path->steps == NULL)
        compile_error(c, s, path->at, "the whole of what is made cannot be written by a rule");
    else if (path->root || path->up > 0)
        compile_error(c, s, path->at, "a rule writes below the block that it stands in, not outside of it");
    else
        return true;
    return false;
}

void out_set(struct compiler *c, struct scope *s, struct out_node *o, const struct ast_rule *rule,
             struct code *code)
{
    if (o == NULL || !out_become(c, s, o, OUT_VALUE, rule->at))
        return;
    o->rule = rule;
    o->code = rules_guarded(c, s, code);
}

/* Bare `id` at the root of what is made is the envelope's. */
static bool is_id(const struct ast_path *path)
{
    const struct ast_step *step = path->steps;
    return path->side == SIDE_CANONICAL && step != NULL && step->next == NULL && step->kind == STEP_KEY &&
           step->key.nholes == 0 && str_eq(step->key.literal[0], STR("id"));
}

/* Where a rule for PATH writes, seen from S. NULL: reported. */
struct out_node *out_place(struct compiler *c, struct scope *s, const struct ast_path *path)
{
    if (!out_can_write(c, s, path))
        return NULL;
    if (!is_id(path) || s->out != c->program->out)
        return out_walk(c, s, s->out, path->steps, NULL);
    if (c->program->id == NULL) {
        c->program->id = out_new(c, s->out->frame);
        c->program->id->key = json_clean_node(STR("id"));
    }
    return c->program->id;
}

struct point *rules_keys_point(struct compiler *c, struct scope *s, const struct ast_path *path,
                               const struct ast_step **step)
{
    struct point *at = s->in;
    for (*step = path->steps; *step != NULL && (*step)->kind == STEP_KEY; *step = (*step)->next) {
        struct str key = compile_key(c, s, &(*step)->key, (*step)->at);
        if (key.p == NULL)
            return NULL;
        at = compile_key_point(c, at, key);
    }
    return at;
}

const struct point *out_written_from(struct compiler *c, struct scope *s, const struct ast_rule *rule,
                                     const struct out_node *to)
{
    const struct ast_step *step;
    if (rules_read(c) || rule->flow != FLOW_BOTH)
        return NULL;
    struct point *list = rules_keys_point(c, s, rule->left, &step);
    if (list == NULL || step == NULL || (step->kind != STEP_EACH && step->kind != STEP_INDEX))
        return NULL;
    list->scattered |= list->to != NULL && list->to != to;
    list->to = to;
    return list;
}

/* Whether a rule makes something along STEPS, from the field O on. */
static bool is_made(struct compiler *c, const struct scope *s, const struct out_node *o,
                    const struct ast_step *step)
{
    if (step == NULL || o->kind == OUT_VALUE)
        return true;
    if (o->kind == OUT_LIST) {
        for (const struct producer *p = o->producers; p != NULL; p = p->next) {
            if (p->body == NULL || is_made(c, s, p->body, step->kind == STEP_KEY ? step : step->next))
                return true;
        }
        return false;
    }
    struct str key = step->kind == STEP_KEY ? compile_key(c, s, &step->key, step->at) : (struct str){0};
    for (const struct out_node *child = o->children; child != NULL; child = child->next) {
        if (step->kind == STEP_ANY || (key.p != NULL && str_eq(json_text(&child->key), key)))
            return is_made(c, s, child, step->next);
    }
    return step->kind != STEP_KEY && step->kind != STEP_ANY;
}

static struct out_node *kept_field(struct out_node *o)
{
    if (o->memo < 0)
        o->memo = (int)o->frame->nmemos++;
    return o;
}

bool compile_is_own_id(const struct compiler *c, const struct scope *s, const struct ast_path *path)
{
    for (unsigned up = path->up; up > 0 && s->up != NULL; up--)
        s = s->up;
    return is_id(path) && (path->root || s->out == NULL || s->out == c->program->out) &&
           c->program->id == NULL;
}

/* The name that a path starts with, where it is known without a record. */
static struct str first_name(const struct ast_path *path)
{
    const struct ast_step *step = path->steps;
    if (path->side != SIDE_CANONICAL || step == NULL || step->kind != STEP_KEY || step->key.nholes > 0)
        return (struct str){0};
    return step->key.literal[0];
}

/* Whether one of the rules that are wrong themselves may be the one that makes NAME. */
static bool may_be_broken(const struct ast_rule *rule, struct str name)
{
    for (; rule != NULL; rule = rule->next) {
        struct str left = rule->left != NULL ? first_name(rule->left) : (struct str){0};
        if (rule->kind == RULE_BROKEN && (left.p == NULL || str_eq(left, name)))
            return true;
        if (may_be_broken(rule->body, name))
            return true;
    }
    return false;
}

static void no_rule_makes(struct compiler *c, const struct scope *s, const struct ast_path *path,
                          const struct out_node *object)
{
    struct str names[256], name = first_name(path);
    size_t n = 0;
    for (const struct ast_decl *d = c->decls; d != NULL; d = d->next) {
        if (may_be_broken(d->body, name))
            return;
    }
    if (object != NULL && object->kind == OUT_OBJECT) {
        for (const struct out_node *o = object->children; o != NULL && n < sizeof names / sizeof *names;
             o = o->next)
            names[n++] = json_text(&o->key);
    }
    struct str near = name.p != NULL ? nearest_name(name, names, n) : name;
    if (near.p != NULL && !str_eq(near, name))
        compile_error(c, s, path->at, "no rule makes %.*s, so it cannot be used here; did you mean %.*s?",
                      (int)path->text.n, path->text.p, (int)near.n, near.p);
    else
        compile_error(c, s, path->at, "no rule makes %.*s, so it cannot be used here", (int)path->text.n,
                      path->text.p);
}

struct out_node *compile_out_field(struct compiler *c, struct scope *s, const struct ast_path *path,
                                   const struct ast_step **rest)
{
    for (unsigned up = path->up; up > 0 && s->up != NULL; up--)
        s = s->up;
    while (s->out == NULL && s->up != NULL)
        s = s->up;
    struct out_node *at = path->root ? c->program->out : s->out;
    const struct out_node *object = at;
    const struct ast_step *step = path->steps;
    *rest = NULL;
    if (at != NULL && at == c->program->out && c->program->id != NULL && is_id(path))
        return kept_field(c->program->id);
    for (; at != NULL && step != NULL && step->kind == STEP_KEY && at->kind == OUT_OBJECT;
         step = step->next) {
        struct str key = compile_key(c, s, &step->key, step->at);
        struct out_node *child = at->children;
        while (child != NULL && !(key.p != NULL && str_eq(json_text(&child->key), key)))
            child = child->next;
        at = child;
    }
    if (at == NULL || path->steps == NULL || at == s->out || !is_made(c, s, at, step)) {
        no_rule_makes(c, s, path, object);
        return NULL;
    }
    *rest = step;
    return kept_field(at);
}
