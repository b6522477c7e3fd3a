#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "sink/receipts.h"

/* A text that tells its number, of lengths that do not fit blocks. */
static struct str text_of(char *room, size_t size, unsigned number)
{
    int n = snprintf(room, size, "%u-%0*u", number, (int)(number * 7919 % 90), number);
    return (struct str){room, n > 0 ? (size_t)n : 0};
}

static void assert_all_come_back(unsigned count)
{
    struct receipts r;
    struct err e = {0};
    char id[128];
    receipts_init(&r, "target");
    for (unsigned i = 0; i < count; i++) {
        struct record of = {
            .kind = RECORD_NATIVE, .entity = STR("e"), .source = STR("s"), .op = STR("update")};
        of.version = of.id = text_of(id, sizeof id, i);
        assert_int_equal(receipts_add(&r, &of, &e), 0);
    }
    assert_int_equal(receipts_rewind(&r, &e), 0);
    struct record receipt;
    unsigned i = 0;
    while (receipts_next(&r, STR("applied"), &receipt, &e) == 1) {
        struct str wanted = text_of(id, sizeof id, i++);
        assert_int_equal(receipt.kind, RECORD_RECEIPT);
        assert_true(str_eq(receipt.id, wanted));
        assert_true(str_eq(receipt.version, wanted));
        assert_true(str_eq(receipt.entity, STR("e")));
        assert_true(str_eq(receipt.source, STR("s")));
        assert_true(str_eq(receipt.op, STR("update")));
        assert_true(str_eq(receipt.status, STR("applied")));
        assert_true(str_eq(receipt.target, STR("target")));
    }
    assert_int_equal(i, count);
    receipts_release(&r);
}

static void receipts_come_back_in_order(void **state)
{
    (void)state;
    assert_all_come_back(0);
    assert_all_come_back(1);
    assert_all_come_back(1000);
    assert_all_come_back(150000);
}

static void a_record_without_a_name_has_none(void **state)
{
    (void)state;
    struct receipts r;
    struct record receipt;
    struct err e = {0};
    receipts_init(&r, "target");
    struct record of = {.kind = RECORD_NATIVE, .source = STR("s"), .stream = STR("s:x")};
    assert_int_equal(receipts_make(&r, &of, &receipt, &e), 0);
    assert_int_equal(receipts_add(&r, &of, &e), 0);
    assert_int_equal(receipts_rewind(&r, &e), 0);
    assert_int_equal(receipts_next(&r, STR("applied"), &receipt, &e), 0);
    receipts_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receipts_come_back_in_order),
        cmocka_unit_test(a_record_without_a_name_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
