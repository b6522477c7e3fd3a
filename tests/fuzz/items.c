/*
 * Laws of lib/json/items over any bytes: how they are cut into reads changes nothing; what json_parse takes
 * for one text gives the values that the pointer names, and no other text does without a word; a bad item
 * stands between two places where an item could stand, and the others are not touched by it.
 *
 * A first line that begins with "/" is the pointer.
 */
#include <stdint.h>
#include <stdlib.h>

#include "pieces.h"
#include "json/items.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEPTH = 100 };

static void law(bool holds)
{
    if (!holds)
        abort();
}

struct sum {
    struct buf good, bad; /* the items, each with a newline behind it */
    uint64_t ngood, nbad, lines;
    enum json_items_got end;
    struct err why;
};

static void read_all(struct sum *sum, struct str text, struct str pointer, size_t step)
{
    struct pieces bytes = {text, step};
    struct json_items items;
    struct err e = {0};
    *sum = (struct sum){0};
    buf_init(&sum->good, SIZE_MAX / 4);
    buf_init(&sum->bad, SIZE_MAX / 4);
    if (json_items_init(&items, (struct reader){pieces_read, &bytes}, pointer, DEPTH, &e) == -1) {
        law(e.code != NULL); /* too many steps */
        sum->end = JSON_ITEMS_FATAL;
        sum->why = e;
        return;
    }
    size_t at = 0;
    while ((sum->end = json_items_next(&items, &e)) == JSON_ITEMS_OK || sum->end == JSON_ITEMS_BAD) {
        bool good = sum->end == JSON_ITEMS_OK;
        struct buf *out = good ? &sum->good : &sum->bad;
        at = str_search(text, items.text, at);
        law(at <= text.n);
        at += items.text.n;
        law(good == (e.code == NULL));
        err_clear(&e);
        buf_put(out, items.text);
        buf_byte(out, '\n');
        *(good ? &sum->ngood : &sum->nbad) += 1;
        sum->lines += items.line;
    }
    law((sum->end == JSON_ITEMS_FATAL) == (e.code != NULL));
    sum->why = e;
    json_items_release(&items);
}

static void release(struct sum *sum)
{
    buf_release(&sum->good);
    buf_release(&sum->bad);
}

static bool is_same(const struct sum *a, const struct sum *b)
{
    return a->end == b->end && a->ngood == b->ngood && a->nbad == b->nbad && a->lines == b->lines &&
           str_eq(buf_str(&a->good), buf_str(&b->good)) && str_eq(buf_str(&a->bad), buf_str(&b->bad)) &&
           strcmp(a->why.message, b->why.message) == 0;
}

/* The items as the whole text has them. */
static void check_whole(const struct sum *sum, const struct json_node *root, struct str pointer)
{
    const struct json_node *v = json_pointer(root, pointer);
    if (sum->end == JSON_ITEMS_FATAL) /* a key of the path stands twice, or there is no list */
        return;
    law(json_is(v, JSON_ARRAY) || json_is(v, JSON_OBJECT));
    const struct json_node *at = json_is(v, JSON_ARRAY) ? v + 1 : v, *end = json_next(v);
    struct buf wanted;
    buf_init(&wanted, SIZE_MAX / 4);
    for (; at < end; at = json_next(at)) {
        bool quoted = at->type == JSON_STRING;
        buf_put(&wanted, (struct str){at->p - quoted, at->n + (quoted ? 2 : 0)});
        buf_byte(&wanted, '\n');
    }
    law(sum->nbad == 0 && str_eq(buf_str(&sum->good), buf_str(&wanted)));
    buf_release(&wanted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size}, pointer = {"", 0};
    if (size > 0 && text.p[0] == '/') {
        size_t n = str_find(text, '\n');
        pointer = str_slice(text, 0, n);
        text = str_slice(text, n + 1, text.n);
    }
    struct sum whole, cut;
    read_all(&whole, text, pointer, SIZE_MAX);
    read_all(&cut, text, pointer, 1);
    law(is_same(&whole, &cut));
    struct buf padded;
    struct json_tape tape;
    struct json_limits limits = {.depth = DEPTH, .bytes = JSON_BYTES};
    struct err e = {0};
    buf_init(&padded, SIZE_MAX / 4);
    buf_put(&padded, text);
    json_tape_init(&tape);
    if (padded.n > 0 && json_parse(&tape, buf_str(&padded), &limits, NULL, &e) == 0)
        check_whole(&whole, tape.node, pointer);
    json_tape_release(&tape);
    buf_release(&padded);
    release(&whole);
    release(&cut);
    return 0;
}
