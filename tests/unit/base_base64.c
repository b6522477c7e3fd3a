#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base64.h"
#include "random.h"

static char any_byte(void)
{
    return (char)random_below(256);
}

/* Law: decoding gives back what was encoded; and what decodes is what encoding its value writes. */
static void decoding_undoes_encoding(void **state)
{
    (void)state;
    char bytes[64];
    struct buf text, back;
    buf_init(&text, 1 << 10);
    buf_init(&back, 1 << 10);
    for (int round = 0; round < 5000; round++) {
        size_t n = (size_t)round % sizeof bytes;
        for (size_t i = 0; i < n; i++)
            bytes[i] = any_byte();
        buf_reset(&text);
        buf_reset(&back);
        base64_encode(&text, (struct str){bytes, n});
        assert_int_equal(text.n, (n + 2) / 3 * 4);
        assert_true(base64_decode(&back, buf_str(&text)));
        assert_true(str_eq(buf_str(&back), (struct str){bytes, n}));
        if (n == 0)
            continue;
        text.p[round % (int)text.n] = any_byte();
        buf_reset(&back);
        if (!base64_decode(&back, buf_str(&text)))
            continue;
        struct buf again;
        buf_init(&again, 1 << 10);
        base64_encode(&again, buf_str(&back));
        assert_true(str_eq(buf_str(&again), buf_str(&text)));
        buf_release(&again);
    }
    buf_release(&text);
    buf_release(&back);
}

/* RFC 4648 §10 */
static void the_examples_of_the_standard(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct buf text;
        buf_init(&text, 100);
        base64_encode(&text, str_of(pairs[i][0]));
        assert_true(str_eq(buf_str(&text), str_of(pairs[i][1])));
        buf_release(&text);
    }
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Z", "Zg=", "Zg", "Zh==", "Zm9=", "Zg==Zg==", "====", "Zm9v\n", "Zm-_", "=m9v"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buf bytes;
        buf_init(&bytes, 100);
        assert_false(base64_decode(&bytes, str_of(texts[i])));
        buf_release(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding_undoes_encoding),
        cmocka_unit_test(the_examples_of_the_standard),
        cmocka_unit_test(other_texts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
