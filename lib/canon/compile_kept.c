/* A call in a list that is made of what stands around the list alone has one value for all of its items. */
#include "canon/compile.h"

/* The inner one of two frames, of those from AT outwards; NULL: neither is among them. */
static struct frame_def *inner_one(struct frame_def *at, const struct frame_def *a, const struct frame_def *b)
{
    while (at != NULL && at != a && at != b)
        at = at->up;
    return at;
}

static struct frame_def *frame_of(const struct code *x, struct frame_def *at);

static struct frame_def *frame_of_steps(const struct in_step *step, struct frame_def *at)
{
    struct frame_def *frame = NULL;
    for (; step != NULL; step = step->next) {
        if (step->cond != NULL)
            frame = inner_one(at, frame, frame_of(step->cond, at));
        frame = inner_one(at, frame, frame_of_steps(step->of, at));
    }
    return frame;
}

static struct frame_def *frame_of_path(const struct in_path *path, struct frame_def *at)
{
    struct frame_def *frame = inner_one(at, path->point->frame, frame_of_steps(path->steps, at));
    for (const struct point *p = path->point; p != NULL; p = p->parent) {
        if (p->kind == POINT_PATH)
            frame = inner_one(at, frame, frame_of_path(p->path, at));
    }
    return frame;
}

/* The innermost frame, of those from AT outwards, that X looks into. */
static struct frame_def *frame_of(const struct code *x, struct frame_def *at)
{
    struct frame_def *frame = inner_one(at, x->frame, NULL);
    switch (x->op) {
    case OP_PATH: frame = frame_of_path(x->path, at); break;
    case OP_STEPS: frame = frame_of_steps(x->steps, at); break;
    case OP_FIELD:
        if (x->field != NULL) /* else it was reported */
            frame = inner_one(at, x->field->frame, NULL);
        break;
    case OP_MATCH:
    case OP_PATTERN: return at;
    default: break;
    }
    for (unsigned i = 0; i < x->nargs; i++) {
        if (x->arg[i] != NULL)
            frame = inner_one(at, frame, frame_of(x->arg[i], at));
    }
    return frame;
}

struct code *compile_kept(struct compiler *c, const struct scope *s, struct code *call)
{
    struct frame_def *frame = c->program->root != NULL ? frame_of(call, s->frame) : NULL;
    if (frame == NULL || frame == s->frame)
        return call;
    struct code *made = compile_op(c, OP_KEPT, call->ast, 1);
    made->numeric = call->numeric;
    made->arg[0] = call;
    made->frame = frame;
    made->memo = frame->nmemos++;
    return made;
}
