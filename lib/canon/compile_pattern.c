#include "canon/compile_rules.h"

/* ---- patterns ---- */

static size_t count_alternatives(const struct ast_expr *x)
{
    return x->kind == X_OR ? count_alternatives(x->arg[0]) + count_alternatives(x->arg[1]) : 1;
}

/* A hole is a path with a chain: taken apart. */
static const struct ast_path *hole_path(struct compiler *c, struct scope *s, const struct ast_expr *x,
                                        struct ast_codec **chain)
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

static void pattern_hole(struct compiler *c, struct scope *s, struct pattern *p, size_t i,
                         const struct ast_path *path, const struct ast_codec *chain, bool makes)
{
    /* From text the hole's chain runs in the direction of the flow where the text is read, against it where
     * it was just made, to be checked. */
    struct code *slot = compile_op(c, OP_CONST, NULL, 0);
    p->slot[i] = &slot->constant;
    if (chain != NULL) {
        struct pending *from = rules_later(c, s, NULL);
        from->chain = chain;
        from->way = makes == rules_read(c) ? CODEC_RETURNS : CODEC_READS;
        from->input = slot;
        p->decode[i] = from->code;
    } else {
        p->decode[i] = slot;
    }
    if (makes)
        p->encode[i] = rules_later_path(c, s, path, chain)->code;
}

/* Lays out the alternatives; MAKES: the text is made, else taken apart. */
static struct match *new_match(struct compiler *c, struct scope *s, const struct ast_expr *x, bool makes,
                               const struct ast_path **hole_of_field)
{
    struct str names[PATTERN_HOLES] = {{0}};
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

void rules_pattern(struct compiler *c, struct scope *s, const struct ast_rule *rule)
{
    const struct ast_path *hole[PATTERN_HOLES] = {NULL};
    /* The text stands on the native side where the pattern stands left. It is made where the flow goes to its
     * side. */
    bool makes = rule->pattern_left != rules_read(c);
    struct match *m = new_match(c, s, rule->pattern, makes, hole);
    if (m == NULL)
        return;
    const struct ast_path *text = rule->pattern_left ? rule->right : rule->left;
    if (makes) {
        struct pending *p = rules_later(c, s, NULL);
        p->match = m;
        p->chain = rule->chain;
        p->way = rules_way(c);
        out_set(c, s, out_place(c, s, text), rule, rules_or_else(c, s, rule, p->code));
        return;
    }
    m->input = rules_later_path(c, s, text, rule->chain)->code;
    for (unsigned i = 0; i < m->nfields; i++) {
        struct code *code = compile_op(c, OP_MATCH, NULL, 0);
        code->match = m;
        code->hole = i;
        out_set(c, s, out_place(c, s, hole[i]), rule, rules_or_else(c, s, rule, code));
    }
}
