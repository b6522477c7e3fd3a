#include "base/pointer.h"
#include "canon/template_tree.h"

static bool put_point(const struct machine *m, const struct point *p, struct buf *out);

/* The item that a frame stands on is one of the list's, in its place, only behind a plain []. */
static bool put_item(const struct machine *m, const struct frame_def *frame, struct buf *out)
{
    if (frame == m->program->root)
        return true;
    const struct in_path *list = frame->of;
    if (list == NULL || list->steps == NULL || list->steps->kind != STEP_EACH || list->steps->next != NULL ||
        !put_point(m, list->point, out))
        return false;
    pointer_put_index(out, m->frame[frame->index].nth - 1);
    return true;
}

static bool put_point(const struct machine *m, const struct point *p, struct buf *out)
{
    switch (p->kind) {
    case POINT_ITEM: return put_item(m, p->frame, out);
    case POINT_KEY:
        if (!put_point(m, p->parent, out))
            return false;
        pointer_put(out, p->key);
        return true;
    case POINT_INDEX:
        if (!put_point(m, p->parent, out))
            return false;
        pointer_put_index(out, p->index);
        return true;
    case POINT_PATH:
    case POINT_ENVELOPE: break;
    }
    return false;
}

bool template_pointer(const struct machine *m, const struct in_path *path, struct buf *out)
{
    return path->steps == NULL && put_point(m, path->point, out);
}
