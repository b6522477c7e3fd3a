#include "canon/lookup.h"

#include <stdint.h>

struct entry {
    struct str word;
    const struct json_node *value;
};

/* Open addressing over a power of two, at most half full; entries of one direction. */
struct index {
    struct entry *slot;
    size_t cap, n;
};

struct lookup {
    struct arena *arena;
    struct str name;
    bool is_enum;
    struct index decode, encode;
    const struct json_node *rest;
    struct json_node many; /* marks what is ambiguous */
};

/* FNV-1a with a final mix: the words come from files that the user wrote, so that no attacker chooses them.
 */
static uint64_t hash(struct str s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return h ^ (h >> 29);
}

static struct entry *find(const struct index *index, struct str word)
{
    if (index->cap == 0)
        return NULL;
    size_t i = hash(word) & (index->cap - 1);
    while (index->slot[i].word.p != NULL && !str_eq(index->slot[i].word, word))
        i = (i + 1) & (index->cap - 1);
    return &index->slot[i];
}

static bool grow(struct index *index, struct arena *a)
{
    struct index larger = {.cap = index->cap > 0 ? index->cap * 2 : 16, .n = index->n};
    larger.slot = arena_array(a, larger.cap, sizeof *larger.slot);
    if (larger.slot == NULL)
        return false;
    for (size_t i = 0; i < index->cap; i++) {
        if (index->slot[i].word.p != NULL)
            *find(&larger, index->slot[i].word) = index->slot[i];
    }
    *index = larger;
    return true;
}

struct lookup *lookup_new(struct arena *a, struct str name, bool is_enum)
{
    struct lookup *l = arena_alloc(a, sizeof *l);
    if (l != NULL) {
        l->arena = a;
        l->name = name;
        l->is_enum = is_enum;
    }
    return l;
}

struct str lookup_name(const struct lookup *l)
{
    return l->name;
}

static void put(struct index *index, struct entry *at, struct str word, const struct json_node *value)
{
    *at = (struct entry){word, value};
    index->n++;
}

int lookup_add(struct lookup *l, struct str word, const struct json_node *value)
{
    if ((2 * l->decode.n >= l->decode.cap && !grow(&l->decode, l->arena)) ||
        (2 * l->encode.n >= l->encode.cap && !grow(&l->encode, l->arena)))
        return -1;
    struct entry *at = find(&l->decode, word);
    if (at->word.p != NULL)
        return json_equal(at->value, value) ? 0 : 1;
    put(&l->decode, at, word, value);
    if (value->type != JSON_STRING)
        return 0;
    struct str text = json_string(value, l->arena);
    struct json_node *node = arena_alloc(l->arena, sizeof *node);
    if (node == NULL || text.p == NULL)
        return -1;
    *node = json_string_node(word);
    at = find(&l->encode, text);
    if (at->word.p == NULL)
        put(&l->encode, at, text, node);
    else if (!l->is_enum)
        at->value = &l->many;
    return 0;
}

void lookup_set_rest(struct lookup *l, const struct json_node *value)
{
    l->rest = value;
}

const struct json_node *lookup_rest(const struct lookup *l)
{
    return l->rest;
}

const struct json_node *lookup_decode(const struct lookup *l, struct str word)
{
    const struct entry *at = find(&l->decode, word);
    return at != NULL ? at->value : NULL;
}

const struct json_node *lookup_encode(const struct lookup *l, struct str value, bool *ambiguous)
{
    const struct entry *at = find(&l->encode, value);
    *ambiguous = at != NULL && at->value == &l->many;
    return at != NULL && !*ambiguous ? at->value : NULL;
}

size_t lookup_count(const struct lookup *l)
{
    return l->decode.n;
}
