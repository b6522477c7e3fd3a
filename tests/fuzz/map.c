/*
 * Any text as a map, and any line as a record for it: a map file, a line "---", then lines of records.
 * Nothing crashes; what a map makes meets the contract and is spelled canonically already; what it writes of
 * that is a record, and so is what is read of this again, or it is refused. Run where pipelines/ is.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "canon/map.h"
#include "record/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void law(bool holds)
{
    if (!holds)
        abort();
}

struct bench {
    struct contract *contract;
    struct record_in in;
    struct buf line, once, again, all;
};

static struct bench *bench(void)
{
    static struct bench b;
    struct err e = {0};
    if (b.contract == NULL) {
        b.contract = contract_new();
        law(b.contract != NULL && record_in_init(&b.in, RECORD_MARKS_IGNORED, &e) == 0);
        buf_init(&b.line, 1 << 24);
        buf_init(&b.once, 1 << 24);
        buf_init(&b.again, 1 << 24);
        buf_init(&b.all, 1 << 26);
    }
    return &b;
}

/* There and back: each native record that is written of CANONICAL, read again. */
static void write_and_read(struct bench *b, struct map_set *maps, struct str canonical, struct str stream)
{
    struct record r = {.input = "fuzz", .number = 1};
    struct err e = {0};
    buf_reset(&b->line);
    buf_put(&b->line, canonical);
    law(record_of_line(&b->in, buf_str(&b->line), &r, &e) == RECORD_OK);
    int n = map_write(maps, &r, stream, &e);
    law(n >= 0 || e.code != NULL);
    if (n < 1)
        return;
    struct record native = *map_result(maps, 0);
    buf_reset(&b->again);
    record_write(&b->again, &native);
    struct str line = str_slice(buf_str(&b->again), 0, b->again.n - 1);
    law(record_of_line(&b->in, line, &r, &e) == RECORD_OK && r.kind == RECORD_NATIVE);
    e = (struct err){0};
    law(map_read(maps, &r, &e) >= 0 || e.code != NULL);
}

static void run_line(struct bench *b, struct map_set *maps, struct map_set *spelling, struct str line)
{
    struct record r = {.input = "fuzz", .number = 1};
    struct err e = {0};
    buf_reset(&b->line);
    buf_put(&b->line, line);
    if (record_of_line(&b->in, buf_str(&b->line), &r, &e) != RECORD_OK)
        return;
    if (r.kind == RECORD_CANONICAL && r.data != NULL)
        map_write(maps, &r, STR("a:b"), &e);
    char stream[64];
    snprintf(stream, sizeof stream, "%.*s", r.kind == RECORD_NATIVE ? (int)r.stream.n : 0, r.stream.p);
    if (r.kind != RECORD_NATIVE && r.kind != RECORD_CANONICAL)
        return;
    e = (struct err){0};
    int n = map_read(maps, &r, &e);
    law(n >= 0 || e.code != NULL);
    buf_reset(&b->all);
    for (int i = 0; i < n; i++) {
        struct record made = *map_result(maps, i);
        buf_reset(&b->once);
        buf_reset(&b->again);
        record_write(&b->once, &made);
        law(map_respell(spelling, &made, &e) == 1);
        record_write(&b->again, map_result(spelling, 0));
        law(str_eq(buf_str(&b->once), buf_str(&b->again)));
        buf_put(&b->all, buf_str(&b->once));
    }
    for (struct str left = buf_str(&b->all); n > 0 && stream[0] != '\0' && left.n > 0;) {
        size_t end = str_find(left, '\n');
        write_and_read(b, maps, str_slice(left, 0, end), str_of(stream));
        left = str_slice(left, end + 1, left.n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench *b = bench();
    struct str all = {(const char *)data, size}, separator = STR("\n---\n");
    size_t split = str_search(all, separator, 0);
    struct str map = str_slice(all, 0, split), records = str_slice(all, split + separator.n, size);
    const struct map_env env = {.contract = b->contract};
    struct map_set *maps = map_set_new(&env), *spelling = map_set_new(&env);
    struct err e = {0};
    law(maps != NULL && spelling != NULL);
    int done = map_set_load_text(maps, "fuzz.map", map, &e);
    if (done == 0)
        done = map_set_compile(maps, MAP_READ | MAP_WRITE, &e);
    law(done == 0 || e.code != NULL);
    while (done == 0 && records.n > 0) {
        size_t end = str_find(records, '\n');
        run_line(b, maps, spelling, str_slice(records, 0, end));
        records = str_slice(records, end + 1, records.n);
    }
    map_set_free(maps);
    map_set_free(spelling);
    return 0;
}
