/*
 * Any JSON against the shipped contract, or, where a line "---" stands in the input, what is behind it, line
 * by line, against a schema that is before it: any text, too, which is refused with a reason. Data is refused
 * with a reason, or has canonical bytes that are taken again and give themselves. Run where pipelines/ is.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "canon/schema_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const entities[] = {
    "order",   "customer", "product",  "inventory_level", "inventory_adjustment",
    "payment", "refund",   "shipment", "payout",          "journal_entry"};

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

static void check(struct bench *b, const struct schema *s, struct str data)
{
    arena_reset(&b->arena);
    buf_reset(&b->text);
    buf_put(&b->text, data);
    law(buf_ok(&b->text) && buf_room(&b->text, JSON_PAD) != NULL);
    if (!apply(b, s, &b->text, &b->canonical))
        return;
    struct str once = arena_str(&b->arena, buf_str(&b->canonical));
    law(buf_room(&b->canonical, JSON_PAD) != NULL);
    law(apply(b, s, &b->canonical, &b->text));
    law(once.p != NULL && str_eq(once, buf_str(&b->text)));
}

/* Schemas are read from files: this one has no name but that of its descriptor. */
static const struct schema *load(struct contract *c, struct str text)
{
    char path[32];
    struct err e = {0};
    int fd = file_unlinked(&e);
    law(fd != -1 && write_all(fd, text, &e) == 0);
    law(snprintf(path, sizeof path, "/proc/self/fd/%d", fd) > 0);
    const struct schema *s = schema_load(c, str_of(path), &e);
    law((s == NULL) == (e.code != NULL) && (s != NULL || e.message[0] != '\0'));
    close(fd);
    return s;
}

static void check_own(struct bench *b, struct str schema, struct str lines)
{
    struct contract *contract = contract_new();
    law(contract != NULL);
    const struct schema *s = load(contract, schema);
    while (s != NULL && lines.n > 0) {
        size_t end = str_find(lines, '\n');
        check(b, s, str_slice(lines, 0, end));
        lines = str_slice(lines, end + 1, lines.n);
    }
    contract_free(contract);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench *b = bench();
    struct err e = {0};
    struct str all = {(const char *)data, size}, separator = STR("\n---\n");
    size_t split = size > 0 ? str_search(all, separator, 0) : 0;
    if (split < size)
        check_own(b, str_slice(all, 0, split), str_slice(all, split + separator.n, size));
    for (size_t i = 0; split == size && i < sizeof entities / sizeof entities[0]; i++) {
        const struct schema *s = contract_entity(b->contract, str_of(entities[i]), &e);
        law(s != NULL);
        check(b, s, all);
    }
    return 0;
}
