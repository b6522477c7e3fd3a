#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "json_any.h"

struct work {
    struct buf text, once, twice, copy;
    struct json_tape tape, again, sorted, resorted;
};

static void start(struct work *w)
{
    memset(w, 0, sizeof *w);
    buf_init(&w->text, 1 << 20);
    buf_init(&w->once, 1 << 20);
    buf_init(&w->twice, 1 << 20);
    buf_init(&w->copy, 1 << 20);
    random_seed(7);
}

static void stop(struct work *w)
{
    buf_release(&w->text);
    buf_release(&w->once);
    buf_release(&w->twice);
    buf_release(&w->copy);
    json_tape_release(&w->tape);
    json_tape_release(&w->again);
    json_tape_release(&w->sorted);
    json_tape_release(&w->resorted);
}

/* In a block of its own size, so that a sanitizer sees a byte too many. */
static void write_to(struct buf *b, const struct json_node *value, bool canonical)
{
    buf_release(b);
    if (canonical)
        json_write_canonical(b, value);
    else
        json_write(b, value);
    assert_true(buf_ok(b));
    assert_non_null(buf_room(b, JSON_PAD));
}

static void assert_same(const struct buf *a, const struct buf *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->p, b->p, a->n);
}

/* A container that lost its text is written node by node. */
static void forget_texts(struct json_tape *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->node[i].type >= JSON_ARRAY)
            t->node[i].p = NULL;
}

static void what_is_written_reads_back_equal(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    for (int round = 0; round < 10000; round++) {
        const struct json_node *root = any_parse(&w.tape, any_text(&w.text));
        assert_non_null(root);
        write_to(&w.once, root, false);
        const struct json_node *again = any_parse(&w.again, buf_str(&w.once));
        assert_non_null(again);
        assert_true(json_equal(root, again));
        if (again->type >= JSON_ARRAY)
            assert_int_not_equal(again->form, JSON_PLAIN);
        write_to(&w.twice, again, false);
        assert_same(&w.once, &w.twice);
        forget_texts(&w.tape);
        write_to(&w.twice, root, false);
        assert_same(&w.once, &w.twice);
    }
    stop(&w);
}

static void canonical_bytes_are_a_fixed_point(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    for (int round = 0; round < 10000; round++) {
        const struct json_node *root = any_parse(&w.tape, any_text(&w.text));
        write_to(&w.once, root, true);
        const struct json_node *again = any_parse(&w.again, buf_str(&w.once));
        assert_non_null(again);
        assert_true(json_equal(root, again));
        write_to(&w.twice, again, true);
        assert_same(&w.once, &w.twice);
        write_to(&w.twice, again, false);
        assert_same(&w.once, &w.twice);
        forget_texts(&w.tape);
        write_to(&w.twice, root, true);
        assert_same(&w.once, &w.twice);
    }
    stop(&w);
}

/* Pairs of an object in another order. */
static void shuffle(struct json_tape *out, const struct json_node *v)
{
    size_t index = out->n, count = json_count(v);
    if (v->type != JSON_OBJECT || count == 0) {
        assert_true(json_append(out, v));
        return;
    }
    index = json_open(out, JSON_OBJECT);
    assert_true(index != SIZE_MAX);
    size_t first = random_below((uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        const struct json_node *key = v + 1;
        for (size_t j = (first + i * (count > 2 ? count - 1 : 1)) % count; j > 0; j--)
            key = json_next_key(key);
        assert_true(json_append(out, key));
        shuffle(out, json_value_of(key));
    }
    json_close(out, index);
}

static bool is_sorted(const struct json_node *object)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    bool sorted = true;
    struct str last = STR("");
    for (const struct json_node *key = object + 1; key < json_next(object); key = json_next_key(key)) {
        struct str name = json_string(key, &a);
        sorted = sorted && (key == object + 1 || utf8_cmp_utf16(last, name) <= 0);
        last = name;
    }
    arena_release(&a);
    return sorted;
}

static void sorting_is_idempotent_and_forgets_the_old_order(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    for (int round = 0; round < 10000; round++) {
        const struct json_node *root = any_parse(&w.tape, any_text(&w.text));
        w.sorted.n = w.again.n = w.resorted.n = 0;
        assert_true(json_append(&w.sorted, w.tape.node)); /* so that it does not start at 0 */
        size_t at = w.sorted.n;
        assert_true(json_sort(&w.sorted, root));
        const struct json_node *sorted = w.sorted.node + at;
        assert_int_equal(w.sorted.n - at, root->span);
        assert_true(json_equal(root, sorted));
        for (const struct json_node *v = sorted; v < json_next(sorted); v++)
            assert_true(v->type != JSON_OBJECT || is_sorted(v));

        write_to(&w.once, sorted, true);
        shuffle(&w.again, root);
        assert_int_equal(w.again.n, root->span);
        assert_true(json_equal(w.again.node, root));
        assert_true(json_sort(&w.resorted, w.again.node));
        write_to(&w.twice, w.resorted.node, true);
        assert_same(&w.once, &w.twice);

        w.resorted.n = 0;
        assert_true(json_sort(&w.resorted, sorted));
        assert_memory_equal(w.resorted.node, sorted, sorted->span * sizeof *sorted);
    }
    stop(&w);
}

/* In a plain loop, byte by byte: RFC 8785 §3.2.2.2. */
static void write_plainly(struct buf *b, struct str s)
{
    buf_byte(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        switch (c) {
        case '"': buf_put(b, STR("\\\"")); break;
        case '\\': buf_put(b, STR("\\\\")); break;
        case '\b': buf_put(b, STR("\\b")); break;
        case '\t': buf_put(b, STR("\\t")); break;
        case '\n': buf_put(b, STR("\\n")); break;
        case '\f': buf_put(b, STR("\\f")); break;
        case '\r': buf_put(b, STR("\\r")); break;
        default:
            if (c < 0x20)
                buf_printf(b, "\\u%04x", c);
            else
                buf_byte(b, (char)c);
        }
    }
    buf_byte(b, '"');
}

static void strings_are_escaped_as_rfc_8785_says(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    for (size_t n = 0; n < 80; n++) {
        for (int round = 0; round < 60; round++) {
            char *value = malloc(n > 0 ? n : 1);
            assert_non_null(value);
            for (size_t i = 0; i < n; i++)
                value[i] = (char)random_below(round % 3 == 0   ? 0x80
                                              : round % 3 == 1 ? 0x30
                                                               : 0x5B) |
                           (round % 6 == 5 ? 0x20 : 0);
            struct str s = {value, n};
            buf_release(&w.once);
            json_write_string(&w.once, s);
            buf_reset(&w.twice);
            write_plainly(&w.twice, s);
            assert_same(&w.once, &w.twice);
            assert_int_equal(json_is_clean(s), w.once.n == n + 2);
            struct json_node node = json_string_node(s);
            assert_int_equal(node.form, w.once.n == n + 2 ? JSON_CLEAN : JSON_PLAIN);
            write_to(&w.once, &node, false);
            assert_same(&w.once, &w.twice);
            assert_non_null(buf_room(&w.twice, JSON_PAD));
            const struct json_node *back = any_parse(&w.tape, buf_str(&w.twice));
            assert_non_null(back);
            assert_true(json_string_is(back, s));
            assert_true(json_equal(back, &node));
            free(value);
        }
    }
    stop(&w);
}

/* TEXT, one string with escapes, is called canonical just where it is written as it stands. */
static void assert_told(struct work *w, const char *text)
{
    static const struct json_limits limits = {.depth = 1, .bytes = 64};
    struct err e = {0};
    buf_reset(&w->text);
    buf_put(&w->text, str_of(text));
    assert_int_equal(json_parse(&w->tape, buf_str(&w->text), &limits, NULL, &e), 0);
    buf_reset(&w->once);
    json_write_canonical(&w->once, w->tape.node);
    assert_int_equal(json_escapes_are_canonical(str_of(text)), str_eq(buf_str(&w->once), str_of(text)));
}

static void canonical_escapes_are_told(void **state)
{
    static const char *const forms[] = {"\"\\u%04x\"", "\"\\u%04X\"", "\"a\\n\\u%04x\\\\b\""};
    struct work w;
    (void)state;
    start(&w);
    for (unsigned code = 0; code < 0xD800; code += code < 0x200 ? 1 : 0x101)
        for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
            char text[32];
            snprintf(text, sizeof text, forms[i], code);
            assert_told(&w, text);
        }
    for (const char *c = "\"\\/bfnrt"; *c != '\0'; c++) {
        char text[32];
        snprintf(text, sizeof text, "\"x\\%c\\%c y\"", *c, *c);
        assert_told(&w, text);
    }
    stop(&w);
}

static void examples(void **state)
{
    static const struct {
        const char *text, *compact, *canonical;
    } table[] = {
        {" [ 1 , \"\\u0061\\/\" ] ", "[1,\"\\u0061\\/\"]", "[1,\"a/\"]"},
        {"{\"b\":1,\"a\":{\"d\":[],\"c\":{}}}", "{\"b\":1,\"a\":{\"d\":[],\"c\":{}}}",
         "{\"a\":{\"c\":{},\"d\":[]},\"b\":1}"},
        {"\"\\u000A\\u001F\\u007f\\u20ac\\uD83D\\uDE00\"", "\"\\u000A\\u001F\\u007f\\u20ac\\uD83D\\uDE00\"",
         "\"\\n\\u001f\x7F\xE2\x82\xAC\xF0\x9F\x98\x80\""},
        {"\"\\uD800x\"", "\"\\uD800x\"", "\"\xEF\xBF\xBDx\""},
        /* The example of RFC 8785 §3.2.3. */
        {"{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}",
         "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}",
         "{\"\\r\":2,\"1\":4,\"\xC2\x80\":6,\"\xC3\xB6\":7,\"\xE2\x82\xAC\":1,\"\xF0\x9F\x98\x80\":5,"
         "\"\xEF\xAC\xB3\":3}"},
        {"null", "null", "null"},
        {" true", "true", "true"},
        {"[ ]", "[]", "[]"},
        {"{\n}", "{}", "{}"},
        {"[[ ],{\"a\":[1, 2]}]", "[[],{\"a\":[1,2]}]", "[[],{\"a\":[1,2]}]"},
    };
    (void)state;
    struct work w;
    start(&w);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct json_node *root = any_parse_copy(&w.tape, &w.copy, str_of(table[i].text));
        assert_non_null(root);
        write_to(&w.once, root, false);
        assert_true(str_eq(buf_str(&w.once), str_of(table[i].compact)));
        w.sorted.n = 0;
        assert_true(json_sort(&w.sorted, root));
        write_to(&w.once, w.sorted.node, true);
        if (!str_eq(buf_str(&w.once), str_of(table[i].canonical)))
            fail_msg("%s: %.*s", table[i].text, (int)w.once.n, w.once.p);
    }
    stop(&w);
}

static void values_are_made(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    const struct json_node *root = any_parse_copy(&w.tape, &w.copy, STR("{\"x\":[ 1,2 ]}"));
    size_t object = json_open(&w.again, JSON_OBJECT);
    struct json_node nodes[] = {json_clean_node(STR("a")), json_string_node(STR("x\ny")),
                                json_clean_node(STR("b")), json_number_node(STR("12"))};
    for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++)
        assert_true(json_append(&w.again, &nodes[i]));
    struct json_node key = json_clean_node(STR("c"));
    assert_true(json_append(&w.again, &key));
    size_t list = json_open(&w.again, JSON_ARRAY);
    assert_true(json_append(&w.again, root));
    for (int type = JSON_NULL; type <= JSON_TRUE; type++) {
        struct json_node literal = json_literal_node((enum json_type)type);
        assert_true(json_append(&w.again, &literal));
    }
    json_close(&w.again, list);
    json_close(&w.again, object);
    write_to(&w.once, w.again.node, false);
    assert_true(
        str_eq(buf_str(&w.once), STR("{\"a\":\"x\\ny\",\"b\":12,\"c\":[{\"x\":[1,2]},null,false,true]}")));
    stop(&w);
}

static void a_full_buffer_fails_and_keeps_what_was_there(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    const struct json_node *root = any_parse_copy(&w.tape, &w.copy, STR("[\"0123456789\"]"));
    struct buf small;
    buf_init(&small, 16);
    buf_put(&small, STR("kept"));
    json_write(&small, root);
    assert_false(buf_ok(&small));
    assert_true(str_eq(buf_str(&small), STR("kept")));
    buf_reset(&small);
    json_write_string(&small, STR("0123456789abcde"));
    assert_false(buf_ok(&small));
    buf_release(&small);
    stop(&w);
}

/* The stack holds what calls itself for each level. */
static void the_deepest_value_is_sorted_and_written(void **state)
{
    static const struct json_limits deep = {.depth = JSON_DEPTH_MOST, .bytes = JSON_BYTES, .nodes = 0};
    (void)state;
    struct work w;
    start(&w);
    for (size_t i = 0; i < JSON_DEPTH_MOST; i++)
        buf_put(&w.text, STR("{\"b\": "));
    buf_put(&w.text, STR("1"));
    for (size_t i = 0; i < JSON_DEPTH_MOST; i++)
        buf_put(&w.text, STR(",\"a\":2}"));
    assert_non_null(buf_room(&w.text, JSON_PAD));
    struct err e = {0};
    assert_int_equal(json_parse(&w.tape, buf_str(&w.text), &deep, NULL, &e), 0);
    assert_true(json_sort(&w.sorted, w.tape.node));
    assert_true(json_equal(w.tape.node, w.sorted.node));
    write_to(&w.once, w.sorted.node, true);
    assert_true(str_starts(buf_str(&w.once), STR("{\"a\":2,\"b\":{\"a\":2,\"b\":{")));
    assert_int_equal(w.once.n, w.text.n - JSON_DEPTH_MOST);
    stop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back_equal),
        cmocka_unit_test(canonical_bytes_are_a_fixed_point),
        cmocka_unit_test(sorting_is_idempotent_and_forgets_the_old_order),
        cmocka_unit_test(strings_are_escaped_as_rfc_8785_says),
        cmocka_unit_test(canonical_escapes_are_told),
        cmocka_unit_test(examples),
        cmocka_unit_test(values_are_made),
        cmocka_unit_test(the_deepest_value_is_sorted_and_written),
        cmocka_unit_test(a_full_buffer_fails_and_keeps_what_was_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
