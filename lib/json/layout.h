/*
 * For those who keep the keys of objects: the keys of an object that was seen before, in their order. The
 * records of one stream mostly look alike: where the next object has the same keys, each costs a comparison
 * or two of eight bytes.
 *
 *     const struct layout_key *known = layout.key;
 *     for each key of the object: if (layout_has(known, key)) known++; …
 */
#ifndef HUB_JSON_LAYOUT_H
#define HUB_JSON_LAYOUT_H

#include "json/json.h"
#include "json/key_sign.h"

struct layout_key {
    struct key_sign sign;
    const char *p; /* decoded; it stands between quotes and before a colon */
    uint32_t n;
    uint32_t tag; /* for who keeps the layout */
};

struct layout {
    struct layout_key *key;
    size_t count, room;
    struct buf bytes; /* of the keys, with quotes and colons */
    bool clean;       /* no key needs an escape: what stands around P is its JSON text */
};

/* BYTES: most that all keys together may have. */
void layout_init(struct layout *l, size_t bytes);
void layout_release(struct layout *l);

/* Takes the keys of OBJECT. False where memory ran out or they are too many bytes: then it holds none. WORK
 * is overwritten. */
bool layout_learn(struct layout *l, const struct json_node *object, struct buf *work);

/* Whether KEY is the known one; an escaped key never is. */
static inline bool layout_has(const struct layout_key *known, const struct json_node *key)
{
    return key_is(key, &known->sign, known->p);
}

#endif
