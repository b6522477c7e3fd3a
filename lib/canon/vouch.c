#include "canon/vouch.h"

#include "canon/schema_tree.h"

/* ---- what the contract says of an input; NULL: nothing that is sure ---- */

static const struct schema *schema_of(const struct in_path *path, const struct schema *root);

static const struct schema *member_of(const struct schema *s, struct str key)
{
    if (s == NULL || !(s->types & TAKES_OBJECT))
        return NULL;
    for (size_t i = 0; i < s->nproperties; i++)
        if (str_eq(s->property[i].name, key))
            return s->property[i].schema;
    return s->others;
}

/* Of the values that S is gone through by. */
static const struct schema *item_of(const struct schema *s)
{
    if (s == NULL || !(s->types & TAKES_ARRAY))
        return s;
    return (s->types & ~(unsigned)(TAKES_ARRAY | TAKES_NULL)) == 0 ? s->items : NULL;
}

static const struct schema *schema_of_point(const struct point *p, const struct schema *root)
{
    const struct in_path *of = p->frame->of;
    switch (p->kind) {
    case POINT_KEY: return member_of(schema_of_point(p->parent, root), p->key);
    case POINT_INDEX: return item_of(schema_of_point(p->parent, root));
    case POINT_ITEM:
        if (of != NULL)
            return of->many ? schema_of(of, root) : item_of(schema_of(of, root));
        return p->frame->index == 0 ? root : NULL;
    case POINT_PATH:
    case POINT_ENVELOPE: break;
    }
    return NULL;
}

static const struct schema *schema_of(const struct in_path *path, const struct schema *root)
{
    const struct schema *s = schema_of_point(path->point, root);
    for (const struct in_step *step = path->steps; step != NULL && s != NULL; step = step->next) {
        if (step->kind == STEP_KEY)
            s = member_of(s, step->key);
        else if (step->kind == STEP_EACH || step->kind == STEP_FILTER)
            s = item_of(s);
        else
            s = NULL;
    }
    return s;
}

/* ---- codecs ---- */

static bool is_kept(const struct code *x, const struct schema *root)
{
    if (x->op != OP_ENCODE || x->use->nargs > 0 || x->arg[0]->op != OP_PATH)
        return false;
    const struct schema *s = schema_of(x->arg[0]->path, root);
    return s != NULL && (s->types & ~(unsigned)(TAKES_STRING | TAKES_NULL)) == 0 &&
           x->use->codec->keeps >> s->format & 1;
}

static void vouch_code(struct code *x, const struct schema *root)
{
    if (x == NULL)
        return;
    if (is_kept(x, root))
        *x = *x->arg[0];
    for (unsigned i = 0; i < x->nargs; i++)
        vouch_code(x->arg[i], root);
    for (size_t i = 0; x->op == OP_PATTERN && i < x->match->nalternatives; i++) {
        const struct pattern *p = &x->match->alternative[i];
        for (size_t k = 0; k < p->nholes; k++)
            vouch_code(p->encode[k], root);
    }
}

void vouch(struct out_node *out, const struct schema *schema)
{
    vouch_code(out->code, schema);
    for (struct out_node *child = out->children; child != NULL; child = child->next)
        vouch(child, schema);
    for (struct producer *p = out->producers; p != NULL; p = p->next) {
        vouch_code(p->code, schema);
        vouch_code(p->when, schema);
        if (p->body != NULL)
            vouch(p->body, schema);
    }
}
