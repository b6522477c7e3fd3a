#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hex.h"
#include "random.h"

/* Law: reading gives back what was written; and of any other text nothing is read. */
static void reading_undoes_writing(void **state)
{
    (void)state;
    char bytes[64], back[64];
    struct buf text;
    buf_init(&text, 1 << 10);
    for (int round = 0; round < 5000; round++) {
        size_t n = (size_t)round % sizeof bytes;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)random_below(256);
        buf_reset(&text);
        hex_put(&text, (struct str){bytes, n});
        assert_int_equal(text.n, 2 * n);
        assert_true(hex_read(back, buf_str(&text)));
        assert_memory_equal(back, bytes, n);
        if (n == 0)
            continue;
        char other = (char)random_below(256);
        text.p[round % (int)text.n] = other;
        bool digit = (other >= '0' && other <= '9') || (other >= 'a' && other <= 'f');
        assert_int_equal(hex_read(back, buf_str(&text)), digit);
    }
    buf_release(&text);
}

static void is_what_the_standard_says(void **state)
{
    (void)state;
    char text[16], bytes[8];
    *hex_write(text, STR("foobar")) = '\0';
    assert_string_equal(text, "666f6f626172"); /* RFC 4648 §10 */
    assert_false(hex_read(bytes, STR("6F")));
    assert_false(hex_read(bytes, STR("6")));
    assert_true(hex_read(bytes, STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reading_undoes_writing),
                                       cmocka_unit_test(is_what_the_standard_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
