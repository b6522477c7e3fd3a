/*
 * Memory that lies in a file: what was written stays, where it lies and however often it is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/spill.h"

enum { MANY = 100000 };

static void stays(void **state)
{
    struct spill s;
    struct err e = {0};
    (void)state;
    spill_init(&s);
    spill_rest(&s);
    for (size_t n = 1; n <= MANY; n *= 10) {
        assert_int_equal(spill_grow(&s, n * sizeof(uint32_t), &e), 0);
        uint32_t *number = s.p;
        for (size_t i = n / 10; i < n; i++) {
            assert_int_equal(number[i], 0);
            number[i] = (uint32_t)i;
        }
        spill_rest(&s);
        assert_ptr_equal(s.p, number);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(number[i], i);
    }
    size_t bytes = s.bytes;
    assert_int_equal(spill_grow(&s, 1, &e), 0);
    assert_int_equal(s.bytes, bytes);
    spill_release(&s);
    spill_release(&s);
}

/* What has no room is an error, and what was there before stays. */
static void no_room(void **state)
{
    struct spill s;
    struct err e = {0};
    (void)state;
    spill_init(&s);
    assert_int_equal(spill_grow(&s, 4, &e), 0);
    *(uint32_t *)s.p = 7;
    assert_int_equal(spill_grow(&s, SIZE_MAX, &e), -1);
    assert_string_equal(e.code, "io");
    assert_int_equal(*(uint32_t *)s.p, 7);
    spill_release(&s);

    e = (struct err){0};
    assert_int_equal(setenv("TMPDIR", "/nowhere", 1), 0);
    assert_int_equal(spill_grow(&s, 4, &e), -1);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    assert_string_equal(e.code, "io");
    spill_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(stays), cmocka_unit_test(no_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
