#include <stdio.h>
#include <stdlib.h>

#include "canon/compile.h"
#include "canon/function.h"

enum { COMPILE_DEPTH = 400 };

void compile_error(struct compiler *c, const struct scope *s, size_t at, const char *fmt, ...)
{
    char message[400];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    diag_add(c->diags, s->source, at, "%s", n >= 0 ? message : "");
}

void *compile_make(struct compiler *c, size_t size)
{
    void *made = arena_alloc(c->arena, size);
    if (made == NULL)
        abort(); /* the arena of a map has no maximum below that of the process */
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

static const struct json_node *param_value(struct compiler *c, const struct scope *s, struct str name, size_t at)
{
    const struct json_node *given = c->param != NULL ? c->param(c->arg, name) : NULL;
    if (given != NULL)
        return given;
    for (const struct ast_decl *d = c->decls; d != NULL; d = d->next) {
        if (d->kind == DECL_PARAM && str_eq(d->name, name) && d->literal != NULL)
            return compile_literal(c, s, d->literal);
        if (d->kind == DECL_PARAM && str_eq(d->name, name)) {
            compile_error(c, s, at, "the parameter %.*s has no value: give it with -D %.*s=VALUE", (int)name.n, name.p,
                          (int)name.n, name.p);
            return NULL;
        }
    }
    compile_error(c, s, at, "no parameter is called %s: declare it with param", err_quote(name));
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
    case X_PARAM: return param_value(c, s, x->name, x->at);
    case X_NEGATE: *node = json_clean_node(arena_printf(c->arena, "-%.*s", (int)x->arg[0]->name.n, x->arg[0]->name.p)); return node;
    default: compile_error(c, s, x->at, "a literal is due here"); return NULL;
    }
}

static const struct json_node *bound(const struct scope *s, const struct ast_path *path)
{
    if (path->root || path->up > 0 || path->side != SIDE_CANONICAL || path->steps == NULL || path->steps->next != NULL ||
        path->steps->kind != STEP_KEY || path->steps->key.nholes > 0)
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
                                            : x->kind == X_PARAM ? param_value(c, s, x->name, x->at)
                                                                 : NULL;
            if (value == NULL || value->type != JSON_STRING) {
                compile_error(c, s, at, "a hole in a key can hold an argument of the shape, a parameter, or nth in [a..b]");
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

static struct scope *scope_of(struct scope *s, const struct ast_path *path)
{
    for (unsigned up = path->up; up > 0 && s->up != NULL; up--)
        s = s->up;
    while (path->root && s->up != NULL)
        s = s->up;
    return s;
}

/* The scope whose input the path reads, or NULL where it names something of the output. */
static struct scope *input_scope(struct compiler *c, struct scope *s, const struct ast_path *path)
{
    s = scope_of(s, path);
    if (path->side != c->program->in_side)
        return s->in_side == path->side ? s : NULL;
    while (s->in_side != path->side && s->up != NULL)
        s = s->up;
    return s;
}

static bool is_envelope(struct compiler *c, const struct scope *s, const struct ast_step *step)
{
    static const struct str names[] = {STR("id"), STR("source"), STR("entity")};
    if (step->kind != STEP_KEY || step->key.nholes > 0 || s->in->kind != POINT_ITEM ||
        c->program->root == NULL || s->in->frame != c->program->root)
        return false;
    for (size_t i = 0; i < (c->program->hub ? 3 : 1); i++) {
        if (str_eq(step->key.literal[0], names[i]))
            return true;
    }
    return false;
}

/* `id` of a canonical record (and in rules on it source and entity) stand in its envelope. */
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

static struct code *condition(struct compiler *c, struct scope *s, const struct ast_step *step, enum ast_side side,
                              struct frame_def **frame)
{
    struct scope inner = *s;
    *frame = compile_frame(c, s->frame, false);
    inner.up = s;
    inner.frame = *frame;
    inner.in = (*frame)->item;
    inner.in_side = side;
    inner.out = NULL;
    return compile_scalar(c, &inner, step->cond);
}

static struct in_step *input_steps(struct compiler *c, struct scope *s, const struct ast_step *step, enum ast_side side,
                                   bool *many)
{
    struct in_step *first = NULL, **tail = &first;
    bool behind_list = false;
    for (; step != NULL; step = step->next) {
        struct in_step *made = compile_make(c, sizeof *made);
        made->kind = step->kind;
        made->index = step->from;
        switch (step->kind) {
        case STEP_KEY: made->key = compile_key(c, s, &step->key, step->at); break;
        case STEP_FILTER: made->cond = condition(c, s, step, side, &made->frame); break;
        case STEP_RANGE: compile_error(c, s, step->at, "[a..b] can stand only on the canonical side of a block"); break;
        case STEP_INDEX: made->picks = behind_list; break;
        default: break;
        }
        behind_list = step->kind == STEP_EACH || step->kind == STEP_FILTER;
        if (behind_list || step->kind == STEP_ANY)
            *many = true;
        else if (made->picks || step->kind == STEP_ALIKE)
            *many = false;
        /* [*] says of all that follows that it is alike: what it reaches is reduced at the end. */
        *tail = made;
        tail = &made->next;
    }
    return first;
}

static struct in_path *input_path(struct compiler *c, struct scope *at, struct scope *s, const struct ast_path *path)
{
    struct in_path *made = compile_make(c, sizeof *made);
    const struct ast_step *step = path->steps;
    made->next = c->program->paths;
    c->program->paths = made;
    made->ast = path;
    made->side = path->side;
    made->point = at->in;
    if (step != NULL && (path->side == SIDE_CANONICAL || c->program->hub) && is_envelope(c, at, step)) {
        made->point = envelope_point(c, at, step->key.literal[0]);
        step = step->next;
    }
    for (; step != NULL && (step->kind == STEP_KEY || step->kind == STEP_INDEX); step = step->next) {
        if (step->kind == STEP_INDEX) {
            made->point = compile_index_point(c, made->point, step->from);
        } else {
            struct str key = compile_key(c, s, &step->key, step->at);
            if (key.p != NULL)
                made->point = compile_key_point(c, made->point, key);
        }
    }
    made->steps = input_steps(c, s, step, at->in_side, &made->many);
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

static struct code *constant(struct compiler *c, const struct ast_expr *x, const struct json_node *value)
{
    struct code *made = compile_op(c, OP_CONST, x, 0);
    made->constant = value;
    return made;
}

struct code *compile_in_path(struct compiler *c, struct scope *s, const struct ast_path *path, const struct ast_expr *x)
{
    const struct json_node *argument = bound(s, path);
    if (argument != NULL)
        return constant(c, x, argument);
    struct scope *at = input_scope(c, s, path);
    if (at == NULL) {
        struct code *made = compile_op(c, OP_FIELD, x, 0);
        made->field = compile_out_field(c, s, path);
        return made;
    }
    struct code *made = compile_op(c, OP_PATH, x, 0);
    made->path = input_path(c, at, s, path);
    made->many = made->path->many;
    return made;
}

struct point *compile_path_point(struct compiler *c, struct scope *s, const struct ast_path *path)
{
    struct scope *at = input_scope(c, s, path);
    if (at == NULL) {
        compile_error(c, s, path->at, "a block cannot be read from what it makes");
        return s->in;
    }
    struct in_path *made = input_path(c, at, s, path);
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

/* ---- codecs ---- */

static const struct ast_decl *find_decl(const struct compiler *c, enum ast_decl_kind kind, struct str name)
{
    for (const struct ast_decl *d = c->decls; d != NULL; d = d->next) {
        if (d->kind == kind && str_eq(d->name, name))
            return d;
    }
    return NULL;
}

static void unknown_name(struct compiler *c, const struct scope *s, size_t at, const char *what, struct str name,
                         bool functions)
{
    struct str names[256];
    size_t n = 0;
    for (const struct codec *k = codec_table; !functions && k->name != NULL && n < 256; k++)
        names[n++] = str_of(k->name);
    for (const struct function *f = function_table; functions && f->name != NULL && n < 256; f++)
        names[n++] = str_of(f->name);
    for (const struct ast_decl *d = c->decls; d != NULL && n < 256; d = d->next) {
        if (d->kind == DECL_TABLE || (!functions && (d->kind == DECL_ENUM || d->kind == DECL_CODEC)))
            names[n++] = d->name;
    }
    struct str near = nearest_name(name, names, n);
    if (near.p != NULL)
        compile_error(c, s, at, "no %s is called %s; did you mean %.*s?", what, err_quote(name), (int)near.n, near.p);
    else
        compile_error(c, s, at, "no %s is called %s", what, err_quote(name));
}

static struct code *lookup_code(struct compiler *c, struct code *in, struct lookup *lookup, bool decode)
{
    struct code *made = compile_op(c, decode ? OP_LOOKUP : OP_REVERSE, in->ast, 2);
    made->lookup = lookup;
    made->many = in->many;
    made->arg[0] = in;
    return made;
}

static void bind_arguments(struct compiler *c, struct scope *s, struct code *made, const struct ast_codec *codec)
{
    struct codec_use *use = made->use;
    for (size_t i = 0; i < codec->nargs; i++) {
        struct code *arg = compile_scalar(c, s, codec->arg[i]);
        made->arg[i + 1] = arg;
        if (arg->op == OP_CONST) {
            use->arg[i] = arg->constant;
            use->literal |= 1u << i;
        }
    }
    use->nargs = codec->nargs;
    struct err e = {0};
    if (use->codec->bind != NULL && use->codec->bind(use, c->arena, &e) == -1)
        compile_error(c, s, codec->at, "%s: %s", use->codec->name, e.message);
}

static struct code *codec_code(struct compiler *c, struct scope *s, struct code *in, const struct ast_codec *codec,
                               bool decode)
{
    const struct ast_decl *decl = NULL;
    struct lookup *lookup = compile_lookup(c, s, codec->name, &decl);
    if (lookup != NULL) {
        if (decl->kind == DECL_TABLE && decl->value == NULL)
            compile_error(c, s, codec->at, "the table %.*s has no value: give it one, or use it as a function", (int)codec->name.n,
                          codec->name.p);
        return lookup_code(c, in, lookup, decode);
    }
    const struct codec *found = codec_find(codec->name);
    if (found == NULL) {
        unknown_name(c, s, codec->at, "codec", codec->name, false);
        return in;
    }
    if (codec->nargs < found->least || codec->nargs > found->most) {
        compile_error(c, s, codec->at, "%s takes %u to %u arguments, not %zu", found->name, found->least, found->most,
                      codec->nargs);
        return in;
    }
    struct code *made = compile_op(c, decode ? OP_DECODE : OP_ENCODE, in->ast, codec->nargs + 1);
    made->arg[0] = in;
    made->many = in->many;
    made->use = compile_make(c, sizeof *made->use);
    made->use->codec = found;
    bind_arguments(c, s, made, codec);
    return made;
}

/* A codec of the file stands for its chain. */
static struct code *named_or_built_in(struct compiler *c, struct scope *s, struct code *in, const struct ast_codec *codec,
                                      bool decode)
{
    const struct ast_decl *named = codec->nargs == 0 ? find_decl(c, DECL_CODEC, codec->name) : NULL;
    if (named == NULL)
        return codec_code(c, s, in, codec, decode);
    if (++c->depth > 32) {
        compile_error(c, s, codec->at, "the codec %.*s is made of itself", (int)codec->name.n, codec->name.p);
    } else {
        struct scope there = *s;
        there.source = named->source;
        in = compile_chain(c, &there, in, named->chain, decode);
    }
    c->depth--;
    return in;
}

struct code *compile_chain(struct compiler *c, struct scope *s, struct code *in, const struct ast_codec *chain, bool decode)
{
    if (chain == NULL)
        return in;
    if (decode)
        return compile_chain(c, s, named_or_built_in(c, s, in, chain, true), chain->next, true);
    return named_or_built_in(c, s, compile_chain(c, s, in, chain->next, false), chain, false);
}

/* ---- calls ---- */

static struct code *steps_on(struct compiler *c, struct scope *s, struct code *value, const struct ast_step *steps)
{
    if (steps == NULL)
        return value;
    struct code *made = compile_op(c, OP_STEPS, value->ast, 1);
    made->arg[0] = value;
    made->many = value->many;
    made->steps = input_steps(c, s, steps, SIDE_NATIVE, &made->many);
    return made;
}

static struct code *row_code(struct compiler *c, struct scope *s, const struct ast_expr *x, struct lookup *table)
{
    struct code *made = compile_op(c, OP_ROW, x, 1);
    made->lookup = table;
    if (x->nargs != 1) {
        compile_error(c, s, x->at, "a table takes one argument: the key");
        return constant(c, x, NULL);
    }
    made->arg[0] = compile_scalar(c, s, x->arg[0]);
    return made;
}

static struct code *call_code(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    const struct ast_decl *decl = NULL;
    struct lookup *lookup = compile_lookup(c, s, x->name, &decl);
    if (lookup != NULL && decl->kind == DECL_TABLE)
        return row_code(c, s, x, lookup);
    const struct function *f = function_find(x->name);
    if (f == NULL) {
        unknown_name(c, s, x->at, "function", x->name, true);
        return constant(c, x, NULL);
    }
    if (x->nargs < f->least || x->nargs > f->most) {
        compile_error(c, s, x->at, "%s takes %u to %u arguments, not %zu", f->name, f->least, f->most, x->nargs);
        return constant(c, x, NULL);
    }
    struct code *made = compile_op(c, OP_CALL, x, x->nargs);
    made->function = f;
    made->numeric = f->numeric;
    for (size_t i = 0; i < x->nargs; i++) {
        struct scope inner = *s;
        if (i == 1 && f->each) {
            made->frame = compile_frame(c, s->frame, true);
            inner.up = s;
            inner.frame = made->frame;
            inner.in = made->frame->item;
            inner.in_side = made->arg[0]->op == OP_PATH ? made->arg[0]->path->side : SIDE_NATIVE;
            inner.out = NULL;
        }
        made->arg[i] = f->lists >> i & 1 ? compile_code(c, &inner, x->arg[i]) : compile_scalar(c, &inner, x->arg[i]);
    }
    return made;
}

/* ---- expressions ---- */

static struct code *text_code(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    if (x->text.nholes == 0)
        return constant(c, x, compile_literal(c, s, x));
    struct code *made = compile_op(c, OP_TEXT, x, x->text.nholes);
    made->literal = x->text.literal;
    for (size_t i = 0; i < x->text.nholes; i++)
        made->arg[i] = compile_scalar(c, s, x->text.hole[i]);
    return made;
}

static struct code *nth_code(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    if (s->nth > 0) {
        struct json_node *node = compile_make(c, sizeof *node);
        *node = json_clean_node(arena_printf(c->arena, "%u", s->nth));
        struct code *made = constant(c, x, node);
        made->numeric = true;
        return made;
    }
    struct frame_def *f = s->frame;
    while (f != NULL && !f->of_list)
        f = f->up;
    if (f == NULL)
        compile_error(c, s, x->at, "nth has a meaning only inside of a list or of [a..b]");
    struct code *made = compile_op(c, OP_NTH, x, 0);
    made->frame = f;
    made->numeric = true;
    return made;
}

static struct code *binary_code(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    static const struct {
        const char *name;
        enum code_op op;
        bool numeric;
    } operators[] = {{"+", OP_ADD, true},           {"-", OP_SUBTRACT, true}, {"*", OP_MULTIPLY, true},
                     {"==", OP_EQUAL, false},       {"!=", OP_UNEQUAL, false}, {"<", OP_LESS, false},
                     {"<=", OP_LESS_EQUAL, false},  {">", OP_GREATER, false}, {">=", OP_GREATER_EQUAL, false},
                     {"&&", OP_AND, false},         {"||", OP_OR, false}};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (str_eq(x->name, str_of(operators[i].name))) {
            struct code *made = compile_op(c, operators[i].op, x, 2);
            made->numeric = operators[i].numeric;
            made->arg[0] = compile_scalar(c, s, x->arg[0]);
            made->arg[1] = compile_scalar(c, s, x->arg[1]);
            return made;
        }
    }
    compile_error(c, s, x->at, "no operator is called %s", err_quote(x->name));
    return constant(c, x, NULL);
}

static struct code *either_code(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    struct code *made = compile_op(c, x->kind == X_OR ? OP_ALTERNATIVE : OP_ELSE, x, 2);
    made->arg[0] = compile_code(c, s, x->arg[0]);
    made->numeric = made->arg[0]->numeric;
    made->many = made->arg[0]->many;
    if (x->nargs > 1) {
        made->arg[1] = compile_code(c, s, x->arg[1]);
        made->numeric |= made->arg[1]->numeric;
        made->many |= made->arg[1]->many;
    }
    return made;
}

static struct code *unary_code(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    struct code *made = compile_op(c, x->kind == X_NEGATE ? OP_NEGATE : OP_NOT, x, 1);
    made->numeric = x->kind == X_NEGATE;
    made->arg[0] = compile_scalar(c, s, x->arg[0]);
    return made;
}

static struct code *any_code(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    switch (x->kind) {
    case X_TEXT: return text_code(c, s, x);
    case X_NUMBER: {
        struct code *made = constant(c, x, compile_literal(c, s, x));
        made->numeric = true;
        return made;
    }
    case X_NULL:
    case X_TRUE:
    case X_FALSE: return constant(c, x, compile_literal(c, s, x));
    case X_NTH: return nth_code(c, s, x);
    case X_PARAM: return constant(c, x, param_value(c, s, x->name, x->at));
    case X_PATH: return compile_in_path(c, s, x->path, x);
    case X_CALL: return steps_on(c, s, call_code(c, s, x), x->steps);
    case X_STEPS: return steps_on(c, s, compile_code(c, s, x->arg[0]), x->steps);
    case X_DECODE:
    case X_ENCODE: {
        /* One codec here: what follows it in a chain is a node of its own. */
        struct ast_codec one = *x->codec;
        one.next = NULL;
        return compile_chain(c, s, compile_code(c, s, x->arg[0]), &one, x->kind == X_DECODE);
    }
    case X_NEGATE:
    case X_NOT: return unary_code(c, s, x);
    case X_BINARY: return binary_code(c, s, x);
    case X_OR:
    case X_ELSE: return either_code(c, s, x);
    }
    return constant(c, x, NULL);
}

struct code *compile_code(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    if (x == NULL)
        return constant(c, x, NULL);
    if (++c->depth > COMPILE_DEPTH) {
        compile_error(c, s, x->at, "nested too deep");
        c->depth--;
        return constant(c, x, NULL);
    }
    struct code *made = any_code(c, s, x);
    c->depth--;
    return made;
}

struct code *compile_scalar(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    return compile_single(c, compile_code(c, s, x));
}
