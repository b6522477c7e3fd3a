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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_star_stands_for_any_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
