#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json_any.h"

struct work {
    struct buf text;
    struct json_tape tape, mixed;
    struct arena arena;
    struct json_unique *unique;
    struct err err;
};

static void start(struct work *w)
{
    memset(w, 0, sizeof *w);
    buf_init(&w->text, 64 << 20);
    arena_init(&w->arena, 64 << 20);
    w->unique = json_unique_new();
    assert_non_null(w->unique);
    random_seed(5);
}

static void stop(struct work *w)
{
    buf_release(&w->text);
    json_tape_release(&w->tape);
    json_tape_release(&w->mixed);
    arena_release(&w->arena);
    json_unique_free(w->unique);
}

static int check(struct work *w, const struct json_node *value)
{
    memset(&w->err, 0, sizeof w->err);
    return json_check_record(value, w->unique, &w->err);
}

/* Every pair of keys is compared. */
static bool repeats(const struct json_node *object, struct arena *a)
{
    for (const struct json_node *x = object + 1; x < json_next(object); x = json_next_key(x))
        for (const struct json_node *y = object + 1; y < x; y = json_next_key(y))
            if (str_eq(json_string(x, a), json_string(y, a)))
                return true;
    return false;
}

static void random_objects_agree_with_the_plain_way(void **state)
{
    static const char *const names[] = {"a",
                                        "b",
                                        "\\u0061",
                                        "c",
                                        "longer key",
                                        "longer ke\\u0079",
                                        "\xC3\xA9",
                                        "\\u00e9",
                                        "",
                                        "k1",
                                        "k2",
                                        "k3",
                                        "\\\"",
                                        "\\u0022",
                                        "a much longer key than thirty-two bytes",
                                        "a much longer key than thirty-two byte\\u0073"};
    (void)state;
    struct work w;
    start(&w);
    size_t found = 0;
    for (int round = 0; round < 20000; round++) {
        buf_reset(&w.text);
        buf_put(&w.text, STR("[{\"x\":[{"));
        for (uint32_t i = 0, n = random_below(7); i < n; i++)
            buf_printf(&w.text, "%s\"%s\":%s", i > 0 ? "," : "",
                       names[random_below(sizeof names / sizeof names[0])],
                       random_below(5) == 0 ? "{\"y\":1,\"x\":\"\\n\"}" : "1");
        buf_put(&w.text, STR("}]},{\"z\":0,\"a\":\"\\n\"}]"));
        assert_non_null(buf_room(&w.text, JSON_PAD));
        const struct json_node *root = any_parse(&w.tape, buf_str(&w.text));
        assert_non_null(root);
        arena_reset(&w.arena);
        bool expected = repeats(json_pointer(root, STR("/0/x/0")), &w.arena);
        found += expected;
        assert_int_equal(check(&w, root), expected ? -1 : 0);
        if (expected)
            assert_string_equal(w.err.code, "json");
    }
    assert_in_range(found, 1000, 19000);
    stop(&w);
}

static void generated_texts_have_no_fault(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    for (int round = 0; round < 3000; round++) {
        const struct json_node *root = any_parse(&w.tape, any_text(&w.text));
        if (check(&w, root) != 0)
            fail_msg("%s", w.err.message);
    }
    stop(&w);
}

static void numbered(struct buf *b, size_t n, bool falling, bool repeat)
{
    buf_reset(b);
    for (size_t i = 0; i < n; i++)
        buf_printf(b, "%s\"%08zu\":0", i == 0 ? "{" : ",", falling ? n - i : i);
    if (repeat)
        buf_printf(b, ",\"%08zu\":0", n / 2);
    buf_byte(b, '}');
    assert_non_null(buf_room(b, JSON_PAD));
}

/* The last would take minutes if the time were the square of their number. */
static void many_keys_take_linear_time(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    for (size_t n = 1; n < 1000000; n = n * 3 + 1)
        for (int falling = 0; falling < 2; falling++)
            for (int repeat = 0; repeat < 2; repeat++) {
                numbered(&w.text, n, falling, repeat);
                const struct json_node *root = any_parse(&w.tape, buf_str(&w.text));
                assert_non_null(root);
                assert_int_equal(check(&w, root),
                                 (repeat && n > 1) || (repeat && n == 1 && !falling) ? -1 : 0);
            }
    stop(&w);
}

static void examples(void **state)
{
    static const struct {
        const char *text, *message;
    } table[] = {
        {"{\"a\":1,\"b\":2}", NULL},
        {"{\"b\":1,\"a\":2}", NULL},
        {"{\"a\":1,\"a\":2}", "the key \"a\" stands twice in one object"},
        {"{\"b\":1,\"a\":2,\"b\":3}", "the key \"b\" stands twice in one object"},
        {"{\"\":1,\"\":2}", "the key \"\" stands twice in one object"},
        {"{\"a\":1,\"\\u0061\":2}", "the key \"a\" stands twice in one object"},
        {"{\"a\":{\"a\":{\"a\":1}}}", NULL},
        {"[{\"a\":1},{\"a\":1}]", NULL},
        {"[[[{\"x\":[],\"x\":{}}]]]", "the key \"x\" stands twice in one object"},
        {"{\"z\":1,\"a\":{\"y\":1,\"y\":2}}", "the key \"y\" stands twice in one object"},
        {"{\"a\":\"\\uD83D\\uDE00\"}", NULL},
        {"\"\\uD83D\"", "a lone surrogate in \"\\uD83D\""},
        {"\"\\uDE00\"", "a lone surrogate in \"\\uDE00\""},
        {"\"\\uD83D\\u0041\"", "a lone surrogate in \"\\uD83D\\u0041\""},
        {"{\"z\":1,\"a\":[\"\\uDE00\\uD83D\"]}", "a lone surrogate in \"\\uDE00\\uD83D\""},
        {"{\"\\uD800\":1}", "a lone surrogate in \"\\uD800\""},
        {"{\"b\":1,\"\\uD800\":1}", "a lone surrogate in \"\\uD800\""},
        {"[\"\\\\uD800\"]", NULL},
        {"{}", NULL},
        {"1", NULL},
    };
    (void)state;
    struct work w;
    start(&w);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct json_node *root = any_parse_copy(&w.tape, &w.text, str_of(table[i].text));
        assert_non_null(root);
        int status = check(&w, root);
        if (status != (table[i].message != NULL ? -1 : 0))
            fail_msg("%s: %s", table[i].text, w.err.message);
        if (table[i].message != NULL)
            assert_string_equal(w.err.message, table[i].message);
    }
    stop(&w);
}

/* What was made has no text to go by. */
static void made_values_are_checked_too(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    const struct json_node *lone = any_parse_copy(&w.tape, &w.text, STR("\"\\uD800\""));
    struct json_node keys[] = {json_clean_node(STR("a")), json_string_node(STR("a\n")),
                               json_clean_node(STR("a"))};
    size_t object = json_open(&w.mixed, JSON_OBJECT);
    for (size_t i = 0; i < 2; i++) {
        assert_true(json_append(&w.mixed, &keys[i]));
        assert_true(json_append(&w.mixed, &keys[i]));
    }
    json_close(&w.mixed, object);
    assert_int_equal(check(&w, w.mixed.node), 0);
    assert_true(json_append(&w.mixed, &keys[2]));
    assert_true(json_append(&w.mixed, &keys[2]));
    json_close(&w.mixed, object);
    assert_int_equal(check(&w, w.mixed.node), -1);
    w.mixed.n -= 1;
    w.mixed.node[w.mixed.n - 1] = json_clean_node(STR("b"));
    assert_true(json_append(&w.mixed, lone));
    json_close(&w.mixed, object);
    assert_int_equal(check(&w, w.mixed.node), -1);
    stop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_objects_agree_with_the_plain_way),
        cmocka_unit_test(generated_texts_have_no_fault),
        cmocka_unit_test(many_keys_take_linear_time),
        cmocka_unit_test(examples),
        cmocka_unit_test(made_values_are_checked_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
