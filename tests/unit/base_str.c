/*
 * lib/base/str: patterns.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

static void a_star_stands_for_any_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pattern;
        bool like;
    } cases[] = {
        {"Total", "Total", true},
        {"Total ", "Total", false},
        {"Total 5", "Total*", true},
        {"Total", "Total*", true},
        {"Sub Total", "Total*", false},
        {"Sub Total", "*Total", true},
        {"", "*", true},
        {"", "", true},
        {"a", "", false},
        {"aXbXc", "a*X*c", true},
        {"aXbXcd", "a*X*c", false},
        {"aab", "*ab", true},
        {"abababc", "*abc", true},
        {"ab", "a*b*", true},
        {"ab", "**a**b**", true},
        {"ba", "a*b", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(str_like(str_of(cases[i].text), str_of(cases[i].pattern)), cases[i].like);
}

static void twins_are_found_with_their_places(void **state)
{
    (void)state;
    struct str s[] = {STR("b"), STR(""), STR("a"), STR("ab"), STR("c"), STR("a")};
    size_t at[2] = {0, 0};
    assert_int_equal(str_twins(s, 5, at), 0);
    assert_int_equal(str_twins(s, 1, at), 0);
    assert_int_equal(str_twins(NULL, 0, at), 0);
    assert_int_equal(str_twins(s, 6, at), 1);
    assert_int_equal(at[0], 2);
    assert_int_equal(at[1], 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_star_stands_for_any_bytes),
                                       cmocka_unit_test(twins_are_found_with_their_places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
