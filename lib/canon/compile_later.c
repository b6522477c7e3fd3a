#include "canon/compile_rules.h"

bool rules_read(const struct compiler *c)
{
    return c->program->in_side == SIDE_NATIVE;
}

enum codec_way rules_way(const struct compiler *c)
{
    return rules_read(c) ? CODEC_READS : CODEC_RETURNS;
}

struct scope *rules_scope(struct compiler *c, struct scope *up)
{
    struct scope *s = compile_make(c, sizeof *s);
    *s = *up;
    s->up = up;
    return s;
}

struct pending *rules_later(struct compiler *c, struct scope *s, const struct ast_expr *x)
{
    struct pending *p = compile_make(c, sizeof *p);
    p->code = compile_op(c, OP_CONST, x, 0);
    p->scope = s;
    p->expr = x;
    p->way = CODEC_READS;
    *c->pending_tail = p;
    c->pending_tail = &p->next;
    return p;
}

struct pending *rules_later_path(struct compiler *c, struct scope *s, const struct ast_path *path,
                                 const struct ast_codec *chain)
{
    struct pending *p = rules_later(c, s, NULL);
    p->path = path;
    p->chain = chain;
    p->way = rules_way(c);
    return p;
}

struct code *rules_guarded(struct compiler *c, struct scope *s, struct code *code)
{
    if (s->guard == NULL)
        return code;
    struct code *made = compile_op(c, OP_GUARD, code->ast, 2);
    made->arg[0] = s->guard;
    made->arg[1] = code;
    return made;
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
    raw->text = rules_raw_key(c, p->raw->text); /* nobody wrote it: the contract may lack it */
    for (const struct ast_step *step = p->raw->steps; step != NULL; step = step->next) {
        struct ast_step *copy = compile_make(c, sizeof *copy);
        *copy = *step;
        if (step->next == NULL && step->kind == STEP_KEY) {
            struct str key = rules_raw_key(c, compile_key(c, p->scope, &step->key, step->at));
            copy->key = (struct ast_text){.literal = compile_make(c, sizeof key)};
            copy->key.literal[0] = key;
        }
        *tail = copy;
        tail = &copy->next;
    }
    at->arg[1] = compile_in_path(c, p->scope, raw, NULL);
    return made;
}

void rules_finish_one(struct compiler *c, struct pending *p)
{
    struct code *made;
    if (p->match != NULL) {
        made = compile_op(c, OP_PATTERN, NULL, 0);
        made->match = p->match;
    } else if (p->path != NULL) {
        made = compile_in_path(c, p->scope, p->path, NULL);
        if (p->items != NULL && made->op == OP_PATH) {
            p->items->of = made->path;
            made->path->enters = true;
        }
    } else if (p->expr != NULL) {
        made = compile_code(c, p->scope, p->expr);
    } else {
        made = p->input;
    }
    if (!p->many)
        made = compile_single(c, made);
    if (p->whole != NULL) {
        struct code *either = compile_op(c, OP_ALTERNATIVE, NULL, 2);
        either->arg[0] = made;
        either->arg[1] = compile_in_path(c, p->scope, p->whole, NULL);
        made = either;
    }
    made = with_raw(c, p, compile_chain(c, p->scope, made, p->chain, p->way));
    *p->code = *made;
}
