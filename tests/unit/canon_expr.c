#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "canon/expr.h"
#include "random.h"

/*
 * The law: a check that is handed the members of its object says what it says when it searches the object
 * itself, which no glance at them is part of.
 */

static const char *const checks[] = {
    "a == b - c",
    "a == b - c + if(d, 0, e) + f",
    "a + b == c - a",
    "a - b == if(d, 0, c)",
    "a == -b",
    "if(has(a) && has(b), abs(a - b + c)) < 1",
    "if(has(a) && has(b), a) == b + c",
    "if(has(a) || has(b), a) == b",
    "b == if(has(a), a)",
    "a != b",
    "a == b",
    "if(d, 0, a) == b",
    "if(has(a), b) != null",
    "null != if(has(a), b)",
    "if(a > 1 && has(b), c) < 1",
    "if(d && has(b), c) < 1",
    "if(has(b) && a > 1, c) < 1",
};
static const char *const names[] = {"a", "b", "c", "d", "e", "f"};

/* Few and small ones, so that sums are often equal. */
static const char *const amounts[] = {"\"1.00\"", "\"2.00\"", "\"3.00\"", "\"0.00\"", "\"-1.00\""};
static const char *const others[] = {"null",
                                     "\"01.00\"",
                                     "\"-0.00\"",
                                     "\"1\"",
                                     "\"1.000\"",
                                     "1",
                                     "true",
                                     "false",
                                     "\"\"",
                                     "\"x\"",
                                     "\"1e2\"",
                                     "\"\\u0031.00\"",
                                     "\"999999999999999999.99\"",
                                     "\"9223372036854775807\"",
                                     "\"-922337203685477580.00\"",
                                     "[\"1.00\"]",
                                     "{}"};

enum { NAMES = sizeof names / sizeof *names, CHECKS = sizeof checks / sizeof *checks };

static const char *any_of(const char *const *list, size_t n)
{
    return list[random_below((uint32_t)n)];
}

static void put_object(struct buf *out)
{
    buf_reset(out);
    buf_byte(out, '{');
    for (size_t i = 0; i < NAMES; i++) {
        if (random_below(4) == 0)
            continue;
        bool other = random_below(12) == 0;
        const char *value = other ? any_of(others, sizeof others / sizeof *others)
                                  : any_of(amounts, sizeof amounts / sizeof *amounts);
        if (names[i][0] == 'd' && !other)
            value = random_below(2) == 0 ? "true" : "false";
        buf_printf(out, "%s\"%s\":%s", out->n > 1 ? "," : "", names[i], value);
    }
    buf_byte(out, '}');
    buf_room(out, JSON_PAD);
}

static enum expr_answer handed(struct expr *x, const struct json_node *object, struct err *e)
{
    const struct json_node **value = expr_start(x, object);
    for (size_t i = 0; i < expr_places(x); i++)
        value[i] = json_get(object, expr_name(x, i));
    return expr_run(x, e);
}

static void members_that_are_handed_over_are_those_that_are_found(void **unused)
{
    enum { ROUNDS = 20000 };
    (void)unused;
    struct json_tape tape;
    struct buf text;
    size_t seen[4] = {0}; /* by answer */
    random_seed(UINT64_C(0xD1B54A32D192ED03));
    json_tape_init(&tape);
    buf_init(&text, 1 << 12);
    for (size_t k = 0; k < CHECKS; k++) {
        struct err e = {0};
        struct expr *x = expr_compile(str_of(checks[k]), "checks", EXPR_CHECK, &e);
        if (x == NULL)
            fail_msg("%s: %s", checks[k], e.message);
        for (int i = 0; i < ROUNDS; i++) {
            struct err found = {0}, told = {0};
            put_object(&text);
            assert_int_equal(json_parse_made(&tape, &text, &e), 0);
            enum expr_answer want = expr_test(x, tape.node, &found), got = handed(x, tape.node, &told);
            if (want != got)
                fail_msg("%s of %.*s: %d, and %d where it searches itself", checks[k], (int)text.n, text.p,
                         got, want);
            assert_string_equal(told.message, found.message);
            seen[want + 1]++;
        }
        expr_free(x);
    }
    for (size_t i = 0; i < 4; i++)
        assert_true(seen[i] > ROUNDS / 10);
    json_tape_release(&tape);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_that_are_handed_over_are_those_that_are_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
