/*
 * Any JSON against the shipped contract: it is refused with a reason, or has canonical bytes that are taken
 * again and give themselves. Run where pipelines/ is.
 */
#include <stdint.h>
#include <stdlib.h>

#include "canon/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const entities[] = {"order", "customer", "product", "inventory_level", "journal_entry"};

struct bench {
    struct contract *contract;
    struct arena arena;
    struct json_unique *unique;
    struct json_tape in, out;
    struct buf text, canonical;
};

static void law(bool holds)
{
    if (!holds)
        abort();
}

static struct bench *bench(void)
{
    static struct bench b;
    if (b.contract != NULL)
        return &b;
    b.contract = contract_new();
    b.unique = json_unique_new();
    law(b.contract != NULL && b.unique != NULL);
    arena_init(&b.arena, 64 << 20);
    json_tape_init(&b.in);
    json_tape_init(&b.out);
    buf_init(&b.text, 16 << 20);
    buf_init(&b.canonical, 16 << 20);
    return &b;
}

/* TEXT through the schema into OUT; false: refused. */
static bool apply(struct bench *b, const struct schema *s, struct buf *text, struct buf *out)
{
    struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES, .nodes = 0};
    struct schema_run run = {.arena = &b->arena};
    struct err e = {0};
    if (json_parse(&b->in, buf_str(text), &limits, NULL, &e) == -1 || b->in.node[0].type != JSON_OBJECT ||
        json_check_record(b->in.node, b->unique, &e) == -1)
        return false;
    b->out.n = 0;
    if (schema_apply(s, b->in.node, &b->out, &run, &e) == -1) {
        law(e.code != NULL && e.message[0] != '\0' && b->out.n == 0);
        return false;
    }
    law(b->out.n == b->out.node[0].span && b->out.n <= b->in.n);
    buf_reset(out);
    json_write_canonical(out, b->out.node);
    law(buf_ok(out));
    return true;
}

static void check(struct bench *b, const char *entity, const uint8_t *data, size_t size)
{
    struct err e = {0};
    const struct schema *s = contract_entity(b->contract, str_of(entity), &e);
    law(s != NULL);
    arena_reset(&b->arena);
    buf_reset(&b->text);
    buf_put(&b->text, (struct str){(const char *)data, size});
    law(buf_ok(&b->text) && buf_room(&b->text, JSON_PAD) != NULL);
    if (!apply(b, s, &b->text, &b->canonical))
        return;
    struct str once = arena_str(&b->arena, buf_str(&b->canonical));
    law(buf_room(&b->canonical, JSON_PAD) != NULL);
    law(apply(b, s, &b->canonical, &b->text));
    law(once.p != NULL && str_eq(once, buf_str(&b->text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench *b = bench();
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
        check(b, entities[i], data, size);
    return 0;
}
