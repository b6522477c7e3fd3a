#include "json/keys.h"

#include <stdlib.h>

#include "base/arena.h"
#include "json/hash.h"
#include "json/layout.h"
#include "json/pieces.h"

static const uint32_t NONE = UINT32_MAX;

struct json_keys {
    struct arena arena; /* of names, slots and place_of */
    struct str *names;
    size_t count;
    uint32_t *slots; /* index of a name, or NONE; at least twice as many as names, a power of two */
    size_t mask;
    struct hash_seed seed;
    struct layout layout; /* of an object seen before; a key's tag: index of it among the names, or NONE */
    uint32_t *place_of;   /* of each name: its place in the layout, or NONE */
    uint64_t number;      /* of the objects that have this layout, as json_alike tells it; 0: not known */
    size_t unknown;       /* keys of the layout that are none of the names */
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
    layout_init(&k->layout, JSON_BYTES_MOST);
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
    layout_release(&k->layout);
    buf_release(&k->decoded);
    arena_release(&k->arena);
    free(k);
}

/* Takes the keys of OBJECT for the layout; where memory runs out there is none, and all keys are looked up.
 */
static void learn(struct json_keys *k, const struct json_node *object)
{
    for (size_t i = 0; i < k->count; i++)
        k->place_of[i] = NONE;
    k->number = 0;
    k->unknown = 0;
    if (!layout_learn(&k->layout, object, &k->decoded))
        return;
    for (size_t i = 0; i < k->layout.count; i++) {
        struct layout_key *key = &k->layout.key[i];
        key->tag = look_up(k, (struct str){key->p, key->n});
        k->unknown += key->tag == NONE;
        if (key->tag != NONE && k->place_of[key->tag] == NONE)
            k->place_of[key->tag] = (uint32_t)i;
    }
}

/* The slow way for a key that does not stand where the layout has it: *PLACE moves behind it where the layout
 * has it elsewhere. */
static uint32_t stray(struct json_keys *k, const struct json_node *key, const struct layout_key **place)
{
    struct str text = json_decode(key, &k->decoded);
    uint32_t name = text.p != NULL ? look_up(k, text) : NONE;
    if (name != NONE && k->place_of[name] != NONE)
        *place = k->layout.key + k->place_of[name] + 1;
    return name;
}

/* The first object is learned, and one that differs in more than a quarter of its keys where the last one did
 * so too: kinds of objects that take turns do not oust each other. */
static void consider(struct json_keys *k, const struct json_node *object, size_t strays)
{
    bool strayed = strays > json_count(object) / 4;
    if (strayed && (k->strayed || k->layout.count == 0)) {
        learn(k, object);
        strayed = false;
    }
    k->strayed = strayed;
}

/* From KEY on, the first that is not where the layout has it. */
static __attribute__((noinline)) size_t find_strays(struct json_keys *k, const struct json_node *object,
                                                    const struct json_node *key,
                                                    const struct layout_key *place,
                                                    const struct json_node **found)
{
    const struct layout_key *behind = k->layout.count > 0 ? k->layout.key + k->layout.count : NULL;
    const struct json_node *end = json_next(object);
    size_t strays = 0, unknown = 0;
    for (; key < end; key = json_next_key(key)) {
        uint32_t name;
        if (place < behind && layout_has(place, key)) {
            name = place++->tag;
        } else {
            name = stray(k, key, &place);
            strays++;
        }
        if (name == NONE)
            unknown++;
        else if (found[name] == NULL)
            found[name] = json_value_of(key);
    }
    consider(k, object, strays);
    return unknown;
}

/* Whether the last object had just the keys of the layout is told by *WHOLE. */
static inline size_t find(struct json_keys *k, const struct json_node *object, const struct json_node **found,
                          bool *whole)
{
    memset(found, 0, k->count * sizeof *found);
    *whole = false;
    if (!json_is(object, JSON_OBJECT))
        return 0;
    const struct layout_key *place = k->layout.key;
    const struct json_node *key = object + 1, *end = json_next(object);
    size_t left = k->layout.count, unknown = 0;
    for (; key < end && left > 0 && layout_has(place, key); left--, place++) {
        if (place->tag == NONE)
            unknown++;
        else if (found[place->tag] == NULL)
            found[place->tag] = json_value_of(key);
        key = json_next_key(key);
    }
    if (UNLIKELY(key < end))
        return unknown + find_strays(k, object, key, place, found);
    *whole = left == 0;
    k->strayed = false;
    return unknown;
}

size_t json_keys_find(struct json_keys *k, const struct json_node *object, const struct json_node **found)
{
    bool whole;
    return find(k, object, found, &whole);
}

/* OBJECT has the keys of the layout. */
static size_t find_placed(const struct json_keys *k, const struct json_node *object,
                          const struct json_node **found)
{
    if (object->span == 1 + 2 * k->layout.count) {
        for (size_t i = 0; i < k->count; i++)
            found[i] = k->place_of[i] != NONE ? object + 2 + 2 * (size_t)k->place_of[i] : NULL;
        return k->unknown;
    }
    memset(found, 0, k->count * sizeof *found);
    const struct json_node *key = object + 1;
    for (size_t i = 0; i < k->layout.count; i++, key = json_next_key(key))
        if (k->layout.key[i].tag != NONE)
            found[k->layout.key[i].tag] = json_value_of(key);
    return k->unknown;
}

size_t json_keys_find_alike(struct json_keys *k, const struct json_node *object, uint64_t number,
                            const struct json_node **found)
{
    bool whole;
    if (number != 0 && number == k->number)
        return find_placed(k, object, found);
    size_t unknown = find(k, object, found, &whole);
    if (whole)
        k->number = number;
    return unknown;
}
