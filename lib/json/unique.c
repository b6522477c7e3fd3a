#include "json/json.h"

#include <stdlib.h>

#include "json/hash.h"
#include "json/parse.h"
#include "json/pieces.h"

/* A key that was seen in the object of this stamp; a slot with another stamp is empty, so that no object has
 * to clear the table. */
struct slot {
    uint32_t stamp;
    uint32_t key; /* nodes from the value that is checked */
};

enum { SLOTS_LEAST = 512, LAYOUT_BYTES = 16 << 10 };

/* The number of the layout learned last in this process: so that numbers from two of who check records never
 * mean different keys. */
static _Atomic uint64_t last_number;

struct json_unique {
    struct slot *slots; /* a power of two of them */
    size_t count;
    uint32_t stamp;
    struct hash_seed seed;
    struct buf decoded;
    struct expect expect;            /* layouts by their keys */
    uint64_t number[EXPECT_LAYOUTS]; /* of each */
    size_t missed[EXPECT_LAYOUTS];   /* keys of the last object, where that was unlike the layout; else 0 */
    const struct json_node *value;   /* that was checked last */
};

static bool make_slots(struct json_unique *work, size_t count)
{
    struct slot *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return false;
    free(work->slots);
    work->slots = slots;
    work->count = count;
    work->stamp = 0;
    return true;
}

struct json_unique *json_unique_new(void)
{
    struct json_unique *work = calloc(1, sizeof *work);
    if (work == NULL)
        return NULL;
    buf_init(&work->decoded, JSON_BYTES_MOST);
    for (size_t i = 0; i < EXPECT_LAYOUTS; i++)
        layout_init(&work->expect.layout[i], LAYOUT_BYTES);
    work->seed = hash_seed_new();
    if (make_slots(work, SLOTS_LEAST))
        return work;
    json_unique_free(work);
    return NULL;
}

void json_unique_free(struct json_unique *work)
{
    if (work == NULL)
        return;
    for (size_t i = 0; i < EXPECT_LAYOUTS; i++)
        layout_release(&work->expect.layout[i]);
    free(work->slots);
    buf_release(&work->decoded);
    free(work);
}

/* A new stamp, and at least two slots for each key. */
static bool start_object(struct json_unique *work, const struct json_node *object)
{
    size_t most = object->span;
    if (UNLIKELY(most > work->count)) {
        most = 2 * json_count(object);
        size_t count = work->count;
        while (count < most)
            count *= 2;
        if (count > work->count && !make_slots(work, count))
            return false;
    }
    if (UNLIKELY(work->stamp == UINT32_MAX)) {
        memset(work->slots, 0, work->count * sizeof *work->slots);
        work->stamp = 0;
    }
    work->stamp++;
    return true;
}

/* The first bytes, so that they compare as a number. */
static uint64_t front(const struct json_node *key)
{
    return __builtin_bswap64(word_front(key->p, key->n));
}

/* Whether each key comes behind the one before it, as in canonical data: then none repeats. */
static bool is_ascending(const struct json_node *object, size_t *keys)
{
    const struct json_node *last = object + 1, *end = json_next(object);
    uint64_t last_front = front(last);
    size_t count = 1;
    for (const struct json_node *key = json_next_key(last); key < end; key = json_next_key(key), count++) {
        uint64_t key_front = front(key);
        if (last_front > key_front || key->form == JSON_ESCAPED || last->form == JSON_ESCAPED)
            return false;
        if (last_front == key_front && str_cmp(json_text(last), json_text(key)) >= 0)
            return false;
        last = key;
        last_front = key_front;
    }
    *keys = count;
    return true;
}

static int refuse_repeated(struct json_unique *work, const struct json_node *key, struct err *e)
{
    return err_set(e, "json", "the key %s stands twice in one object",
                   err_quote(json_decode(key, &work->decoded)));
}

static int find_repeated(struct json_unique *work, const struct json_node *root,
                         const struct json_node *object, size_t *keys, struct err *e)
{
    struct slot *slots = work->slots;
    const size_t mask = work->count - 1;
    const uint32_t stamp = work->stamp;
    const struct hash_seed seed = work->seed;
    const struct json_node *end = json_next(object);
    size_t count = 0;
    for (const struct json_node *key = object + 1; key < end; key = json_next_key(key), count++) {
        struct str name = json_text(key);
        if (UNLIKELY(key->form == JSON_ESCAPED)) {
            name = json_decode(key, &work->decoded);
            if (name.p == NULL)
                return err_memory(e);
        }
        size_t i = hash_bytes(seed, name) & mask;
        while (UNLIKELY(slots[i].stamp == stamp)) {
            if (json_string_is(root + slots[i].key, name))
                return refuse_repeated(work, key, e);
            i = (i + 1) & mask;
        }
        slots[i] = (struct slot){stamp, (uint32_t)(key - root)};
    }
    *keys = count;
    return 0;
}

/* Whether an object has just the keys of one in which none repeats. */
static bool is_known(const struct layout *layout, const struct json_node *object)
{
    const struct json_node *end = json_next(object);
    if (layout->count == 0)
        return false;
    const struct layout_key *known = layout->key, *behind = known + layout->count;
    for (const struct json_node *key = object + 1; key < end; key = json_next_key(key), known++)
        if (known == behind || !layout_has(known, key))
            return false;
    return known == behind;
}

/* Where an object with these keys is looked for first: by the front of each. */
static uint32_t home_of(const struct json_unique *work, const struct json_node *object)
{
    const struct json_node *end = json_next(object);
    uint64_t mixed = work->seed.a;
    for (const struct json_node *key = object + 1; key < end; key = json_next_key(key))
        mixed = hash_mix(word_front(key->p, key->n) ^ mixed, key->n ^ work->seed.b);
    return mixed % EXPECT_LAYOUTS;
}

/* Its layout; where there is none yet, that which it would get: a free one from its home on, so that two
 * kinds of objects with one home have one each. */
static uint32_t layout_of(const struct json_unique *work, const struct json_node *object, bool *known)
{
    uint32_t home = home_of(work, object), free_one = EXPECT_LAYOUTS;
    for (uint32_t way = 0; way < EXPECT_WAYS; way++) {
        uint32_t at = (home + way) % EXPECT_LAYOUTS;
        const struct layout *layout = &work->expect.layout[at];
        *known = is_known(layout, object);
        if (*known)
            return at;
        if (layout->count == 0 && free_one == EXPECT_LAYOUTS)
            free_one = at;
    }
    return free_one < EXPECT_LAYOUTS ? free_one : home;
}

/* The layout, from 1, of the object that V is, or that it is a list of; 0: there is none. */
static uint32_t layout_in(const struct json_unique *work, const struct json_node *v)
{
    while (v->type == JSON_ARRAY && v->span > 1)
        v++;
    bool known;
    return v->type == JSON_OBJECT && v->span > 1 ? layout_of(work, v, &known) + 1 : 0;
}

/* OBJECT has this layout: what its values look like is what is expected of the next one. */
static void expect_values(const struct json_unique *work, struct layout *layout,
                          const struct json_node *object)
{
    const struct json_node *key = object + 1;
    if (object->span == 1 + 2 * layout->count)
        return; /* they are all scalars, or empty */
    for (size_t i = 0; i < layout->count; i++, key = json_next_key(key)) {
        uint32_t within = layout_in(work, json_value_of(key));
        if (within != 0)
            layout->key[i].tag = within;
    }
}

static int check_object(struct json_unique *work, const struct json_node *root,
                        const struct json_node *object, size_t *keys, struct err *e)
{
    bool known;
    uint32_t at = layout_of(work, object, &known);
    struct layout *layout = &work->expect.layout[at];
    if (LIKELY(known)) {
        work->missed[at] = 0;
        expect_values(work, layout, object);
        expect_note(&work->expect, (size_t)(object - root), at + 1);
        *keys = layout->count;
        return 0;
    }
    if (!is_ascending(object, keys)) {
        if (!start_object(work, object))
            return err_memory(e);
        if (find_repeated(work, root, object, keys, e) == -1)
            return -1;
    }
    /* One that stands alone among others does not oust their layout. */
    bool again = work->missed[at] == *keys;
    work->missed[at] = *keys;
    if (layout->count > 0 && !again)
        return 0;
    /* Where it cannot be kept, the next one is looked at key by key again. */
    if (*keys <= EXPECT_KEYS && layout_learn(layout, object, &work->decoded)) {
        expect_values(work, layout, object);
        work->number[at] = ++last_number;
    }
    return 0;
}

uint64_t json_alike(const struct json_unique *work, const struct json_node *object)
{
    const struct expect *x = &work->expect;
    for (size_t i = 0; i < x->nalike; i++)
        if (work->value + x->alike[i].at == object)
            return work->number[x->alike[i].layout - 1];
    return 0;
}

static int check_surrogates(const struct json_node *string, struct err *e)
{
    struct json_pieces pieces = json_pieces_of(string);
    for (struct str piece; json_pieces_next(&pieces, &piece);)
        if (pieces.lone)
            return err_set(e, "json", "a lone surrogate in %s", err_quote(json_text(string)));
    return 0;
}

/* Whether the values of an object that has so many keys hold neither objects nor escapes. */
static bool is_checked(const struct json_node *object, size_t keys)
{
    return object->p != NULL && object->form == JSON_CLEAN && object->span == 1 + 2 * keys;
}

int json_check_record(const struct json_node *value, struct json_unique *work, struct err *e)
{
    const struct json_node *end = json_next(value);
    work->value = value;
    work->expect.nalike = 0;
    work->expect.outermost = layout_in(work, value);
    for (const struct json_node *v = value, *next; v < end; v = next) {
        next = v + 1;
        if (v->type == JSON_STRING && UNLIKELY(v->form == JSON_ESCAPED)) {
            if (check_surrogates(v, e) == -1)
                return -1;
        } else if (v->type == JSON_OBJECT && v->span > 1) {
            size_t keys = 0;
            if (check_object(work, value, v, &keys, e) == -1)
                return -1;
            if (is_checked(v, keys))
                next = json_next(v);
        }
    }
    return 0;
}

int json_parse_record(struct json_tape *t, struct str text, const struct json_limits *limits,
                      struct json_unique *work, bool *checked, struct err *e)
{
    bool surrogates = false;
    work->expect.nalike = work->expect.strange = 0;
    if (json_parse_expected(t, text, limits, &work->expect, &surrogates, NULL, e) == -1)
        return -1;
    work->value = t->node;
    *checked = work->expect.strange == 0 && !surrogates;
    return 0;
}
