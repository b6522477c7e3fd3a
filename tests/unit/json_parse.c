#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/simd.h"
#include "json_any.h"

struct answer {
    int status;
    size_t at;
    struct err err;
    struct json_tape tape;
};

static void ask(struct answer *a, struct str text, const struct json_limits *limits)
{
    memset(&a->err, 0, sizeof a->err);
    a->at = SIZE_MAX;
    a->status = json_parse(&a->tape, text, limits, &a->at, &a->err);
}

/* Field by field: the text of a container counts too. */
static bool same_tape(const struct json_tape *a, const struct json_tape *b)
{
    for (size_t i = 0; i < a->n && a->n == b->n; i++) {
        const struct json_node *x = &a->node[i], *y = &b->node[i];
        if (x->p != y->p || x->n != y->n || x->span != y->span || x->type != y->type || x->form != y->form)
            return false;
    }
    return a->n == b->n;
}

static void levels_agree(struct answer *first, struct answer *other, struct str text)
{
    assert_true(simd_use(SIMD_PORTABLE));
    ask(first, text, &any_limits);
    for (int level = SIMD_SSE2; level <= SIMD_NEON; level++) {
        if (!simd_use((enum simd_level)level))
            continue;
        ask(other, text, &any_limits);
        if (other->status != first->status || other->at != first->at ||
            strcmp(other->err.message, first->err.message) != 0 || !same_tape(&first->tape, &other->tape))
            fail_msg("level %d differs: %s, %s: %.*s", level, first->err.message, other->err.message,
                     (int)text.n, text.p);
    }
}

struct work {
    struct buf text, copy;
    struct answer first, other;
};

static void start(struct work *w)
{
    memset(w, 0, sizeof *w);
    buf_init(&w->text, 1 << 20);
    buf_init(&w->copy, 1 << 20);
    random_seed(1);
}

static void stop(struct work *w)
{
    buf_release(&w->text);
    buf_release(&w->copy);
    json_tape_release(&w->first.tape);
    json_tape_release(&w->other.tape);
}

/* Cut and mutated texts, in a copy with other bytes behind them each time. */
static void levels_agree_on_mutated_texts(void **state)
{
    static const char likely[] = "\"\\{}[]:,0e-. \n\x1F\x80\xC3";
    (void)state;
    struct work w;
    start(&w);
    for (int round = 0; round < 30000; round++) {
        struct str text = any_text(&w.text);
        buf_reset(&w.copy);
        buf_put(&w.copy, text);
        char *p = buf_room(&w.copy, JSON_PAD);
        assert_non_null(p);
        for (size_t i = 0; i < JSON_PAD; i++)
            p[i] = random_below(2) == 0 ? likely[random_below(sizeof likely - 1)] : (char)random_below(256);
        for (uint32_t n = random_below(3); n > 0; n--)
            w.copy.p[random_below((uint32_t)text.n)] =
                random_below(2) == 0 ? likely[random_below(sizeof likely - 1)] : (char)random_below(256);
        levels_agree(&w.first, &w.other,
                     (struct str){w.copy.p, text.n - (round % 4 == 0 ? random_below((uint32_t)text.n) : 0)});
    }
    stop(&w);
}

/* What is behind the text is not read: the same text at the end of a block of its own is answered alike. */
static void bytes_behind_the_text_do_not_matter(void **state)
{
    static const char behind[] = "\"1}]:,e0 \\";
    (void)state;
    struct work w;
    start(&w);
    for (int round = 0; round < 3000; round++) {
        struct str text = any_text(&w.text);
        size_t cut = random_below((uint32_t)text.n + 1);
        buf_reset(&w.copy);
        buf_put(&w.copy, str_slice(text, 0, cut));
        char *p = buf_room(&w.copy, JSON_PAD);
        assert_non_null(p);
        struct str cut_text = {w.copy.p, cut};
        memset(p, 0, JSON_PAD);
        ask(&w.first, cut_text, &any_limits);
        for (size_t i = 0; i < sizeof behind - 1; i++) {
            memset(p, behind[i], JSON_PAD);
            ask(&w.other, cut_text, &any_limits);
            assert_int_equal(w.first.status, w.other.status);
            assert_int_equal(w.first.at, w.other.at);
            assert_string_equal(w.first.err.message, w.other.err.message);
            assert_true(same_tape(&w.first.tape, &w.other.tape));
        }
    }
    stop(&w);
}

/* A prefix of a container or a string is no JSON; the message says that the text ends. */
static void every_prefix_is_refused(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    for (int round = 0; round < 400; round++) {
        struct str text = any_text(&w.text);
        assert_non_null(any_parse(&w.first.tape, text));
        size_t start_at = (size_t)(w.first.tape.node[0].p - text.p);
        bool closed = w.first.tape.node[0].type >= JSON_STRING;
        size_t end = start_at + w.first.tape.node[0].n;
        for (size_t cut = 0; closed && cut < end; cut++) {
            buf_reset(&w.copy);
            buf_put(&w.copy, str_slice(text, 0, cut));
            assert_non_null(buf_room(&w.copy, JSON_PAD));
            ask(&w.other, buf_str(&w.copy), &any_limits);
            assert_int_equal(w.other.status, -1);
            assert_true(w.other.at <= cut);
        }
    }
    stop(&w);
}

static void spans_and_texts_fit(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    for (int round = 0; round < 2000; round++) {
        struct str text = any_text(&w.text);
        const struct json_node *root = any_parse(&w.first.tape, text);
        assert_non_null(root);
        assert_int_equal(root->span, w.first.tape.n);
        for (const struct json_node *v = root; v < json_next(root); v++) {
            assert_true(v->p >= text.p && v->p + v->n <= text.p + text.n);
            if (v->type < JSON_ARRAY) {
                assert_int_equal(v->span, 1);
                continue;
            }
            assert_true(v->p[0] == (v->type == JSON_ARRAY ? '[' : '{'));
            assert_true(v->p[v->n - 1] == (v->type == JSON_ARRAY ? ']' : '}'));
            const struct json_node *in = v + 1;
            while (in < json_next(v))
                in = v->type == JSON_OBJECT ? json_next_key(in) : json_next(in);
            assert_ptr_equal(in, json_next(v));
        }
    }
    stop(&w);
}

static const char *const valid[] = {
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "10",
    "1.0",
    "0.0",
    "-0.0",
    "1e1",
    "1E1",
    "1e+1",
    "1e-1",
    "0e0",
    "0E+00",
    "1.25e-10",
    "123456789012345678901234567890",
    "1e999999",
    "\"\"",
    "\"a\"",
    " \t\r\n1 \t\r\n",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\u0000\\uABCD\\uabcd\\u12eF\"",
    "\"\\uD800\"",
    "\"\\uDC00\\uD800\"",
    "\"\\uD83D\\uDE00\"",
    "\"\x7F\"",
    "\"\xC2\x80\"",
    "\"\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"",
    "\"\xEF\xBB\xBF\"",
    "\"\xE2\x80\xA8\"",
    "[]",
    "{}",
    "[ ]",
    "{ }",
    "[\n]",
    "[[]]",
    "[{}]",
    "[[],[]]",
    "[1,2]",
    "[ 1 , 2 ]",
    "{\"a\":1}",
    "{ \"a\" : 1 , \"b\" : [ ] }",
    "{\"\":0}",
    "{\"a\":1,\"a\":2}",
    "{\"\\u0061\":1}",
    "[null,true,false,0,\"\",[],{}]",
    "{\"a\":{\"b\":{\"c\":[[[]]]}}}",
    "[\"\\\\\"]",
    "[\"0123456789012345678901234567890\"]",
    "[\"01234567890123456789012345678901\"]",
    "[\"0123456789abcde\\n\"]",
    "\"/\"",
    "\"'\"",
    "[1\n]",
    "\t[]\t",
    "[-1]",
    "[0]",
    "[1.5,2.5]",
};

static const struct {
    const char *text;
    size_t at;
} invalid[] = {
    {"", 0},
    {" ", 1},
    {"\xEF\xBB\xBF{}", 0},
    {"nul", 3},
    {"nulL", 3},
    {"nullx", 4},
    {"True", 0},
    {"truefalse", 4},
    {"NaN", 0},
    {"Infinity", 0},
    {"-Infinity", 1},
    {"-", 1},
    {"+1", 0},
    {".5", 0},
    {"1.", 2},
    {"1.e1", 2},
    {"1e", 2},
    {"1e+", 3},
    {"1e1.5", 3},
    {"01", 1},
    {"-01", 2},
    {"00", 1},
    {"1 2", 2},
    {"0x10", 1},
    {"1_0", 1},
    {"1,", 1},
    {"- 1", 1},
    {"1.2.3", 3},
    {"2..3", 2},
    {"\"", 1},
    {"\"a", 2},
    {"'a'", 0},
    {"a", 0},
    {"\"a\"b", 3},
    {"\"\\", 2},
    {"\"\\\"", 3},
    {"\"\\x\"", 2},
    {"\"\\a\"", 2},
    {"\"\\U0041\"", 2},
    {"\"\\'\"", 2},
    {"\"\\0\"", 2},
    {"\"\\u\"", 3},
    {"\"\\u12\"", 5},
    {"\"\\u123g\"", 6},
    {"\"\\u 123\"", 3},
    {"\"\\uD800\\u\"", 9},
    {"\"\x1F\"", 1},
    {"\"\n\"", 1},
    {"\"\t\"", 1},
    {"\"a\r\"", 2},
    {"\"\x80\"", 1},
    {"\"\xC3\"", 1},
    {"\"a\xC3", 2},
    {"\"\xC0\x80\"", 1},
    {"\"\xE0\x9F\xBF\"", 1},
    {"\"\xED\xA0\x80\"", 1},
    {"\"\xF4\x90\x80\x80\"", 1},
    {"\"\xF5\x80\x80\x80\"", 1},
    {"\"\xFF\"", 1},
    {"\"ok\xFE\xFF\"", 3},
    {"\"\xE2\x82\",1", 1},
    {"\x80", 0},
    {"[\xC3\xA9]", 1},
    {"[", 1},
    {"]", 0},
    {"[1", 2},
    {"[1,", 3},
    {"[1,]", 3},
    {"[,1]", 1},
    {"[,]", 1},
    {"[1,,2]", 3},
    {"[1 2]", 3},
    {"[1:2]", 2},
    {"[\"a\":1]", 4},
    {"[1}", 2},
    {"[[]", 3},
    {"[]]", 2},
    {"[1]x", 3},
    {"[\"\"", 3},
    {"[\"a", 3},
    {"[\x0B]", 1},
    {"[\x0C]", 1},
    {"[\xC2\xA0]", 1},
    {"[\xE2\x81\xA0]", 1},
    {"{", 1},
    {"}", 0},
    {"{\"a\"", 4},
    {"{\"a\":", 5},
    {"{\"a\":1", 6},
    {"{\"a\":1,", 7},
    {"{\"a\":1,}", 7},
    {"{\"a\"}", 4},
    {"{\"a\" 1}", 5},
    {"{\"a\",1}", 4},
    {"{\"a\"::1}", 5},
    {"{,}", 1},
    {"{:1}", 1},
    {"{1:1}", 1},
    {"{a:1}", 1},
    {"{'a':1}", 1},
    {"{null:1}", 1},
    {"{\"a\":1 \"b\":2}", 7},
    {"{\"a\":1;}", 6},
    {"{\"a\":1]", 6},
    {"{\"a\":}", 5},
    {"{\"a\":1,,\"b\":2}", 7},
    {"{\"a\":1}}", 7},
    {"{\"a\":1}{", 7},
    {"{}[]", 2},
    {"{[]:1}", 1},
    {"{\"a\":tru}", 8},
    {"[1,2", 4},
    {"/**/1", 0},
    {"1//", 1},
    {"[1]#", 3},
    {"{\"a\":1,/**/\"b\":2}", 7},
    {"*", 0},
    {"<null>", 0},
    {"[<null>]", 1},
    {"&", 0},
    {"\"01234567890123456789012345678901", 33},
    {"\"0123456789012345678901234567890\x01\"", 32},
};

static void valid_texts_are_taken(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
        buf_reset(&w.copy);
        buf_put(&w.copy, str_of(valid[i]));
        assert_non_null(buf_room(&w.copy, JSON_PAD));
        levels_agree(&w.first, &w.other, buf_str(&w.copy));
        if (w.first.status != 0)
            fail_msg("%s: %s", valid[i], w.first.err.message);
    }
    stop(&w);
}

static void invalid_texts_are_refused_with_their_place(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        buf_reset(&w.copy);
        buf_put(&w.copy, str_of(invalid[i].text));
        assert_non_null(buf_room(&w.copy, JSON_PAD));
        levels_agree(&w.first, &w.other, buf_str(&w.copy));
        if (w.first.status != -1 || w.first.at != invalid[i].at)
            fail_msg("%s: %zu, not %zu: %s", invalid[i].text, w.first.at, invalid[i].at, w.first.err.message);
        assert_string_equal(w.first.err.code, "json");
        char place[32];
        assert_true(snprintf(place, sizeof place, ", at byte %zu", w.first.at) > 0);
        assert_non_null(strstr(w.first.err.message, place));
    }
    stop(&w);
}

/* NUL ends nothing. */
static void nul_is_refused_everywhere(void **state)
{
    static const struct str texts[] = {{"\0", 1},   {"1\0", 2},         {"[\0]", 3},  {"\"\0\"", 3},
                                       {"{\0}", 3}, {"{\"a\"\0:1}", 8}, {"[1\0]", 4}, {"{}\0", 3}};
    static const size_t places[] = {0, 1, 1, 1, 1, 4, 2, 2};
    (void)state;
    struct work w;
    start(&w);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        buf_reset(&w.copy);
        buf_put(&w.copy, texts[i]);
        assert_non_null(buf_room(&w.copy, JSON_PAD));
        levels_agree(&w.first, &w.other, buf_str(&w.copy));
        assert_int_equal(w.first.status, -1);
        assert_int_equal(w.first.at, places[i]);
    }
    stop(&w);
}

static void nest(struct buf *b, size_t depth, const char *open, const char *close)
{
    buf_reset(b);
    for (size_t i = 0; i < depth; i++)
        buf_put(b, str_of(open));
    buf_put(b, STR("1"));
    for (size_t i = 0; i < depth; i++)
        buf_put(b, str_of(close));
    assert_non_null(buf_room(b, JSON_PAD));
}

static void limits_hold_to_the_byte(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    struct json_limits limits = any_limits;
    for (size_t depth = 0; depth < 600; depth += 1 + depth / 7) {
        limits.depth = depth;
        nest(&w.copy, depth, "[", "]");
        ask(&w.first, buf_str(&w.copy), &limits);
        assert_int_equal(w.first.status, 0);
        nest(&w.copy, depth + 1, "{\"a\":", "}");
        ask(&w.first, buf_str(&w.copy), &limits);
        assert_int_equal(w.first.status, -1);
        assert_string_equal(w.first.err.code, "limit");
        assert_int_equal(w.first.at, 5 * depth);
    }
    limits.depth = SIZE_MAX;
    nest(&w.copy, JSON_DEPTH_MOST, "[", "]");
    ask(&w.first, buf_str(&w.copy), &limits);
    assert_int_equal(w.first.status, 0);
    nest(&w.copy, JSON_DEPTH_MOST + 1, "[", "]");
    ask(&w.first, buf_str(&w.copy), &limits);
    assert_int_equal(w.first.status, -1);

    limits = any_limits;
    nest(&w.copy, 10, "[", "]");
    limits.bytes = 21;
    ask(&w.first, buf_str(&w.copy), &limits);
    assert_int_equal(w.first.status, 0);
    limits.bytes = 20;
    ask(&w.first, buf_str(&w.copy), &limits);
    assert_int_equal(w.first.status, -1);
    assert_string_equal(w.first.err.code, "limit");
    limits = any_limits;
    limits.nodes = 11;
    ask(&w.first, buf_str(&w.copy), &limits);
    assert_int_equal(w.first.status, 0);
    limits.nodes = 10;
    ask(&w.first, buf_str(&w.copy), &limits);
    assert_int_equal(w.first.status, -1);
    assert_string_equal(w.first.err.code, "limit");
    stop(&w);
}

/* A tape that is used for a large text, then a small one, grows and holds no rest. */
static void the_tape_grows(void **state)
{
    (void)state;
    struct work w;
    start(&w);
    for (size_t n = 1; n < 100000; n = n * 3 + 1) {
        buf_reset(&w.copy);
        for (size_t i = 0; i < n; i++)
            buf_put(&w.copy, i == 0 ? STR("[7") : STR(",7"));
        buf_byte(&w.copy, ']');
        assert_non_null(buf_room(&w.copy, JSON_PAD));
        ask(&w.first, buf_str(&w.copy), &any_limits);
        assert_int_equal(w.first.status, 0);
        assert_int_equal(json_count(w.first.tape.node), n);
        assert_int_equal(w.first.tape.n, n + 1);
        assert_non_null(any_parse_copy(&w.first.tape, &w.copy, STR("[]")));
        assert_int_equal(w.first.tape.n, 1);
    }
    stop(&w);
}

static void messages_say_what_was_due(void **state)
{
    static const struct {
        const char *text, *message;
    } table[] = {
        {"{\"a\":1 2}", "\",\" or \"}\" is due, at byte 7"},
        {"[1,]", "a value is due, at byte 3"},
        {"{\"a\"", "the text ends where \":\" is due, at byte 4"},
        {"{\"a\":1,}", "a key is due, at byte 7"},
        {"\"\xFF\"", "UTF-8 is due, at byte 1"},
        {"nul1", "\"null\" is due, at byte 3"},
    };
    (void)state;
    struct work w;
    start(&w);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        buf_reset(&w.copy);
        buf_put(&w.copy, str_of(table[i].text));
        assert_non_null(buf_room(&w.copy, JSON_PAD));
        ask(&w.first, buf_str(&w.copy), &any_limits);
        assert_string_equal(w.first.err.message, table[i].message);
    }
    stop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_agree_on_mutated_texts),
        cmocka_unit_test(bytes_behind_the_text_do_not_matter),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(spans_and_texts_fit),
        cmocka_unit_test(valid_texts_are_taken),
        cmocka_unit_test(invalid_texts_are_refused_with_their_place),
        cmocka_unit_test(nul_is_refused_everywhere),
        cmocka_unit_test(limits_hold_to_the_byte),
        cmocka_unit_test(the_tape_grows),
        cmocka_unit_test(messages_say_what_was_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
