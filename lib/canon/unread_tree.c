#include "canon/unread_tree.h"

#include <stdlib.h>

#include "base/decimal.h"

enum { KEYS_MOST = 16 << 20 };

struct node *unread_node(struct unread *u, struct node *up)
{
    struct node *made = arena_alloc(&u->arena, sizeof *made);
    if (made == NULL) {
        u->failed = true;
        return NULL;
    }
    made->up = up;
    layout_init(&made->layout, KEYS_MOST);
    made->next = u->all;
    u->all = made;
    return made;
}

/* ---- keys ---- */

static uint32_t *slot_of(const struct unread *u, const struct node *node, struct str name)
{
    uint32_t i = (uint32_t)hash_bytes(u->seed, name) & node->mask;
    while (node->slot[i] != 0 && !str_eq(node->child[node->slot[i] - 1]->name, name))
        i = (i + 1) & node->mask;
    return &node->slot[i];
}

uint32_t unread_find(const struct unread *u, const struct node *node, struct str name)
{
    return node->slot != NULL ? *slot_of(u, node, name) - 1 : UNREAD_NONE;
}

static bool make_room(struct unread *u, struct node *node)
{
    if (node->nchildren < node->room)
        return true;
    uint32_t room = node->room > 0 ? 2 * node->room : 8;
    struct node **child = realloc(node->child, room * sizeof *child);
    if (child != NULL)
        node->child = child;
    uint32_t *slot = child != NULL ? calloc(2 * (size_t)room, sizeof *slot) : NULL;
    if (slot == NULL) {
        u->failed = true;
        return false;
    }
    free(node->slot);
    node->slot = slot;
    node->mask = 2 * room - 1;
    node->room = room;
    for (uint32_t i = 0; i < node->nchildren; i++)
        *slot_of(u, node, node->child[i]->name) = i + 1;
    return true;
}

/* CHILD, whose name NODE has no child of yet. */
static void put(struct unread *u, struct node *node, struct node *child)
{
    if (child == NULL || !make_room(u, node))
        return;
    node->child[node->nchildren] = child;
    *slot_of(u, node, child->name) = ++node->nchildren;
}

struct node *unread_add(struct unread *u, struct node *node, struct str name)
{
    uint32_t i = unread_find(u, node, name);
    if (i != UNREAD_NONE)
        return node->child[i];
    struct node *made = unread_node(u, node);
    if (made == NULL)
        return NULL;
    made->name = arena_str(&u->arena, name);
    u->failed |= made->name.p == NULL;
    put(u, node, made);
    return u->failed ? NULL : made;
}

/* ---- items ---- */

/* [.key == "literal" && …]: what, written, makes the item that satisfies it. */
static bool is_pair(const struct code *x, const struct frame_def *frame)
{
    if (x->op == OP_AND)
        return is_pair(x->arg[0], frame) && is_pair(x->arg[1], frame);
    if (x->op != OP_EQUAL || x->arg[0]->op != OP_PATH || x->arg[1]->op != OP_CONST)
        return false;
    const struct in_path *path = x->arg[0]->path;
    return path->steps == NULL && path->point->kind == POINT_KEY && path->point->parent == frame->item &&
           x->arg[1]->constant != NULL && x->arg[1]->constant->type != JSON_NULL;
}

static struct str key_of(const struct code *equality)
{
    return equality->arg[0]->path->point->key;
}

static bool is_same_pair(const struct code *a, const struct code *b)
{
    if (a->op != b->op)
        return false;
    if (a->op == OP_AND)
        return is_same_pair(a->arg[0], b->arg[0]) && is_same_pair(a->arg[1], b->arg[1]);
    return str_eq(key_of(a), key_of(b)) && json_equal(a->arg[1]->constant, b->arg[1]->constant);
}

bool unread_pair_holds(struct unread *u, const struct code *x, const struct json_node *item)
{
    struct decimal a, b;
    if (x->op == OP_AND)
        return unread_pair_holds(u, x->arg[0], item) && unread_pair_holds(u, x->arg[1], item);
    const struct json_node *value = json_get(item, key_of(x)), *literal = x->arg[1]->constant;
    if (value == NULL || (value->type != JSON_NUMBER && !x->arg[1]->numeric))
        return value != NULL && json_equal(value, literal);
    return decimal_parse(&a, json_text(value), &u->running) &&
           decimal_parse(&b, json_text(literal), &u->running) && decimal_cmp(&a, &b) == 0;
}

static struct node *enter(struct node *node)
{
    if (node == NULL)
        return NULL;
    node->enters = true;
    for (struct node *up = node->up; up != NULL && !up->deep; up = up->up)
        up->deep = true;
    return node;
}

static bool is_same_pick(const struct pick *a, const struct pick *b)
{
    return a->kind == b->kind && a->index == b->index &&
           (a->kind != PICK_PAIR || is_same_pair(a->pair, b->pair));
}

static bool add_pick(struct unread *u, struct node *node, const struct pick *pick)
{
    struct pick *made = arena_alloc(&u->arena, sizeof *made);
    if (made == NULL) {
        u->failed = true;
        return false;
    }
    *made = *pick;
    made->next = node->picks;
    node->picks = made;
    return true;
}

/* What is read of the items that PICK takes. */
static struct node *items_of(struct unread *u, struct node *node, struct pick pick)
{
    if (node == u->rows)
        return u->root;
    for (struct pick *p = enter(node)->picks; p != NULL; p = p->next) {
        if (is_same_pick(p, &pick))
            return p->node;
    }
    pick.node = unread_node(u, node);
    return pick.node != NULL && add_pick(u, node, &pick) ? pick.node : NULL;
}

static struct node *each_of(struct unread *u, struct node *node)
{
    return items_of(u, node, (struct pick){.kind = PICK_EACH});
}

/* ---- what two rules read ---- */

static struct node *known_union(const struct node *a, const struct node *b)
{
    for (const struct union_of *known = a->unions; known != NULL; known = known->next) {
        if (known->with == b)
            return known->made;
    }
    return NULL;
}

static void note_union(struct unread *u, struct node *a, const struct node *b, struct node *made)
{
    struct union_of *known = arena_alloc(&u->arena, sizeof *known);
    if (known == NULL) {
        u->failed = true;
        return;
    }
    *known = (struct union_of){b, made, a->unions};
    a->unions = known;
}

static void join(struct unread *u, struct node *made, const struct node *a, const struct node *b)
{
    for (uint32_t i = 0; i < a->nchildren; i++) {
        uint32_t other = unread_find(u, b, a->child[i]->name);
        put(u, made, other != UNREAD_NONE ? unread_both(u, a->child[i], b->child[other]) : a->child[i]);
    }
    for (uint32_t i = 0; i < b->nchildren; i++) {
        if (unread_find(u, a, b->child[i]->name) == UNREAD_NONE)
            put(u, made, b->child[i]);
    }
    for (const struct pick *p = a->picks; p != NULL; p = p->next)
        add_pick(u, made, p);
    for (const struct pick *p = b->picks; p != NULL; p = p->next)
        add_pick(u, made, p);
    made->any = b->any != NULL ? unread_both(u, a->any, b->any) : a->any;
    made->enters = a->enters || b->enters;
    made->is_asked = a->is_asked || b->is_asked;
}

struct node *unread_both(struct unread *u, struct node *a, struct node *b)
{
    if (a == NULL || a == b || b->is_read)
        return b;
    if (a->is_read)
        return a;
    struct node *made = known_union(a, b);
    if (made != NULL || (made = unread_node(u, a->up)) == NULL)
        return made;
    made->name = a->name;
    made->is_any = a->is_any;
    join(u, made, a, b);
    note_union(u, a, b, made);
    return made;
}

/* ---- what a program reads ---- */

static struct node *any_key(struct unread *u, struct node *node)
{
    if (node->any == NULL)
        node->any = unread_node(u, node);
    if (node->any != NULL)
        node->any->is_any = true;
    return node->any;
}

static struct node *filtered(struct unread *u, struct node *node, const struct in_step *step)
{
    struct node *items = is_pair(step->cond, step->frame)
                             ? items_of(u, node, (struct pick){.kind = PICK_PAIR, .pair = step->cond})
                             : each_of(u, node);
    u->of_frame[step->frame->index] = items;
    return items;
}

static struct node *along(struct unread *u, struct node *node, const struct in_step *step)
{
    for (; step != NULL && node != NULL; step = step->next) {
        switch (step->kind) {
        case STEP_KEY: node = unread_add(u, enter(node), step->key); break;
        case STEP_ANY: node = any_key(u, enter(node)); break;
        case STEP_FILTER: node = filtered(u, node, step); break;
        case STEP_EACH:
        case STEP_ALIKE: node = each_of(u, node); break;
        case STEP_INDEX:
            if (step->of != NULL)
                node = along(u, node, step->of);
            else if (!step->picks)
                node = items_of(u, node, (struct pick){.kind = PICK_INDEX, .index = step->index});
            break;
        case STEP_RANGE: break;
        }
    }
    return node;
}

static struct node *of_path(struct unread *u, const struct in_path *path);

/* NULL: not known yet, or nothing of the native record. */
static struct node *of_point(struct unread *u, const struct point *p)
{
    struct node *node;
    switch (p->kind) {
    case POINT_ITEM: {
        const struct in_path *of = p->frame->of;
        struct node **known = &u->of_frame[p->frame->index];
        if (*known == NULL && of != NULL && (node = of_path(u, of)) != NULL)
            *known = of->many ? node : each_of(u, node);
        return *known;
    }
    case POINT_KEY:
        node = of_point(u, p->parent);
        return node != NULL ? unread_add(u, enter(node), p->key) : NULL;
    case POINT_INDEX:
        node = of_point(u, p->parent);
        return node != NULL ? items_of(u, node, (struct pick){.kind = PICK_INDEX, .index = p->index}) : NULL;
    case POINT_PATH: return of_path(u, p->path);
    case POINT_ENVELOPE: return NULL;
    }
    return NULL;
}

static struct node *of_path(struct unread *u, const struct in_path *path)
{
    struct node *node = of_point(u, path->point);
    return node != NULL ? along(u, node, path->steps) : NULL;
}

static void mark(struct unread *u, struct node *node, const struct in_path *path)
{
    struct node *items = path->asks ? enter(each_of(u, node)) : NULL;
    if (items != NULL)
        items->is_asked = node->is_asked = true;
    else if (path->enters)
        enter(node);
    else
        node->is_read = true;
}

/* A path into the items of a list is known when that of the list is, so that it may take several rounds. */
static bool look_through(struct unread *u, const struct program *program)
{
    size_t known = 0, before;
    do {
        before = known;
        known = 0;
        for (const struct in_path *path = program->paths; path != NULL && !u->failed; path = path->next) {
            struct node *node = of_path(u, path);
            if (node == NULL)
                continue;
            known++;
            mark(u, node == u->rows || node == u->group ? u->root : node, path);
        }
    } while (known > before && !u->failed);
    return !u->failed;
}

bool unread_program(struct unread *u, const struct program *program)
{
    u->of_frame = calloc(program->nframes, sizeof *u->of_frame);
    if (u->of_frame == NULL)
        return false;
    /* Its records are the rows of a group. */
    bool grouped = program->decl != NULL && program->decl->group != NULL;
    u->of_frame[0] = grouped ? u->group : u->root;
    bool done = look_through(u, program);
    free(u->of_frame);
    u->of_frame = NULL;
    return done;
}
