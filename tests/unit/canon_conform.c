#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "canon/map.h"
#include "canon/schema.h"
#include "random.h"

/*
 * The law: what a map makes under a contract is what the contract makes of what the map makes under none,
 * with the same warnings and the same refusals, whether or not the contract was asked again.
 */

static const char strict[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"x-currency\":\"currency\",\"required\":["
    "\"currency\","
    "\"kind\"],"
    "\"x-checks\":[{\"check\":\"total == sum(lines[].amount)\",\"level\":\"warn\",\"message\":\"sum\"},"
    "{\"check\":\"note != \\\"bad\\\"\",\"level\":\"refuse\",\"message\":\"a bad note\"}],"
    "\"properties\":{\"amount\":{\"type\":[\"string\",\"null\"],\"format\":\"money\"},"
    "\"at\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"currency\":{\"type\":\"string\",\"format\":\"currency\"},"
    "\"email\":{\"type\":\"string\",\"format\":\"email\"},"
    "\"kind\":{\"enum\":[\"one\",\"two\",null]},"
    "\"lines\":{\"type\":\"array\",\"maxItems\":3,\"items\":{\"type\":\"object\",\"additionalProperties\":"
    "false,"
    "\"required\":[\"sku\"],\"x-checks\":[{\"check\":\"amount > "
    "0\",\"level\":\"warn\",\"message\":\"none\"}],"
    "\"properties\":{\"amount\":{\"type\":\"string\",\"format\":\"money\"},"
    "\"rate\":{\"type\":\"string\",\"format\":\"decimal\"},\"sku\":{\"type\":\"string\"}}}},"
    "\"note\":{\"type\":[\"string\",\"null\"],\"maxLength\":4},"
    "\"other\":{\"type\":\"object\",\"x-currency\":\"currency\",\"properties\":{"
    "\"cost\":{\"type\":\"string\",\"format\":\"money\"},"
    "\"currency\":{\"type\":\"string\",\"format\":\"currency\"},\"open\":{\"type\":\"boolean\"}}},"
    "\"tags\":{\"type\":\"array\",\"x-set\":true,\"items\":{\"type\":\"string\"}},"
    "\"total\":{\"type\":\"string\",\"format\":\"money\"}}}";

static const char rules[] = "<- x:json {\n"
                            "amount <- .amount\n"
                            "at <- .at | time\n"
                            "currency <- .currency\n"
                            "email <- .email | email\n"
                            "kind <- .kind\n"
                            "lines[] <- .lines[] { amount <- .amount; rate <- .rate; sku <- .sku }\n"
                            "note <- .note\n"
                            "other { cost <- .cost; currency <- .its; open <- .open }\n"
                            "tags[] <- .tags[]\n"
                            "total <- .total\n"
                            "}\n";

static struct contract *contract;
static struct record_in in;
/* What came of a record: its bytes or why not, behind the warnings. */
static struct buf told;
static char folder[] = "/tmp/hub-conform-XXXXXX";

static int write_text(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    return f != NULL && fputs(text, f) >= 0 && fclose(f) == 0 ? 0 : -1;
}

static int start(void **unused)
{
    (void)unused;
    struct err e = {0};
    char path[128];
    random_seed(UINT64_C(0x9E3779B97F4A7C15));
    buf_init(&told, 1 << 16);
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/schema", folder);
    if (mkdir(path, 0700) == -1 || write_text("schema/strict.json", strict) == -1 ||
        write_text("schema/loose.json", "{\"type\":\"object\",\"additionalProperties\":true}") == -1 ||
        setenv("HUB_PATH", folder, 1) == -1)
        return -1;
    contract = contract_new();
    return contract != NULL ? record_in_init(&in, RECORD_MARKS_IGNORED, &e) : -1;
}

static int stop(void **unused)
{
    static const char *const names[] = {"schema/strict.json", "schema/loose.json"};
    (void)unused;
    char path[128];
    buf_release(&told);
    record_in_release(&in);
    contract_free(contract);
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/schema", folder);
    rmdir(path);
    return rmdir(folder);
}

static const char *said(void)
{
    buf_byte(&told, '\0');
    assert_true(buf_ok(&told));
    return told.p != NULL ? told.p : "";
}

static void warn_of_check(void *arg, const char *check, const char *message)
{
    (void)arg;
    buf_printf(&told, "%s: %s; ", check, message);
}

static void warn_of_record(void *arg, const struct record *canonical, const char *check, const char *message)
{
    (void)canonical;
    warn_of_check(arg, check, message);
}

static struct map_set *load(const char *entity)
{
    char map[2048];
    struct err e = {0};
    const struct map_env env = {.contract = contract, .warn = warn_of_record};
    struct map_set *maps = map_set_new(&env);
    assert_non_null(maps);
    snprintf(map, sizeof map, "map %s %s", entity, rules);
    if (map_set_load_text(maps, "test.map", str_of(map), &e) == -1 ||
        map_set_compile(maps, MAP_READ, &e) == -1)
        fail_msg("%s: %s", e.place, e.message);
    return maps;
}

/* A member of an object that is being written, mostly one of the first half of the N values. */
static void put(struct buf *out, const char *key, const char *const *value, size_t n)
{
    size_t good = (n + 1) / 2;
    if (random_below(12) == 0)
        return;
    size_t at =
        random_below(24) == 0 ? good + random_below((uint32_t)(n - good)) : random_below((uint32_t)good);
    buf_printf(out, "%s\"%s\":%s", out->p[out->n - 1] == '{' ? "" : ",", key, value[at]);
}

#define PUT(key, ...)                                                                                        \
    put(out, key, (const char *const[]){__VA_ARGS__},                                                        \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void put_line(struct buf *out)
{
    buf_byte(out, '{');
    PUT("amount", "\"1.00\"", "\"2.00\"", "\"0.00\"", "\"-0.00\"", "\"1\"", "\"x\"");
    PUT("rate", "\"0.5\"", "\"12\"", "\"0.50\"", "\"1e3\"");
    PUT("sku", "\"A\"", "\"caf\\u00e9 \\\"x\\\"\"", "1", "null");
    buf_byte(out, '}');
}

static void put_record(struct buf *out)
{
    buf_put(out, STR("{\"data\":{"));
    PUT("amount", "\"1.00\"", "null", "\"1.5\"", "\"1.000\"");
    PUT("at", "\"2026-01-25T04:28:02Z\"", "\"2026-01-25T05:28:02.50+01:00\"", "\"soon\"", "\"\"");
    PUT("currency", "\"EUR\"", "\"EUR\"", "\"USD\"", "\"JPY\"", "\"XXY\"", "\"eur\"", "null");
    PUT("email", "\"a@example.com\"", "\"a@EXAMPLE.com\"", "\"a\"", "\"\"");
    PUT("kind", "\"one\"", "null", "\"three\"", "true");
    buf_put(out, STR(",\"lines\":["));
    for (uint32_t i = 0, n = random_below(32) == 0 ? 4 : random_below(4); i < n; i++) {
        if (i > 0)
            buf_byte(out, ',');
        put_line(out);
    }
    buf_byte(out, ']');
    PUT("note", "\"good\"", "null", "\"bad\"", "\"too long\"");
    PUT("cost", "\"7\"", "\"7\"", "\"7.00\"", "\"seven\"");
    PUT("its", "\"JPY\"", "\"JPY\"", "\"EUR\"", "\"YEN\"");
    PUT("open", "true", "false", "\"true\"", "[]");
    PUT("tags", "[\"a\",\"b\"]", "[\"a\"]", "[]", "[\"b\",\"a\",\"b\"]", "[\"a\",\"a\"]", "[1]");
    PUT("total", "\"1.00\"", "\"3.00\"", "\"2\"", "\"total\"");
    buf_put(out, STR("},\"id\":\"1\",\"source\":\"s\",\"stream\":\"x:json\"}"));
}

static void put_error(const struct err *e)
{
    buf_printf(&told, "!%s %s %s", e->code, e->field, e->message);
}

static const struct record *read_by(struct map_set *maps, struct str line)
{
    struct record r = {.input = "t", .number = 1};
    struct err e = {0};
    buf_reset(&told);
    if (record_of_line(&in, line, &r, &e) != RECORD_OK)
        fail_msg("%.*s: %s", (int)line.n, line.p, e.message);
    if (map_read(maps, &r, &e) == 1)
        return map_result(maps, 0);
    put_error(&e);
    return NULL;
}

static void apply(const struct schema *schema, const struct json_node *data, struct arena *a)
{
    struct json_tape made;
    struct err e = {0};
    struct schema_run run = {.arena = a, .warn = warn_of_check};
    json_tape_init(&made);
    if (schema_apply(schema, data, &made, &run, &e) == 0)
        json_write_canonical(&told, made.node);
    else
        put_error(&e);
    json_tape_release(&made);
}

static void the_contract_is_met_at_once_or_asked_again(void **unused)
{
    enum { ROUNDS = 30000 };
    (void)unused;
    struct err e = {0};
    struct map_set *bound = load("strict"), *free_ = load("loose");
    const struct schema *schema = contract_entity(contract, STR("strict"), &e);
    static char first[1 << 16];
    struct buf line;
    struct arena a;
    size_t good = 0;
    buf_init(&line, 1 << 16);
    arena_init(&a, 1 << 20);
    for (int i = 0; i < ROUNDS; i++) {
        arena_reset(&a);
        buf_reset(&line);
        put_record(&line);
        buf_room(&line, JSON_PAD);
        const struct record *made = read_by(bound, buf_str(&line));
        if (made != NULL)
            json_write_canonical(&told, made->data);
        good += made != NULL;
        snprintf(first, sizeof first, "%s", said());
        const struct record *loose = read_by(free_, buf_str(&line));
        if (loose != NULL)
            apply(schema, loose->data, &a);
        if (strcmp(first, said()) != 0)
            fail_msg("%.*s\nat once: %s\nafterwards: %s", (int)line.n, line.p, first, said());
    }
    /* both answers were seen often */
    assert_in_range(good, ROUNDS / 10, ROUNDS - ROUNDS / 10);
    map_set_free(bound);
    map_set_free(free_);
    buf_release(&line);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_contract_is_met_at_once_or_asked_again)};
    return cmocka_run_group_tests(tests, start, stop);
}
