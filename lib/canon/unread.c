#include "canon/unread.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/pointer.h"
#include "canon/native_path.h"
#include "json/hash.h"
#include "json/layout.h"

/* FIELDS_MOST: unread fields that are told apart; those met later are counted together. */
enum { FIELDS_MOST = 1000, KEYS_MOST = 16 << 20 };

/* A key of a native object, and what is read of its value; lists are passed through. */
struct node {
    struct str name;
    struct node *up;
    struct node **child;
    uint32_t nchildren, room;
    uint32_t *slot; /* by hash of the name: an index of CHILD plus 1, or 0; MASK + 1 of them */
    uint32_t mask;
    struct node *any;     /* for the keys that no child is for (.*); NULL */
    bool is_read, enters; /* whole; or some of what is in it */
    bool deep;            /* a child is read in parts */
    bool listed;          /* its values are items of lists */
    uint64_t records, last;
    struct layout layout; /* of the objects that stand here; tag: an index of CHILD, or NONE */
};

static const uint32_t NONE = UINT32_MAX;

struct unread {
    struct arena arena;
    struct hash_seed seed;
    struct node *root, *beyond;
    struct node group;   /* what a map with `group` reads: only its rows are of the record */
    struct node **field; /* that are not read, in the order in which they were met */
    size_t nfields, room;
    uint64_t record; /* number of the one at hand */
    uint64_t alike;  /* of records that have no unread value, and nothing deep; 0: not known */
    struct node *first;
    int found;
    bool failed;
    struct buf decoded, path;
    /* values of the record at hand */
    bool keep;
    struct unread_value *value;
    size_t nvalues, value_room;
    struct arena running;   /* texts of the record at hand */
    struct node **of_frame; /* while a program is looked through */
};

/* NULL: memory. */
static struct node *new_node(struct unread *u, struct node *up)
{
    struct node *made = arena_alloc(&u->arena, sizeof *made);
    if (made == NULL) {
        u->failed = true;
        return NULL;
    }
    made->up = up;
    layout_init(&made->layout, KEYS_MOST);
    return made;
}

struct unread *unread_new(bool keep)
{
    struct unread *u = calloc(1, sizeof *u);
    if (u == NULL)
        return NULL;
    arena_init(&u->arena, (size_t)1 << 30);
    arena_init(&u->running, (size_t)1 << 30);
    buf_init(&u->decoded, JSON_BYTES_MOST);
    buf_init(&u->path, JSON_BYTES_MOST);
    u->seed = hash_seed_new();
    u->keep = keep;
    u->root = new_node(u, NULL);
    u->beyond = new_node(u, NULL);
    if (u->root != NULL && u->beyond != NULL)
        return u;
    unread_free(u);
    return NULL;
}

static void release(struct node *node)
{
    for (uint32_t i = 0; i < node->nchildren; i++)
        release(node->child[i]);
    if (node->any != NULL)
        release(node->any);
    layout_release(&node->layout);
    free(node->child);
    free(node->slot);
}

void unread_free(struct unread *u)
{
    if (u == NULL)
        return;
    if (u->root != NULL)
        release(u->root);
    arena_release(&u->arena);
    arena_release(&u->running);
    buf_release(&u->decoded);
    buf_release(&u->path);
    free(u->field);
    free(u->value);
    free(u);
}

/* ---- the tree of keys ---- */

static uint32_t *slot_of(const struct unread *u, const struct node *node, struct str name)
{
    uint32_t i = (uint32_t)hash_bytes(u->seed, name) & node->mask;
    while (node->slot[i] != 0 && !str_eq(node->child[node->slot[i] - 1]->name, name))
        i = (i + 1) & node->mask;
    return &node->slot[i];
}

static uint32_t find(const struct unread *u, const struct node *node, struct str name)
{
    return node->slot != NULL ? *slot_of(u, node, name) - 1 : NONE;
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
    if (slot == NULL)
        return false;
    free(node->slot);
    node->slot = slot;
    node->mask = 2 * room - 1;
    node->room = room;
    for (uint32_t i = 0; i < node->nchildren; i++)
        *slot_of(u, node, node->child[i]->name) = i + 1;
    return true;
}

/* The child NAME, made or found. NULL: memory. */
static struct node *add(struct unread *u, struct node *node, struct str name)
{
    uint32_t i = find(u, node, name);
    if (i != NONE)
        return node->child[i];
    struct node *made = new_node(u, node);
    if (made == NULL || !make_room(u, node) || (made->name = arena_str(&u->arena, name)).p == NULL) {
        u->failed = true;
        return NULL;
    }
    node->child[node->nchildren] = made;
    *slot_of(u, node, name) = ++node->nchildren;
    return made;
}

/* ---- what a program reads ---- */

static struct node *enter(struct node *node)
{
    if (node == NULL)
        return NULL;
    node->enters = true;
    for (struct node *up = node->up; up != NULL && !up->deep; up = up->up)
        up->deep = true;
    return node;
}

static struct node *any_key(struct unread *u, struct node *node)
{
    if (node->any == NULL)
        node->any = new_node(u, node);
    return node->any;
}

static struct node *along(struct unread *u, struct node *node, const struct in_step *step)
{
    for (; step != NULL && node != NULL && node != &u->group; step = step->next) {
        if (step->kind == STEP_FILTER)
            u->of_frame[step->frame->index] = node;
        else if (step->kind == STEP_KEY)
            node = add(u, enter(node), step->key);
        else if (step->kind == STEP_ANY)
            node = any_key(u, enter(node));
        if (step->of != NULL)
            along(u, node, step->of);
    }
    return node;
}

static struct node *of_path(struct unread *u, const struct in_path *path);

/* NULL: not known yet, or nothing of the native record. */
static struct node *of_point(struct unread *u, const struct point *p)
{
    struct node *node;
    switch (p->kind) {
    case POINT_ITEM:
        if (u->of_frame[p->frame->index] == NULL && p->frame->of != NULL)
            u->of_frame[p->frame->index] = of_path(u, p->frame->of);
        return u->of_frame[p->frame->index];
    case POINT_KEY:
        node = of_point(u, p->parent);
        if (node == &u->group)
            return str_eq(p->key, STR("rows")) ? u->root : NULL;
        return node != NULL ? add(u, enter(node), p->key) : NULL;
    case POINT_INDEX: return of_point(u, p->parent);
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

/* A path into the items of a list is known when that of the list is, so that it may take several rounds. */
static bool look_through(struct unread *u, const struct program *program)
{
    size_t known = 0, before;
    do {
        before = known;
        known = 0;
        for (const struct in_path *path = program->paths; path != NULL; path = path->next) {
            struct node *node = of_path(u, path);
            if (node == NULL)
                continue;
            known++;
            if (path->enters || node == &u->group)
                enter(node);
            else
                node->is_read = true;
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
    u->of_frame[0] = grouped ? &u->group : u->root;
    bool done = look_through(u, program);
    free(u->of_frame);
    u->of_frame = NULL;
    return done;
}

/* ---- records ---- */

static bool is_value(const struct json_node *v)
{
    switch (v->type) {
    case JSON_NULL: return false;
    case JSON_STRING: return v->n > 0;
    case JSON_OBJECT:
    case JSON_ARRAY: return v->span > 1;
    default: return true;
    }
}

/* A field that no rule names, as one more child. */
static struct node *meet(struct unread *u, struct node *node, struct str name)
{
    if (u->nfields == FIELDS_MOST)
        return u->beyond;
    struct node **list = list_room(u->field, u->nfields, &u->room, sizeof(struct node *));
    if (list == NULL) {
        u->failed = true;
        return u->beyond;
    }
    u->field = list;
    struct node *made = add(u, node, name);
    if (made == NULL)
        return u->beyond;
    return u->field[u->nfields++] = made;
}

static struct node *named(struct unread *u, struct node *node, const struct json_node *key)
{
    struct str name = json_string(key, &u->running);
    uint32_t i = name.p != NULL ? find(u, node, name) : NONE;
    if (i != NONE)
        return node->child[i];
    if (node->any != NULL)
        return node->any;
    return name.p != NULL ? meet(u, node, name) : u->beyond;
}

static void keep(struct unread *u, const struct json_node *key, const struct json_node *value)
{
    struct unread_value *list = list_room(u->value, u->nvalues, &u->value_room, sizeof *list);
    if (list == NULL) {
        u->failed = true;
        return;
    }
    u->value = list;
    size_t from = u->path.n;
    pointer_put(&u->path, json_string(key, &u->running));
    struct str pointer = arena_str(&u->running, buf_str(&u->path));
    u->path.n = from;
    u->failed |= pointer.p == NULL;
    u->value[u->nvalues++] = (struct unread_value){pointer, value};
}

static void count(struct unread *u, struct node *field, const struct json_node *key,
                  const struct json_node *value)
{
    if (!is_value(value))
        return;
    if (field->last != u->record) {
        field->last = u->record;
        field->records++;
    }
    if (u->found++ == 0)
        u->first = field;
    if (u->keep)
        keep(u, key, value);
}

static void look(struct unread *u, struct node *node, const struct json_node *v, bool listed);

static void look_deeper(struct unread *u, struct node *node, const struct json_node *key,
                        const struct json_node *v)
{
    size_t from = u->path.n;
    if (u->keep)
        pointer_put(&u->path, json_string(key, &u->running));
    look(u, node, v, false);
    u->path.n = from;
}

static void look_at_items(struct unread *u, struct node *node, const struct json_node *list)
{
    size_t index = 0;
    for (const struct json_node *item = list + 1, *end = json_next(list); item < end;
         item = json_next(item)) {
        size_t from = u->path.n;
        if (u->keep)
            pointer_put_index(&u->path, index++);
        look(u, node, item, true);
        u->path.n = from;
    }
}

/* Learns the keys of OBJECT, all of which are children then, or are counted together. */
static void learn(struct unread *u, struct node *node, const struct json_node *object)
{
    if (!layout_learn(&node->layout, object, &u->decoded))
        return;
    for (size_t i = 0; i < node->layout.count; i++) {
        struct layout_key *key = &node->layout.key[i];
        key->tag = find(u, node, (struct str){key->p, key->n});
    }
}

static void look_at_object(struct unread *u, struct node *node, const struct json_node *object)
{
    const struct layout_key *place = node->layout.key, *behind = place + node->layout.count;
    size_t strays = 0;
    for (const struct json_node *key = object + 1, *end = json_next(object); key < end;
         key = json_next_key(key)) {
        struct node *child;
        if (place < behind && layout_has(place, key) && place->tag != NONE) {
            child = node->child[place++->tag];
        } else {
            child = named(u, node, key);
            place += place < behind;
            strays++;
        }
        if (child->is_read)
            continue;
        if (child->enters)
            look_deeper(u, child, key, json_value_of(key));
        else
            count(u, child, key, json_value_of(key));
    }
    if (strays > json_count(object) / 4)
        learn(u, node, object);
}

static void look(struct unread *u, struct node *node, const struct json_node *v, bool listed)
{
    node->listed |= listed;
    if (v->type == JSON_ARRAY)
        look_at_items(u, node, v);
    else if (v->type == JSON_OBJECT)
        look_at_object(u, node, v);
}

int unread_look(struct unread *u, const struct json_node *record, uint64_t alike)
{
    u->record++;
    u->found = 0;
    u->nvalues = 0;
    if ((alike != 0 && alike == u->alike) || u->root->is_read)
        return 0;
    arena_reset(&u->running);
    buf_reset(&u->path);
    look(u, u->root, record, false);
    /* Where all keys are read whole, the next record with the same keys need not be looked at. */
    if (u->nfields == 0 && u->beyond->records == 0 && !u->root->deep)
        u->alike = alike;
    return u->failed ? -1 : u->found;
}

size_t unread_values(const struct unread *u, const struct unread_value **values)
{
    *values = u->value;
    return u->nvalues;
}

static void spell(struct unread *u, const struct node *node)
{
    if (node->up == NULL)
        return;
    spell(u, node->up);
    if (node->up->listed && node->up->up != NULL)
        native_path_each(&u->path);
    if (node->up->any == node)
        buf_put(&u->path, STR(".*"));
    else
        native_path_key(&u->path, node->name);
}

static struct str spelled(struct unread *u, const struct node *node)
{
    buf_reset(&u->path);
    spell(u, node);
    return buf_str(&u->path);
}

struct str unread_first(struct unread *u)
{
    return spelled(u, u->first);
}

bool unread_next(struct unread *u, size_t *at, struct unread_field *field)
{
    while (*at < u->nfields && u->field[*at]->records == 0)
        ++*at;
    if (*at >= u->nfields)
        return false;
    struct node *node = u->field[(*at)++];
    *field = (struct unread_field){spelled(u, node), node->records};
    return true;
}

uint64_t unread_beyond(const struct unread *u)
{
    return u->beyond->records;
}
