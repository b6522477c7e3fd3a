/*
 * lib/base/size: counts and sizes, to the last one that fits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/size.h"

static void takes(bool parse(struct str, uint64_t *), const char *text, uint64_t value)
{
    uint64_t got = 1;
    assert_true(parse(str_of(text), &got));
    assert_true(got == value);
}

static void refuses(bool parse(struct str, uint64_t *), const char *text)
{
    uint64_t got;
    assert_false(parse(str_of(text), &got));
}

static void counts(void **state)
{
    (void)state;
    takes(count_parse, "0", 0);
    takes(count_parse, "007", 7);
    takes(count_parse, "18446744073709551615", UINT64_MAX);
    static const char *const wrong[] = {
        "", "-1", "+1", " 1", "1 ", "1K", "18446744073709551616", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refuses(count_parse, wrong[i]);
}

/* The edges of its range, and what is no integer. */
static void integers(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"-007", -7},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    static const char *const wrong[] = {
        "", "-", "--1", "+1", "1.0", "1e3", " 1", "9223372036854775808", "-9223372036854775809"};
    int64_t n;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(int_parse(str_of(good[i].text), &n));
        assert_true(n == good[i].value);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(int_parse(str_of(wrong[i]), &n));
}

static void sizes(void **state)
{
    (void)state;
    takes(size_parse, "64", 64);
    takes(size_parse, "2K", 2048);
    takes(size_parse, "256M", UINT64_C(256) << 20);
    takes(size_parse, "3G", UINT64_C(3) << 30);
    takes(size_parse, "17179869183G", UINT64_C(17179869183) << 30);
    static const char *const wrong[] = {"", "K", "1KB", "1k", "1T", "17179869184G", "-1M"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refuses(size_parse, wrong[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts), cmocka_unit_test(integers),
                                       cmocka_unit_test(sizes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
