/*
 * What calls of a described system are made of: the Link header, how fast they may follow each other, places
 * in a request, texts with holes in a URL, hidden secrets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "system/description.h"
#include "system/link.h"
#include "system/pace.h"
#include "system/place.h"
#include "system/secrets.h"

/* RFC 3986 §5.4.1, of those without "." and "..". */
static void references(void **state)
{
    (void)state;
    static const struct {
        const char *reference, *url;
    } cases[] = {{"g:h://x", "g:h://x"},
                 {"g", "http://a/b/c/g"},
                 {"g/", "http://a/b/c/g/"},
                 {"/g", "http://a/g"},
                 {"//g", "http://g"},
                 {"?y", "http://a/b/c/d;p?y"},
                 {"g?y", "http://a/b/c/g?y"},
                 {"", "http://a/b/c/d;p?q"},
                 {"g?u=http://z", "http://a/b/c/g?u=http://z"},
                 {"https://z/y", "https://z/y"},
                 {"/g?u=http://z", "http://a/g?u=http://z"}};
    struct arena a;
    arena_init(&a, 1 << 16);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str got = link_resolve(STR("http://a/b/c/d;p?q"), str_of(cases[i].reference), &a);
        if (!str_eq(got, str_of(cases[i].url)))
            fail_msg("%s: %.*s", cases[i].reference, (int)got.n, got.p);
    }
    assert_true(str_eq(link_resolve(STR("http://a"), STR("g"), &a), STR("http://a/g")));
    assert_null(link_resolve(STR("a/b"), STR("g"), &a).p);
    arena_release(&a);
}

static void links(void **state)
{
    (void)state;
    static const struct {
        const char *header, *relation, *target;
    } cases[] = {
        {"<https://x/?page=2>; rel=\"next\"", "next", "https://x/?page=2"},
        {"<https://x/1>; rel=\"prev\", <https://x/3>; rel=\"next\"", "next", "https://x/3"},
        {"<https://x/3>;rel=next", "next", "https://x/3"},
        {"<https://x/3>; title=\"a, <b>; rel=\\\"next\\\"\"; rel=\"prev next\"", "NEXT", "https://x/3"},
        {"<https://x/1>; rel=prev; rel=next", "next", NULL}, /* the first of them counts */
        {"<https://x/1>; rel=\"nextone\"", "next", NULL},
        {"<https://x/a,b>; rel=\"next\"", "next", "https://x/a,b"},
        {"<https://x/1; rel=\"next\"", "next", NULL},
        {"<https://x/1>; rel=\"next", "next", NULL},
        {"", "next", NULL},
        {"https://x/1; rel=next", "next", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str got = link_find(str_of(cases[i].header), str_of(cases[i].relation));
        if (cases[i].target == NULL ? got.p != NULL : !str_eq(got, str_of(cases[i].target)))
            fail_msg("%s: %.*s", cases[i].header, (int)got.n, got.p != NULL ? got.p : "none");
    }
}

static void retry_after(void **state)
{
    (void)state;
    assert_int_equal(pace_retry_after(STR("120"), 0), 120000);
    assert_int_equal(pace_retry_after(STR(" 1.25 "), 0), 1250);
    assert_int_equal(pace_retry_after(STR("0"), 0), 0);
    assert_int_equal(pace_retry_after(STR("Fri, 31 Dec 1999 23:59:59 GMT"), 946684797), 2000);
    assert_int_equal(pace_retry_after(STR("Fri, 31 Dec 1999 23:59:59 GMT"), 946684900), 0);
    assert_int_equal(pace_retry_after(STR("Friday, 31-Dec-99 23:59:59 GMT"), 946684797), 2000);
    assert_int_equal(pace_retry_after(STR("Sat Jan  1 00:00:01 2000"), 946684797), 4000);
    static const char *const neither[] = {"", "-1", "soon", ".5", "1.2.3", "9999999999999", "31 Dec 1999"};
    for (size_t i = 0; i < sizeof neither / sizeof *neither; i++)
        assert_int_equal(pace_retry_after(str_of(neither[i]), 0), -1);
}

/* Two a second and three at once: never more than 3 + 2t calls in any t seconds from the start. */
static void the_bucket(void **state)
{
    (void)state;
    struct pace p;
    int64_t now = 1000, calls = 0;
    pace_init(&p, 2, 1000, 3, now);
    for (; now < 11000; now += 10) {
        while (pace_due(&p, now) == 0)
            calls++;
        assert_true(calls <= 3 + (now - 1000) * 2 / 1000);
    }
    assert_int_equal(calls, 3 + 19);
    pace_hold(&p, now + 5000);
    assert_int_equal(pace_due(&p, now), 5000);
    assert_int_equal(pace_due(&p, now + 4000), 1000);
    assert_int_equal(pace_due(&p, now + 5000), 0);
    pace_init(&p, 0, 0, 0, 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(pace_due(&p, 0), 0);
}

static void backoff(void **state)
{
    (void)state;
    for (unsigned n = 1; n < 100; n++)
        for (uint64_t random = 0; random < 3; random++) {
            int64_t whole = n < 7 ? 1000 << (n - 1) : 60000;
            int64_t wait = pace_backoff(n, random * 7919);
            assert_true(wait >= whole / 2 && wait <= whole);
        }
}

static void durations_and_rates(void **state)
{
    (void)state;
    int64_t ms, calls;
    assert_true(duration_parse(STR("500ms"), &ms) && ms == 500);
    assert_true(duration_parse(STR("31d"), &ms) && ms == INT64_C(31) * 24 * 3600 * 1000);
    assert_true(duration_parse(STR("10m"), &ms) && ms == 600000);
    assert_true(rate_parse(STR("2/s"), &calls, &ms) && calls == 2 && ms == 1000);
    assert_true(rate_parse(STR("100/10s"), &calls, &ms) && calls == 100 && ms == 10000);
    static const char *const wrong[] = {"", "30", "s", "-1s", "1.5s", "1y", "10001d", "1 s"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(duration_parse(str_of(wrong[i]), &ms));
    static const char *const no_rate[] = {"", "2", "/s", "0/s", "2/", "2/0s", "x/s", "2/s/s"};
    for (size_t i = 0; i < sizeof no_rate / sizeof *no_rate; i++)
        assert_false(rate_parse(str_of(no_rate[i]), &calls, &ms));
}

static void changed(const char *root, const char *pointer, const char *value, const char *wanted)
{
    static const struct json_limits limits = {.depth = 64, .bytes = 1 << 20};
    char padded[2][256] = {0};
    struct json_tape in, with, out;
    struct err e = {0};
    struct buf text;
    struct arena a;
    arena_init(&a, 1 << 20);
    json_tape_init(&in);
    json_tape_init(&with);
    json_tape_init(&out);
    buf_init(&text, 1 << 20);
    snprintf(padded[0], sizeof padded[0], "%s", root);
    snprintf(padded[1], sizeof padded[1], "%s", value != NULL ? value : "0");
    assert_int_equal(json_parse(&in, str_of(padded[0]), &limits, NULL, &e), 0);
    assert_int_equal(json_parse(&with, str_of(padded[1]), &limits, NULL, &e), 0);
    int done = place_set(&out, in.node, str_of(pointer), value != NULL ? with.node : NULL, &a, &e);
    assert_int_equal(done, wanted != NULL ? 0 : -1);
    if (wanted != NULL) {
        json_write(&text, out.node);
        if (!str_eq(buf_str(&text), str_of(wanted)))
            fail_msg("%.*s, not %s", (int)text.n, text.p, wanted);
    } else {
        assert_non_null(e.code);
    }
    json_tape_release(&in);
    json_tape_release(&with);
    json_tape_release(&out);
    buf_release(&text);
    arena_release(&a);
}

static void places(void **state)
{
    (void)state;
    changed("{\"a\":1,\"b\":2}", "/a", "3", "{\"a\":3,\"b\":2}");
    changed("{\"a\":1}", "/b", "\"x\"", "{\"a\":1,\"b\":\"x\"}");
    changed("{\"a\":1,\"b\":2}", "/a", NULL, "{\"b\":2}");
    changed("{}", "/a/b/c", "1", "{\"a\":{\"b\":{\"c\":1}}}");
    changed("{}", "/a/b", NULL, "{}");
    changed("{\"a\":null}", "/a/b", "1", "{\"a\":{\"b\":1}}");
    changed("{\"a\":[1,{\"b\":2}]}", "/a/1/b", "[]", "{\"a\":[1,{\"b\":[]}]}");
    changed("{\"a/b\":{\"~\":1}}", "/a~1b/~0", "2", "{\"a/b\":{\"~\":2}}");
    changed("{\"a\":[1]}", "/a/1", "2", NULL);
    changed("{\"a\":\"x\"}", "/a/b", "2", NULL);
}

static void secrets(void **state)
{
    (void)state;
    struct arena a;
    struct buf out;
    arena_init(&a, 1 << 20);
    buf_init(&out, 1 << 20);
    struct secrets s = {.arena = &a};
    assert_int_equal(secrets_add(&s, STR("hunter2")), 0);
    assert_int_equal(secrets_add(&s, STR("hunter2-long")), 0);
    assert_int_equal(secrets_add(&s, STR("abc")), 0); /* would hide what is none */
    secrets_hide(&s, &out, STR("a hunter2-longer abc hunter2"));
    assert_true(str_eq(buf_str(&out), STR("a ***er abc ***")));
    assert_int_equal(secrets_add(&s, STR("p/w \"x\"")), 0);
    buf_reset(&out);
    secrets_hide(&s, &out, STR("?key=p%2Fw%20%22x%22 {\"a\":\"p/w \\\"x\\\"\"}"));
    assert_true(str_eq(buf_str(&out), STR("?key=*** {\"a\":\"***\"}")));
    struct err e = {0};
    err_set(&e, "http", "401: wrong password hunter2");
    secrets_hide_err(&s, &e);
    assert_string_equal(e.message, "401: wrong password ***");
    buf_release(&out);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links),      cmocka_unit_test(references), cmocka_unit_test(retry_after),
        cmocka_unit_test(the_bucket), cmocka_unit_test(backoff),    cmocka_unit_test(durations_and_rates),
        cmocka_unit_test(places),     cmocka_unit_test(secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
