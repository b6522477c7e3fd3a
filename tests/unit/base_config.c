#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/config.h"
#include "base/pointer.h"

static struct arena arena;

static int make_arena(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    return 0;
}

static int drop_arena(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static const struct config *parse(const char *text)
{
    struct err e = {0};
    const struct config *c = config_parse(str_of(text), "x.json", &arena, &e);
    if (c == NULL)
        fail_msg("%s: %s: %s", e.place, e.field, e.message);
    return c;
}

static void assert_refused(const char *text, const char *place, const char *field, const char *message)
{
    struct err e = {0};
    assert_null(config_parse(str_of(text), "x.json", &arena, &e));
    assert_string_equal(e.code, "config");
    assert_string_equal(e.place, place);
    assert_string_equal(e.field, field);
    assert_non_null(strstr(e.message, message));
}

static void members_stay_in_the_order_of_the_file(void **state)
{
    (void)state;
    const struct config *c =
        parse("{\"z\":1,\"a\":\"text\",\"m\":[true,false,null,-9223372036854775808],\"k\":{}}");
    assert_int_equal(c->type, CONFIG_OBJECT);
    assert_int_equal(c->count, 4);
    static const char *const keys[] = {"z", "a", "m", "k"};
    for (size_t i = 0; i < 4; i++)
        assert_true(str_eq(c->member[i].key, str_of(keys[i])));
    assert_int_equal(config_get(c, "z")->integer, 1);
    assert_true(str_eq(config_string(config_get(c, "a")), STR("text")));
    const struct config *list = config_get(c, "m");
    assert_int_equal(list->type, CONFIG_LIST);
    assert_true(list->member[0].value->truth);
    assert_false(list->member[1].value->truth);
    assert_int_equal(list->member[2].value->type, CONFIG_NULL);
    assert_true(list->member[3].value->integer == INT64_MIN);
    assert_null(list->member[0].key.p);
    assert_int_equal(config_get(c, "k")->count, 0);
}

static void what_is_not_there_is_absent(void **state)
{
    (void)state;
    const struct config *c = parse("{\"a\":1}");
    assert_null(config_get(c, "b"));
    assert_null(config_get(config_get(c, "a"), "b"));
    assert_null(config_get(NULL, "b"));
    assert_null(config_string(NULL).p);
    assert_null(config_string(config_get(c, "a")).p);
}

static void comments_are_lines_and_keep_the_numbers_of_lines(void **state)
{
    (void)state;
    const struct config *c = parse("// one\n{\"url\":\"https://a//b\",\n  \t// \"no\":\n\"a\":\n1}\n//");
    assert_int_equal(c->count, 2);
    assert_true(str_eq(config_string(config_get(c, "url")), STR("https://a//b")));
    assert_refused("// one\n// two\n{\"a\":}\n", "x.json:3:6", "", "near");
    assert_refused("{\"a\":1 // not at the start of a line\n}", "x.json:1:8", "", "near");
}

static void broken_texts_are_refused_where_they_break(void **state)
{
    (void)state;
    assert_refused("", "x.json:1:0", "", "near end of file");
    assert_refused("{\n\"a\":1,\n\"a\":2}", "x.json:3:3", "", "duplicate");
    assert_refused("[99999999999999999999]", "x.json:1:21", "", "too big");
    assert_refused("[\"\xff\"]", "x.json:1:2", "", "0xff");
    assert_refused("{} {}", "x.json:1:4", "", "end of file expected");
}

static void a_number_with_a_fraction_is_refused_by_its_field(void **state)
{
    (void)state;
    assert_refused("{\"a/b\":[1,{\"c~\":0.5}]}", "x.json", "/a~1b/1/c~0", "fraction");
    assert_refused("1e3", "x.json", "", "fraction");
}

static void a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct err e = {0};
    assert_null(config_read("/nowhere/x.json", &arena, &e));
    assert_string_equal(e.place, "/nowhere/x.json");
    assert_string_equal(e.code, "io");
}

static void pointers_escape_and_come_back(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, POINTER_MOST);
    pointer_put(&b, STR(""));
    pointer_put_index(&b, 10);
    pointer_put(&b, STR("~/a~1/"));
    assert_true(str_eq(buf_str(&b), STR("//10/~0~1a~01~1")));
    struct str rest = buf_str(&b);
    assert_true(str_eq(pointer_step(&rest, &arena), STR("")));
    assert_true(str_eq(pointer_step(&rest, &arena), STR("10")));
    assert_true(str_eq(pointer_step(&rest, &arena), STR("~/a~1/")));
    assert_int_equal(rest.n, 0);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_stay_in_the_order_of_the_file),
        cmocka_unit_test(what_is_not_there_is_absent),
        cmocka_unit_test(comments_are_lines_and_keep_the_numbers_of_lines),
        cmocka_unit_test(broken_texts_are_refused_where_they_break),
        cmocka_unit_test(a_number_with_a_fraction_is_refused_by_its_field),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(pointers_escape_and_come_back),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
