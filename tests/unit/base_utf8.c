#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/simd.h"
#include "base/utf8.h"
#include "random.h"

/* The plain reading of RFC 3629: decode, then ask whether the number is a scalar value that could not be
 * written shorter. */
static size_t oracle(struct str s)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    for (size_t at = 0; at < s.n;) {
        unsigned char lead = (unsigned char)s.p[at];
        size_t n = lead < 0x80   ? 1
                   : lead < 0xC0 ? 0
                   : lead < 0xE0 ? 2
                   : lead < 0xF0 ? 3
                   : lead < 0xF8 ? 4
                                 : 0;
        if (n == 0 || s.n - at < n)
            return at;
        uint32_t value = n == 1 ? lead : lead & (0x7Fu >> n);
        for (size_t i = 1; i < n; i++) {
            if (((unsigned char)s.p[at + i] & 0xC0) != 0x80)
                return at;
            value = value << 6 | ((unsigned char)s.p[at + i] & 0x3Fu);
        }
        if (value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
            return at;
        at += n;
    }
    return s.n;
}

/* At every level, and in a block of its own so that a sanitizer sees a read behind it. */
static void check(struct str s, size_t expected)
{
    char *copy = malloc(s.n + 1);
    assert_non_null(copy);
    for (int level = SIMD_PORTABLE; level <= SIMD_NEON; level++) {
        if (!simd_use((enum simd_level)level))
            continue;
        if (s.n > 0)
            memcpy(copy + 1, s.p, s.n);
        assert_int_equal(utf8_check((struct str){copy + 1, s.n}), expected);
    }
    free(copy);
}

static uint32_t any_scalar(void)
{
    static const uint32_t most[] = {0x7F, 0x7F, 0x7FF, 0xFFFF, 0x10FFFF};
    uint32_t value = random_below(most[random_below(5)] + 1);
    return value >= 0xD800 && value <= 0xDFFF ? 0xFFFD : value;
}

static size_t any_text(char *text, size_t most)
{
    size_t n = 0, want = random_below((uint32_t)most - 4);
    bool ascii = random_below(3) == 0;
    while (n < want)
        n += utf8_encode(text + n, ascii && random_below(40) > 0 ? random_below(0x80) : any_scalar());
    return n;
}

static void every_scalar_value_is_kept(void **state)
{
    (void)state;
    for (uint32_t value = 0; value <= 0x10FFFF; value++) {
        if (value >= 0xD800 && value <= 0xDFFF)
            continue;
        char text[4];
        size_t n = utf8_encode(text, value);
        struct str s = {text, n};
        uint32_t back;
        if (utf8_decode(s, 0, &back) != n || back != value || utf8_check(s) != n || utf8_count(s) != 1)
            fail_msg("U+%04X", (unsigned)value);
    }
}

/* All one and two byte sequences, and those of three and four bytes with each byte at the edges of its
 * ranges, at each place of a block of 64 bytes and across its end. */
static void edges_agree_with_the_oracle(void **state)
{
    static const unsigned char edge[] = {0x00, 0x22, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                         0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
                                         0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF7, 0xF8, 0xFF};
    enum { EDGES = sizeof edge };
    (void)state;
    char text[192];
    for (size_t i = 0; i < (size_t)EDGES * EDGES * EDGES * EDGES; i++) {
        size_t place = i % 131, n = place + 4 + i % 3 * 29;
        memset(text, 'a', sizeof text);
        for (size_t j = 0, rest = i; j < 4; j++, rest /= EDGES)
            text[place + j] = (char)edge[rest % EDGES];
        struct str s = {text, n};
        size_t expected = oracle(s);
        for (int level = SIMD_PORTABLE; level <= SIMD_NEON; level++)
            if (simd_use((enum simd_level)level) && utf8_check(s) != expected)
                fail_msg("level %d, sequence %zu at %zu", level, i, place);
    }
}

static void a_text_cut_anywhere_agrees_with_the_oracle(void **state)
{
    (void)state;
    char text[160];
    for (int round = 0; round < 20; round++) {
        size_t n = any_text(text, sizeof text);
        check((struct str){text, n}, n);
        for (size_t cut = 0; cut < n; cut++)
            check((struct str){text, cut}, oracle((struct str){text, cut}));
    }
}

static void mutated_texts_agree_with_the_oracle(void **state)
{
    (void)state;
    char text[400];
    for (int round = 0; round < 20000; round++) {
        size_t n = any_text(text, sizeof text);
        for (uint32_t count = random_below(3); n > 0 && count > 0; count--)
            text[random_below((uint32_t)n)] = (char)random_below(256);
        check((struct str){text, n}, oracle((struct str){text, n}));
    }
}

static size_t to_utf16(struct str s, uint16_t *units)
{
    size_t n = 0;
    for (size_t at = 0; at < s.n;) {
        uint32_t value;
        at += utf8_decode(s, at, &value);
        if (value < 0x10000) {
            units[n++] = (uint16_t)value;
        } else {
            units[n++] = (uint16_t)(0xD800 + ((value - 0x10000) >> 10));
            units[n++] = (uint16_t)(0xDC00 + (value & 0x3FF));
        }
    }
    return n;
}

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static int utf16_order(struct str a, struct str b)
{
    uint16_t left[64], right[64];
    size_t m = to_utf16(a, left), n = to_utf16(b, right);
    for (size_t i = 0; i < m && i < n; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return (m > n) - (m < n);
}

static void order_is_that_of_utf16(void **state)
{
    (void)state;
    char left[48], right[48];
    for (int round = 0; round < 50000; round++) {
        size_t m = any_text(left, sizeof left);
        size_t n = any_text(right, sizeof right);
        size_t shared = random_below(2) * (m < n ? m : n);
        while (shared > 0 && (((unsigned char)left[shared] & 0xC0) == 0x80 ||
                              ((unsigned char)right[shared] & 0xC0) == 0x80))
            shared--;
        memcpy(right, left, shared);
        struct str a = {left, m}, b = {right, n};
        if (utf8_check(b) != n)
            continue;
        assert_int_equal(sign(utf8_cmp_utf16(a, b)), utf16_order(a, b));
        assert_int_equal(sign(utf8_cmp_utf16(b, a)), -utf16_order(a, b));
        assert_int_equal(utf8_cmp_utf16(a, a), 0);
    }
}

static void examples(void **state)
{
    static const struct {
        const char *text;
        size_t good;
    } table[] = {
        {"", 0},
        {"caf\xC3\xA9", 5},
        {"\xE2\x82\xAC", 3},
        {"\xF0\x9F\x98\x80", 4},
        {"\xF4\x8F\xBF\xBF", 4},
        {"\xF4\x90\x80\x80", 0},
        {"a\xC0\x80", 1},
        {"a\xE0\x80\x80", 1},
        {"ab\xED\xA0\x80", 2},
        {"\xED\x9F\xBF\xEE\x80\x80", 6},
        {"\xF0\x80\x80\x80", 0},
        {"x\x80", 1},
        {"\xC3", 0},
        {"\xE2\x82", 0},
        {"\xF0\x9F\x98", 0},
        {"\xF8\x88\x80\x80\x80", 0},
        {"\xFF", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        check(str_of(table[i].text), table[i].good);
    assert_int_equal(utf8_count(STR("h\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")), 4);
    /* U+1F600 stands before U+FB33 in UTF-16: RFC 8785 §3.2.3. */
    assert_true(utf8_cmp_utf16(STR("\xF0\x9F\x98\x80"), STR("\xEF\xAC\xB3")) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scalar_value_is_kept),
        cmocka_unit_test(edges_agree_with_the_oracle),
        cmocka_unit_test(a_text_cut_anywhere_agrees_with_the_oracle),
        cmocka_unit_test(mutated_texts_agree_with_the_oracle),
        cmocka_unit_test(order_is_that_of_utf16),
        cmocka_unit_test(examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
