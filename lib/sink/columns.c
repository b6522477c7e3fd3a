#include "sink/columns.h"

bool columns_init(struct columns *c, size_t most, struct arena *a)
{
    size_t slots = 4;
    while (slots < 2 * most)
        slots *= 2;
    *c = (struct columns){.most = most, .mask = slots - 1, .seed = hash_seed_new()};
    c->name = arena_array(a, most, sizeof *c->name);
    c->slot = arena_array(a, slots, sizeof *c->slot);
    if (c->name == NULL || c->slot == NULL)
        return false;
    memset(c->slot, 0, slots * sizeof *c->slot);
    return true;
}

/* Where NAME is, or the free slot where it would be. */
static uint32_t *find(const struct columns *c, struct str name)
{
    size_t i = hash_bytes(c->seed, name) & c->mask;
    while (c->slot[i] != 0 && !str_eq(c->name[c->slot[i] - 1], name))
        i = (i + 1) & c->mask;
    return &c->slot[i];
}

bool columns_have(const struct columns *c, struct str name)
{
    return *find(c, name) != 0;
}

void columns_add(struct columns *c, struct str name)
{
    uint32_t *slot = find(c, name);
    c->name[c->n++] = name;
    if (*slot == 0)
        *slot = (uint32_t)c->n;
}
