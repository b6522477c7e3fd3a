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

/* An object of one of three kinds, which sometimes is not what they are. */
static void put_kind(struct buf *b, unsigned kind, unsigned depth)
{
    static const char *const keys[3][5] = {
        {"id", "name", "lines", "ship to", "a key of more than thirty-two bytes"},
        {"id", "sku", "n", "price", NULL},
        {"id", "name", "street", "\xC3\xBC", "zip"}};
    const char *before = "{";
    for (unsigned i = 0; i < 5 && keys[kind][i] != NULL; i++) {
        const char *key = keys[kind][i];
        unsigned odd = random_below(1500);
        if (odd == 0)
            continue; /* is missing */
        if (odd == 1)
            key = "id";
        if (odd == 2)
            key = "\\u0069d";
        if (odd == 3)
            key = "id\\\":\\\"";
        buf_printf(b, "%s%s\"%s\"%s:", before, odd == 4 ? " " : "", key, odd == 5 ? " " : "");
        before = ",";
        bool nested = kind == 0 && depth < 3 && (i == 2 || i == 3);
        if (!nested) {
            buf_put(b, odd == 6 ? STR("\"\\uD800\"") : odd == 7 ? STR("\"\\uD83D\\uDE00\"") : STR("\"v\""));
        } else if (i == 3) {
            put_kind(b, odd < 20 ? 0 : 2, depth + 1);
        } else {
            const char *between = "";
            buf_byte(b, '[');
            for (unsigned n = random_below(4); n > 0; n--, between = ",") {
                buf_put(b, str_of(between));
                put_kind(b, 1, depth + 1);
            }
            buf_byte(b, ']');
        }
    }
    buf_put(b, before[0] == '{' ? STR("{}") : STR("}"));
}

static bool same_nodes(const struct json_tape *x, const struct json_tape *y)
{
    for (size_t i = 0; i < x->n; i++) {
        const struct json_node *a = &x->node[i], *b = &y->node[i];
        if (i >= y->n || a->p != b->p || a->n != b->n || a->span != b->span || a->type != b->type ||
            a->form != b->form)
            return false;
    }
    return x->n == y->n;
}

static bool same_keys(const struct json_node *x, const struct json_node *y)
{
    const struct json_node *a = x + 1, *b = y + 1;
    for (; a < json_next(x) && b < json_next(y); a = json_next_key(a), b = json_next_key(b))
        if (!str_eq(json_text(a), json_text(b)))
            return false;
    return a == json_next(x) && b == json_next(y);
}

/* The texts of a stream are parsed as they would be one by one, and what is said of them is the same. */
static void what_is_expected_changes_nothing(void **state)
{
    enum { ROUNDS = 20000 };
    (void)state;
    struct work w;
    struct json_unique *plain = json_unique_new();
    struct json_tape before;
    struct buf kept;
    uint64_t number = 0;
    size_t at_once = 0, refused = 0, bad = 0, alike = 0;
    start(&w);
    json_tape_init(&before);
    buf_init(&kept, 1 << 20);
    for (int round = 0; round < ROUNDS; round++) {
        struct err e = {0};
        bool checked = false;
        buf_reset(&w.text);
        put_kind(&w.text, 0, 0);
        if (random_below(20) == 0)
            w.text.n -= random_below((uint32_t)w.text.n);
        assert_non_null(buf_room(&w.text, JSON_PAD));
        int as_one = json_parse(&w.mixed, buf_str(&w.text), &any_limits, NULL, &e);
        char *said = strdup(as_one == -1 ? e.message : "");
        assert_int_equal(json_parse_record(&w.tape, buf_str(&w.text), &any_limits, w.unique, &checked, &e),
                         as_one);
        if (as_one == -1)
            assert_string_equal(e.message, said);
        free(said);
        bad += as_one == -1;
        if (as_one == -1)
            continue;
        assert_true(same_nodes(&w.mixed, &w.tape));
        int verdict = json_check_record(w.mixed.node, plain, &e);
        assert_int_equal(checked ? 0 : check(&w, w.tape.node), verdict);
        at_once += checked;
        refused += verdict == -1;
        uint64_t now = verdict == 0 ? json_alike(w.unique, w.tape.node) : 0;
        if (now != 0 && now == number) {
            alike++;
            assert_true(same_keys(before.node, w.tape.node));
        }
        number = now;
        buf_reset(&kept);
        buf_put(&kept, buf_str(&w.text));
        assert_non_null(any_parse(&before, buf_str(&kept)));
    }
    assert_in_range(at_once, ROUNDS / 4, ROUNDS);
    assert_in_range(refused, ROUNDS / 100, ROUNDS);
    assert_in_range(bad, ROUNDS / 100, ROUNDS);
    assert_in_range(alike, ROUNDS / 4, ROUNDS);
    json_unique_free(plain);
    json_tape_release(&before);
    buf_release(&kept);
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
        cmocka_unit_test(what_is_expected_changes_nothing),
        cmocka_unit_test(many_keys_take_linear_time),
        cmocka_unit_test(examples),
        cmocka_unit_test(made_values_are_checked_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
