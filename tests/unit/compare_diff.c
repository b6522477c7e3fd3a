#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "compare/diff.h"
#include "compare/show.h"
#include "record/write.h"

/* ---- generated states ---- */

enum { IDS = 40, STATE_BYTES = 1 << 20 };

static uint64_t seed;

static unsigned below(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)(seed >> 33) % n;
}

/* Keys that sort differently as bytes and as UTF-16, that need escapes in JSON and in pointers. */
static const char *const keys[] = {"", "a", "a/b", "a~1", "\\n", "\xf0\x9f\x98\x80", "\xef\xbf\xbd", "z"};

static void put_value(struct buf *out, unsigned depth);

static void put_object(struct buf *out, unsigned depth)
{
    size_t start = out->n;
    buf_byte(out, '{');
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (below(3) == 0) {
            buf_printf(out, "%s\"%s\":", out->n > start + 1 ? "," : "", keys[i]);
            put_value(out, depth + 1);
        }
    buf_byte(out, '}');
}

static void put_value(struct buf *out, unsigned depth)
{
    static const char *const scalars[] = {"null", "true", "1", "\"1\"", "\"\"", "[]", "[{\"b\":1}]", "{}"};
    if (depth < 3 && below(3) == 0)
        put_object(out, depth);
    else
        buf_put(out, str_of(scalars[below(8)]));
}

/* What a state holds, by id: the text of a record, or nothing. */
struct state {
    char *line[IDS];
    unsigned order[IDS];
};

static void state_free(struct state *s)
{
    for (unsigned i = 0; i < IDS; i++)
        free(s->line[i]);
}

static char *make_line(unsigned id)
{
    struct buf b;
    buf_init(&b, STATE_BYTES);
    buf_put(&b, STR("{\"data\":"));
    put_object(&b, 0);
    buf_printf(&b, ",\"entity\":\"%s\",\"id\":\"%u\",\"source\":\"s\",\"v\":1}", id % 2 ? "odd" : "even",
               id / 2);
    buf_byte(&b, '\0');
    memset(buf_room(&b, JSON_PAD), 0, JSON_PAD);
    assert_true(buf_ok(&b));
    return b.p;
}

static void make_state(struct state *s, const struct state *from)
{
    for (unsigned id = 0; id < IDS; id++) {
        unsigned what = below(4);
        s->line[id] = NULL;
        if (what == 0 && from != NULL && from->line[id] != NULL) {
            size_t n = strlen(from->line[id]);
            s->line[id] = calloc(1, n + JSON_PAD + 1);
            assert_non_null(s->line[id]);
            memcpy(s->line[id], from->line[id], n);
        } else if (what > 1) {
            s->line[id] = make_line(id);
        }
        s->order[id] = id;
    }
    for (unsigned i = IDS - 1; i > 0; i--) {
        unsigned k = below(i + 1), was = s->order[i];
        s->order[i] = s->order[k];
        s->order[k] = was;
    }
}

/* ---- running ---- */

static struct record_in in;
static uint64_t line_number;

static enum diff_took take(struct diff *d, enum diff_side side, const char *line, struct err *e)
{
    struct record r = {.input = "test", .number = ++line_number};
    char *copy = calloc(1, strlen(line) + JSON_PAD + 1);
    assert_non_null(copy);
    memcpy(copy, line, strlen(line));
    if (record_of_line(&in, (struct str){copy, strlen(line)}, &r, e) != RECORD_OK)
        fail_msg("%s: %s", line, e->message);
    enum diff_took took = diff_take(d, side, &r, e);
    free(copy);
    return took;
}

static void take_state(struct diff *d, enum diff_side side, const struct state *s)
{
    struct err e = {0};
    line_number = 0;
    for (unsigned i = 0; i < IDS; i++)
        if (s->line[s->order[i]] != NULL)
            assert_int_equal(take(d, side, s->line[s->order[i]], &e), DIFF_TAKEN);
}

static struct diff *diff_of(const struct state *a, const struct state *b)
{
    static const struct diff_options plain = {0};
    struct err e = {0};
    struct diff *d = diff_new(&plain, &e);
    assert_non_null(d);
    take_state(d, DIFF_OLD, a);
    take_state(d, DIFF_NEW, b);
    return d;
}

static unsigned id_of(const struct record *change)
{
    unsigned id = 0;
    for (size_t i = 0; i < change->id.n; i++)
        id = id * 10 + (unsigned)(change->id.p[i] - '0');
    return id * 2 + str_eq(change->entity, STR("odd"));
}

/* ---- an independent opinion on what changed ---- */

static void expect(struct buf *out, struct str prefix, const struct json_node *before,
                   const struct json_node *after, bool gone);

static void expect_members(struct buf *out, struct str prefix, const struct json_node *object,
                           const struct json_node *other, bool swapped)
{
    const struct json_node *end = json_next(object);
    for (const struct json_node *key = object + 1; key < end; key = json_next_key(key)) {
        struct arena a;
        arena_init(&a, 1 << 20);
        struct str name = json_string(key, &a);
        const struct json_node *there = json_get(other, name);
        struct buf pointer;
        buf_init(&pointer, 1 << 16);
        buf_put(&pointer, prefix);
        buf_byte(&pointer, '/');
        for (size_t i = 0; i < name.n; i++) {
            if (name.p[i] == '~' || name.p[i] == '/')
                buf_put(&pointer, name.p[i] == '~' ? STR("~0") : STR("~1"));
            else
                buf_byte(&pointer, name.p[i]);
        }
        if (there == NULL || !swapped)
            expect(out, buf_str(&pointer), json_value_of(key), there, there == NULL);
        buf_release(&pointer);
        arena_release(&a);
    }
}

/* Each pointer ends with \x01, unordered: first what BEFORE has, then what only AFTER has. */
static void expect(struct buf *out, struct str prefix, const struct json_node *before,
                   const struct json_node *after, bool gone)
{
    if (!gone && json_equal(before, after))
        return;
    if (!gone && before->type == JSON_OBJECT && after->type == JSON_OBJECT) {
        expect_members(out, prefix, before, after, false);
        expect_members(out, prefix, after, before, true);
        return;
    }
    buf_put(out, prefix);
    buf_byte(out, '\x01');
}

static void assert_changed_is_exact(const struct record *change)
{
    struct buf expected;
    struct arena a;
    arena_init(&a, 1 << 20);
    buf_init(&expected, STATE_BYTES);
    buf_byte(&expected, '\x01');
    expect(&expected, STR(""), change->before, change->after, false);
    size_t lines = 0, places = 0;
    for (size_t i = 1; i < expected.n; i++)
        lines += expected.p[i] == '\x01';
    const struct json_node *end = json_next(change->changed);
    for (const struct json_node *at = change->changed + 1; at < end; at = json_next(at), places++) {
        struct str pointer = json_string(at, &a);
        struct str line = arena_printf(&a, "\x01%.*s\x01", (int)pointer.n, pointer.p);
        assert_true(str_search(buf_str(&expected), line, 0) < expected.n);
        const struct json_node *before = json_pointer(change->before, pointer);
        const struct json_node *after = json_pointer(change->after, pointer);
        assert_true(before != NULL || after != NULL);
        assert_true(before == NULL || after == NULL || !json_equal(before, after));
    }
    assert_int_equal(places, lines);
    buf_release(&expected);
    arena_release(&a);
}

/* ---- laws ---- */

static char *data_of(const char *line)
{
    struct record r = {0};
    struct err e = {0};
    struct json_tape sorted;
    struct buf out;
    buf_init(&out, STATE_BYTES);
    json_tape_init(&sorted);
    size_t n = strlen(line);
    assert_int_equal(record_of_line(&in, (struct str){line, n}, &r, &e), RECORD_OK);
    assert_true(json_sort(&sorted, r.data));
    json_write_canonical(&out, sorted.node);
    buf_byte(&out, '\0');
    json_tape_release(&sorted);
    return out.p;
}

static char *text_of(const struct json_node *value)
{
    struct buf out;
    buf_init(&out, STATE_BYTES);
    json_write_canonical(&out, value);
    buf_byte(&out, '\0');
    return out.p;
}

static void applying_the_changes_gives_the_new_state(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        struct state a, b;
        char *held[IDS];
        seed = round + 1;
        make_state(&a, NULL);
        make_state(&b, &a);
        for (unsigned id = 0; id < IDS; id++)
            held[id] = a.line[id] != NULL ? data_of(a.line[id]) : NULL;
        struct diff *d = diff_of(&a, &b);
        struct record change;
        struct err e = {0};
        while (diff_next(d, &change, &e) > 0) {
            unsigned id = id_of(&change);
            assert_true((held[id] != NULL) == (change.before != NULL));
            if (change.before != NULL) {
                char *before = text_of(change.before);
                assert_string_equal(before, held[id]);
                free(before);
            }
            if (str_eq(change.op, STR("update")))
                assert_changed_is_exact(&change);
            else
                assert_null(change.changed);
            free(held[id]);
            held[id] = change.after != NULL ? text_of(change.after) : NULL;
        }
        for (unsigned id = 0; id < IDS; id++) {
            char *wanted = b.line[id] != NULL ? data_of(b.line[id]) : NULL;
            assert_true((wanted == NULL) == (held[id] == NULL));
            if (wanted != NULL)
                assert_string_equal(held[id], wanted);
            free(wanted);
            free(held[id]);
        }
        diff_free(d);
        state_free(&a);
        state_free(&b);
    }
}

static void nothing_differs_from_itself(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        struct state a;
        struct record change;
        struct err e = {0};
        seed = round + 1000;
        make_state(&a, NULL);
        struct diff *d = diff_of(&a, &a);
        assert_int_equal(diff_next(d, &change, &e), 0);
        assert_int_equal(diff_next(d, &change, &e), 0);
        diff_free(d);
        state_free(&a);
    }
}

static void changes_stand_in_the_order_of_new_and_deletions_last(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        struct state a, b;
        struct record change;
        struct err e = {0};
        seed = round + 2000;
        make_state(&a, NULL);
        make_state(&b, &a);
        struct diff *d = diff_of(&a, &b);
        unsigned at = 0;
        bool deletions = false;
        while (diff_next(d, &change, &e) > 0) {
            const struct state *s = str_eq(change.op, STR("delete")) ? &a : &b;
            assert_true(s == &a || !deletions);
            if (s == &a && !deletions) {
                deletions = true;
                at = 0;
            }
            while (at < IDS && s->order[at] != id_of(&change))
                at++;
            assert_true(at < IDS);
        }
        diff_free(d);
        state_free(&a);
        state_free(&b);
    }
}

/* ---- examples ---- */

struct run {
    struct diff_options options;
    const char *const *old, *const *new;
    bool partial;
};

static void assert_changes(const struct run *run, const char *wanted)
{
    struct err e = {0};
    struct record change;
    struct buf out;
    buf_init(&out, STATE_BYTES);
    struct diff *d = diff_new(&run->options, &e);
    assert_non_null(d);
    for (const char *const *line = run->old; *line != NULL; line++)
        assert_int_equal(take(d, DIFF_OLD, *line, &e), DIFF_TAKEN);
    for (const char *const *line = run->new; *line != NULL; line++)
        assert_int_equal(take(d, DIFF_NEW, *line, &e), DIFF_TAKEN);
    if (run->partial)
        diff_keep_absent(d);
    while (diff_next(d, &change, &e) > 0)
        record_write(&out, &change);
    buf_byte(&out, '\0');
    assert_string_equal(out.p, wanted);
    buf_release(&out);
    diff_free(d);
}

static const char *const none[] = {NULL};
static const char *const there[] = {
    "{\"data\":{\"n\":\"1\"},\"entity\":\"e\",\"id\":\"1\",\"source\":\"s\",\"v\":1}", NULL};
static const char *const tombstone[] = {
    "{\"deleted\":true,\"entity\":\"e\",\"id\":\"1\",\"source\":\"s\",\"v\":1}", NULL};
static const char deletion[] =
    "{\"before\":{\"n\":\"1\"},\"entity\":\"e\",\"id\":\"1\",\"op\":\"delete\",\"source\":\"s\",\"v\":1}\n";
static const char creation[] =
    "{\"after\":{\"n\":\"1\"},\"entity\":\"e\",\"id\":\"1\",\"op\":\"create\",\"source\":\"s\",\"v\":1}\n";

static void tombstones_are_not_there(void **state)
{
    (void)state;
    assert_changes(&(struct run){.old = there, .new = tombstone}, deletion);
    assert_changes(&(struct run){.old = there, .new = tombstone, .partial = true}, deletion);
    assert_changes(&(struct run){.old = tombstone, .new = there}, creation);
    assert_changes(&(struct run){.old = tombstone, .new = tombstone}, "");
    assert_changes(&(struct run){.old = tombstone, .new = none}, "");
    assert_changes(&(struct run){.old = none, .new = tombstone}, "");
}

static void what_a_part_does_not_mention_stays(void **state)
{
    (void)state;
    assert_changes(&(struct run){.old = there, .new = none}, deletion);
    assert_changes(&(struct run){.old = there, .new = none, .partial = true}, "");
}

static void a_key_may_lie_in_the_data(void **state)
{
    (void)state;
    static const char *const old[] = {
        "{\"data\":{\"q\":\"1\",\"sku\":\"A\"},\"entity\":\"e\",\"id\":\"1\",\"source\":\"s\",\"v\":1}",
        NULL};
    static const char *const new[] = {
        "{\"data\":{\"q\":\"2\",\"sku\":\"A\"},\"entity\":\"e\",\"id\":\"77\","
        "\"of\":[{\"entity\":\"e\",\"id\":\"x\",\"source\":\"s\"}],\"source\":\"t\",\"v\":2}",
        NULL};
    const struct str keys_used[] = {STR("/sku")};
    struct run run = {.options = {.keys = keys_used, .nkeys = 1}, .old = old, .new = new};
    assert_changes(
        &run, "{\"after\":{\"q\":\"2\",\"sku\":\"A\"},\"before\":{\"q\":\"1\",\"sku\":\"A\"},"
              "\"changed\":[\"/"
              "q\"],\"entity\":\"e\",\"id\":\"77\",\"of\":[{\"entity\":\"e\",\"id\":\"x\",\"source\":\"s\"}],"
              "\"op\":\"update\",\"source\":\"t\",\"v\":2}\n");
}

static void ignored_places_make_no_difference(void **state)
{
    (void)state;
    static const char *const old[] = {"{\"data\":{\"a\":{\"t\":\"1\"},\"q\":\"1\",\"t\":1},\"entity\":\"e\","
                                      "\"id\":\"1\",\"source\":\"s\",\"v\":1}",
                                      "{\"data\":{\"a\":{\"t\":\"1\"},\"q\":\"1\",\"t\":1},\"entity\":\"e\","
                                      "\"id\":\"2\",\"source\":\"s\",\"v\":1}",
                                      NULL};
    static const char *const new[] = {
        "{\"data\":{\"q\":\"1\",\"t\":{\"x\":2}},\"entity\":\"e\",\"id\":\"1\",\"source\":\"s\",\"v\":1}",
        "{\"data\":{\"a\":{\"t\":\"2\"},\"q\":\"2\"},\"entity\":\"e\",\"id\":\"2\",\"source\":\"s\",\"v\":1}",
        NULL};
    const struct str ignored[] = {STR("/t"), STR("/a/t")};
    struct run run = {.options = {.ignored = ignored, .nignored = 2}, .old = old, .new = new};
    assert_changes(&run,
                   "{\"after\":{\"a\":{\"t\":\"2\"},\"q\":\"2\"},\"before\":{\"a\":{\"t\":\"1\"},\"q\":"
                   "\"1\",\"t\":1},\"changed\":[\"/q\"],\"entity\":\"e\",\"id\":\"2\",\"op\":\"update\","
                   "\"source\":\"s\",\"v\":1}\n");
}

static void a_key_twice_is_told_with_both_lines(void **state)
{
    (void)state;
    static const char other[] =
        "{\"data\":{\"n\":\"2\"},\"entity\":\"e\",\"id\":\"1\",\"source\":\"s\",\"v\":1}";
    static const struct diff_options plain = {0};
    for (int side = DIFF_OLD; side <= DIFF_NEW; side++) {
        struct err e = {0};
        struct diff *d = diff_new(&plain, &e);
        line_number = 6;
        assert_int_equal(take(d, side, there[0], &e), DIFF_TAKEN);
        assert_int_equal(take(d, side, there[0], &e), DIFF_AGAIN);
        assert_int_equal(take(d, side, other, &e), DIFF_REFUSED);
        assert_string_equal(e.code, "duplicate");
        assert_non_null(strstr(e.message, "line 7 "));
        diff_free(d);
    }
}

static void what_cannot_be_told_is_refused(void **state)
{
    (void)state;
    const struct str keys_used[] = {STR("/n")};
    const struct diff_options options = {.keys = keys_used, .nkeys = 1};
    static const char *const lines[] = {
        "{\"data\":{},\"entity\":\"e\",\"id\":\"1\",\"source\":\"s\",\"v\":1}",
        "{\"data\":{\"n\":null},\"entity\":\"e\",\"id\":\"1\",\"source\":\"s\",\"v\":1}",
        "{\"data\":{\"n\":{}},\"entity\":\"e\",\"id\":\"1\",\"source\":\"s\",\"v\":1}",
        "{\"deleted\":true,\"entity\":\"e\",\"id\":\"1\",\"source\":\"s\",\"v\":1}",
        "{\"data\":{\"n\":1},\"source\":\"s\",\"stream\":\"s:e\"}",
    };
    struct err e = {0};
    struct diff *d = diff_new(&options, &e);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_equal(take(d, DIFF_NEW, lines[i], &e), DIFF_REFUSED);
    diff_free(d);
}

static void a_person_sees_values_and_no_control_characters(void **state)
{
    (void)state;
    static const char new[] =
        "{\"data\":{\"m\":[1],\"n\":\"\x7f\"},\"entity\":\"e\",\"id\":\"1\",\"source\":\"s\",\"v\":1}";
    static const struct diff_options plain = {0};
    struct err e = {0};
    struct record change;
    struct buf out;
    buf_init(&out, STATE_BYTES);
    struct diff *d = diff_new(&plain, &e);
    assert_int_equal(take(d, DIFF_OLD, there[0], &e), DIFF_TAKEN);
    assert_int_equal(take(d, DIFF_NEW, new, &e), DIFF_TAKEN);
    assert_int_equal(diff_next(d, &change, &e), 1);
    show_change(&out, &change, false);
    buf_byte(&out, '\0');
    assert_string_equal(out.p, "e 1 (s)  update\n  /m  (absent) -> [1]\n  /n  1 -> \\x7F\n");
    buf_release(&out);
    diff_free(d);
}

static int start(void **state)
{
    struct err e = {0};
    (void)state;
    return record_in_init(&in, RECORD_MARKS_IGNORED, &e);
}

static int stop(void **state)
{
    (void)state;
    record_in_release(&in);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(applying_the_changes_gives_the_new_state),
        cmocka_unit_test(nothing_differs_from_itself),
        cmocka_unit_test(changes_stand_in_the_order_of_new_and_deletions_last),
        cmocka_unit_test(tombstones_are_not_there),
        cmocka_unit_test(what_a_part_does_not_mention_stays),
        cmocka_unit_test(a_key_may_lie_in_the_data),
        cmocka_unit_test(ignored_places_make_no_difference),
        cmocka_unit_test(a_key_twice_is_told_with_both_lines),
        cmocka_unit_test(what_cannot_be_told_is_refused),
        cmocka_unit_test(a_person_sees_values_and_no_control_characters),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
