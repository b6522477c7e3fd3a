#include <stdio.h>

#include "canon/compile.h"

void compile_error(struct compiler *c, const struct scope *s, size_t at, const char *fmt, ...)
{
    char message[400];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    diag_add(c->diags, s->source, at, "%s", n >= 0 ? message : "");
}

void compile_unknown(struct compiler *c, const struct scope *s, size_t at, const char *what, struct str name,
                     unsigned kinds, const struct str *names, size_t n)
{
    struct str all[256];
    size_t count = 0;
    while (count < n && count < sizeof all / sizeof *all) {
        all[count] = names[count];
        count++;
    }
    for (const struct ast_decl *d = c->decls; d != NULL && count < sizeof all / sizeof *all; d = d->next) {
        if (kinds >> d->kind & 1)
            all[count++] = d->name;
    }
    struct str near = nearest_name(name, all, count);
    if (near.p != NULL)
        compile_error(c, s, at, "no %s is called %s; did you mean %.*s?", what, err_quote(name), (int)near.n,
                      near.p);
    else
        compile_error(c, s, at, "no %s is called %s", what, err_quote(name));
}

void *compile_make(struct compiler *c, size_t size)
{
    void *made = arena_alloc(c->arena, size);
    if (made == NULL)
        longjmp(*c->out_of_memory, 1);
    return made;
}

/* ---- frames and points ---- */

static struct point *new_point(struct compiler *c, enum point_kind kind, struct frame_def *frame)
{
    struct point *p = compile_make(c, sizeof *p);
    p->kind = kind;
    p->frame = frame;
    frame->npoints++;
    return p;
}

struct frame_def *compile_frame(struct compiler *c, struct frame_def *up, bool of_list)
{
    struct frame_def *f = compile_make(c, sizeof *f);
    f->up = up;
    f->of_list = of_list;
    f->index = c->program->nframes++;
    f->next = c->program->frames;
    c->program->frames = f;
    f->item = new_point(c, POINT_ITEM, f);
    return f;
}

static struct point *add_child(struct point *parent, struct point *p)
{
    p->parent = parent;
    struct point **tail = &parent->children;
    while (*tail != NULL)
        tail = &(*tail)->sibling;
    *tail = p;
    return p;
}

struct point *compile_key_point(struct compiler *c, struct point *parent, struct str key)
{
    for (struct point *p = parent->children; p != NULL; p = p->sibling) {
        if (p->kind == POINT_KEY && str_eq(p->key, key))
            return p;
    }
    struct point *p = new_point(c, POINT_KEY, parent->frame);
    p->key = key;
    parent->nkeys++;
    return add_child(parent, p);
}

struct point *compile_index_point(struct compiler *c, struct point *parent, unsigned index)
{
    for (struct point *p = parent->children; p != NULL; p = p->sibling) {
        if (p->kind == POINT_INDEX && p->index == index)
            return p;
    }
    struct point *p = new_point(c, POINT_INDEX, parent->frame);
    p->index = index;
    return add_child(parent, p);
}

/* ---- names that are known when compiled ---- */

const struct json_node *compile_param(struct compiler *c, const struct scope *s, struct str name, size_t at)
{
    const struct json_node *given = c->param != NULL ? c->param(c->arg, name) : NULL;
    if (given != NULL)
        return given;
    for (const struct ast_decl *d = c->decls; d != NULL; d = d->next) {
        if (d->kind != DECL_PARAM || !str_eq(d->name, name))
            continue;
        if (d->literal != NULL)
            return compile_literal(c, s, d->literal);
        if (!d->broken && !c->looks) {
            compile_error(c, s, at, "the parameter %.*s has no value: give it with -D %.*s=VALUE",
                          (int)name.n, name.p, (int)name.n, name.p);
        }
        return NULL;
    }
    struct str declared[64];
    size_t n = 0;
    for (const struct ast_decl *d = c->decls; d != NULL && n < sizeof declared / sizeof *declared;
         d = d->next) {
        if (d->kind == DECL_PARAM)
            declared[n++] = d->name;
    }
    struct str near = nearest_name(name, declared, n);
    if (near.p != NULL)
        compile_error(c, s, at, "no parameter is called %s; did you mean @%.*s?", err_quote(name),
                      (int)near.n, near.p);
    else
        compile_error(c, s, at,
                      "no parameter is called %s: declare it with param, or give it with -D %.*s=VALUE",
                      err_quote(name), (int)name.n, name.p);
    return NULL;
}

const struct json_node *compile_literal(struct compiler *c, const struct scope *s, const struct ast_expr *x)
{
    struct json_node *node = compile_make(c, sizeof *node);
    if (x == NULL)
        return NULL;
    switch (x->kind) {
    case X_TEXT: *node = json_string_node(x->text.literal[0]); return node;
    case X_NUMBER: *node = json_clean_node(x->name); return node;
    case X_NULL: *node = json_literal_node(JSON_NULL); return node;
    case X_TRUE: *node = json_literal_node(JSON_TRUE); return node;
    case X_FALSE: *node = json_literal_node(JSON_FALSE); return node;
    case X_PARAM: return compile_param(c, s, x->name, x->at);
    case X_NEGATE:
        *node = json_clean_node(arena_printf(c->arena, "-%.*s", (int)x->arg[0]->name.n, x->arg[0]->name.p));
        return node;
    default: compile_error(c, s, x->at, "a literal is due here"); return NULL;
    }
}

static const struct json_node *bound(const struct scope *s, const struct ast_path *path)
{
    if (path->root || path->up > 0 || path->side != SIDE_CANONICAL || path->steps == NULL ||
        path->steps->next != NULL || path->steps->kind != STEP_KEY || path->steps->key.nholes > 0)
        return NULL;
    for (const struct binding *b = s->bindings; b != NULL; b = b->next) {
        if (str_eq(b->name, path->steps->key.literal[0]))
            return b->value;
    }
    return NULL;
}

struct str compile_key(struct compiler *c, const struct scope *s, const struct ast_text *key, size_t at)
{
    struct buf text;
    buf_init(&text, 1 << 16);
    buf_put(&text, key->literal[0]);
    for (size_t i = 0; i < key->nholes; i++) {
        const struct ast_expr *x = key->hole[i];
        if (x->kind == X_NTH && s->nth > 0) {
            buf_u64(&text, s->nth);
        } else {
            const struct json_node *value = x->kind == X_PATH    ? bound(s, x->path)
                                            : x->kind == X_PARAM ? compile_param(c, s, x->name, x->at)
                                                                 : NULL;
            if (value == NULL || value->type != JSON_STRING) {
                compile_error(
                    c, s, at,
                    "a hole in a key can hold an argument of the shape, a parameter, or nth in [a..b]");
                buf_release(&text);
                return (struct str){0};
            }
            buf_put(&text, json_text(value));
        }
        buf_put(&text, key->literal[i + 1]);
    }
    struct str out = arena_str(c->arena, buf_str(&text));
    if (text.p == NULL)
        out = STR("");
    buf_release(&text);
    return out;
}

/* ---- paths ---- */

static struct scope *scope_of(struct compiler *c, struct scope *s, const struct ast_path *path)
{
    const struct scope *here = s;
    unsigned up = path->up;
    for (; up > 0 && s->up != NULL; up--)
        s = s->up;
    if (up > 0)
        compile_error(c, here, path->at, "fewer blocks than that are around this: %.*s", (int)path->text.n,
                      path->text.p);
    while (path->root && s->up != NULL)
        s = s->up;
    return s;
}

/* The scope whose input the path reads, or NULL where it names something of the output. */
static struct scope *input_scope(struct compiler *c, struct scope *s, const struct ast_path *path)
{
    if (c->names != NULL && path->side == SIDE_CANONICAL)
        return c->names_scope;
    s = scope_of(c, s, path);
    if (s->in_side == path->side || c->program->template)
        return s;
    if (path->side != c->program->in_side)
        return NULL;
    while (s->in_side != path->side && s->up != NULL)
        s = s->up;
    return s;
}

/* How many names of the envelope, in the order of is_envelope, a path of SIDE reads from the envelope. */
static size_t envelope_members(const struct program *program, enum ast_side side)
{
    if (program->template)
        return side == SIDE_NATIVE ? 6 : 1;
    return program->hub ? 3 : side == SIDE_CANONICAL;
}

static bool is_envelope(const struct compiler *c, const struct scope *s, enum ast_side side,
                        const struct ast_step *step)
{
    static const struct str names[] = {STR("id"), STR("source"), STR("entity"),
                                       STR("op"), STR("before"), STR("after")};
    if (step->kind != STEP_KEY || step->key.nholes > 0 || s->in->kind != POINT_ITEM ||
        c->program->root == NULL || s->in->frame != c->program->root)
        return false;
    for (size_t i = 0; i < envelope_members(c->program, side); i++) {
        if (str_eq(step->key.literal[0], names[i]))
            return true;
    }
    return false;
}

/* `id` of a canonical record (and in rules on it source and entity, and what templates ask) stand in its
 * envelope. */
static struct point *envelope_point(struct compiler *c, struct scope *s, struct str name)
{
    for (struct point *p = s->in->children; p != NULL; p = p->sibling) {
        if (p->kind == POINT_ENVELOPE && str_eq(p->key, name))
            return p;
    }
    struct point *p = new_point(c, POINT_ENVELOPE, s->in->frame);
    p->key = name;
    return add_child(s->in, p);
}

static struct code *condition(struct compiler *c, struct scope *s, const struct ast_step *step,
                              enum ast_side side, struct frame_def **frame)
{
    struct scope inner = *s;
    *frame = compile_frame(c, s->frame, false);
    inner.up = s;
    inner.frame = *frame;
    inner.in = (*frame)->item;
    inner.in_side = side;
    inner.out = NULL;
    struct code *made = compile_scalar(c, &inner, step->cond);
    if (made->numeric)
        compile_error(c, s, step->at, "[ ] holds a condition, or the number of an item, counted from 0");
    return made;
}

struct in_step *compile_in_steps(struct compiler *c, struct scope *s, const struct ast_step *step,
                                 enum ast_side side, bool *many)
{
    struct in_step *first = NULL, **tail = &first, **run = NULL; /* run: of steps that give many */
    bool behind_list = false;
    size_t lists = 0; /* in the run */
    for (; step != NULL; step = step->next) {
        struct in_step *made = compile_make(c, sizeof *made);
        made->kind = step->kind;
        made->index = step->from;
        switch (step->kind) {
        case STEP_KEY: made->key = compile_key(c, s, &step->key, step->at); break;
        case STEP_FILTER: made->cond = condition(c, s, step, side, &made->frame); break;
        case STEP_RANGE:
            compile_error(c, s, step->at, "[a..b] can stand only on the canonical side of a block");
            break;
        case STEP_INDEX: made->picks = behind_list; break;
        default: break;
        }
        behind_list = step->kind == STEP_EACH || step->kind == STEP_FILTER;
        if (made->picks && lists > 1) {
            made->of = *run;
            tail = run;
        }
        if (behind_list || step->kind == STEP_ANY) {
            *many = true;
            run = lists++ == 0 ? tail : run;
        } else if (made->picks || step->kind == STEP_ALIKE) {
            *many = false;
            lists = 0;
        }
        /* [*] says of all that follows that it is alike: what it reaches is reduced at the end. */
        *tail = made;
        tail = &made->next;
    }
    return first;
}

/* The steps of PATH behind what it reads of the envelope, where MADE begins then. */
static const struct ast_step *enter_envelope(struct compiler *c, struct scope *at,
                                             const struct ast_path *path, struct in_path *made)
{
    const struct ast_step *step = path->steps;
    if (step == NULL || !is_envelope(c, at, path->side, step))
        return step;
    made->point = envelope_point(c, at, step->key.literal[0]);
    return step->next;
}

static struct in_path *input_path(struct compiler *c, struct scope *at, struct scope *s,
                                  const struct ast_path *path)
{
    struct in_path *made = compile_make(c, sizeof *made);
    made->next = c->program->paths;
    c->program->paths = made;
    made->ast = path;
    made->side = path->side;
    made->point = at->in;
    const struct ast_step *step = enter_envelope(c, at, path, made);
    for (; step != NULL && (step->kind == STEP_KEY || step->kind == STEP_INDEX); step = step->next) {
        if (step->kind == STEP_INDEX) {
            made->point = compile_index_point(c, made->point, step->from);
        } else {
            struct str key = compile_key(c, s, &step->key, step->at);
            if (key.p != NULL)
                made->point = compile_key_point(c, made->point, key);
        }
    }
    made->steps = compile_in_steps(c, s, step, at->in_side, &made->many);
    return made;
}

struct code *compile_op(struct compiler *c, enum code_op op, const struct ast_expr *x, size_t nargs)
{
    struct code *made = compile_make(c, sizeof *made);
    made->op = (uint8_t)op;
    made->ast = x;
    made->nargs = (unsigned)nargs;
    made->checked = c->checks;
    if (nargs > 0)
        made->arg = compile_make(c, nargs * sizeof *made->arg);
    return made;
}

struct code *compile_constant(struct compiler *c, const struct ast_expr *x, const struct json_node *value)
{
    struct code *made = compile_op(c, OP_CONST, x, 0);
    made->constant = value;
    return made;
}

/* What the envelope of the record that is read has under NAME. PATH: as it was written; NULL: it was not. */
static struct code *of_envelope(struct compiler *c, struct scope *s, struct str name,
                                const struct ast_path *path, const struct ast_expr *x)
{
    while (s->up != NULL)
        s = s->up;
    struct in_path *made = compile_make(c, sizeof *made);
    made->next = c->program->paths;
    c->program->paths = made;
    made->ast = path;
    made->side = path != NULL ? path->side : s->in_side;
    made->point = envelope_point(c, s, name);
    struct code *code = compile_op(c, OP_PATH, x, 0);
    code->path = made;
    return code;
}

struct code *compile_source(struct compiler *c, struct scope *s)
{
    return of_envelope(c, s, STR("source"), NULL, NULL);
}

/* A field that another rule makes, or what is in it. */
static struct code *field_code(struct compiler *c, struct scope *s, const struct ast_path *path,
                               const struct ast_expr *x)
{
    const struct ast_step *rest = NULL;
    struct code *field = compile_op(c, OP_FIELD, x, 0);
    field->field = compile_out_field(c, s, path, &rest);
    if (rest == NULL)
        return field;
    struct code *made = compile_op(c, OP_STEPS, x, 1);
    made->arg[0] = field;
    made->steps = compile_in_steps(c, s, rest, SIDE_CANONICAL, &made->many);
    return made;
}

/* Of an expression of system.json: a bare name must be one of the hub's. */
static void check_name(struct compiler *c, struct scope *s, const struct ast_path *path)
{
    struct str name = path->steps->key.literal[0];
    for (size_t i = 0; i < c->names->nnames; i++)
        if (str_eq(c->names->name[i], name))
            return;
    struct str near = nearest_name(name, c->names->name, c->names->nnames);
    compile_error(c, s, path->at,
                  near.p != NULL ? "no name is %s here; did you mean %s?" : "no name is %s here",
                  err_quote(name), err_quote(near));
}

struct code *compile_variable(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    const struct expr_names *names = c->names;
    size_t i = 0;
    while (i < names->nvariables && !str_eq(names->variable[i], x->name))
        i++;
    if (i == names->nvariables) {
        struct str near = nearest_name(x->name, names->variable, names->nvariables);
        compile_error(c, s, x->at,
                      near.p != NULL ? "no variable is called %s; did you mean %s?"
                                     : "no variable is called %s: name it in vars or secrets",
                      err_quote(x->name), err_quote(near));
        return compile_constant(c, x, NULL);
    }
    struct str key = arena_printf(c->arena, "@%.*s", (int)x->name.n, x->name.p);
    struct in_path *path = compile_make(c, sizeof *path);
    path->next = c->program->paths;
    c->program->paths = path;
    path->side = SIDE_CANONICAL;
    path->point = compile_key_point(c, c->names_scope->in, key);
    struct code *made = compile_op(c, OP_PATH, x, 0);
    made->path = path;
    return made;
}

struct code *compile_in_path(struct compiler *c, struct scope *s, const struct ast_path *path,
                             const struct ast_expr *x)
{
    const struct json_node *argument = bound(s, path);
    if (argument != NULL)
        return compile_constant(c, x, argument);
    if (c->names != NULL && path->side == SIDE_CANONICAL)
        check_name(c, s, path);
    struct scope *at = input_scope(c, s, path);
    if (at == NULL)
        return compile_is_own_id(c, s, path) ? of_envelope(c, s, STR("id"), path, x)
                                             : field_code(c, s, path, x);
    struct code *made = compile_op(c, OP_PATH, x, 0);
    made->path = input_path(c, at, s, path);
    made->many = made->path->many;
    return made;
}

void compile_skip(struct compiler *c, struct scope *s, const struct ast_path *path)
{
    struct scope *at = input_scope(c, s, path);
    struct in_path *made = compile_make(c, sizeof *made);
    made->next = c->program->paths;
    c->program->paths = made;
    made->ast = path;
    made->side = path->side;
    made->point = at->in;
    const struct ast_step *step = enter_envelope(c, at, path, made);
    made->steps = compile_in_steps(c, s, step, at->in_side, &made->many);
}

struct point *compile_path_point(struct compiler *c, struct scope *s, const struct ast_path *path)
{
    struct scope *at = input_scope(c, s, path);
    if (at == NULL) {
        compile_error(c, s, path->at, "a block cannot be read from what it makes");
        return s->in;
    }
    struct in_path *made = input_path(c, at, s, path);
    made->enters = true;
    if (made->steps == NULL)
        return made->point;
    struct point *p = new_point(c, POINT_PATH, made->point->frame);
    p->path = made;
    return add_child(made->point, p);
}

struct code *compile_single(struct compiler *c, struct code *x)
{
    if (!x->many)
        return x;
    struct code *made = compile_op(c, OP_SINGLE, x->ast, 1);
    made->arg[0] = x;
    return made;
}
