#include "compare/diff.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/siphash.h"
#include "compare/changed.h"
#include "record/record.h"

enum { SLOTS_FIRST = 1024, ITEMS_FIRST = 512 };
enum { KEY_MOST = JSON_BYTES, TEXT_MOST = 512 << 20 };

/* A record as it is kept: the texts one after the other. */
struct held {
    int64_t v;
    uint32_t data_n, of_n, source_n, entity_n,
        id_n; /* bytes; data_n is 0 in a tombstone, of_n where there is none */
    char bytes[];
};

/* What the two sides hold under one key. */
struct item {
    struct siphash key;         /* stands for the key: see siphash.h */
    const struct held *held[2]; /* by side; NULL: not mentioned. One and the same where they do not differ */
    uint64_t line[2];
};

/* A text of JSON, parsed. */
struct parsed {
    struct buf text; /* json_parse reads beyond the end of what it parses */
    struct json_tape tape;
};

/* Open addressing: the tag saves most looks at the keys of others. */
struct slot {
    uint32_t tag;  /* of the key's hash */
    uint32_t item; /* 1 + index; 0: free */
};

struct diff {
    const struct diff_options *options;
    struct siphash_key secret;
    struct item *item; /* in the order in which the keys came */
    size_t items, items_cap;
    struct slot *slot;
    size_t slots;    /* 0, or a power of two */
    uint32_t *order; /* of NEW: items that are new there, or differ */
    size_t ordered, order_cap;
    struct arena held;
    struct changed changed;
    struct json_tape sorted; /* the record at hand */
    struct buf key, text;
    struct parsed before, after, of;
    bool partial;
    size_t next; /* in order, then in item */
};

static void parsed_init(struct parsed *p)
{
    buf_init(&p->text, TEXT_MOST);
    json_tape_init(&p->tape);
}

static void parsed_release(struct parsed *p)
{
    buf_release(&p->text);
    json_tape_release(&p->tape);
}

struct diff *diff_new(const struct diff_options *options, struct err *e)
{
    struct diff *d = calloc(1, sizeof *d);
    if (d == NULL) {
        err_memory(e);
        return NULL;
    }
    d->options = options;
    d->secret = siphash_random_key();
    arena_init(&d->held, SIZE_MAX / 2);
    changed_init(&d->changed, options->ignored, options->nignored);
    json_tape_init(&d->sorted);
    buf_init(&d->key, KEY_MOST);
    buf_init(&d->text, TEXT_MOST);
    parsed_init(&d->before);
    parsed_init(&d->after);
    parsed_init(&d->of);
    return d;
}

void diff_free(struct diff *d)
{
    if (d == NULL)
        return;
    parsed_release(&d->before);
    parsed_release(&d->after);
    parsed_release(&d->of);
    buf_release(&d->key);
    buf_release(&d->text);
    json_tape_release(&d->sorted);
    changed_release(&d->changed);
    arena_release(&d->held);
    free(d->order);
    free(d->slot);
    free(d->item);
    free(d);
}

void diff_reset(struct diff *d)
{
    if (d->items > 0)
        memset(d->slot, 0, d->slots * sizeof *d->slot);
    d->items = d->ordered = d->next = 0;
    d->partial = false;
    arena_reset(&d->held);
}

/* ---- keys ---- */

/* Texts of JSON one after the other: none is the beginning of another. */
static int make_key(struct diff *d, const struct record *r, struct err *e)
{
    const struct diff_options *o = d->options;
    buf_reset(&d->key);
    json_write_string(&d->key, r->entity);
    for (size_t i = 0; i < o->nkeys; i++) {
        const struct json_node *value = r->deleted ? NULL : json_pointer(r->data, o->keys[i]);
        if (value == NULL || value->type == JSON_NULL || value->type == JSON_ARRAY ||
            value->type == JSON_OBJECT) {
            err_field(e, o->keys[i]);
            return err_set(e, "record",
                           r->deleted      ? "a deletion without data cannot be told by a key within it"
                           : value == NULL ? "a key, and not there"
                                           : "a key, and neither text nor number nor boolean");
        }
        json_write_canonical(&d->key, value);
        buf_byte(&d->key, ',');
    }
    if (o->nkeys == 0) {
        json_write_string(&d->key, r->source);
        json_write_string(&d->key, r->id);
    }
    return buf_ok(&d->key) ? 0 : err_memory(e);
}

/* The slot in which KEY is, or the free one where it would be. */
static struct slot *find_slot(const struct diff *d, struct siphash key)
{
    size_t mask = d->slots - 1;
    for (size_t i = (size_t)key.low & mask;; i = (i + 1) & mask) {
        struct slot *slot = &d->slot[i];
        if (slot->item == 0)
            return slot;
        if (slot->tag != (uint32_t)key.high)
            continue;
        const struct siphash *there = &d->item[slot->item - 1].key;
        if (there->low == key.low && there->high == key.high)
            return slot;
    }
}

static void fill_slot(struct slot *slot, struct siphash key, size_t index)
{
    *slot = (struct slot){(uint32_t)key.high, (uint32_t)index + 1};
}

/* Keeps at least a quarter of the slots free. */
static bool grow_slots(struct diff *d)
{
    if (d->items < d->slots / 4 * 3)
        return true;
    size_t slots = d->slots == 0 ? SLOTS_FIRST : d->slots * 2;
    struct slot *slot = calloc(slots, sizeof *slot);
    if (slot == NULL)
        return false;
    free(d->slot);
    d->slot = slot;
    d->slots = slots;
    for (size_t i = 0; i < d->items; i++)
        fill_slot(find_slot(d, d->item[i].key), d->item[i].key, i);
    return true;
}

static bool grow_items(struct diff *d)
{
    if (d->items < d->items_cap)
        return true;
    size_t cap = d->items_cap == 0 ? ITEMS_FIRST : d->items_cap * 2;
    struct item *item = cap <= UINT32_MAX ? realloc(d->item, cap * sizeof *item) : NULL;
    if (item == NULL)
        return false;
    d->item = item;
    d->items_cap = cap;
    return true;
}

static bool grow_order(struct diff *d)
{
    if (d->ordered < d->order_cap)
        return true;
    size_t cap = d->order_cap == 0 ? ITEMS_FIRST : d->order_cap * 2;
    uint32_t *order = realloc(d->order, cap * sizeof *order);
    if (order == NULL)
        return false;
    d->order = order;
    d->order_cap = cap;
    return true;
}

/* The item of the key in d->key, made where there is none; NULL: memory. */
static struct item *item_of_key(struct diff *d)
{
    if (!grow_slots(d) || !grow_items(d) || !grow_order(d))
        return NULL;
    struct siphash key = siphash_128(d->secret, buf_str(&d->key));
    struct slot *slot = find_slot(d, key);
    if (slot->item == 0) {
        d->item[d->items] = (struct item){.key = key};
        fill_slot(slot, key, d->items++);
    }
    return &d->item[slot->item - 1];
}

/* ---- what is kept ---- */

static struct str held_data(const struct held *h)
{
    return (struct str){h->bytes, h->data_n};
}

/* A record that is there; a tombstone is not. */
static bool is_there(const struct held *h)
{
    return h != NULL && h->data_n > 0;
}

/* d->text becomes the canonical text of what is kept of R: its data (none in a tombstone), then `of`. */
static bool spell(struct diff *d, const struct record *r, size_t *data_n)
{
    buf_reset(&d->text);
    d->sorted.n = 0;
    if (!r->deleted) {
        if (!json_sort(&d->sorted, r->data))
            return false;
        json_write_canonical(&d->text, d->sorted.node);
    }
    *data_n = d->text.n;
    d->sorted.n = 0;
    if (r->of != NULL) {
        if (!json_sort(&d->sorted, r->of))
            return false;
        json_write_canonical(&d->text, d->sorted.node);
    }
    return buf_ok(&d->text);
}

static const struct held *hold(struct diff *d, const struct record *r, size_t data_n)
{
    struct held *h = arena_raw(&d->held, sizeof *h + d->text.n + r->source.n + r->entity.n + r->id.n);
    if (h == NULL)
        return NULL;
    *h = (struct held){.v = r->v,
                       .data_n = (uint32_t)data_n,
                       .of_n = (uint32_t)(d->text.n - data_n),
                       .source_n = (uint32_t)r->source.n,
                       .entity_n = (uint32_t)r->entity.n,
                       .id_n = (uint32_t)r->id.n};
    char *at = h->bytes;
    const struct str parts[] = {buf_str(&d->text), r->source, r->entity, r->id};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].n > 0)
            memcpy(at, parts[i].p, parts[i].n);
        at += parts[i].n;
    }
    return h;
}

/* TEXT was kept and is valid: what can fail is memory. */
static const struct json_node *parse(struct parsed *p, struct str text, struct err *e)
{
    buf_reset(&p->text);
    buf_put(&p->text, text);
    return json_parse_made(&p->tape, &p->text, e) == 0 ? p->tape.node : NULL;
}

/* Whether two texts of data differ in what is not ignored: 1, 0, or -1. */
static int differ(struct diff *d, struct str before, struct str after, struct err *e)
{
    if (str_eq(before, after))
        return 0;
    if (before.n == 0 || after.n == 0 || d->options->nignored == 0)
        return 1;
    const struct json_node *b = parse(&d->before, before, e);
    const struct json_node *a = b != NULL ? parse(&d->after, after, e) : NULL;
    int places = a != NULL ? changed_find(&d->changed, b, a, e) : -1;
    return places > 0 ? 1 : places;
}

static enum diff_took take_again(struct diff *d, enum diff_side side, const struct item *item, size_t data_n,
                                 struct err *e)
{
    int other = differ(d, held_data(item->held[side]), str_slice(buf_str(&d->text), 0, data_n), e);
    if (other == 1)
        err_set(e, "duplicate", "line %" PRIu64 " has another record with the same key", item->line[side]);
    return other == -1 ? DIFF_FATAL : other == 0 ? DIFF_AGAIN : DIFF_REFUSED;
}

enum diff_took diff_take(struct diff *d, enum diff_side side, const struct record *r, struct err *e)
{
    size_t data_n;
    if (r->kind != RECORD_CANONICAL) {
        err_set(e, "record", "no canonical record: only those can be compared");
        return DIFF_REFUSED;
    }
    if (make_key(d, r, e) == -1)
        return strcmp(e->code, "memory") == 0 ? DIFF_FATAL : DIFF_REFUSED;
    struct item *item = item_of_key(d);
    if (item == NULL || !spell(d, r, &data_n)) {
        err_memory(e);
        return DIFF_FATAL;
    }
    if (item->held[side] != NULL)
        return take_again(d, side, item, data_n, e);
    const struct held *old = side == DIFF_NEW ? item->held[DIFF_OLD] : NULL;
    int changes = old != NULL ? differ(d, held_data(old), str_slice(buf_str(&d->text), 0, data_n), e) : 1;
    if (changes == -1)
        return DIFF_FATAL;
    item->held[side] = changes ? hold(d, r, data_n) : old;
    item->line[side] = r->number;
    if (item->held[side] == NULL) {
        err_memory(e);
        return DIFF_FATAL;
    }
    if (side == DIFF_NEW && changes && !r->deleted)
        d->order[d->ordered++] = (uint32_t)(item - d->item);
    return DIFF_TAKEN;
}

void diff_keep_absent(struct diff *d)
{
    d->partial = true;
}

/* ---- what is given ---- */

/* The envelope of a change is that of H; of what BEFORE and AFTER hold, NULL is not there. */
static int give(struct diff *d, struct record *change, const char *op, const struct held *h,
                const struct held *before, const struct held *after, struct err *e)
{
    const char *at = h->bytes + h->data_n + h->of_n;
    *change = (struct record){.kind = RECORD_CHANGE, .op = str_of(op), .v = h->v};
    change->source = (struct str){at, h->source_n};
    change->entity = (struct str){at + h->source_n, h->entity_n};
    change->id = (struct str){at + h->source_n + h->entity_n, h->id_n};
    if (h->of_n > 0 && (change->of = parse(&d->of, (struct str){h->bytes + h->data_n, h->of_n}, e)) == NULL)
        return -1;
    if (before != NULL && (change->before = parse(&d->before, held_data(before), e)) == NULL)
        return -1;
    if (after != NULL && (change->after = parse(&d->after, held_data(after), e)) == NULL)
        return -1;
    if (before == NULL || after == NULL)
        return 1;
    if (changed_find(&d->changed, change->before, change->after, e) == -1)
        return -1;
    change->changed = d->changed.list.node;
    return 1;
}

int diff_next(struct diff *d, struct record *change, struct err *e)
{
    if (d->next < d->ordered) {
        const struct item *item = &d->item[d->order[d->next++]];
        const struct held *old = item->held[DIFF_OLD], *new = item->held[DIFF_NEW];
        return is_there(old) ? give(d, change, "update", new, old, new, e)
                             : give(d, change, "create", new, NULL, new, e);
    }
    while (d->next - d->ordered < d->items) {
        const struct item *item = &d->item[d->next++ - d->ordered];
        const struct held *old = item->held[DIFF_OLD], *new = item->held[DIFF_NEW];
        if (is_there(old) && (new != NULL ? !is_there(new) : !d->partial))
            return give(d, change, "delete", old, old, NULL, e);
    }
    return 0;
}
