#include "canon/compile.h"
#include "canon/function.h"

enum { COMPILE_DEPTH = 400 };

/* ---- codecs ---- */

static const struct ast_decl *find_decl(const struct compiler *c, enum ast_decl_kind kind, struct str name)
{
    for (const struct ast_decl *d = c->decls; d != NULL; d = d->next) {
        if (d->kind == kind && str_eq(d->name, name))
            return d;
    }
    return NULL;
}

static void unknown_codec(struct compiler *c, const struct scope *s, const struct ast_codec *codec)
{
    struct str names[128];
    size_t n = 0;
    for (const struct codec *k = codec_table; k->name != NULL && n < sizeof names / sizeof *names; k++)
        names[n++] = str_of(k->name);
    compile_unknown(c, s, codec->at, "codec", codec->name,
                    1u << DECL_TABLE | 1u << DECL_ENUM | 1u << DECL_CODEC, names, n);
}

static void unknown_function(struct compiler *c, const struct scope *s, const struct ast_expr *x)
{
    struct str names[128];
    size_t n = 0;
    for (const struct function *f = function_table; f->name != NULL && n < sizeof names / sizeof *names; f++)
        names[n++] = str_of(f->name);
    compile_unknown(c, s, x->at, "function", x->name, 1u << DECL_TABLE, names, n);
}

/* Whether GIVEN is a number of arguments that NAME takes; if not, it is told. */
static bool is_count_right(struct compiler *c, const struct scope *s, size_t at, struct str name,
                           unsigned least, unsigned most, size_t given)
{
    if (given >= least && given <= most)
        return true;
    if (least == most)
        compile_error(c, s, at, "%.*s takes %u argument%s, not %zu", (int)name.n, name.p, most,
                      most == 1 ? "" : "s", given);
    else
        compile_error(c, s, at, "%.*s takes %u to %u arguments, not %zu", (int)name.n, name.p, least, most,
                      given);
    return false;
}

static struct code *lookup_code(struct compiler *c, struct code *in, struct lookup *lookup,
                                enum codec_way way)
{
    struct code *made = compile_op(c, way == CODEC_READS ? OP_LOOKUP : OP_REVERSE, in->ast, 2);
    made->lookup = lookup;
    made->many = in->many;
    made->arg[0] = in;
    return made;
}

/* A number as an argument of a codec is a JSON number; NULL: X is none. */
static const struct json_node *number_argument(struct compiler *c, const struct ast_expr *x)
{
    bool negative = x->kind == X_NEGATE && x->arg[0] != NULL && x->arg[0]->kind == X_NUMBER;
    if (!negative && x->kind != X_NUMBER)
        return NULL;
    struct str digits = negative ? x->arg[0]->name : x->name;
    struct str text = arena_printf(c->arena, "%s%.*s", negative ? "-" : "", (int)digits.n, digits.p);
    struct json_node *node = compile_make(c, sizeof *node);
    *node = json_number_node(text);
    return node;
}

static void bind_arguments(struct compiler *c, struct scope *s, struct code *made,
                           const struct ast_codec *codec)
{
    struct codec_use *use = made->use;
    bool wrong = false; /* and told already */
    for (size_t i = 0; i < codec->nargs; i++) {
        const struct json_node *number = codec->arg[i] != NULL ? number_argument(c, codec->arg[i]) : NULL;
        struct code *arg =
            number != NULL ? compile_constant(c, codec->arg[i], number) : compile_scalar(c, s, codec->arg[i]);
        made->arg[i + 1] = arg;
        wrong |= arg->op == OP_CONST && arg->constant == NULL;
        if (arg->op == OP_CONST) {
            use->arg[i] = arg->constant;
            use->literal |= 1u << i;
        }
    }
    use->nargs = codec->nargs;
    if (wrong)
        return;
    struct err e = {0};
    if (use->codec->bind != NULL && use->codec->bind(use, c->arena, &e) == -1)
        compile_error(c, s, codec->at, "%s", e.message);
}

/* In a description `as text` makes a text of what was reckoned, too: nothing is read back from there. */
static struct code *spelled(struct compiler *c, struct code *in)
{
    struct code *made = compile_op(c, OP_TEXT, in->ast, 1);
    made->literal = compile_make(c, 2 * sizeof *made->literal);
    made->literal[0] = made->literal[1] = STR("");
    made->arg[0] = in;
    return made;
}

static struct code *codec_code(struct compiler *c, struct scope *s, struct code *in,
                               const struct ast_codec *codec, enum codec_way way)
{
    const struct ast_decl *decl = NULL;
    struct lookup *lookup = compile_lookup(c, s, codec->name, &decl);
    if (lookup != NULL) {
        if (!is_count_right(c, s, codec->at, codec->name, 0, 0, codec->nargs))
            return in;
        if (decl->kind == DECL_TABLE && decl->value == NULL && !decl->broken)
            compile_error(c, s, codec->at,
                          "the table %.*s has no value: give it one, or use it as a function",
                          (int)codec->name.n, codec->name.p);
        return lookup_code(c, in, lookup, way);
    }
    const struct codec *found = codec_find(codec->name);
    if (found == NULL) {
        unknown_codec(c, s, codec);
        return in;
    }
    if (!is_count_right(c, s, codec->at, str_of(found->name), found->least, found->most, codec->nargs))
        return in;
    if (way != CODEC_READS && c->names != NULL && !in->many && strcmp(found->name, "text") == 0)
        return spelled(c, in);
    struct code *made = compile_op(c, way == CODEC_READS ? OP_DECODE : OP_ENCODE, in->ast, found->most + 1);
    made->arg[0] = in;
    made->many = in->many;
    made->use = compile_make(c, sizeof *made->use);
    made->use->codec = found;
    made->use->way = way;
    if (compile_is_reference(found))
        compile_reference(c, s, made, codec);
    else
        bind_arguments(c, s, made, codec);
    return made;
}

/* A codec of the file stands for its chain. */
static struct code *named_or_built_in(struct compiler *c, struct scope *s, struct code *in,
                                      const struct ast_codec *codec, enum codec_way way)
{
    const struct ast_decl *named = find_decl(c, DECL_CODEC, codec->name);
    /* A codec of the file may be called like one that is built in, and be made of it. */
    if (named == NULL || (codec->nargs > 0 && codec_find(codec->name) != NULL))
        return codec_code(c, s, in, codec, way);
    if (!is_count_right(c, s, codec->at, codec->name, 0, 0, codec->nargs))
        return in;
    if (++c->depth > 32) {
        compile_error(c, s, codec->at, "the codec %.*s is made of itself", (int)codec->name.n, codec->name.p);
    } else {
        struct scope there = *s;
        there.source = named->source;
        in = compile_chain(c, &there, in, named->chain, way);
    }
    c->depth--;
    return in;
}

struct code *compile_chain(struct compiler *c, struct scope *s, struct code *in,
                           const struct ast_codec *chain, enum codec_way way)
{
    if (chain == NULL)
        return in;
    if (way == CODEC_READS)
        return compile_chain(c, s, named_or_built_in(c, s, in, chain, way), chain->next, way);
    return named_or_built_in(c, s, compile_chain(c, s, in, chain->next, way), chain, way);
}

/* ---- calls ---- */

static struct code *steps_on(struct compiler *c, struct scope *s, struct code *value,
                             const struct ast_step *steps)
{
    if (steps == NULL)
        return value;
    struct code *made = compile_op(c, OP_STEPS, value->ast, 1);
    made->arg[0] = value;
    made->many = value->many;
    made->steps = compile_in_steps(c, s, steps, SIDE_NATIVE, &made->many);
    return made;
}

static struct code *row_code(struct compiler *c, struct scope *s, const struct ast_expr *x,
                             struct lookup *table)
{
    struct code *made = compile_op(c, OP_ROW, x, 1);
    made->lookup = table;
    if (x->nargs != 1) {
        compile_error(c, s, x->at, "a table takes one argument: the key");
        return compile_constant(c, x, NULL);
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
    const struct function *f = c->names != NULL ? function_find_answer(x->name) : NULL;
    if (f == NULL)
        f = function_find(x->name);
    if (f == NULL) {
        unknown_function(c, s, x);
        return compile_constant(c, x, NULL);
    }
    if (!is_count_right(c, s, x->at, x->name, f->least, f->most, x->nargs))
        return compile_constant(c, x, NULL);
    struct code *made = compile_op(c, OP_CALL, x, x->nargs);
    made->function = f;
    made->numeric = f->gives == GIVES_NUMBER;
    for (size_t i = 0; i < x->nargs; i++) {
        struct scope inner = *s;
        if (i == 1 && f->each) {
            made->frame = compile_frame(c, s->frame, true);
            inner.up = s;
            inner.frame = made->frame;
            inner.in = made->frame->item;
            made->frame->of = made->arg[0]->op == OP_PATH ? made->arg[0]->path : NULL;
            inner.in_side =
                c->names == NULL && x->arg[0]->kind == X_PATH ? x->arg[0]->path->side : SIDE_NATIVE;
            inner.out = NULL;
        }
        made->arg[i] =
            f->lists >> i & 1 ? compile_code(c, &inner, x->arg[i]) : compile_scalar(c, &inner, x->arg[i]);
    }
    if (made->arg[0]->op == OP_PATH) {
        made->arg[0]->path->asks = f->asks;
        made->arg[0]->path->enters = made->frame != NULL && f->gives != GIVES_ITEMS;
    }
    return compile_kept(c, s, made);
}

/* ---- expressions ---- */

static struct code *text_code(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    if (x->text.nholes == 0)
        return compile_constant(c, x, compile_literal(c, s, x));
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
        struct code *made = compile_constant(c, x, node);
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

/* a + b - c is one sum of three terms. */
static struct code *sum_code(struct compiler *c, const struct ast_expr *x, struct code *left,
                             struct code *right, bool minus)
{
    unsigned n = left->op == OP_SUM ? left->nargs : 1;
    struct code *made = compile_op(c, OP_SUM, x, n + 1);
    made->numeric = true;
    made->minus = compile_make(c, n + 1);
    if (left->op == OP_SUM) {
        memcpy(made->arg, left->arg, n * sizeof *made->arg);
        memcpy(made->minus, left->minus, n);
    } else {
        made->arg[0] = left;
    }
    made->arg[n] = right;
    made->minus[n] = minus;
    return made;
}

static struct code *binary_code(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    static const struct {
        const char *name;
        enum code_op op;
        bool numeric;
    } operators[] = {{"+", OP_SUM, true},          {"-", OP_SUM, true},       {"*", OP_MULTIPLY, true},
                     {"==", OP_EQUAL, false},      {"!=", OP_UNEQUAL, false}, {"<", OP_LESS, false},
                     {"<=", OP_LESS_EQUAL, false}, {">", OP_GREATER, false},  {">=", OP_GREATER_EQUAL, false},
                     {"&&", OP_AND, false},        {"||", OP_OR, false}};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (str_eq(x->name, str_of(operators[i].name))) {
            struct code *left = compile_scalar(c, s, x->arg[0]), *right = compile_scalar(c, s, x->arg[1]);
            if (operators[i].op == OP_SUM)
                return sum_code(c, x, left, right, x->name.p[0] == '-');
            struct code *made = compile_op(c, operators[i].op, x, 2);
            made->numeric = operators[i].numeric;
            made->arg[0] = left;
            made->arg[1] = right;
            return made;
        }
    }
    compile_error(c, s, x->at, "no operator is called %s", err_quote(x->name));
    return compile_constant(c, x, NULL);
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
        struct code *made = compile_constant(c, x, compile_literal(c, s, x));
        made->numeric = true;
        return made;
    }
    case X_NULL:
    case X_TRUE:
    case X_FALSE: return compile_constant(c, x, compile_literal(c, s, x));
    case X_NTH: return nth_code(c, s, x);
    case X_PARAM:
        if (c->names != NULL)
            return compile_variable(c, s, x);
        return compile_constant(c, x, compile_param(c, s, x->name, x->at));
    case X_PATH: return compile_in_path(c, s, x->path, x);
    case X_CALL: return steps_on(c, s, call_code(c, s, x), x->steps);
    case X_STEPS: return steps_on(c, s, compile_code(c, s, x->arg[0]), x->steps);
    case X_DECODE:
    case X_ENCODE: {
        /* One codec here: what follows it in a chain is a node of its own. */
        struct ast_codec one = *x->codec;
        one.next = NULL;
        return compile_chain(c, s, compile_code(c, s, x->arg[0]), &one,
                             x->kind == X_DECODE ? CODEC_READS : CODEC_WRITES);
    }
    case X_NEGATE:
    case X_NOT: return unary_code(c, s, x);
    case X_BINARY: return binary_code(c, s, x);
    case X_OR:
    case X_ELSE: return either_code(c, s, x);
    }
    return compile_constant(c, x, NULL);
}

struct code *compile_code(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    if (x == NULL)
        return compile_constant(c, x, NULL);
    if (++c->depth > COMPILE_DEPTH) {
        compile_error(c, s, x->at, "nested too deep");
        c->depth--;
        return compile_constant(c, x, NULL);
    }
    struct code *made = any_code(c, s, x);
    c->depth--;
    return made;
}

struct code *compile_scalar(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    return compile_single(c, compile_code(c, s, x));
}
