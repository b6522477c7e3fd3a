/*
 * How far an incremental stream was read: what is given again, what a checkpoint says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "source/since.h"

static int take(struct since *s, const char *time, const char *record)
{
    struct err e = {0};
    return since_take(s, str_of(time), str_of(record), &e);
}

static void is_put(const struct since *s, bool high, const char *wanted)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    since_put(s, high, &out);
    buf_byte(&out, '\0');
    if (strncmp(out.p, wanted, strlen(wanted)) != 0)
        fail_msg("%s", out.p);
    buf_release(&out);
}

static void the_mark_is_the_latest_time(void **state)
{
    (void)state;
    struct since s;
    since_init(&s, 1 << 20);
    s.described = true;
    assert_int_equal(take(&s, "2026-05-01T10:00:01Z", "a"), 1);
    assert_int_equal(take(&s, "2026-05-01T12:00:02.5+02:00", "b"), 1);
    assert_true(s.in_order);
    assert_int_equal(take(&s, "2026-05-01T10:00:00Z", "c"), 1);
    assert_false(s.in_order);
    is_put(&s, true, "\"since\":\"2026-05-01T10:00:02.5Z\"");
    is_put(&s, false, "\"high\":\"2026-05-01T10:00:02.5Z\"");
    assert_int_equal(take(&s, "yesterday", "d"), -1);
    since_release(&s);
}

/* A run that goes on from the checkpoint of another gives what that one did not, once. */
static void what_overlaps_is_given_once(void **state)
{
    (void)state;
    static const struct json_limits limits = {.depth = 8, .bytes = 1 << 20};
    struct since first, second;
    struct instant from;
    struct buf text;
    struct json_tape tape;
    struct err e = {0};
    buf_init(&text, 1 << 20);
    json_tape_init(&tape);
    since_init(&first, 1 << 20);
    first.described = true;
    first.overlap = 2000;
    assert_int_equal(take(&first, "2026-05-01T10:00:01Z", "old"), 1);
    assert_int_equal(take(&first, "2026-05-01T10:00:09Z", "a"), 1);
    assert_int_equal(take(&first, "2026-05-01T10:00:10Z", "b"), 1);
    assert_int_equal(take(&first, "2026-05-01T10:00:10Z", "b"), 0);
    buf_byte(&text, '{');
    since_put(&first, true, &text);
    buf_byte(&text, '}');
    since_release(&first);

    since_init(&second, 1 << 20);
    second.described = true;
    second.overlap = 2000;
    assert_int_equal(json_parse(&tape, buf_str(&text), &limits, NULL, &e), 0);
    assert_int_equal(since_load(&second, tape.node, &e), 0);
    assert_int_equal(json_count(json_get(tape.node, STR("seen"))), 2); /* not the old one */
    buf_reset(&text);
    assert_true(since_from(&second, &from));
    instant_rfc3339(&from, &text);
    assert_true(str_eq(buf_str(&text), STR("2026-05-01T10:00:08Z")));
    assert_int_equal(take(&second, "2026-05-01T10:00:09Z", "a"), 0);
    assert_int_equal(take(&second, "2026-05-01T10:00:10Z", "b"), 0);
    assert_int_equal(take(&second, "2026-05-01T10:00:10Z", "b, changed"), 1);
    assert_int_equal(take(&second, "2026-05-01T10:00:11Z", "c"), 1);
    since_release(&second);
    json_tape_release(&tape);
    buf_release(&text);
}

/* Of an overlap in which there is more than is kept, the latest stay. */
static void what_is_kept_is_bounded(void **state)
{
    (void)state;
    struct since s;
    char time[64], record[32];
    since_init(&s, 64 << 20);
    s.described = true;
    s.overlap = 1000;
    for (int i = 0; i < 3 * SINCE_KEPT; i++) {
        snprintf(time, sizeof time, "2026-05-01T%02d:%02d:%02dZ", i / 3600, i / 60 % 60, i % 60);
        snprintf(record, sizeof record, "%d", i);
        assert_int_equal(take(&s, time, record), 1);
    }
    assert_true(s.nkept <= SINCE_KEPT);
    is_put(&s, true, "\"since\":\"2026-05-01T08:19:59Z\",\"seen\":[\"");
    since_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mark_is_the_latest_time),
        cmocka_unit_test(what_overlaps_is_given_once),
        cmocka_unit_test(what_is_kept_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
