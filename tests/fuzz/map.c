/*
 * Any text as a map, and any line as a record for it: a map file, a line "---", then lines of records.
 * Nothing crashes; what a map makes meets the contract and is spelled canonically already; what it writes of
 * that is a record. What is read of this again is the same, where all rules of the map are of both
 * directions, or it is refused. Run where pipelines/ is.
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

/* Whether what is read says all that is written: no rule of one direction, no condition, no digest. */
static bool is_two_way(struct str map)
{
    static const char *const words[] = {"each", "when", "group", "md5", "->"};
    struct str arrow = STR("<->");
    bool two_way = true;
    size_t at = str_search(map, arrow, 0), n = arrow.n;
    two_way = at < map.n;
    struct str before = str_slice(map, 0, at), behind = str_slice(map, at + n, map.n);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        two_way = two_way && str_search(before, str_of(words[i]), 0) == before.n &&
                  str_search(behind, str_of(words[i]), 0) == behind.n;
    return two_way && str_search(behind, STR("<-"), 0) == behind.n;
}

struct bench {
    bool two_way; /* the map at hand */
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

/* Whether CANONICAL, a line, is what was read. */
static bool is_read(struct bench *b, struct map_set *maps, int n, struct str canonical)
{
    for (int i = 0; i < n; i++) {
        buf_reset(&b->once);
        record_write(&b->once, map_result(maps, i));
        if (str_eq(str_slice(buf_str(&b->once), 0, b->once.n - 1), canonical))
            return true;
    }
    return false;
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
    n = map_read(maps, &r, &e);
    law(n >= 0 || e.code != NULL);
    law(n < 0 || !b->two_way || is_read(b, maps, n, canonical));
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
    if (size == 0)
        return 0;
    struct bench *b = bench();
    struct str all = {(const char *)data, size}, separator = STR("\n---\n");
    size_t split = str_search(all, separator, 0);
    struct str map = str_slice(all, 0, split), records = str_slice(all, split + separator.n, size);
    const struct map_env env = {.contract = b->contract};
    struct map_set *maps = map_set_new(&env), *spelling = map_set_new(&env);
    struct err e = {0};
    law(maps != NULL && spelling != NULL);
    b->two_way = is_two_way(map);
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
