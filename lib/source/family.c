#include "source/family.h"

#include <stdlib.h>

enum { NODES_FIRST = 1024, NODE_BYTES = 96 /* with its part of the table of ids, which is never wider */ };

void family_init(struct family *f, size_t max)
{
    *f = (struct family){.key = siphash_random_key(), .max = max};
}

void family_release(struct family *f)
{
    free(f->node);
    free(f->slot);
    f->node = NULL;
    f->slot = NULL;
    f->n = f->cap = 0;
    f->slots = 0;
}

static int too_many(const struct family *f, struct err *e)
{
    return err_set(e, "memory", "what is kept of each line passes %zu bytes: allow more with -M", f->max);
}

static bool is_none(struct siphash h)
{
    return h.low == 0 && h.high == 0;
}

static bool is_same(struct siphash a, struct siphash b)
{
    return a.low == b.low && a.high == b.high;
}

static struct siphash hash_of(const struct family *f, struct str text)
{
    if (text.p == NULL)
        return (struct siphash){0};
    struct siphash h = siphash_128(f->key, text);
    if (is_none(h))
        h.low = 1;
    return h;
}

static int grow(struct family *f, struct err *e)
{
    size_t most = f->max / NODE_BYTES, cap = f->cap == 0 ? NODES_FIRST : (size_t)f->cap * 2;
    if (cap > most)
        cap = most;
    if (cap <= f->cap || cap >= FAMILY_NONE)
        return too_many(f, e);
    struct family_node *wider = realloc(f->node, cap * sizeof *f->node);
    if (wider == NULL)
        return err_memory(e);
    f->node = wider;
    f->cap = (uint32_t)cap;
    return 0;
}

int family_add(struct family *f, const struct family_node *node, struct str id, struct str parent,
               struct err *e)
{
    if (f->n == f->cap && grow(f, e) == -1)
        return -1;
    struct family_node *added = &f->node[f->n++];
    *added = *node;
    added->id = hash_of(f, id);
    added->parent = hash_of(f, parent);
    added->up = added->child = added->last = added->next = FAMILY_NONE;
    return 0;
}

/* ---- ids ---- */

/* The slot with the first node of this id, or the free one where it would stand. */
static uint32_t *find(const struct family *f, struct siphash id)
{
    size_t mask = f->slots - 1;
    for (size_t i = (size_t)id.low & mask;; i = (i + 1) & mask)
        if (f->slot[i] == FAMILY_NONE || is_same(f->node[f->slot[i]].id, id))
            return &f->slot[i];
}

static int make_slots(struct family *f, struct err *e)
{
    f->slots = 16;
    while (f->slots / 4 * 3 < f->n)
        f->slots *= 2;
    f->slot = malloc(f->slots * sizeof *f->slot);
    if (f->slot == NULL)
        return err_memory(e);
    for (size_t i = 0; i < f->slots; i++)
        f->slot[i] = FAMILY_NONE;
    return 0;
}

/* ---- who belongs to whom ---- */

static void append_child(struct family *f, uint32_t up, uint32_t child)
{
    struct family_node *parent = &f->node[up];
    f->node[child].up = up;
    if (parent->child == FAMILY_NONE)
        parent->child = child;
    else
        f->node[parent->last].next = child;
    parent->last = child;
}

static void enter_ids(struct family *f)
{
    for (uint32_t i = 0; i < f->n; i++) {
        if (is_none(f->node[i].id))
            continue;
        uint32_t *slot = find(f, f->node[i].id);
        if (*slot == FAMILY_NONE)
            *slot = i;
        else
            f->node[*slot].twice = true;
    }
}

static void link_all(struct family *f)
{
    for (uint32_t i = 0; i < f->n; i++) {
        struct family_node *node = &f->node[i];
        node->top = is_none(node->parent);
        if (node->top)
            continue;
        uint32_t up = *find(f, node->parent);
        if (up != FAMILY_NONE && !f->node[up].twice) {
            append_child(f, up, i);
            continue;
        }
        node->top = true;
        node->fault = up == FAMILY_NONE ? FAMILY_NO_PARENT : FAMILY_TWO_PARENTS;
        if (up != FAMILY_NONE)
            f->node[up].named = true;
    }
}

/* A line whose id another one has, and children name: none of them is whole. */
static void mark_twins(struct family *f)
{
    for (uint32_t i = 0; i < f->n; i++) {
        struct family_node *node = &f->node[i];
        const struct family_node *first = is_none(node->id) ? node : &f->node[*find(f, node->id)];
        if (first->named && node->fault == FAMILY_WELL)
            node->fault = FAMILY_TWICE;
    }
}

/* Lines that no top leads to name each other in a circle. */
static void break_circles(struct family *f)
{
    for (uint32_t i = 0; i < f->n; i++)
        if (f->node[i].top)
            for (uint32_t at = i; at != FAMILY_NONE; at = family_walk(f, i, at))
                f->node[at].reached = true;
    for (uint32_t i = 0; i < f->n; i++) {
        struct family_node *node = &f->node[i];
        if (node->reached)
            continue;
        node->top = true;
        node->fault = FAMILY_OWN_PARENT;
        node->child = FAMILY_NONE;
    }
}

int family_link(struct family *f, struct err *e)
{
    if (make_slots(f, e) == -1)
        return -1;
    enter_ids(f);
    link_all(f);
    mark_twins(f);
    break_circles(f);
    return 0;
}

uint32_t family_walk(const struct family *f, uint32_t top, uint32_t at)
{
    if (f->node[at].child != FAMILY_NONE)
        return f->node[at].child;
    while (at != top && f->node[at].next == FAMILY_NONE)
        at = f->node[at].up;
    return at == top ? FAMILY_NONE : f->node[at].next;
}
