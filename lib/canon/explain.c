#include "canon/explain.h"

#include "base/buf.h"

enum { SHAPES_MOST = 32, TEXT_MOST = 1 << 20 };

/* Where rules stand. */
struct place {
    struct str field, in; /* in front of canonical and native paths */
    const struct ast_decl *shape;
    const struct ast_rule *use; /* of the shape */
    unsigned depth;
};

struct explainer {
    const struct ast_decl *decls;
    struct arena *arena;
    void (*row)(void *arg, const struct explain_row *row);
    void *arg;
    bool full;
};

/* One line, without what stands for line ends in the source. */
static struct str one_line(struct explainer *x, struct str text)
{
    struct buf line;
    bool blank = false;
    buf_init(&line, TEXT_MOST);
    for (size_t i = 0; i < text.n; i++) {
        bool is_blank = text.p[i] == ' ' || text.p[i] == '\t' || text.p[i] == '\r' || text.p[i] == '\n';
        if (is_blank && !blank && line.n > 0)
            buf_byte(&line, ' ');
        else if (!is_blank)
            buf_byte(&line, text.p[i]);
        blank = is_blank;
    }
    while (line.n > 0 && line.p[line.n - 1] == ' ')
        line.n--;
    struct str kept = buf_ok(&line) ? arena_str(x->arena, buf_str(&line)) : (struct str){0};
    x->full |= kept.p == NULL;
    buf_release(&line);
    return kept;
}

/* The argument of the shape around that a hole names; NULL: none. */
static const struct ast_expr *argument(const struct place *at, struct str name)
{
    for (size_t i = 0; at->shape != NULL && i < at->shape->nparams && i < at->use->nargs; i++) {
        if (str_eq(at->shape->param[i], name))
            return at->use->arg[i];
    }
    return NULL;
}

/* TEXT of a rule, the holes that arguments of the shape fill with their texts. */
static struct str filled(struct explainer *x, const struct place *at, struct str text)
{
    struct buf out;
    size_t i = 0;
    if (at->shape == NULL)
        return one_line(x, text);
    buf_init(&out, TEXT_MOST);
    while (i < text.n) {
        size_t end = i + 1;
        while (text.p[i] == '{' && end < text.n && text.p[end] != '}')
            end++;
        const struct ast_expr *by =
            text.p[i] == '{' ? argument(at, str_slice(text, i + 1, end < text.n ? end : text.n)) : NULL;
        if (by != NULL && by->kind == X_TEXT) {
            buf_put(&out, by->text.literal[0]);
            i = end + 1;
        } else {
            buf_byte(&out, text.p[i++]);
        }
    }
    struct str made = one_line(x, buf_str(&out));
    x->full |= !buf_ok(&out);
    buf_release(&out);
    return made;
}

static struct str joined(struct explainer *x, struct str a, const char *between, struct str b)
{
    struct str made = arena_printf(x->arena, "%.*s%s%.*s", (int)a.n, a.p, between, (int)b.n, b.p);
    x->full |= made.p == NULL;
    return made;
}

static bool is_native(struct str path)
{
    return path.n > 0 && path.p[0] == '.';
}

/* A canonical path behind that of the block around it. */
static struct str field_in(struct explainer *x, const struct place *at, struct str name)
{
    return at->field.n > 0 ? joined(x, at->field, ".", name) : name;
}

/* A native path behind that of the block around it. */
static struct str native_in(struct explainer *x, const struct place *at, struct str path)
{
    return is_native(path) && path.n > 1 ? joined(x, at->in, "", path) : at->in;
}

static void rules(struct explainer *x, const struct place *at, const struct ast_rule *rule);

static void explain_use(struct explainer *x, const struct place *at, const struct ast_rule *rule)
{
    struct place inner = *at;
    const struct ast_decl *shape = x->decls;
    while (shape != NULL && !(shape->kind == DECL_SHAPE && str_eq(shape->name, rule->name)))
        shape = shape->next;
    if (shape == NULL || ++inner.depth > SHAPES_MOST)
        return;
    inner.shape = shape;
    inner.use = rule;
    rules(x, &inner, shape->body);
}

static void explain_half(struct explainer *x, const struct place *at, const struct ast_rule *rule)
{
    struct place inner = *at;
    struct str path = filled(x, at, rule->left->text);
    if (rule->left->side == SIDE_NATIVE)
        inner.in = native_in(x, at, path);
    else
        inner.field = field_in(x, at, path);
    rules(x, &inner, rule->body);
}

/* The canonical field, or what of the record is written. */
static struct str left_of(struct explainer *x, const struct place *at, const struct ast_rule *rule)
{
    struct str text = filled(x, at, rule->left_text);
    const struct ast_path *path = rule->left;
    if (path == NULL && rule->expr != NULL && rule->expr->kind == X_PATH)
        path = rule->expr->path;
    bool is_field = path != NULL && !path->root && path->up == 0;
    return is_field || at->field.n == 0 ? field_in(x, at, text) : joined(x, at->field, ": ", text);
}

static void explain_rule(struct explainer *x, const struct place *at, const struct ast_rule *rule)
{
    struct explain_row row = {.flow = rule->flow,
                              .field = left_of(x, at, rule),
                              .native = filled(x, at, rule->right_text),
                              .in = at->in,
                              .block = rule->kind == RULE_BLOCK,
                              .rule = rule};
    if (!x->full)
        x->row(x->arg, &row);
    if (rule->kind == RULE_BLOCK) {
        struct place inner = *at;
        inner.field = row.field;
        if (rule->right != NULL)
            inner.in = native_in(x, at, filled(x, at, rule->right->text));
        rules(x, &inner, rule->body);
    }
}

static void rules(struct explainer *x, const struct place *at, const struct ast_rule *rule)
{
    for (; rule != NULL && !x->full; rule = rule->next) {
        switch (rule->kind) {
        case RULE_VALUE:
        case RULE_BLOCK: explain_rule(x, at, rule); break;
        case RULE_HALF: explain_half(x, at, rule); break;
        case RULE_USE: explain_use(x, at, rule); break;
        case RULE_SKIP:
        case RULE_BROKEN: break;
        }
    }
}

bool explain_map(const struct ast_decl *map, const struct ast_decl *decls, struct arena *a,
                 void (*row)(void *arg, const struct explain_row *row), void *arg)
{
    struct explainer x = {.decls = decls, .arena = a, .row = row, .arg = arg};
    struct place at = {.field = STR(""), .in = map->each != NULL ? map->each->text : STR("")};
    rules(&x, &at, map->body);
    return !x.full;
}
