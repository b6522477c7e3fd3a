#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/utf8.h"
#include "shell.h"

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

/* The shell itself says what a word is. */
static void assert_word(struct str text)
{
    char said[1 << 10];
    struct buf command;
    buf_init(&command, 1 << 12);
    buf_put(&command, STR("printf %s "));
    buf_put_word(&command, text);
    buf_byte(&command, '\0');
    assert_true(buf_ok(&command));
    assert_int_equal(shell(command.p, said, sizeof said), 0);
    assert_true(str_eq(str_of(said), text));
    buf_release(&command);
}

static void a_word_is_what_the_shell_makes_of_it(void **state)
{
    static const char *const texts[] = {"",      "1160",    "#1160",      "it's; rm -rf $HOME `x`",
                                        "''",    "a b",     "*",          "~",
                                        "x=1 y", "a\\'b\\", "caf\xc3\xa9"};
    (void)state;
    char all[256];
    for (unsigned i = 0; i < 255; i++)
        all[i] = (char)(i + 1);
    assert_word((struct str){all, 255});
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_word(str_of(texts[i]));
    for (int i = 0; i < 255; i++)
        assert_word((struct str){all + i, 1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_that_a_terminal_obeys_comes_out),
        cmocka_unit_test(bytes_are_named),
        cmocka_unit_test(a_word_is_what_the_shell_makes_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
