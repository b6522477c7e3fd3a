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
#include "record/write.h"

/* What the map language says, by example: a map, what it reads, what it makes of it, what it writes back. */

static struct contract *contract;
static struct record_in in;
static char folder[] = "/tmp/hub-map-XXXXXX";

static int write_text(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    return f != NULL && fputs(text, f) >= 0 && fclose(f) == 0 ? 0 : -1;
}

/* A contract that lets anything pass: these tests are about maps. */
static int start(void **unused)
{
    (void)unused;
    struct err e = {0};
    char path[128];
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/schema", folder);
    if (mkdir(path, 0700) == -1 ||
        write_text("schema/thing.json", "{\"type\":\"object\",\"additionalProperties\":true}") == -1 ||
        setenv("HUB_PATH", folder, 1) == -1)
        return -1;
    contract = contract_new();
    return contract != NULL ? record_in_init(&in, RECORD_MARKS_IGNORED, &e) : -1;
}

static int stop(void **unused)
{
    (void)unused;
    char path[128];
    record_in_release(&in);
    contract_free(contract);
    snprintf(path, sizeof path, "%s/schema/thing.json", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/schema", folder);
    rmdir(path);
    return rmdir(folder);
}

static const struct json_node *param(void *arg, struct str name)
{
    static const struct json_node given = {.p = "given", .n = 5, .span = 1, .type = JSON_STRING};
    (void)arg;
    return str_eq(name, STR("outside")) ? &given : NULL;
}

/* Tables of the tests: two rows of accounts. */
static int rows(void *arg, struct str table, struct str file, struct str map_path, struct arena *a,
                lookup_row *row, void *row_arg, struct err *e)
{
    static const char *const texts[] = {"{\"id\":\"79\",\"name\":\"sales\",\"more\":{\"kind\":\"income\"}}",
                                        "{\"id\":\"80\",\"name\":\"tips\",\"more\":{\"kind\":\"debt\"}}"};
    (void)arg, (void)table, (void)file, (void)map_path;
    for (size_t i = 0; i < 2; i++) {
        const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES};
        struct json_tape tape;
        struct buf text;
        json_tape_init(&tape);
        buf_init(&text, 1 << 10);
        buf_put(&text, str_of(texts[i]));
        assert_int_equal(json_parse(&tape, arena_str(a, buf_str(&text)), &limits, NULL, e), 0);
        struct json_node *kept = arena_raw(a, tape.n * sizeof *kept);
        memcpy(kept, tape.node, tape.n * sizeof *kept);
        buf_release(&text);
        json_tape_release(&tape);
        if (row(row_arg, kept, false, e) == -1)
            return -1;
    }
    return 0;
}

static bool cells(void *arg, struct str stream)
{
    (void)arg;
    return str_eq(stream, STR("x:cells"));
}

static struct map_set *load(const char *map, unsigned directions, struct err *e)
{
    const struct map_env env = {.contract = contract, .param = param, .rows = rows, .cells = cells};
    struct map_set *maps = map_set_new(&env);
    assert_non_null(maps);
    if (map_set_load_text(maps, "test.map", str_of(map), e) == 0)
        map_set_compile(maps, directions, e);
    return maps;
}

/* The data of what a map makes, one line each, or "!code field message". */
static void run(struct map_set *maps, bool reads, const char *stream, const char *data, struct buf *out)
{
    struct buf line;
    struct record r = {.input = "t", .number = 1};
    struct err e = {0};
    buf_init(&line, 1 << 20);
    if (reads)
        buf_printf(&line, "{\"data\":%s,\"id\":\"own\",\"source\":\"s\",\"stream\":\"%s\"}", data, stream);
    else
        buf_printf(&line, "{\"data\":%s,\"entity\":\"thing\",\"id\":\"i1\",\"source\":\"s\",\"v\":1}", data);
    assert_int_equal(record_of_line(&in, buf_str(&line), &r, &e), RECORD_OK);
    int n = reads ? map_read(maps, &r, &e) : map_write(maps, &r, str_of(stream), &e);
    buf_reset(out);
    if (n == -1)
        buf_printf(out, "!%s %s %s", e.code, e.field, e.message);
    for (int i = 0; i < n; i++) {
        if (i > 0)
            buf_byte(out, '\n');
        json_write(out, map_result(maps, i)->data);
    }
    buf_byte(out, '\0');
    buf_release(&line);
}

struct example {
    const char *rules; /* of "map thing <-> x:json { … }", or a whole file where it starts with "map" */
    const char *native, *canonical, *back; /* back NULL: not written; "=": the native again */
};

/* RULES as in an example. */
static struct map_set *load_rules(const char *rules, unsigned directions)
{
    char map[2048];
    struct err e = {0};
    bool whole = strncmp(rules, "map ", 4) == 0;
    snprintf(map, sizeof map, whole ? "%s" : "map thing <-> x:json {\n%s\n}", rules);
    struct map_set *maps = load(map, directions, &e);
    if (e.code != NULL)
        fail_msg("%s\n%s: %s", rules, e.place, e.message);
    return maps;
}

static void check(const struct example *x, const char *stream)
{
    struct buf out;
    struct map_set *maps = load_rules(x->rules, x->back != NULL ? MAP_READ | MAP_WRITE : MAP_READ);
    buf_init(&out, 1 << 20);
    run(maps, true, stream, x->native, &out);
    if (strcmp(out.p, x->canonical) != 0)
        fail_msg("%s\nreads:  %s\nwanted: %s", x->rules, out.p, x->canonical);
    if (x->back != NULL) {
        const char *wanted = strcmp(x->back, "=") == 0 ? x->native : x->back;
        run(maps, false, stream, x->canonical, &out);
        if (strcmp(out.p, wanted) != 0)
            fail_msg("%s\nwrites: %s\nwanted: %s", x->rules, out.p, wanted);
        /* read(write(read(native))) = read(native) */
        char back[4096];
        snprintf(back, sizeof back, "%s", out.p);
        run(maps, true, stream, back, &out);
        if (strcmp(out.p, x->canonical) != 0)
            fail_msg("%s\nreads again: %s\nwanted:      %s", x->rules, out.p, x->canonical);
    }
    map_set_free(maps);
    buf_release(&out);
}

static void check_written(const char *rules, const char *canonical, const char *wanted)
{
    struct buf out;
    struct map_set *maps = load_rules(rules, MAP_WRITE);
    buf_init(&out, 1 << 20);
    run(maps, false, "x:json", canonical, &out);
    if (strcmp(out.p, wanted) != 0)
        fail_msg("%s\nwrites: %s\nwanted: %s", rules, out.p, wanted);
    map_set_free(maps);
    buf_release(&out);
}

static void check_all(const struct example *x, size_t n, const char *stream)
{
    for (size_t i = 0; i < n; i++)
        check(&x[i], stream);
}

#define CHECK(list, stream) check_all(list, sizeof(list) / sizeof *(list), stream)

static void two_way_rules(void **unused)
{
    (void)unused;
    static const struct example examples[] = {
        {"a = .x", "{\"x\":\"1\"}", "{\"a\":\"1\"}", "="},
        {"b = .y; a = .x", "{\"y\":true,\"x\":\"1\"}", "{\"a\":\"1\",\"b\":true}", "="},
        {"a = .x.y.z", "{\"x\":{\"y\":{\"z\":\"1\"}}}", "{\"a\":\"1\"}", "="},
        {"a = .when\nb = .or\nc = .d", "{\"when\":\"1\",\"or\":\"2\",\"d\":\"3\"}",
         "{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}", "="},
        {"l[2..3] = .\"X {nth}\"", "{\"X 2\":\"a\",\"X 3\":\"b\"}", "{\"l\":[\"a\",\"b\"]}", "="},
        {"addr = .as[.d == true] { city = .city else none; zip = .zip }",
         "{\"as\":[{\"d\":true,\"zip\":\"1\"},{\"d\":true,\"zip\":\"2\"}]}",
         "!several /addr/zip 2 values where one is due (from .zip)", NULL},
        {"a.b = .\"X Y\"", "{\"X Y\":\"1\"}", "{\"a\":{\"b\":\"1\"}}", "="},
        {"a = .x | number", "{\"x\":450789469}", "{\"a\":\"450789469\"}", "="},
        {"a = .x", "{\"x\":null}", "{\"a\":null}", "="},
        {"a = .x", "{}", "{}", "{}"},
        {"a = .x | number", "{\"x\":\"1\"}", "!number /a not a JSON number: \"1\" (from .x)", NULL},
        {"a = .x", "{\"x\":1}",
         "!number /a a JSON number needs a codec (number, decimal or integer): \"1\" (from .x)", NULL},
        {"a = .x | decimal else null", "{\"x\":\"?\"}", "{\"a\":null}", NULL},
        {"a = .x | decimal else none", "{\"x\":\"?\"}", "{}", NULL},
        {"a = .x | decimal else \"0\"", "{\"x\":\"?\"}", "{\"a\":\"0\"}", NULL},
        {"a = .x.y { b = .z }", "{\"x\":{\"y\":{\"z\":\"1\"}}}", "{\"a\":{\"b\":\"1\"}}", "="},
        {"a { b = .x; c = .y }", "{\"x\":\"1\",\"y\":\"2\"}", "{\"a\":{\"b\":\"1\",\"c\":\"2\"}}", "="},
        {".x { a = .y; b = .z }", "{\"x\":{\"y\":\"1\",\"z\":\"2\"}}", "{\"a\":\"1\",\"b\":\"2\"}", "="},
        {"a = .x { use s }\n}\nshape s { b = .y; c = .z", "{\"x\":{\"y\":\"1\",\"z\":\"2\"}}",
         "{\"a\":{\"b\":\"1\",\"c\":\"2\"}}", "="},
        {"a { use s(\"Ship\") }\n}\nshape s(who) { b = .\"{who} Name\"", "{\"Ship Name\":\"1\"}",
         "{\"a\":{\"b\":\"1\"}}", "="},
    };
    CHECK(examples, "x:json");
}

static void lists(void **unused)
{
    (void)unused;
    static const struct example examples[] = {
        {"l[] = .r[] { a = .x }", "{\"r\":[{\"x\":\"1\"},{\"x\":\"2\"}]}",
         "{\"l\":[{\"a\":\"1\"},{\"a\":\"2\"}]}", "="},
        {"l[] = .r[] { m[] = .s[] { a = .x } }",
         "{\"r\":[{\"s\":[{\"x\":\"1\"}]},{\"s\":[{\"x\":\"2\"},{\"x\":\"3\"}]}]}",
         "{\"l\":[{\"m\":[{\"a\":\"1\"}]},{\"m\":[{\"a\":\"2\"},{\"a\":\"3\"}]}]}", "="},
        {"t[] = .tags[].name", "{\"tags\":[{\"name\":\"a\"},{\"name\":\"b\"}]}", "{\"t\":[\"a\",\"b\"]}",
         "="},
        {"t = .tags | split(\", \")", "{\"tags\":\"a, b\"}", "{\"t\":[\"a\",\"b\"]}", "="},
        {"e[0].address = .email", "{\"email\":\"a@b.c\"}", "{\"e\":[{\"address\":\"a@b.c\"}]}", "="},
        {"e[0].a = .x; e[1].a = .y", "{\"x\":\"1\",\"y\":\"2\"}", "{\"e\":[{\"a\":\"1\"},{\"a\":\"2\"}]}",
         "="},
        {"n = .r[*].name; l[] = .r[] { a = .x }",
         "{\"r\":[{\"name\":\"N\",\"x\":\"1\"},{\"name\":\"N\",\"x\":\"2\"}]}",
         "{\"l\":[{\"a\":\"1\"},{\"a\":\"2\"}],\"n\":\"N\"}", "="},
        {"n = .r[*].name", "{\"r\":[{\"name\":\"N\"},{\"name\":\"M\"}]}",
         "!alike /n differs where it must be alike: \"N\" and \"M\" (from .r[*].name)", NULL},
        {".r[0] { n = .name }; l[] = .r[] { a = .x }", "{\"r\":[{\"name\":\"N\",\"x\":\"1\"},{\"x\":\"2\"}]}",
         "{\"l\":[{\"a\":\"1\"},{\"a\":\"2\"}],\"n\":\"N\"}", "="},
        {"g = .p[.name == \"gift\"].value",
         "{\"p\":[{\"name\":\"x\",\"value\":\"1\"},{\"name\":\"gift\",\"value\":\"2\"}]}", "{\"g\":\"2\"}",
         "{\"p\":[{\"name\":\"gift\",\"value\":\"2\"}]}"},
        {"g = .p[.name == \"gift\"].value",
         "{\"p\":[{\"name\":\"gift\",\"value\":\"1\"},{\"name\":\"gift\",\"value\":\"2\"}]}",
         "!several /g 2 values where one is due (from .p[.name == \"gift\"].value)", NULL},
        {"g <- .p[.name == \"gift\"][0].value",
         "{\"p\":[{\"name\":\"gift\",\"value\":\"1\"},{\"name\":\"gift\",\"value\":\"2\"}]}", "{\"g\":\"1\"}",
         NULL},
        {"l[] = .o[] { a = .x }", "{\"o\":{\"x\":\"1\"}}", "{\"l\":[{\"a\":\"1\"}]}",
         "{\"o\":[{\"x\":\"1\"}]}"},
        {"l[] = .r[] { a = .x }", "{\"r\":[]}", "{\"l\":[]}", "="},
        {"l[] = .r[] { a = .x }", "{\"r\":[{}]}", "{\"l\":[]}", "{\"r\":[]}"},
        {"l[] = .r[] { a = .x }", "{\"r\":null}", "{\"l\":null}", "="},
        {"l[] = .r[] { a = .x }", "{}", "{}", "="},
        {"o = .o { l[] = .r[]; b = .b }", "{\"o\":{\"r\":[],\"b\":[]}}", "{\"o\":{\"b\":[],\"l\":[]}}", "="},
        {"t = .tags | split(\", \")", "{\"tags\":\"\"}", "{\"t\":[]}", "="},
        {"l[0].a = .x; l[] = .r[] { b = .y }", "{\"r\":[]}", "{\"l\":[]}", "="},
        {"l[0].a = .x; l[] = .r[] { b = .y }", "{\"x\":\"1\",\"r\":null}", "{\"l\":[{\"a\":\"1\"}]}",
         "{\"x\":\"1\",\"r\":[]}"},
        {"l[] <- .a[] | number else none", "{\"a\":[\"x\"]}", "{}", NULL},
        {"l[] <- .a[] | number else none", "{\"a\":null}", "{\"l\":null}", NULL},
        {"l[] <- .a | split(\",\") else none", "{\"a\":1}", "{}", NULL},
        {"l[] <- .a[] or .b[]", "{\"a\":[],\"b\":null}", "{\"l\":[]}", NULL},
        /* merged by position */
        {"l[] = .a[] { x = .x }; l[] = .b[] { y = .y }",
         "{\"a\":[{\"x\":\"1\"},{\"x\":\"2\"}],\"b\":[{\"y\":\"p\"}]}",
         "{\"l\":[{\"x\":\"1\",\"y\":\"p\"},{\"x\":\"2\"}]}", "="},
        {"l[].k = .a[].x; l[].j = .a[].y", "{\"a\":[{\"y\":\"1\"},{\"x\":\"2\",\"y\":\"3\"}]}",
         "{\"l\":[{\"j\":\"1\"},{\"j\":\"3\",\"k\":\"2\"}]}", "="},
        {"l[].k = .a[] | lower; l[].j = .b[]", "{\"a\":[null,\"p\"],\"b\":[\"1\",\"3\"]}",
         "{\"l\":[{\"j\":\"1\",\"k\":null},{\"j\":\"3\",\"k\":\"p\"}]}", "="},
        {"l[] <- .a[] or .b[] | number", "{\"a\":[],\"b\":[1]}", "{\"l\":[\"1\"]}", NULL},
        {"l[] <- .a[] or .b[]", "{\"a\":[]}", "{\"l\":[]}", NULL},
        {"l[] <- when .x != null { a <- .x }", "{}", "{}", NULL},
        {"s[] <- .o.*.x", "{\"o\":{\"p\":{\"x\":\"1\"},\"q\":{\"x\":\"2\"}}}", "{\"s\":[\"1\",\"2\"]}", NULL},
        {"t[1..3] { \"{n} {r | percent}%\" or \"{n}\" = .\"Tax {nth}\"; a = .\"Value {nth}\" | decimal }",
         "{\"Tax 1\":\"State 6.5%\",\"Value 1\":\"1.00\",\"Tax 2\":\"VAT\",\"Value 2\":\"2\"}",
         "{\"t\":[{\"a\":\"1.00\",\"n\":\"State\",\"r\":\"0.065\"},{\"a\":\"2\",\"n\":\"VAT\"}]}", "="},
        {"l[] <- { k <- \"a\"; v <- .x }\nl[] <- when .y != null { k <- \"b\"; v <- .y }\nl[] <- .z[] { k <- "
         "\"c{nth}\"; v <- . }",
         "{\"x\":\"1\",\"z\":[\"3\",\"4\"]}",
         "{\"l\":[{\"k\":\"a\",\"v\":\"1\"},{\"k\":\"c1\",\"v\":\"3\"},{\"k\":\"c2\",\"v\":\"4\"}]}", NULL},
        {"l[] <- .r[] when .x != \"1\" { a <- .x }", "{\"r\":[{\"x\":\"1\"},{\"x\":\"2\"}]}",
         "{\"l\":[{\"a\":\"2\"}]}", NULL},
    };
    CHECK(examples, "x:json");
}

/* What would be read back from another place is not written. */
static void places(void **unused)
{
    (void)unused;
    static const struct {
        const char *rules, *canonical, *written;
    } examples[] = {
        {"l[] = .a[] { x = .x }; l[] = .b[] { y = .y }", "{\"l\":[{\"y\":\"1\"},{\"x\":\"2\"}]}",
         "!list /a [1] has a value and [0] has none: it would be read back from there"},
        {"l[] = .a[] { x = .x }; l[] = .b[] { y = .y }", "{\"l\":[{\"x\":\"1\",\"y\":\"1\"},{\"x\":\"2\"}]}",
         "{\"a\":[{\"x\":\"1\"},{\"x\":\"2\"}],\"b\":[{\"y\":\"1\"}]}"},
        {"l[].x = .a[].x; l[].y = .b[]", "{\"l\":[{\"y\":\"1\"},{\"x\":\"2\"}]}",
         "!list /a [1] has a value and [0] has none: it would be read back from there"},
        {"l[].x = .a[].x; l[].y = .b[]", "{\"l\":[{\"x\":\"1\"},{\"y\":\"2\"}]}",
         "!list /b [1] has a value and [0] has none: it would be read back from there"},
        {"l[0].x = .x; l[] = .b[] { y = .y }", "{\"l\":[{\"x\":\"1\"},{\"y\":\"2\"}]}",
         "!list /b [1] has a value and [0] has none: it would be read back from there"},
        {"l[0] = .o { x = .x }; l[] = .b[] { y = .y }", "{\"l\":[{\"x\":\"1\"},{\"y\":\"2\"}]}",
         "!list /b [1] has a value and [0] has none: it would be read back from there"},
        {"l[].x = .a[].x; l[].y = .a[].y; l[].z = .b[]", "{\"l\":[{\"z\":\"1\"},{\"x\":\"2\"}]}",
         "!list /a [1] has a value and [0] has none: it would be read back from there"},
        /* alone, a list loses nothing by an item that has nothing for it */
        {"l[] = .a[] { x = .x }", "{\"l\":[{\"y\":\"1\"},{\"x\":\"2\"}]}", "{\"a\":[{\"x\":\"2\"}]}"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        check_written(examples[i].rules, examples[i].canonical, examples[i].written);
}

static void patterns(void **unused)
{
    (void)unused;
    static const struct example examples[] = {
        {"\"#{n}\" or \"{n}\" = .name", "{\"name\":\"#1001\"}", "{\"n\":\"1001\"}", "="},
        {"\"#{n}\" or \"{n}\" = .name", "{\"name\":\"1001\"}", "{\"n\":\"1001\"}", "{\"name\":\"#1001\"}"},
        {"a = \"{.x}@{.y}\"", "{\"x\":\"V\",\"y\":\"L\"}", "{\"a\":\"V@L\"}", "="},
        {"a = \"{.x | number}:{.y | number}\"", "{\"x\":1,\"y\":2}", "{\"a\":\"1:2\"}", "="},
        {"a = \"{.x}@{.y}\"", "{\"x\":\"V\"}", "{}", NULL},
        {"a = \"{.x}@{.y}\"", "{\"x\":\"V@\",\"y\":\"L\"}",
         "!pattern /a \"V@@L\" would not be read back as it was", NULL},
        {"\"{n} {r | percent}%\" = .t", "{\"t\":\"x\"}", "!pattern /n no pattern fits \"x\" (from .t)", NULL},
        {"\"{n}\" = .t", "{\"t\":null}", "{\"n\":null}", "="},
        {"\"{a}-{b}\" = .x else none", "{\"x\":\"1\"}", "{}", NULL},
        {"\"{a}-{b}\" = .x else \"?\"", "{\"x\":\"1\"}", "{\"a\":\"?\",\"b\":\"?\"}", NULL},
    };
    CHECK(examples, "x:json");
}

static void expressions(void **unused)
{
    (void)unused;
    static const struct example examples[] = {
        {"a <- .x + .y * 2 - 1", "{\"x\":\"1.50\",\"y\":\"2\"}", "{\"a\":\"4.50\"}", NULL},
        {"a <- .x + .y", "{\"x\":\"1\"}", "{}", NULL},
        {"a <- -.x", "{\"x\":\"1.0\"}", "{\"a\":\"-1.0\"}", NULL},
        {"a <- .x or .y", "{\"x\":null,\"y\":\"2\"}", "{\"a\":\"2\"}", NULL},
        {"a <- .x | decimal else \"none\"", "{\"x\":\"?\"}", "{\"a\":\"none\"}", NULL},
        {"a <- if(.x == \"1\", \"yes\", \"no\")", "{\"x\":\"2\"}", "{\"a\":\"no\"}", NULL},
        {"a <- if(.x == \"1\", \"yes\")", "{\"x\":\"2\"}", "{}", NULL},
        {"a <- .x == 1 && .y != 2 || !has(.z)", "{\"x\":\"1.0\",\"y\":\"3\",\"z\":\"\"}", "{\"a\":true}",
         NULL},
        {"a <- .x == null; b <- .x != null; c <- .x == \"1\"; d <- .x != \"1\"", "{}",
         "{\"a\":true,\"b\":false,\"c\":false,\"d\":false}", NULL},
        {"a <- .x < .y", "{\"x\":\"9.00\",\"y\":\"10.00\"}", "{\"a\":true}", NULL},
        {"a <- has(.l[.k == \"1\"])", "{\"l\":[{\"k\":\"2\"}]}", "{\"a\":false}", NULL},
        {"a <- sum(.l[].v)", "{\"l\":[{\"v\":\"1.10\"},{\"v\":2}]}", "{\"a\":\"3.10\"}", NULL},
        {"a <- sum(.l[].v)", "{\"l\":[]}", "{\"a\":\"0\"}", NULL},
        {"a <- sum(.l[].v)", "{}", "{}", NULL},
        {"a <- sum(.l[], .q * .p)", "{\"l\":[{\"q\":\"2\",\"p\":\"1.5\"},{\"q\":\"1\",\"p\":\"0.25\"}]}",
         "{\"a\":\"3.25\"}", NULL},
        {"a <- count(.l[]); b <- min(.l[]); c <- max(.l[])", "{\"l\":[\"2\",\"10\"]}",
         "{\"a\":\"2\",\"b\":\"2\",\"c\":\"10\"}", NULL},
        {"a <- div(.x, 3, 2); b <- round(.y, 1); c <- abs(.z)", "{\"x\":\"10\",\"y\":\"0.25\",\"z\":\"-1\"}",
         "{\"a\":\"3.33\",\"b\":\"0.2\",\"c\":\"1\"}", NULL},
        {"a <- slice(.x, 0, -2); b <- slice(.x, 2); c <- slice(.x, -1)", "{\"x\":\"äbcd\"}",
         "{\"a\":\"äb\",\"b\":\"cd\",\"c\":\"d\"}", NULL},
        {"a <- join(\" - \", .x, .y, .z)", "{\"x\":\"1\",\"z\":\"3\"}", "{\"a\":\"1 - 3\"}", NULL},
        {"a <- replace(.x, \"b\", \"--\")", "{\"x\":\"abba\"}", "{\"a\":\"a----a\"}", NULL},
        {"a <- .x as pad(4); b <- .x as pad(-4, \"0\")", "{\"x\":\"7\"}", "{\"a\":\"7   \",\"b\":\"0007\"}",
         NULL},
        {"a <- lower(.x)", "{\"x\":\"ABC\"}", "{\"a\":\"abc\"}", NULL},
        {"a <- \"{.x}-{.y or \"none\"}\"", "{\"x\":1}", "{\"a\":\"1-none\"}", NULL},
        {"a <- .d as time(\"%Y-%m-%d\", \"America/New_York\")", "{\"d\":\"2026-05-02T02:00:00Z\"}",
         "{\"a\":\"2026-05-01\"}", NULL},
        {"a <- @p; b <- @outside\n}\nparam p = \"1\"\nparam outside {", "{}", "!", NULL},
        {"t <- a + b; a <- .x; b <- .y", "{\"x\":\"1\",\"y\":\"2\"}", "{\"a\":\"1\",\"b\":\"2\",\"t\":\"3\"}",
         NULL},
        {"c <- .cur; l[] <- .r[] { v <- \"{$c} {.x}\"; w <- \"{^c}/{v}\" }",
         "{\"cur\":\"EUR\",\"r\":[{\"x\":\"1\"}]}",
         "{\"c\":\"EUR\",\"l\":[{\"v\":\"EUR 1\",\"w\":\"EUR/EUR 1\"}]}", NULL},
        {"l[] <- .r[] { s <- $.items[.id == ^.ref][0].sku }",
         "{\"items\":[{\"id\":1,\"sku\":\"A\"},{\"id\":2,\"sku\":\"B\"}],\"r\":[{\"ref\":2}]}",
         "{\"l\":[{\"s\":\"B\"}]}", NULL},
        {"a <- .x | day\n}\ncodec day = date(\"%m/%d/%Y\") {", "{}", "!", NULL},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        if (examples[i].canonical[0] != '!' || examples[i].canonical[1] != '\0')
            check(&examples[i], "x:json");
    }
}

static void names(void **unused)
{
    (void)unused;
    static const struct example examples[] = {
        {"map thing <-> x:json { a = .x | e }\nenum e { paid = \"P\", \"PD\"; open = \"O\" }",
         "{\"x\":\"P\"}", "{\"a\":\"paid\"}", "="},
        {"map thing <-> x:json { a = .x | e }\nenum e { paid = \"P\", \"PD\"; open = \"O\" }",
         "{\"x\":\"PD\"}", "{\"a\":\"paid\"}", "{\"x\":\"P\"}"},
        {"map thing <-> x:json { a = .x | e }\nenum e { paid = \"P\" }", "{\"x\":\"?\"}",
         "!lookup /a e does not know \"?\" (from .x)", NULL},
        {"map thing <-> x:json { a = .x | e }\nenum e { paid = \"P\"; unknown = * }", "{\"x\":\"?\"}",
         "{\"a\":\"unknown\",\"a_raw\":\"?\"}", "="},
        {"map thing <-> x:json { a = .x | t }\ntable t from \"f\" key .id value .name", "{\"x\":\"79\"}",
         "{\"a\":\"sales\"}", "="},
        {"map thing <- x:json { a <- t(.x).more.kind }\ntable t from \"f\" key .id", "{\"x\":\"80\"}",
         "{\"a\":\"debt\"}", NULL},
        {"map thing <- x:json { a <- .x | t else null }\ntable t from \"f\" key .id value .name",
         "{\"x\":\"?\"}", "{\"a\":null}", NULL},
        {"map thing <-> x:json { a = .x | day }\ncodec day = date(\"%m/%d/%Y\")", "{\"x\":\"05/01/2026\"}",
         "{\"a\":\"2026-05-01\"}", "="},
        {"map thing <- x:json { a <- @p; b <- @outside; c <- \"{@p}{@outside}\" }\nparam p = \"1\"\nparam "
         "outside",
         "{}", "{\"a\":\"1\",\"b\":\"given\",\"c\":\"1given\"}", NULL},
        {"map thing <-> x:json { id = .n | number; a = .x }", "{\"n\":7,\"x\":\"1\"}", "{\"a\":\"1\"}", NULL},
        {"map thing <- x:json each .r[.k != \"no\"] { id <- .k; a <- $.x; b <- nth }",
         "{\"x\":\"1\",\"r\":[{\"k\":\"p\"},{\"k\":\"no\"},{\"k\":\"q\"}]}",
         "{\"a\":\"1\",\"b\":\"1\"}\n{\"a\":\"1\",\"b\":\"2\"}", NULL},
        {"map thing <- x:json each .r { id <- .k; a <- .k }", "{\"r\":[{\"k\":\"p\"},{\"k\":\"q\"}]}",
         "{\"a\":\"p\"}\n{\"a\":\"q\"}", NULL},
        {"map thing <- x:json each .r { a <- .k }", "{\"r\":{\"k\":\"p\"}}", "{\"a\":\"p\"}", NULL},
        {"map thing <- x:json each .r { a <- .k }", "{\"r\":null}", "", NULL},
        {"map thing <- x:json when .k == \"1\" { a <- .k }", "{\"k\":\"2\"}", "", NULL},
        {"map thing <- x:json { id <- \"p\"; a <- .x }\nmap thing <- x:json { b <- .x }", "{\"x\":\"1\"}",
         "{\"a\":\"1\"}\n{\"b\":\"1\"}", NULL},
        {"map thing <- x:json { a <- .x }\nmap thing <- x:json { b <- .x | decimal }", "{\"x\":\"?\"}",
         "!decimal /b not a decimal: \"?\" (from .x)", NULL},
    };
    CHECK(examples, "x:json");
}

static void blanks(void **unused)
{
    (void)unused;
    static const struct example json[] = {
        {"map thing <-> x:json { a = .x }", "{\"x\":\"\"}", "{\"a\":\"\"}", "="},
        {"map thing <-> x:json null \"\" { a = .x }", "{\"x\":\"\"}", "{\"a\":null}", "="},
        {"map thing <-> x:json null \"-\" absent \"#N/A\" { a = .x; b = .y }", "{\"x\":\"-\",\"y\":\"#N/A\"}",
         "{\"a\":null}", "{\"x\":\"-\"}"},
    };
    static const struct example cell[] = {
        {"map thing <-> x:cells { a = .x }", "{\"x\":\"\"}", "{}", "{}"},
        {"map thing <-> x:cells null \"\" { a = .x }", "{\"x\":\"\"}", "{\"a\":null}", "="},
    };
    CHECK(json, "x:json");
    CHECK(cell, "x:cells");
}

static void rules_on_canonical_records(void **unused)
{
    (void)unused;
    struct err e = {0};
    struct buf line, out;
    struct record r = {.input = "t", .number = 1};
    struct map_set *maps = load(
        "map thing <- hub:thing each .l[] { id <- \"{$.id}:{nth}\"; a <- .x; s <- $.source; k <- $.entity }",
        MAP_READ, &e);
    buf_init(&line, 1 << 16);
    buf_put(&line, STR("{\"data\":{\"l\":[{\"x\":\"1\"},{\"x\":\"2\"}]},\"entity\":\"thing\",\"id\":\"i\","
                       "\"source\":\"src\",\"v\":1}"));
    assert_int_equal(record_of_line(&in, buf_str(&line), &r, &e), RECORD_OK);
    assert_int_equal(map_read(maps, &r, &e), 2);
    buf_init(&out, 1 << 16);
    record_write(&out, map_result(maps, 1));
    buf_byte(&out, '\0');
    assert_string_equal(out.p, "{\"data\":{\"a\":\"2\",\"k\":\"thing\",\"s\":\"src\"},\"entity\":\"thing\","
                               "\"id\":\"i:2\",\"of\":[{\"entity\":\"thing\","
                               "\"id\":\"i\",\"source\":\"src\"}],\"source\":\"src\",\"v\":1}\n");
    map_set_free(maps);
    buf_release(&line);
    buf_release(&out);
}

static void too_many_items_are_refused(void **unused)
{
    (void)unused;
    struct err e = {0};
    struct buf out;
    struct map_set *maps = load("map thing -> x:json { t[1..2] { a = .\"T {nth}\" } }", MAP_WRITE, &e);
    buf_init(&out, 1 << 16);
    assert_null(e.code);
    run(maps, false, "x:json", "{\"t\":[{\"a\":\"1\"},{\"a\":\"2\"},{\"a\":\"3\"}]}", &out);
    assert_string_equal(out.p, "!overflow /t 3 items, and columns for 2");
    map_set_free(maps);
    maps = load("map thing -> x:json { l[] -> .l[] { t[1..2] { a = .\"T {nth}\" } } }", MAP_WRITE, &e);
    run(maps, false, "x:json",
        "{\"l\":[{\"t\":[{\"a\":\"1\"}]},{\"t\":[{\"a\":\"1\"},{\"a\":\"2\"},{\"a\":\"3\"}]}]}", &out);
    assert_int_equal(strncmp(out.p, "!overflow ", 10), 0);
    map_set_free(maps);
    buf_release(&out);
}

struct mistake {
    const char *map;
    const char *errors; /* "LINE:COLUMN message\n" … */
};

/* All that is wrong is told, each with its place. */
static void mistakes(void **unused)
{
    (void)unused;
    static const struct mistake list[] = {
        {"map thing <- x:y {\n  a <- .x | decimel\n  b <- foo(.x)\n  c = .x +\n}\n",
         "2:13 no codec is called \"decimel\"; did you mean decimal?\n3:8 no function is called \"foo\"\n"
         "4:10 the end of the rule is due here, not \"+\"\n"},
        {"map thing <- x:y {\n  a <- .x | decimel\n  b <- sun(.x)\n}\n",
         "2:13 no codec is called \"decimel\"; did you mean decimal?\n3:8 no function is called \"sun\"; did "
         "you mean sum?\n"},
        {"map thing <-> x:y { a = .x; a = .y }", "1:29 another rule writes this place already, on line 1\n"},
        {"map thing <- x:y { a <- b; b <- c; c <- a }", "1:20 this field is computed from itself\n"},
        {"map thing <- x:y { a <- .i[.k == b].v; b <- .i[.k == a].v }",
         "1:20 this field is computed from itself\n"},
        {"map thing <- x:y { a <- b }", "1:25 no rule makes b, so it cannot be used here\n"},
        {"map thing <- x:y { a <- \"open }", "1:25 the text that starts here is not closed on its line\n"},
        {"map thing x:y { }", "1:11 \"<->\", \"<-\" or \"->\" is due here, not \"x\"\n"},
        {"mop thing <- x:y { }", "1:1 no declaration is called \"mop\"; did you mean map?\n"},
        {"map thing <- x:y { use s }", "1:20 no shape is called \"s\"\n"},
        {"map thing <- x:y { use s }\nshape s { use s }", "2:11 the shape s uses itself\n"},
        {"map thing <- x:y { a <- .x | c }\ncodec c = c", NULL},
        {"map thing <- x:y { a <- @p }\nparam p",
         "1:25 the parameter p has no value: give it with -D p=VALUE\n"},
        {"enum e { a = \"1\"; b = \"1\" }\nmap thing <- x:y { a <- .x | e }",
         "1:1 \"1\" stands for two names in e\n"},
        {"param p = 1\nparam p = 2", "2:1 p is declared twice\n"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct err e = {0};
        struct buf told;
        struct map_set *maps = load(list[i].map, MAP_READ | MAP_WRITE, &e);
        const struct diag_list *diags = map_set_diags(maps);
        buf_init(&told, 1 << 16);
        for (size_t j = 0; j < diags->n; j++) {
            const struct diag *d = &diags->diag[j];
            assert_true(str_eq(d->name, STR("test.map")));
            buf_printf(&told, "%u:%u %.*s\n", d->line, d->column, (int)d->message.n, d->message.p);
        }
        buf_byte(&told, '\0');
        if (diags->n == 0 || e.code == NULL)
            fail_msg("no error in %s", list[i].map);
        if (list[i].errors != NULL && strncmp(told.p, list[i].errors, strlen(list[i].errors)) != 0)
            fail_msg("%s\ntold:   %s\nwanted: %s", list[i].map, told.p, list[i].errors);
        map_set_free(maps);
        buf_release(&told);
    }
}

/* No text makes a pattern search for long. */
static void patterns_are_bounded(void **unused)
{
    (void)unused;
    struct err e = {0};
    struct buf data, out;
    struct map_set *maps =
        load("map thing <- x:json { \"{a}-{b}-{c}-{d}-{e | number}x\" = .t }", MAP_READ, &e);
    buf_init(&data, 1 << 20);
    buf_init(&out, 1 << 20);
    buf_put(&data, STR("{\"t\":\""));
    for (int i = 0; i < 20000; i++)
        buf_put(&data, STR("-a"));
    buf_put(&data, STR("\"}"));
    buf_byte(&data, '\0');
    run(maps, true, "x:json", data.p, &out);
    assert_int_equal(out.p[0], '!');
    map_set_free(maps);
    buf_release(&data);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_way_rules),
        cmocka_unit_test(lists),
        cmocka_unit_test(places),
        cmocka_unit_test(patterns),
        cmocka_unit_test(expressions),
        cmocka_unit_test(names),
        cmocka_unit_test(blanks),
        cmocka_unit_test(rules_on_canonical_records),
        cmocka_unit_test(too_many_items_are_refused),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(patterns_are_bounded),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
