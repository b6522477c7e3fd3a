#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/utf8.h"

static void assert_shown(const char *text, const char *wanted)
{
    struct buf out;
    buf_init(&out, 1 << 10);
    buf_put_clean(&out, str_of(text));
    assert_true(str_eq(buf_str(&out), str_of(wanted)));
    buf_release(&out);
}

/* Any two bytes, between others: what comes out is UTF-8 without control characters, and what was so already
 * stays. */
static void nothing_that_a_terminal_obeys_comes_out(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1 << 10);
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        const char text[] = {'a', (char)(pair >> 8), (char)pair, 'z'};
        buf_reset(&out);
        buf_put_clean(&out, (struct str){text, sizeof text});
        assert_int_equal(utf8_check(buf_str(&out)), out.n);
        bool was_clean = utf8_check((struct str){text, sizeof text}) == sizeof text;
        for (size_t at = 0; at < out.n;) {
            uint32_t c;
            at += utf8_decode(buf_str(&out), at, &c);
            assert_true(c >= 0x20 && !(c >= 0x7F && c < 0xA0));
        }
        for (size_t at = 0; was_clean && at < sizeof text;) {
            uint32_t c;
            at += utf8_decode((struct str){text, sizeof text}, at, &c);
            was_clean = c >= 0x20 && !(c >= 0x7F && c < 0xA0);
        }
        assert_true(str_eq(buf_str(&out), (struct str){text, sizeof text}) == was_clean);
    }
    buf_release(&out);
}

static void bytes_are_named(void **state)
{
    (void)state;
    assert_shown("", "");
    assert_shown("a\033[31mb\n", "a\\x1B[31mb\\x0A");
    assert_shown("caf\xc3\xa9 \xc2\x9b \xff", "caf\xc3\xa9 \\xC2\\x9B \\xFF");
    assert_shown("fdp.\u202Egnp \u2066x\u2069", "fdp.\\xE2\\x80\\xAEgnp \\xE2\\x81\\xA6x\\xE2\\x81\\xA9");
    assert_shown("1 \u20AC \u2026 \u2029 \u202F \u2065 \u206A",
                 "1 \u20AC \u2026 \u2029 \u202F \u2065 \u206A");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_that_a_terminal_obeys_comes_out),
        cmocka_unit_test(bytes_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
