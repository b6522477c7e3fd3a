/*
 * The arguments of `ref`: the name of an entity, and whose id it is. Where nothing says whose, it is the
 * record's own source.
 */
#include "canon/codec_family.h"
#include "canon/compile.h"

bool compile_is_reference(const struct codec *codec)
{
    return codec->encode == reference_encode;
}

/* The word that X is, which would else be a path; .p NULL: it is none. */
static struct str word(const struct ast_expr *x)
{
    const struct ast_path *path = x != NULL && x->kind == X_PATH ? x->path : NULL;
    const struct ast_step *step = path != NULL ? path->steps : NULL;
    if (step == NULL || path->side != SIDE_CANONICAL || path->root || path->up > 0 ||
        step->kind != STEP_KEY || step->next != NULL || step->key.nholes > 0)
        return (struct str){0};
    return step->key.literal[0];
}

static const struct json_node *entity_argument(struct compiler *c, struct scope *s,
                                               const struct ast_codec *codec)
{
    struct str name = word(codec->arg[0]);
    const char *unknown = NULL;
    if (name.p == NULL)
        compile_error(c, s, codec->at, "ref takes the name of an entity: ref(customer)");
    else if (c->unknown_entity != NULL && (unknown = c->unknown_entity(c->arg, name)) != NULL)
        compile_error(c, s, codec->arg[0]->at, "%s", unknown);
    struct json_node *made = compile_make(c, sizeof *made);
    *made = json_clean_node(name.p != NULL ? name : STR(""));
    return made;
}

void compile_reference(struct compiler *c, struct scope *s, struct code *made, const struct ast_codec *codec)
{
    struct codec_use *use = made->use;
    use->nargs = 1;
    use->literal = 1;
    use->arg[0] = entity_argument(c, s, codec);
    made->arg[1] = compile_constant(c, NULL, use->arg[0]);
    if (c->names != NULL || c->program->root == NULL || c->program->template || c->program->hub) {
        compile_error(c, s, codec->at, "ref has a meaning only in maps of a system's records");
    } else if (made->op == OP_ENCODE && c->program->in_side == SIDE_NATIVE) {
        compile_error(c, s, codec->at, "ref is made where a system's records are written, not read");
    } else if (made->op == OP_ENCODE) {
        use->nargs = 2;
        made->arg[2] = codec->nargs > 1 ? compile_scalar(c, s, codec->arg[1]) : compile_source(c, s);
    }
}
