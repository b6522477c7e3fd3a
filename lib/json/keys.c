#include "json/keys.h"

#include <stdlib.h>

#include "base/arena.h"
#include "json/hash.h"
#include "json/pieces.h"
#include "json/words.h"

static const uint32_t NONE = UINT32_MAX;

/* A key of the layout, in its place. */
struct place {
    const char *p;
    uint32_t n;
    uint32_t name; /* index of it among the names, or NONE */
};

struct json_keys {
    struct arena arena; /* of names, slots and place_of */
    struct str *names;
    size_t count;
    uint32_t *slots; /* index of a name, or NONE; at least twice as many as names, a power of two */
    size_t mask;
    struct hash_seed seed;
    uint32_t *place_of;   /* of each name: its place in the layout, or NONE */
    struct place *layout; /* the keys of an object seen before, in their order */
    size_t places, room;
    struct buf bytes; /* of the keys in the layout */
    struct buf decoded;
    bool strayed; /* the last object was unlike the layout */
};

static uint32_t look_up(const struct json_keys *k, struct str name)
{
    for (size_t i = hash_bytes(k->seed, name) & k->mask; k->slots[i] != NONE; i = (i + 1) & k->mask)
        if (str_eq(k->names[k->slots[i]], name))
            return k->slots[i];
    return NONE;
}

static void add_name(struct json_keys *k, uint32_t name)
{
    size_t i = hash_bytes(k->seed, k->names[name]) & k->mask;
    while (k->slots[i] != NONE) {
        if (str_eq(k->names[k->slots[i]], k->names[name]))
            return;
        i = (i + 1) & k->mask;
    }
    k->slots[i] = name;
}

static bool take_names(struct json_keys *k, const struct str *names, size_t count)
{
    size_t slots = 4;
    while (slots < 2 * count)
        slots *= 2;
    k->count = count;
    k->mask = slots - 1;
    k->names = arena_array(&k->arena, count, sizeof *k->names);
    k->slots = arena_array(&k->arena, slots, sizeof *k->slots);
    k->place_of = arena_array(&k->arena, count, sizeof *k->place_of);
    if (k->names == NULL || k->slots == NULL || k->place_of == NULL)
        return false;
    memset(k->slots, 0xFF, slots * sizeof *k->slots);
    for (uint32_t i = 0; i < count; i++) {
        k->place_of[i] = NONE;
        k->names[i] = arena_str(&k->arena, names[i]);
        if (k->names[i].p == NULL)
            return false;
        add_name(k, i);
    }
    return true;
}

struct json_keys *json_keys_new(const struct str *names, size_t count)
{
    struct json_keys *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    arena_init(&k->arena, SIZE_MAX / 2);
    buf_init(&k->bytes, JSON_BYTES_MOST);
    buf_init(&k->decoded, JSON_BYTES_MOST);
    k->seed = hash_seed_new();
    if (take_names(k, names, count))
        return k;
    json_keys_free(k);
    return NULL;
}

void json_keys_free(struct json_keys *k)
{
    if (k == NULL)
        return;
    free(k->layout);
    buf_release(&k->bytes);
    buf_release(&k->decoded);
    arena_release(&k->arena);
    free(k);
}

/* Room for the keys of OBJECT in the layout; false where memory ran out. */
static bool make_room(struct json_keys *k, const struct json_node *object)
{
    size_t count = 0, bytes = 0;
    const struct json_node *end = json_next(object);
    for (const struct json_node *key = object + 1; key < end; key = json_next_key(key)) {
        count++;
        bytes += key->n;
    }
    buf_reset(&k->bytes);
    if (buf_room(&k->bytes, bytes) == NULL)
        return false;
    if (count <= k->room)
        return true;
    struct place *layout = realloc(k->layout, count * sizeof *layout);
    if (layout == NULL)
        return false;
    k->layout = layout;
    k->room = count;
    return true;
}

/* Takes the keys of OBJECT for the layout; where memory runs out there is none, and all keys are looked up.
 */
static void learn(struct json_keys *k, const struct json_node *object)
{
    for (size_t i = 0; i < k->count; i++)
        k->place_of[i] = NONE;
    k->places = 0;
    if (!make_room(k, object))
        return;
    const struct json_node *end = json_next(object);
    for (const struct json_node *key = object + 1; key < end; key = json_next_key(key)) {
        struct str name = json_decode(key, &k->decoded);
        if (name.p == NULL)
            return;
        struct place *place = &k->layout[k->places];
        *place = (struct place){k->bytes.p + k->bytes.n, (uint32_t)name.n, look_up(k, name)};
        buf_put(&k->bytes, name);
        if (place->name != NONE && k->place_of[place->name] == NONE)
            k->place_of[place->name] = (uint32_t)k->places;
        k->places++;
    }
}

/* The slow way for a key that does not stand where the layout has it: *PLACE moves behind it where the layout
 * has it elsewhere. */
static uint32_t stray(struct json_keys *k, const struct json_node *key, const struct place **place)
{
    struct str text = json_decode(key, &k->decoded);
    uint32_t name = text.p != NULL ? look_up(k, text) : NONE;
    if (name != NONE && k->place_of[name] != NONE)
        *place = k->layout + k->place_of[name] + 1;
    return name;
}

/* The first object is learned, and one that differs in more than a quarter of its keys where the last one did
 * so too: kinds of objects that take turns do not oust each other. */
static void consider(struct json_keys *k, const struct json_node *object, size_t keys, size_t strays)
{
    bool strayed = strays > keys / 4;
    if (strayed && (k->strayed || k->places == 0)) {
        learn(k, object);
        strayed = false;
    }
    k->strayed = strayed;
}

size_t json_keys_find(struct json_keys *k, const struct json_node *object, const struct json_node **found)
{
    for (size_t i = 0; i < k->count; i++)
        found[i] = NULL;
    if (!json_is(object, JSON_OBJECT))
        return 0;
    const struct place *place = k->layout, *behind = k->places > 0 ? k->layout + k->places : place;
    const struct json_node *end = json_next(object);
    size_t keys = 0, strays = 0, unknown = 0;
    for (const struct json_node *key = object + 1; key < end; key = json_next_key(key)) {
        uint32_t name;
        if (LIKELY(place < behind && key->n == place->n && key->form != JSON_ESCAPED &&
                   same_bytes(key->p, place->p, place->n))) {
            name = place++->name;
        } else {
            name = stray(k, key, &place);
            strays++;
        }
        if (name == NONE)
            unknown++;
        else if (found[name] == NULL)
            found[name] = json_value_of(key);
        keys++;
    }
    if (UNLIKELY(strays > 0 || k->strayed))
        consider(k, object, keys, strays);
    return unknown;
}
