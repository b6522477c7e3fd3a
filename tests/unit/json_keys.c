#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json_any.h"
#include "json/keys.h"

enum { NAMES = 12 };

static const char *const names[NAMES] = {
    "id",         "name",       "email",    "",         "total",
    "created_at", "a/b",        "\xC3\xA9", "quote\"d", "a name of more than thirty-two bytes, all told",
    "id2",        "never there"};

struct work {
    struct buf text;
    struct json_tape tape;
    struct json_keys *keys, *alike;
    struct json_unique *unique;
    const struct json_node *found[NAMES];
    size_t numbered; /* objects of which it was known to whom they are alike */
};

static void start(struct work *w)
{
    struct str list[NAMES];
    memset(w, 0, sizeof *w);
    buf_init(&w->text, 1 << 20);
    for (size_t i = 0; i < NAMES; i++)
        list[i] = str_of(names[i]);
    w->keys = json_keys_new(list, NAMES);
    w->alike = json_keys_new(list, NAMES);
    w->unique = json_unique_new();
    assert_non_null(w->keys);
    assert_non_null(w->alike);
    assert_non_null(w->unique);
    random_seed(9);
}

static void stop(struct work *w)
{
    buf_release(&w->text);
    json_tape_release(&w->tape);
    json_keys_free(w->keys);
    json_keys_free(w->alike);
    json_unique_free(w->unique);
}

/* With or without its number, the same is found. */
static void agrees_by_number(struct work *w, const struct json_node *object)
{
    const struct json_node *found[NAMES];
    struct err e;
    uint64_t number = json_check_record(object, w->unique, &e) == 0 ? json_alike(w->unique, object) : 0;
    size_t unknown = json_keys_find(w->keys, object, w->found);
    memset(found, 0xFF, sizeof found);
    assert_int_equal(json_keys_find_alike(w->alike, object, number, found), unknown);
    for (size_t i = 0; i < NAMES; i++)
        assert_ptr_equal(found[i], w->found[i]);
    w->numbered += number != 0;
}

/* What json_get says of each name is what is found. */
static void agrees_with_json_get(struct work *w, const struct json_node *object)
{
    memset(w->found, 0xFF, sizeof w->found);
    size_t unknown = json_keys_find(w->keys, object, w->found);
    size_t known = 0;
    for (size_t i = 0; i < NAMES; i++)
        assert_ptr_equal(w->found[i], json_get(object, str_of(names[i])));
    for (const struct json_node *key = object + 1; key < json_next(object); key = json_next_key(key))
        for (size_t i = 0; i < NAMES; i++)
            known += json_string_is(key, str_of(names[i]));
    assert_int_equal(unknown, json_count(object) - known);
    agrees_by_number(w, object);
}

static void add_key(struct buf *b, size_t i)
{
    static const char *const spelled[NAMES] = {
        "id",         "n\\u0061me", "email",   "",           "total",
        "created_at", "a\\/b",      "\\u00e9", "quote\\\"d", "a name of more than thirty-two bytes, all told",
        "id2",        "another"};
    buf_printf(b, "%s\"%s\":", b->n > 1 ? "," : "",
               random_below(8) == 0 || strchr(names[i], '"') != NULL || i == NAMES - 1 ? spelled[i]
                                                                                       : names[i]);
    buf_put(b, random_below(6) == 0 ? STR("{\"id\":[1,2]}") : STR("0"));
}

/* Streams of objects that look alike for a while, with keys left out, added and moved. */
static void layouts_change(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    size_t order[NAMES];
    for (int round = 0; round < 20000; round++) {
        if (round % 50 == 0)
            for (size_t i = 0; i < NAMES; i++)
                order[i] = random_below(NAMES);
        buf_reset(&w.text);
        buf_byte(&w.text, '{');
        for (size_t i = 0; i < NAMES; i++) {
            if (random_below(10) > 0)
                add_key(&w.text, order[i]);
            if (random_below(20) == 0)
                buf_printf(&w.text, "%s\"new%u\":0", w.text.n > 1 ? "," : "", (unsigned)random_below(30));
        }
        buf_byte(&w.text, '}');
        assert_non_null(buf_room(&w.text, JSON_PAD));
        const struct json_node *object = any_parse(&w.tape, buf_str(&w.text));
        assert_non_null(object);
        agrees_with_json_get(&w, object);
    }
    stop(&w);
}

static void kinds_take_turns(void **state)
{
    static const char *const kinds[] = {"{\"id\":1,\"name\":2,\"x\":3}",
                                        "{\"total\":1,\"created_at\":2,\"id\":3,\"y\":4}", "{}",
                                        "{\"other\":1}"};
    (void)state;
    struct work w;
    start(&w);
    for (int round = 0; round < 1000; round++)
        agrees_with_json_get(&w, any_parse_copy(&w.tape, &w.text, str_of(kinds[random_below(4)])));
    assert_true(w.numbered > 100);
    stop(&w);
}

static void what_is_no_object_has_no_keys(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    static const char *const texts[] = {"1", "[\"id\",1]", "\"id\"", "null", "{}"};
    for (size_t t = 0; t < sizeof texts / sizeof texts[0] + 1; t++) {
        memset(w.found, 0xFF, sizeof w.found);
        const struct json_node *v =
            t < sizeof texts / sizeof texts[0] ? any_parse_copy(&w.tape, &w.text, str_of(texts[t])) : NULL;
        assert_int_equal(json_keys_find(w.keys, v, w.found), 0);
        for (size_t i = 0; i < NAMES; i++)
            assert_null(w.found[i]);
    }
    stop(&w);
}

static void of_equal_names_the_first_is_filled(void **state)
{
    static const struct str list[] = {{"a", 1}, {"b", 1}, {"a", 1}};
    (void)state;
    struct work w;
    start(&w);
    const struct json_node *found[3];
    struct json_keys *keys = json_keys_new(list, 3);
    assert_non_null(keys);
    for (int round = 0; round < 3; round++) {
        const struct json_node *v = any_parse_copy(&w.tape, &w.text, STR("{\"b\":1,\"a\":2,\"c\":3}"));
        assert_int_equal(json_keys_find(keys, v, found), 1);
        assert_ptr_equal(found[0], v + 4);
        assert_ptr_equal(found[1], v + 2);
        assert_null(found[2]);
    }
    json_keys_free(keys);
    keys = json_keys_new(NULL, 0);
    assert_non_null(keys);
    assert_int_equal(json_keys_find(keys, any_parse_copy(&w.tape, &w.text, STR("{\"b\":1,\"a\":2}")), found),
                     2);
    json_keys_free(keys);
    stop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_change),
        cmocka_unit_test(kinds_take_turns),
        cmocka_unit_test(what_is_no_object_has_no_keys),
        cmocka_unit_test(of_equal_names_the_first_is_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
