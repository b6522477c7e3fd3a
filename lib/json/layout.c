#include "json/layout.h"

#include <stdlib.h>

#include "json/pieces.h"

void layout_init(struct layout *l, size_t bytes)
{
    *l = (struct layout){0};
    buf_init(&l->bytes, bytes);
}

void layout_release(struct layout *l)
{
    free(l->key);
    buf_release(&l->bytes);
    *l = (struct layout){0};
}

/* Room for the keys of OBJECT, so that their bytes do not move while they are taken. */
static bool make_room(struct layout *l, const struct json_node *object)
{
    size_t count = 0, bytes = 0;
    const struct json_node *end = json_next(object);
    for (const struct json_node *key = object + 1; key < end; key = json_next_key(key)) {
        count++;
        bytes += key->n + 3;
    }
    buf_reset(&l->bytes);
    if (buf_room(&l->bytes, bytes) == NULL)
        return false;
    if (count <= l->room)
        return true;
    struct layout_key *key = realloc(l->key, count * sizeof *key);
    if (key == NULL)
        return false;
    l->key = key;
    l->room = count;
    return true;
}

bool layout_learn(struct layout *l, const struct json_node *object, struct buf *work)
{
    l->count = 0;
    l->clean = true;
    if (!make_room(l, object))
        return false;
    size_t count = 0;
    const struct json_node *end = json_next(object);
    for (const struct json_node *key = object + 1; key < end; key = json_next_key(key)) {
        struct str name = json_decode(key, work);
        if (name.p == NULL)
            return false;
        buf_byte(&l->bytes, '"');
        l->key[count++] = (struct layout_key){
            .sign = key_sign_of(name), .p = l->bytes.p + l->bytes.n, .n = (uint32_t)name.n};
        buf_put(&l->bytes, name);
        buf_put(&l->bytes, STR("\":"));
        l->clean = l->clean && json_is_clean(name);
    }
    l->count = count;
    return true;
}
