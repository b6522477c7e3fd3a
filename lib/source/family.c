#include "source/family.h"

#include <stdlib.h>

enum { NODES_FIRST = 1024, PART_BITS_MOST = 12, VISITS = 4096 };

void family_init(struct family *f, size_t max)
{
    *f = (struct family){.key = siphash_random_key(), .max = max};
    spill_init(&f->spill);
}

void family_release(struct family *f)
{
    spill_release(&f->spill);
    free(f->slot);
    f->node = NULL;
    f->slot = NULL;
    f->n = f->cap = 0;
    f->slots = 0;
}

void family_rest(struct family *f)
{
    if (++f->visits < VISITS)
        return;
    f->visits = 0;
    spill_rest(&f->spill);
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
    size_t cap = f->cap == 0 ? NODES_FIRST : (size_t)f->cap + f->cap / 4;
    if (cap >= FAMILY_NONE)
        return err_set(e, "limit", "more than %u lines", f->n);
    if (spill_grow(&f->spill, cap * sizeof *f->node, e) == -1)
        return -1;
    f->node = f->spill.p;
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
    added->top = is_none(added->parent);
    family_rest(f);
    return 0;
}

/* ---- ids ---- */

static size_t part_of(const struct family *f, struct siphash h)
{
    return f->part_bits == 0 ? 0 : (size_t)(h.high >> (64 - f->part_bits));
}

static bool is_of(const struct family *f, struct siphash h, size_t part)
{
    return !is_none(h) && part_of(f, h) == part;
}

/* The slot with the first node of this id, or the free one where it would stand. */
static struct family_slot *find(const struct family *f, struct siphash id)
{
    size_t mask = f->slots - 1;
    uint32_t tag = (uint32_t)id.high;
    for (size_t i = (size_t)id.low & mask;; i = (i + 1) & mask)
        if (f->slot[i].node == FAMILY_NONE ||
            (f->slot[i].tag == tag && is_same(f->node[f->slot[i].node].id, id)))
            return &f->slot[i];
}

/* So many parts that the ids of one fit; a table that the largest of them leaves a quarter of free. */
static int make_slots(struct family *f, struct err *e)
{
    size_t *count, most = 0;
    while (f->part_bits < PART_BITS_MOST && (f->n >> f->part_bits) > f->max / sizeof *f->slot / 2)
        f->part_bits++;
    if ((count = calloc((size_t)1 << f->part_bits, sizeof *count)) == NULL)
        return err_memory(e);
    for (uint32_t i = 0; i < f->n; i++, family_rest(f))
        if (!is_none(f->node[i].id) && ++count[part_of(f, f->node[i].id)] > most)
            most = count[part_of(f, f->node[i].id)];
    free(count);
    for (f->slots = 16; f->slots / 4 * 3 < most;)
        f->slots *= 2;
    f->slot = malloc(f->slots * sizeof *f->slot);
    return f->slot != NULL ? 0 : err_memory(e);
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

/* Whether one of them is there twice. */
static bool enter_ids(struct family *f, size_t part)
{
    bool twice = false;
    for (size_t i = 0; i < f->slots; i++)
        f->slot[i].node = FAMILY_NONE;
    for (uint32_t i = 0; i < f->n; i++, family_rest(f)) {
        struct siphash id = f->node[i].id;
        if (!is_of(f, id, part))
            continue;
        struct family_slot *slot = find(f, id);
        if (slot->node != FAMILY_NONE)
            f->node[slot->node].twice = twice = true;
        else
            *slot = (struct family_slot){i, (uint32_t)id.high};
    }
    return twice;
}

static void link_part(struct family *f, size_t part)
{
    for (uint32_t i = 0; i < f->n; i++, family_rest(f)) {
        struct family_node *node = &f->node[i];
        if (!is_of(f, node->parent, part))
            continue;
        uint32_t up = find(f, node->parent)->node;
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
static void mark_twins(struct family *f, size_t part)
{
    for (uint32_t i = 0; i < f->n; i++, family_rest(f)) {
        struct family_node *node = &f->node[i];
        if (is_of(f, node->id, part) && f->node[find(f, node->id)->node].named && node->fault == FAMILY_WELL)
            node->fault = FAMILY_TWICE;
    }
}

/* Lines that no top leads to name each other in a circle. */
static void break_circles(struct family *f)
{
    for (uint32_t i = 0; i < f->n; i++, family_rest(f))
        if (f->node[i].top)
            for (uint32_t at = i; at != FAMILY_NONE; at = family_walk(f, i, at), family_rest(f))
                f->node[at].reached = true;
    for (uint32_t i = 0; i < f->n; i++, family_rest(f)) {
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
    for (size_t part = 0; part >> f->part_bits == 0; part++) {
        bool twice = enter_ids(f, part);
        link_part(f, part);
        if (twice)
            mark_twins(f, part);
    }
    free(f->slot);
    f->slot = NULL;
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
