#include "canon/compile_rules.h"

/* ---- circles ---- */

enum { WHITE, GREY, BLACK };

static bool circle_in_node(struct out_node *o);

static bool circle_in_code(const struct code *x);

/* Conditions name fields, too. */
static bool circle_in_steps(const struct in_step *step)
{
    for (; step != NULL; step = step->next) {
        if (circle_in_code(step->cond) || circle_in_steps(step->of))
            return true;
    }
    return false;
}

static bool circle_in_path(const struct in_path *path)
{
    for (const struct point *p = path->point; p != NULL; p = p->parent) {
        if (p->kind == POINT_PATH && circle_in_steps(p->path->steps))
            return true;
    }
    return circle_in_steps(path->steps);
}

static bool circle_in_code(const struct code *x)
{
    if (x == NULL)
        return false;
    if ((x->op == OP_PATH && circle_in_path(x->path)) || (x->op == OP_STEPS && circle_in_steps(x->steps)) ||
        (x->op == OP_MATCH && circle_in_code(x->match->input)))
        return true;
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
        found = circle_in_code(p->code) || circle_in_code(p->when) ||
                (p->body != NULL && circle_in_node(p->body));
    o->colour = BLACK;
    return found;
}

void program_refuse_circles(struct compiler *c, const struct scope *s, struct out_node *o)
{
    for (struct out_node *child = o->children; child != NULL; child = child->next)
        program_refuse_circles(c, s, child);
    for (struct producer *p = o->producers; p != NULL; p = p->next) {
        if (p->body != NULL)
            program_refuse_circles(c, s, p->body);
    }
    if (o->kind == OUT_VALUE && o->rule != NULL && circle_in_node(o))
        compile_error(c, s, o->rule->at, "this field is computed from itself");
}

/* ---- conflicts ---- */

/* Whether both make a value, or what cannot be merged with one, at one place below A and B. */
static bool write_one_place(const struct out_node *a, const struct out_node *b)
{
    if (a == NULL || b == NULL || a->kind == OUT_VALUE || b->kind == OUT_VALUE || a->kind != b->kind)
        return true;
    for (const struct out_node *x = a->children; x != NULL; x = x->next) {
        for (const struct out_node *y = b->children; y != NULL; y = y->next) {
            if (!x->implied && !y->implied && str_eq(json_text(&x->key), json_text(&y->key)) &&
                write_one_place(x, y))
                return true;
        }
    }
    return false;
}

/* Whether the two can stand at one position of their list. Conditions may see to it that only one does. */
static bool may_meet(const struct producer *a, const struct producer *b)
{
    if (a->appends || b->appends || a->when != NULL || b->when != NULL || a->kind == PRODUCE_PAIR ||
        b->kind == PRODUCE_PAIR)
        return false;
    if ((a->code != NULL && a->code->op == OP_GUARD) || (b->code != NULL && b->code->op == OP_GUARD))
        return false;
    return a->kind != PRODUCE_INDEX || b->kind != PRODUCE_INDEX || a->index == b->index;
}

void program_refuse_conflicts(struct compiler *c, const struct scope *s, const struct out_node *o)
{
    for (const struct out_node *child = o->children; child != NULL; child = child->next)
        program_refuse_conflicts(c, s, child);
    for (const struct producer *p = o->producers; p != NULL; p = p->next) {
        if (p->body != NULL)
            program_refuse_conflicts(c, s, p->body);
        for (const struct producer *other = p->next; other != NULL; other = other->next) {
            if (may_meet(p, other) && write_one_place(p->body, other->body)) {
                compile_error(c, s, other->at, "another rule writes the same place of this list already");
                return;
            }
        }
    }
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
        if (p->keys == NULL)
            longjmp(*c->out_of_memory, 1);
    }
    for (struct point *child = p->children; child != NULL; child = child->sibling)
        number_points(c, f, child, next);
}

void program_number(struct compiler *c, struct program *program)
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
    if (program == NULL)
        return;
    for (unsigned i = 0; i < program->nframes; i++) {
        struct frame_def *f = program->frame[i];
        for (unsigned slot = 0; slot < f->npoints; slot++)
            json_keys_free(f->point[slot]->keys);
    }
}

/* ---- whole maps ---- */

struct program *program_new(struct compiler *c, enum ast_side side)
{
    struct program *program = compile_make(c, sizeof *program);
    program->in_side = side;
    c->program = program;
    c->pending = NULL;
    c->pending_tail = &c->pending;
    c->depth = 0;
    c->rules = 0;
    return program;
}

void program_finish(struct compiler *c)
{
    for (struct pending *p = c->pending; p != NULL; p = p->next)
        rules_finish_one(c, p);
    program_number(c, c->program);
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
        if (program->null_word.p != NULL && program->null_word.n == 0)
            program->empty_absent = false; /* the empty text means null */
    }
}

/* Rules of the direction that a map of one direction does not have would never be used. */
static void refuse_unused(struct compiler *c, const struct scope *s, const struct ast_decl *map,
                          const struct ast_rule *rule)
{
    for (; rule != NULL; rule = rule->next) {
        if (map->flow == FLOW_READ && rule->flow == FLOW_WRITE)
            compile_error(c, s, rule->at, "this map reads (<-): a rule with -> is never used in it");
        else if (map->flow == FLOW_WRITE && rule->flow == FLOW_READ)
            compile_error(c, s, rule->at, "this map writes (->): a rule with <- is never used in it");
        refuse_unused(c, s, map, rule->body);
    }
}

/* What its head says is about records that are read. */
static void refuse_head(struct compiler *c, const struct scope *s, const struct ast_decl *map)
{
    if (map->group != NULL && map->flow != FLOW_READ)
        compile_error(c, s, map->group->at, "a group is not written back: a map with group only reads (<-)");
    if (map->flow == FLOW_WRITE && map->each != NULL)
        compile_error(c, s, map->each->at, "this map writes (->): each is never used in it");
    if (map->flow == FLOW_WRITE && map->when != NULL)
        compile_error(c, s, map->when->at, "this map writes (->): when is never used in it");
}

static struct program *map_program(struct compiler *c, const struct ast_decl *map, enum ast_flow flow)
{
    struct program *program = program_new(c, flow == FLOW_READ ? SIDE_NATIVE : SIDE_CANONICAL);
    struct scope *s = compile_make(c, sizeof *s);
    program->decl = map;
    program->entity = map->name;
    program->stream = map->stream;
    program->hub = str_starts(map->stream, STR("hub:"));
    *s = (struct scope){
        .frame = compile_frame(c, NULL, false), .in_side = program->in_side, .source = map->source};
    s->in = s->frame->item;
    program->root = program->record = s->frame;
    spellings(c, s, map);
    struct scope *inner = s;
    struct pending *each = NULL;
    if (rules_read(c) && map->each != NULL) {
        each = rules_later_path(c, s, map->each, NULL);
        each->many = true;
        inner = rules_scope(c, s);
        inner->frame = program->record = compile_frame(c, s->frame, true);
        inner->in = inner->frame->item;
        each->items = inner->frame;
    }
    program->out = out_new(c, inner->frame);
    program->out->kind = OUT_OBJECT;
    inner->out = program->out;
    struct pending *when = rules_read(c) && map->when != NULL ? rules_later(c, inner, map->when) : NULL;
    rules_compile(c, inner, map->body);
    refuse_head(c, s, map);
    refuse_unused(c, inner, map, map->body);
    program_finish(c);
    if (each != NULL)
        program->each = each->code;
    if (when != NULL)
        program->when = when->code;
    program_refuse_circles(c, s, program->out);
    program_refuse_conflicts(c, s, program->out);
    return program;
}

/* HUB: with the envelope of a record. */
static struct program *expr_program(struct compiler *c, const struct ast_expr *x, enum ast_side side,
                                    bool checks, bool hub, struct code **code)
{
    struct program *program = program_new(c, side);
    struct scope s = {.frame = compile_frame(c, NULL, false), .in_side = side, .source = x->source};
    s.in = s.frame->item;
    program->hub = hub;
    program->root = hub ? s.frame : NULL;
    c->checks = checks;
    *code = compile_scalar(c, &s, x);
    program_finish(c);
    return program;
}

static struct program *within_program(struct compiler *c, const struct ast_expr *x, unsigned outer,
                                      struct code **code)
{
    struct program *program = program_new(c, SIDE_NATIVE);
    struct scope *s = compile_make(c, (outer + 2) * sizeof *s);
    for (unsigned i = 0; i < outer + 2; i++) {
        s[i] = (struct scope){
            .frame = compile_frame(c, NULL, false), .in_side = SIDE_NATIVE, .source = x->source};
        s[i].in = s[i].frame->item;
        s[i].up = i < outer ? &s[i + 1] : NULL;
    }
    c->names_scope = &s[outer + 1];
    *code = compile_code(c, &s[0], x);
    program_finish(c);
    return program;
}

static struct program *path_program(struct compiler *c, const struct ast_path *path, struct code **code)
{
    struct program *program = program_new(c, path->side);
    const struct source_text nowhere = {0};
    struct scope s = {.frame = compile_frame(c, NULL, false), .in_side = path->side, .source = &nowhere};
    s.in = s.frame->item;
    *code = compile_single(c, compile_in_path(c, &s, path, NULL));
    program_finish(c);
    return program;
}

/* Each compilation ends here when its arena is full. */
struct program *compile_map(struct compiler *c, const struct ast_decl *map, enum ast_flow flow)
{
    jmp_buf full;
    c->out_of_memory = &full;
    return setjmp(full) == 0 ? map_program(c, map, flow) : NULL;
}

struct program *compile_expr(struct compiler *c, const struct ast_expr *x, enum ast_side side, bool checks,
                             struct code **code)
{
    jmp_buf full;
    c->out_of_memory = &full;
    return setjmp(full) == 0 ? expr_program(c, x, side, checks, false, code) : NULL;
}

struct program *compile_expr_of_record(struct compiler *c, const struct ast_expr *x, enum ast_side side,
                                       struct code **code)
{
    jmp_buf full;
    c->out_of_memory = &full;
    return setjmp(full) == 0 ? expr_program(c, x, side, false, true, code) : NULL;
}

struct program *compile_expr_within(struct compiler *c, const struct ast_expr *x, unsigned outer,
                                    struct code **code)
{
    jmp_buf full;
    c->out_of_memory = &full;
    return setjmp(full) == 0 ? within_program(c, x, outer, code) : NULL;
}

struct program *compile_path_on(struct compiler *c, const struct ast_path *path, struct code **code)
{
    jmp_buf full;
    c->out_of_memory = &full;
    return setjmp(full) == 0 ? path_program(c, path, code) : NULL;
}
