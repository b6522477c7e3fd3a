#include "canon/unread_tree.h"

#include <stdlib.h>

#include "base/list.h"
#include "base/pointer.h"
#include "canon/native_path.h"

/* Unread fields that are told apart; those met later are counted together. */
enum { FIELDS_MOST = 1000 };

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
    u->root = unread_node(u, NULL);
    u->beyond = unread_node(u, NULL);
    u->group = unread_node(u, NULL);
    u->rows = u->group != NULL ? unread_add(u, u->group, STR("rows")) : NULL;
    struct unread_count *beyond = arena_alloc(&u->arena, sizeof *beyond);
    if (u->beyond != NULL && beyond != NULL && !u->failed) {
        u->beyond->count = beyond;
        return u;
    }
    unread_free(u);
    return NULL;
}

void unread_free(struct unread *u)
{
    if (u == NULL)
        return;
    for (struct node *node = u->all; node != NULL; node = node->next) {
        layout_release(&node->layout);
        free(node->child);
        free(node->slot);
    }
    arena_release(&u->arena);
    arena_release(&u->running);
    buf_release(&u->decoded);
    buf_release(&u->path);
    free(u->counts);
    free(u->value);
    free(u);
}

/* ---- what is counted ---- */

static void spell(struct buf *out, const struct node *node)
{
    if (node->up == NULL)
        return;
    spell(out, node->up);
    if (node->is_any)
        buf_put(out, STR(".*"));
    else if (node->name.p != NULL)
        native_path_key(out, node->name);
    else
        native_path_each(out);
}

static struct unread_count *find_count(const struct unread *u, struct str path)
{
    for (size_t i = 0; i < u->ncounts; i++) {
        if (str_eq(u->counts[i]->path, path))
            return u->counts[i];
    }
    return NULL;
}

/* What is counted for the values of NODE, or for its items: fields that are spelled alike are one. */
static struct unread_count *counted(struct unread *u, const struct node *node, bool items)
{
    buf_reset(&u->decoded);
    spell(&u->decoded, node);
    if (items)
        native_path_each(&u->decoded);
    struct unread_count *known = find_count(u, buf_str(&u->decoded));
    if (known != NULL)
        return known;
    struct unread_count **list = list_room(u->counts, u->ncounts, &u->counts_room, sizeof *list);
    struct unread_count *made = arena_alloc(&u->arena, sizeof *made);
    struct str path = arena_str(&u->arena, buf_str(&u->decoded));
    if (list != NULL)
        u->counts = list;
    if (list == NULL || made == NULL || path.p == NULL)
        return NULL;
    u->is_new = true;
    made->path = path;
    return u->counts[u->ncounts++] = made;
}

static void keep(struct unread *u, const struct json_node *value)
{
    struct unread_value *list = list_room(u->value, u->nvalues, &u->value_room, sizeof *list);
    struct str pointer = arena_str(&u->running, buf_str(&u->path));
    if (list != NULL)
        u->value = list;
    if (list == NULL || pointer.p == NULL) {
        u->failed = true;
        return;
    }
    u->value[u->nvalues++] = (struct unread_value){pointer, value};
}

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

/* VALUE, of NODE or an item of it, is not read. */
static void count(struct unread *u, struct node *node, bool item, const struct json_node *value)
{
    struct unread_count **at = item ? &node->items : &node->count;
    if (!is_value(value))
        return;
    if (*at == NULL && (*at = counted(u, node, item)) == NULL) {
        u->failed = true;
        return;
    }
    if ((*at)->last != u->record) {
        (*at)->last = u->record;
        (*at)->records++;
    }
    if (u->found++ == 0)
        u->first = *at;
    if (u->keep)
        keep(u, value);
}

/* ---- records ---- */

/* A field that no rule names, as one more child. */
static struct node *meet(struct unread *u, struct node *node, struct str name)
{
    u->is_new = true;
    if (u->nmet == FIELDS_MOST)
        return u->beyond;
    struct node *made = unread_add(u, node, name);
    if (made == NULL)
        return u->beyond;
    u->nmet++;
    return made;
}

static struct node *named(struct unread *u, struct node *node, const struct json_node *key)
{
    struct str name = json_string(key, &u->running);
    uint32_t i = name.p != NULL ? unread_find(u, node, name) : UNREAD_NONE;
    if (i != UNREAD_NONE)
        return node->child[i];
    if (node->any != NULL)
        return node->any;
    return name.p != NULL ? meet(u, node, name) : u->beyond;
}

static void look(struct unread *u, struct node *node, const struct json_node *v);

/* NODE, to which comes what is read of the items like this one. NULL: nothing, where NODE is. */
static struct node *picked(struct unread *u, struct node *node, const struct pick *picks, size_t index,
                           const struct json_node *item)
{
    for (const struct pick *p = picks; p != NULL && !u->failed; p = p->next) {
        if (p->kind == PICK_EACH || (p->kind == PICK_INDEX && p->index == index) ||
            (p->kind == PICK_PAIR && unread_pair_holds(u, p->pair, item)))
            node = unread_both(u, node, p->node);
    }
    return node;
}

static void look_at_items(struct unread *u, struct node *node, const struct json_node *list)
{
    size_t index = 0;
    for (const struct json_node *item = list + 1, *end = json_next(list); item < end;
         item = json_next(item), index++) {
        size_t from = u->path.n;
        struct node *inner = picked(u, NULL, node->picks, index, item);
        if (u->keep)
            pointer_put_index(&u->path, index);
        if (inner == NULL)
            count(u, node, true, item);
        else
            look(u, inner, item);
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
        key->tag = unread_find(u, node, (struct str){key->p, key->n});
    }
}

static void look_at_value(struct unread *u, struct node *child, const struct json_node *key)
{
    size_t from = u->path.n;
    if (u->keep)
        pointer_put(&u->path, json_string(key, &u->running));
    if (child->enters)
        look(u, child, json_value_of(key));
    else
        count(u, child, false, json_value_of(key));
    u->path.n = from;
}

static void look_at_object(struct unread *u, struct node *node, const struct json_node *object)
{
    const struct layout_key *place = node->layout.key, *behind = place + node->layout.count;
    size_t strays = 0;
    for (const struct json_node *key = object + 1, *end = json_next(object); key < end;
         key = json_next_key(key)) {
        struct node *child;
        if (place < behind && layout_has(place, key) && place->tag != UNREAD_NONE) {
            child = node->child[place++->tag];
        } else {
            child = named(u, node, key);
            place += place < behind;
            strays++;
        }
        if (node->any != NULL && (child = unread_both(u, child, node->any)) == NULL)
            return;
        if (!child->is_read)
            look_at_value(u, child, key);
    }
    if (strays > json_count(object) / 4)
        learn(u, node, object);
}

static void look(struct unread *u, struct node *node, const struct json_node *v)
{
    if (v->type == JSON_ARRAY && !node->is_read) {
        look_at_items(u, node, v);
        return;
    }
    node = picked(u, node, node->picks, 0, v);
    if (node == NULL || node->is_read)
        return;
    if (v->type == JSON_OBJECT)
        look_at_object(u, node, v);
    else if (!node->is_asked)
        count(u, node, false, v);
}

static void take_back(struct unread *u, struct unread_count *count)
{
    if (count->last == u->record) {
        count->last = 0;
        count->records--;
    }
}

/* Nothing of the record at hand was counted. */
static void take_back_all(struct unread *u)
{
    for (size_t i = 0; i < u->ncounts; i++)
        take_back(u, u->counts[i]);
    take_back(u, u->beyond->count);
}

int unread_look(struct unread *u, const struct json_node *record, uint64_t alike)
{
    u->record++;
    u->found = 0;
    u->is_new = false;
    u->nvalues = 0;
    if ((alike != 0 && alike == u->alike) || u->root->is_read)
        return 0;
    arena_reset(&u->running);
    buf_reset(&u->path);
    look(u, u->root, record);
    /* Where all keys are read whole, the next record with the same keys need not be looked at. */
    if (u->nmet == 0 && !u->root->deep)
        u->alike = alike;
    if (u->failed)
        return -1;
    if (!u->is_helper || !u->is_new)
        return u->found;
    take_back_all(u);
    return UNREAD_LEFT;
}

/* ---- several that look ---- */

void unread_be_helper(struct unread *u)
{
    u->is_helper = true;
}

void unread_join(struct unread *u, const struct unread *helper)
{
    for (size_t i = 0; i < helper->ncounts; i++) {
        const struct unread_count *seen = helper->counts[i];
        struct unread_count *count = find_count(u, seen->path);
        (count != NULL ? count : u->beyond->count)->records += seen->records;
    }
    u->beyond->count->records += helper->beyond->count->records;
}

size_t unread_values(const struct unread *u, const struct unread_value **values)
{
    *values = u->value;
    return u->nvalues;
}

struct str unread_first(const struct unread *u)
{
    return u->first->path;
}

bool unread_next(const struct unread *u, size_t *at, struct unread_field *field)
{
    if (*at == u->ncounts)
        return false;
    const struct unread_count *count = u->counts[(*at)++];
    *field = (struct unread_field){count->path, count->records};
    return true;
}

uint64_t unread_beyond(const struct unread *u)
{
    return u->beyond->count->records;
}
