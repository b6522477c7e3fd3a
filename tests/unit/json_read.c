#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json_any.h"

struct work {
    struct buf text, other;
    struct json_tape tape, tape2;
    struct arena arena;
};

static void start(struct work *w)
{
    memset(w, 0, sizeof *w);
    buf_init(&w->text, 64 << 20);
    buf_init(&w->other, 64 << 20);
    arena_init(&w->arena, 64 << 20);
    random_seed(3);
}

static void stop(struct work *w)
{
    buf_release(&w->text);
    buf_release(&w->other);
    json_tape_release(&w->tape);
    json_tape_release(&w->tape2);
    arena_release(&w->arena);
}

static const struct json_node *parse(struct work *w, const char *text)
{
    const struct json_node *root = any_parse_copy(&w->tape, &w->text, str_of(text));
    assert_non_null(root);
    return root;
}

static const struct json_node *parse2(struct work *w, const char *text)
{
    const struct json_node *root = any_parse_copy(&w->tape2, &w->other, str_of(text));
    assert_non_null(root);
    return root;
}

static void every_member_is_found_by_key_and_by_pointer(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    for (int round = 0; round < 3000; round++) {
        const struct json_node *root = any_parse(&w.tape, any_text(&w.text));
        assert_non_null(root);
        arena_reset(&w.arena);
        size_t count = 0;
        for (const struct json_node *key = root + 1; root->type == JSON_OBJECT && key < json_next(root);
             key = json_next_key(key), count++) {
            struct str name = json_string(key, &w.arena);
            assert_int_equal(utf8_check(name), name.n);
            assert_true(json_string_is(key, name));
            assert_ptr_equal(json_get(root, name), json_value_of(key));
            buf_reset(&w.other);
            buf_byte(&w.other, '/');
            for (size_t i = 0; i < name.n; i++)
                buf_put(&w.other, name.p[i] == '~'   ? STR("~0")
                                  : name.p[i] == '/' ? STR("~1")
                                                     : str_slice(name, i, i + 1));
            assert_ptr_equal(json_pointer(root, buf_str(&w.other)), json_value_of(key));
        }
        for (const struct json_node *v = root + 1; root->type == JSON_ARRAY && v < json_next(root);
             v = json_next(v), count++) {
            assert_ptr_equal(json_at(root, count), v);
            buf_reset(&w.other);
            buf_printf(&w.other, "/%zu", count);
            assert_ptr_equal(json_pointer(root, buf_str(&w.other)), v);
        }
        assert_int_equal(json_count(root), count);
        assert_null(json_at(root, root->type == JSON_ARRAY ? count : 0));
    }
    stop(&w);
}

static void strings_are_decoded(void **state)
{
    static const struct {
        const char *text;
        struct str value;
    } table[] = {
        {"\"\"", {"", 0}},
        {"\"a\\u0000b\"", {"a\0b", 3}},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", {"\"\\/\b\f\n\r\t", 8}},
        {"\"\\u00e9\\u20AC\\ud83d\\uDE00\"", {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9}},
        {"\"\\uD800\"", {"\xEF\xBF\xBD", 3}},
        {"\"\\uDC00\\uD800\"", {"\xEF\xBF\xBD\xEF\xBF\xBD", 6}},
        {"\"\\uD800\\uD83D\\uDE00\"", {"\xEF\xBF\xBD\xF0\x9F\x98\x80", 7}},
        {"\"\\uD800x\\uDC00\"", {"\xEF\xBF\xBDx\xEF\xBF\xBD", 7}},
        {"\"\\uD800\\\\uDC00\"", {"\xEF\xBF\xBD\\uDC00", 9}},
        {"\"\\uDBFF\\uDFFF\"", {"\xF4\x8F\xBF\xBF", 4}},
        {"\"\\uD800\\n\"", {"\xEF\xBF\xBD\n", 4}},
    };
    (void)state;
    struct work w;
    start(&w);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct json_node *v = parse(&w, table[i].text);
        assert_true(str_eq(json_string(v, &w.arena), table[i].value));
        assert_true(json_string_is(v, table[i].value));
        assert_false(json_string_is(v, STR("\xEF\xBF\xBD?")));
        if (table[i].value.n > 0)
            assert_false(json_string_is(v, str_slice(table[i].value, 0, table[i].value.n - 1)));
    }
    struct arena none;
    arena_init(&none, 0);
    assert_null(json_string(parse(&w, "\"\\n\""), &none).p);
    stop(&w);
}

static void pointers_follow_rfc_6901(void **state)
{
    /* The document of RFC 6901 §5, and some more. */
    static const char text[] =
        "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,\"i\\\\j\":5,"
        "\"k\\\"l\":6,\" \":7,\"m~n\":8,\"~1\":9,\"\\u007e0\":10,\"o\":{\"\":{\"\":11}}}";
    static const struct {
        const char *pointer, *value;
    } table[] = {
        {"/foo", "[\"bar\",\"baz\"]"},
        {"/foo/0", "bar"},
        {"/foo/1", "baz"},
        {"/", "0"},
        {"/a~1b", "1"},
        {"/c%d", "2"},
        {"/e^f", "3"},
        {"/g|h", "4"},
        {"/i\\j", "5"},
        {"/k\"l", "6"},
        {"/ ", "7"},
        {"/m~0n", "8"},
        {"/~01", "9"},
        {"/~00", "10"},
        {"/o//", "11"},
        {"/foo/2", NULL},
        {"/foo/-", NULL},
        {"/foo/01", NULL},
        {"/foo/00", NULL},
        {"/foo/", NULL},
        {"/foo/0/0", NULL},
        {"/foo/99999999999999999999", NULL},
        {"/foo/ 1", NULL},
        {"/foo/+1", NULL},
        {"/bar", NULL},
        {"foo", NULL},
        {"/a/b", NULL},
        {"/m~n", NULL},
        {"/m~", NULL},
        {"/m~2n", NULL},
        {"/o/", "{\"\":11}"},
        {"/o///", NULL},
        {"/m~0", NULL},
        {"/m~0nn", NULL},
    };
    (void)state;
    struct work w;
    start(&w);
    const struct json_node *root = parse(&w, text);
    assert_ptr_equal(json_pointer(root, STR("")), root);
    assert_null(json_pointer(NULL, STR("/a")));
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct json_node *v = json_pointer(root, str_of(table[i].pointer));
        if ((v == NULL) != (table[i].value == NULL) ||
            (v != NULL && !str_eq(json_text(v), str_of(table[i].value))))
            fail_msg("%s", table[i].pointer);
    }
    stop(&w);
}

static void asking_the_wrong_kind_gives_nothing(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    assert_null(json_get(NULL, STR("a")));
    assert_null(json_get(parse(&w, "[\"a\",1]"), STR("a")));
    assert_null(json_at(parse(&w, "{\"a\":1}"), 0));
    assert_null(json_at(NULL, 0));
    assert_int_equal(json_count(NULL), 0);
    assert_int_equal(json_count(parse(&w, "\"abc\"")), 0);
    assert_int_equal(json_count(parse(&w, "{\"a\":[1,2,3],\"b\":{}}")), 2);
    stop(&w);
}

static void equal_is_by_value(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } table[] = {
        {"1", "1", true},
        {"1", "1.0", false},
        {"1", "\"1\"", false},
        {"null", "null", true},
        {"true", "false", false},
        {"\"a\"", "\"\\u0061\"", true},
        {"\"\\u0061b\"", "\"a\\u0062\"", true},
        {"\"a\"", "\"\\u0061b\"", false},
        {"[1,2]", "[1, 2]", true},
        {"[1,2]", "[2,1]", false},
        {"[1,2]", "[1]", false},
        {"[[1],2]", "[[1,2]]", false},
        {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true},
        {"{\"a\":1,\"b\":2}", "{\"\\u0062\":2,\"a\":1}", true},
        {"{\"a\":1}", "{\"a\":2}", false},
        {"{\"a\":1}", "{\"b\":1}", false},
        {"{\"a\":1,\"b\":2}", "{\"a\":1}", false},
        {"{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":1}", false},
        {"{\"a\":1,\"b\":1}", "{\"a\":1,\"a\":1}", false},
        {"{\"a\":1,\"a\":2,\"b\":3}", "{\"b\":3,\"a\":1,\"a\":2}", true},
        {"{\"a\":1,\"a\":2,\"b\":3}", "{\"b\":3,\"a\":2,\"a\":1}", false},
        {"{}", "[]", false},
        {"{}", "{ }", true},
        {"{\"a\":[1],\"b\":2}", "{\"b\":[2],\"a\":1}", false},
    };
    (void)state;
    struct work w;
    start(&w);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct json_node *a = parse(&w, table[i].a), *b = parse2(&w, table[i].b);
        if (json_equal(a, b) != table[i].equal || json_equal(b, a) != table[i].equal)
            fail_msg("%s %s", table[i].a, table[i].b);
    }
    stop(&w);
}

/* {"k0":0, …} in an order, with the value of one key changed. */
static void numbered(struct buf *b, size_t n, size_t step, size_t changed)
{
    buf_reset(b);
    for (size_t i = 0, k = 0; i < n; i++, k = (k + step) % n)
        buf_printf(b, "%s\"k%zu\":%zu", i == 0 ? "{" : ",", k, k == changed ? n : k);
    buf_byte(b, '}');
    assert_non_null(buf_room(b, JSON_PAD));
}

/* Sizes on both sides of where keys are sorted instead of searched. The last would take minutes by searching.
 */
static void many_keys_in_another_order_are_equal(void **state)
{
    static const size_t sizes[] = {1, 2, 7, 31, 32, 33, 34, 100, 1000, 300000};
    (void)state;
    struct work w;
    start(&w);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t n = sizes[i];
        numbered(&w.text, n, 1, n);
        const struct json_node *a = any_parse(&w.tape, buf_str(&w.text));
        assert_non_null(a);
        numbered(&w.other, n, n - 1 + (n == 1), n);
        const struct json_node *b = any_parse(&w.tape2, buf_str(&w.other));
        assert_true(json_equal(a, b));
        numbered(&w.other, n, n - 1 + (n == 1), n / 2);
        b = any_parse(&w.tape2, buf_str(&w.other));
        assert_false(json_equal(a, b));
    }
    stop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_is_found_by_key_and_by_pointer),
        cmocka_unit_test(strings_are_decoded),
        cmocka_unit_test(pointers_follow_rfc_6901),
        cmocka_unit_test(asking_the_wrong_kind_gives_nothing),
        cmocka_unit_test(equal_is_by_value),
        cmocka_unit_test(many_keys_in_another_order_are_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
