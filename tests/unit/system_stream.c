#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "system/system.h"

static char folder[] = "/tmp/system.XXXXXX";
static struct arena arena;
static struct diag_list diags = {.arena = &arena};

static void write_file(const char *path, const char *text)
{
    struct file_write w;
    struct err e = {0};
    assert_int_equal(file_write_open(&w, path, 0644, &e), 0);
    buf_put(&w.out.buf, str_of(text));
    assert_int_equal(file_write_commit(&w, &e), 0);
}

static void describe(const char *system)
{
    write_file("systems/acme/system.json", system);
}

static const char *const whole =
    "// a system\n"
    "{\"system\":\"acme\",\"vars\":{},\"streams\":{\n"
    "\"orders-csv\":{\"format\":\"csv\",\"group\":\"Name\",\"id\":\".rows[0].Id\",\"label\":\".rows[0]."
    "Name\","
    "\"columns\":[\"Name\",\"Email\"],\"skip\":2,\"delimiter\":\";\",\"encoding\":\"WINDOWS-1252\"},\n"
    "\"items\":{\"get\":\"/items\",\"records\":\".items[]\"}}}\n";

static int make_folder(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    if (mkdtemp(folder) == NULL || chdir(folder) == -1 || mkdir("systems", 0755) == -1 ||
        mkdir("systems/acme", 0755) == -1 || mkdir("systems/empty", 0755) == -1 ||
        mkdir("connections", 0755) == -1)
        return -1;
    return setenv("HUB_PATH", folder, 1);
}

static int drop_folder(void **state)
{
    (void)state;
    arena_release(&arena);
    unlink("systems/acme/system.json");
    unlink("connections/shop-eu.json");
    return rmdir("systems/acme") + rmdir("systems/empty") + rmdir("systems") + rmdir("connections") +
           chdir("/") + rmdir(folder);
}

static void assert_refused(const char *name, const char *place, const char *field, const char *message)
{
    struct system_stream s;
    struct err e = {0};
    diags.n = 0;
    assert_int_equal(system_stream_find(&s, str_of(name), &arena, &diags, &e), -1);
    assert_string_equal(e.code, "config");
    struct str at = str_of(e.place);
    if (strstr(e.place, ".json:") != NULL) /* with line and column */
        at = str_slice(at, 0, (size_t)(strstr(e.place, ".json:") - e.place) + 5);
    assert_true(str_ends(at, str_of(place)));
    assert_string_equal(e.field, field);
    if (strstr(e.message, message) == NULL)
        fail_msg("%s", e.message);
}

static void a_system_stands_for_a_connection(void **state)
{
    (void)state;
    struct system_stream s;
    struct err e = {0};
    describe(whole);
    assert_int_equal(system_stream_find(&s, STR("acme:orders-csv"), &arena, &diags, &e), 0);
    assert_true(str_eq(s.source, STR("acme")));
    assert_true(str_eq(s.system, STR("acme")));
    assert_true(str_eq(s.stream, STR("acme:orders-csv")));
    assert_true(str_ends(s.folder, STR("/systems/acme")));
    assert_int_equal(access(s.folder.p, F_OK), 0);
    assert_true(str_eq(s.format, STR("csv")));
    assert_true(str_eq(s.group, STR("Name")));
    assert_true(str_eq(s.id, STR(".rows[0].Id")));
    assert_true(str_eq(s.label, STR(".rows[0].Name")));
    assert_true(str_eq(s.delimiter, STR(";")));
    assert_true(str_eq(s.encoding, STR("WINDOWS-1252")));
    assert_null(s.records.p);
    assert_int_equal(s.skip, 2);
    assert_int_equal(s.ncolumns, 2);
    assert_true(str_eq(s.columns[1], STR("Email")));
}

static void a_connection_names_its_system(void **state)
{
    (void)state;
    struct system_stream s;
    struct err e = {0};
    describe(whole);
    write_file("connections/shop-eu.json", "{\"system\":\"acme\",\"vars\":{\"shop\":\"eu\"}}");
    assert_int_equal(system_stream_find(&s, STR("shop-eu:items"), &arena, &diags, &e), 0);
    assert_true(str_eq(s.source, STR("shop-eu")));
    assert_true(str_eq(s.stream, STR("acme:items")));
    assert_null(s.format.p);
    assert_null(s.columns);
    write_file("connections/shop-eu.json", "{\"system\":\"acne\"}");
    assert_refused("shop-eu:items", "/connections/shop-eu.json", "/system", "there are: acme");
    write_file("connections/shop-eu.json", "{\"system\":\"../acme\"}");
    assert_refused("shop-eu:items", "/connections/shop-eu.json", "/system", "must be a name");
    write_file("connections/shop-eu.json", "{\"sistem\":\"acme\"}");
    assert_refused("shop-eu:items", "/connections/shop-eu.json", "/sistem", "did you mean \"system\"?");
}

static void what_is_not_there_is_told_with_what_is(void **state)
{
    (void)state;
    describe(whole);
    write_file("connections/shop-eu.json", "{\"system\":\"acme\"}");
    assert_refused("acne:items", "", "", "no connection or system \"acne\"; there are: acme, shop-eu");
    assert_refused("acme:orders", "/acme/system.json", "/streams", "there are: items, orders-csv");
    assert_refused("acme", "", "", "CONNECTION:STREAM");
    assert_refused("../acme:items", "", "", "CONNECTION:STREAM");
    assert_refused("acme:", "", "", "CONNECTION:STREAM");
}

static void a_record_may_be_of_no_known_system(void **state)
{
    (void)state;
    struct system_stream s;
    struct err e = {0};
    describe(whole);
    assert_int_equal(system_stream_lookup(&s, STR("acme:orders-csv"), &arena, &e), 1);
    assert_null(s.source.p);
    assert_int_equal(s.ncolumns, 2);
    static const char *const unknown[] = {"file:orders",   "acme:other", "acme", "",
                                          "../acme:items", "hub:order"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_int_equal(system_stream_lookup(&s, str_of(unknown[i]), &arena, &e), 0);
    describe("{\"system\":\"acme\",");
    assert_int_equal(system_stream_lookup(&s, STR("acme:orders-csv"), &arena, &e), -1);
    assert_non_null(strstr(e.place, "system.json:1:"));
}

static void broken_descriptions_name_the_value(void **state)
{
    (void)state;
    static const struct {
        const char *text, *field, *message;
    } cases[] = {
        {"[]", "", "object"},
        {"{\"system\":\"acne\"}", "/system", "must be \"acme\""},
        {"{}", "/system", "must be \"acme\""},
        {"{\"system\":\"acme\",\"stream\":{}}", "/stream", "did you mean \"streams\"?"},
        {"{\"system\":\"acme\",\"streams\":1}", "/streams", "object"},
        {"{\"system\":\"acme\",\"streams\":{\"a/b\":1}}", "/streams/a~1b", "name"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"formatt\":\"csv\"}}}", "/streams/x/formatt",
         "\"format\"?"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"zzzzzz\":1}}}", "/streams/x/zzzzzz", "unknown key"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"format\":\"ndjsn\"}}}", "/streams/x/format",
         "\"ndjson\"?"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"format\":1}}}", "/streams/x/format", "text"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"id\":\"\"}}}", "/streams/x/id", "text"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"skip\":-1}}}", "/streams/x/skip", "number"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"delimiter\":\"ab\"}}}", "/streams/x/delimiter", "ASCII"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"columns\":[]}}}", "/streams/x/columns", "list"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"columns\":[\"a\",1]}}}", "/streams/x/columns/1", "list"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"columns\":[\"a\",\"a\"]}}}", "/streams/x/columns/1",
         "twice"},
        {"{\"system\":\"acme\",\"system\":\"acme\"}", "/system", "stands twice"},
        {"{\"system\":\"acme\",\"base\":\"https://{@host}\"}", "/base", "no variable is called \"host\""},
        {"{\"system\":\"acme\",\"vars\":{\"host\":\"h\"},\"base\":\"https://{@hots}\"}", "/base",
         "\"host\"?"},
        {"{\"system\":\"acme\",\"vars\":{\"x\":\"${}\"}}", "/vars/x", "${VARIABLE}"},
        {"{\"system\":\"acme\",\"limits\":{\"rate\":\"2\"}}", "/limits/rate", "2/s"},
        {"{\"system\":\"acme\",\"limits\":{\"timeout\":30}}", "/limits/timeout", "30s"},
        {"{\"system\":\"acme\",\"answers\":[{\"do\":\"rety\"}]}", "/answers/0/do", "\"retry\"?"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"query\":{\"from\":\"{sinse}\"}}}}",
         "/streams/x/query/from", "\"since\"?"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"json\":{\"a\":[1,{\"b\":\"{.a +}\"}]}}}}",
         "/streams/x/json/a/1/b", "a value is due"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"get\":\"/a/{.id\"}}}", "/streams/x/get", "no end"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"next\":{\"set\":{\"url\":\"\"}}}}}",
         "/streams/x/next/set/url", "slash"},
        {"{\"system\":\"acme\",\"streams\":{\"x\":{\"graphql\":\"../x\"}}}", "/streams/x/graphql",
         "in the folder"},
        {"{\"system\":\"acme\",\"targets\":{\"t\":{\"repeat\":\"saef\"}}}", "/targets/t/repeat", "\"safe\"?"},
        {"{\"system\":\"acme\",\"targets\":{\"t\":{\"batch\":{\"into\":\"body\"}}}}", "/targets/t/batch/into",
         "slash"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        describe(cases[i].text);
        assert_refused("acme:x", "/acme/system.json", cases[i].field, cases[i].message);
    }
}

/* The caret of an expression stands at its own character, behind escapes, too. */
static void a_fault_has_its_place(void **state)
{
    (void)state;
    describe("{\"system\":\"acme\",\n \"streams\":{\"x\":{\n  \"id\":\".a == \\\"\\u00e9\\\" && nope\"}}}");
    struct system_stream s;
    struct err e = {0};
    diags.n = 0;
    assert_int_equal(system_stream_find(&s, STR("acme:x"), &arena, &diags, &e), -1);
    assert_int_equal(diags.n, 1);
    assert_int_equal(diags.diag[0].line, 3);
    assert_true(str_starts(str_slice(diags.diag[0].text, diags.diag[0].column - 1, 100), STR("nope\"}")));
    assert_true(str_eq(diags.diag[0].field, STR("/streams/x/id")));
    assert_non_null(strstr(e.place, "system.json:3:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_system_stands_for_a_connection),
        cmocka_unit_test(a_connection_names_its_system),
        cmocka_unit_test(what_is_not_there_is_told_with_what_is),
        cmocka_unit_test(a_record_may_be_of_no_known_system),
        cmocka_unit_test(a_fault_has_its_place),
        cmocka_unit_test(broken_descriptions_name_the_value),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
