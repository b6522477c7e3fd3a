/* Laws of decimals, over numbers of all lengths, and examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "random.h"

enum { ROUNDS = 20000, LONGEST = 400 };

static struct arena arena;

static int begin(void **unused)
{
    (void)unused;
    random_seed(UINT64_C(0x9E3779B97F4A7C15));
    arena_init(&arena, 256 << 20);
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    arena_release(&arena);
    return 0;
}

/* Lengths crowd around the limits of the small form; digits come in runs of 0 and 9 as well, since carries
 * and the corrections of long division live there. */
static unsigned any_length(void)
{
    switch (random_below(8)) {
    case 0: return 16 + random_below(5);
    case 1: return 34 + random_below(6);
    case 2: return 1 + random_below(120);
    case 3: return random_below(16) == 0 ? 1 + random_below(LONGEST) : 1;
    default: return 1 + random_below(10);
    }
}

static size_t put_digits(char *out, unsigned count, bool leading_zero)
{
    char run = '\0';
    for (unsigned i = 0; i < count; i++) {
        if (random_below(4) == 0)
            run = "09\0\0"[random_below(4)];
        out[i] = run != '\0' ? run : (char)('0' + random_below(10));
    }
    if (!leading_zero && out[0] == '0')
        out[0] = (char)('1' + random_below(9));
    return count;
}

/* A number as decimal_text would spell it with DECIMAL_KEEP. */
static struct str any_text(void)
{
    char text[2 * LONGEST + 3];
    size_t n = 0;
    bool negative = random_below(2) == 0, nonzero = false;
    text[n++] = '-';
    if (random_below(4) == 0)
        text[n++] = '0';
    else
        n += put_digits(text + n, any_length(), false);
    if (random_below(3) != 0) {
        text[n++] = '.';
        n += put_digits(text + n, random_below(3) != 0 ? 1 + random_below(4) : any_length(), true);
    }
    for (size_t i = 1; i < n; i++)
        nonzero = nonzero || (text[i] >= '1' && text[i] <= '9');
    size_t skip = !(negative && nonzero);
    return arena_str(&arena, (struct str){text + skip, n - skip});
}

static struct decimal parse(struct str text)
{
    struct decimal d;
    if (!decimal_parse(&d, text, &arena))
        fail_msg("not taken: %.*s", (int)text.n, text.p);
    assert_true(d.nlimbs != 0 || d.small < DECIMAL_SMALL);
    return d;
}

static struct decimal number(const char *text)
{
    return parse(str_of(text));
}

static struct decimal any(void)
{
    return parse(any_text());
}

static struct decimal add(struct decimal x, struct decimal y)
{
    assert_true(decimal_add(&x, &x, &y, &arena));
    return x;
}

static struct decimal sub(struct decimal x, struct decimal y)
{
    assert_true(decimal_sub(&y, &x, &y, &arena));
    return y;
}

static struct decimal mul(struct decimal x, struct decimal y)
{
    assert_true(decimal_mul(&x, &x, &y, &arena));
    return x;
}

static struct decimal magnitude(struct decimal x)
{
    x.negative = false;
    return x;
}

static void assert_text(struct str got, struct str want)
{
    if (!str_eq(got, want))
        fail_msg("%.*s is not %.*s", (int)got.n, got.p, (int)want.n, want.p);
}

static void assert_spells(struct decimal d, int places, const char *want)
{
    assert_text(decimal_text(&d, places, &arena), str_of(want));
}

/* Same value, same scale, same sign: the same text. */
static void assert_same(struct decimal x, struct decimal y)
{
    assert_int_equal(x.scale, y.scale);
    assert_int_equal(decimal_cmp(&x, &y), 0);
    assert_text(decimal_text(&x, DECIMAL_KEEP, &arena), decimal_text(&y, DECIMAL_KEEP, &arena));
}

/* D, or nothing where it is larger than that. */
static void assert_amount(struct str text, const struct decimal *d)
{
    int64_t amount;
    unsigned places;
    bool small = decimal_amount(&amount, &places, text);
    assert_true(small || text.n > 18);
    if (!small)
        return;
    assert_int_equal(d->nlimbs, 0);
    assert_int_equal(amount, decimal_signed(d));
    assert_int_equal(places, d->scale);
}

static void text_of_parsed_text_is_the_text(void **unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++, arena_reset(&arena)) {
        struct str text = any_text();
        struct decimal d = parse(text);
        assert_text(decimal_text(&d, DECIMAL_KEEP, &arena), text);
        struct str shortest = decimal_text(&d, DECIMAL_SHORTEST, &arena);
        struct decimal again = parse(shortest);
        assert_int_equal(decimal_cmp(&d, &again), 0);
        assert_int_equal(again.scale, decimal_places(&d));
        assert_true(decimal_is_canonical(shortest));
        assert_int_equal(decimal_is_canonical(text), str_eq(text, shortest));
        assert_amount(text, &d);
        assert_true(decimal_is_money(text, d.scale));
        assert_false(decimal_is_money(text, d.scale + 1));
        int wide = (int)(d.scale + random_below(30));
        assert_true(decimal_is_money(decimal_text(&d, wide, &arena), (unsigned)wide));
    }
}

static void addition_and_multiplication_keep_the_laws_of_rings(void **unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++, arena_reset(&arena)) {
        struct decimal x = any(), y = any(), z = any();
        assert_same(add(x, y), add(y, x));
        assert_same(mul(x, y), mul(y, x));
        assert_same(add(add(x, y), z), add(x, add(y, z)));
        assert_same(mul(mul(x, y), z), mul(x, mul(y, z)));
        struct decimal left = mul(x, add(y, z)), right = add(mul(x, y), mul(x, z));
        assert_int_equal(decimal_cmp(&left, &right), 0);
        struct decimal back = add(sub(x, y), y);
        assert_int_equal(decimal_cmp(&back, &x), 0);
        struct decimal nothing = sub(x, x);
        assert_true(decimal_is_zero(&nothing));
        assert_false(nothing.negative);
    }
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static void comparison_is_a_total_order_that_agrees_with_subtraction(void **unused)
{
    (void)unused;
    struct decimal nothing = {0};
    for (int i = 0; i < ROUNDS; i++, arena_reset(&arena)) {
        struct decimal x = any(), y = any(), z = any(), difference = sub(x, y);
        if (random_below(4) == 0)
            y = add(x, nothing); /* equal ones would hardly ever come up */
        else
            assert_int_equal(sign(decimal_cmp(&x, &y)), sign(decimal_cmp(&difference, &nothing)));
        assert_int_equal(sign(decimal_cmp(&x, &y)), -sign(decimal_cmp(&y, &x)));
        assert_int_equal(decimal_cmp(&x, &x), 0);
        if (decimal_cmp(&x, &y) <= 0 && decimal_cmp(&y, &z) <= 0)
            assert_true(decimal_cmp(&x, &z) <= 0);
    }
}

/* |x - q*y| is below one unit of the last place times |y| when cut, and at most half of that when rounded; at
 * the half the last digit is even, or the magnitude the larger one. */
static void quotients_lie_within_their_bounds(void **unused)
{
    (void)unused;
    const struct decimal two = number("2");
    for (int i = 0; i < ROUNDS; i++, arena_reset(&arena)) {
        struct decimal x = any(), y = any(), q;
        uint32_t places = random_below(4) == 0 ? random_below(100) : random_below(5);
        enum decimal_round how = (enum decimal_round)random_below(3);
        if (random_below(2) == 0)
            x = mul(x, y); /* exact quotients */
        if (random_below(4) == 0)
            assert_true(decimal_div(&y, &y, &two, y.scale + 1, how, &arena)); /* and halves */
        if (decimal_is_zero(&y)) {
            assert_false(decimal_div(&q, &x, &y, places, how, &arena));
            continue;
        }
        assert_true(decimal_div(&q, &x, &y, places, how, &arena));
        assert_int_equal(q.scale, places);
        struct decimal rest = sub(x, mul(q, y)), unit;
        assert_true(decimal_shift(&unit, &y, (int)places, &arena));
        rest = magnitude(rest);
        unit = magnitude(unit);
        if (how == DECIMAL_DOWN) {
            assert_true(decimal_cmp(&rest, &unit) < 0);
            struct decimal product = magnitude(mul(q, y)), whole = magnitude(x);
            assert_true(decimal_cmp(&product, &whole) <= 0);
            continue;
        }
        struct decimal twice = mul(rest, two);
        int half = decimal_cmp(&twice, &unit);
        assert_true(half <= 0);
        struct str text = decimal_text(&q, DECIMAL_KEEP, &arena);
        if (half == 0 && how == DECIMAL_HALF_EVEN)
            assert_int_equal((text.p[text.n - 1] - '0') % 2, 0);
        if (half == 0 && how == DECIMAL_HALF_UP) {
            struct decimal product = magnitude(mul(q, y)), whole = magnitude(x);
            assert_true(decimal_cmp(&product, &whole) > 0);
        }
    }
}

/* Rounding as it is done on paper, on the text. */
static struct str round_on_paper(struct str text, unsigned places, enum decimal_round how)
{
    bool negative = text.p[0] == '-';
    struct str digits = str_slice(text, negative, text.n);
    size_t point = str_find(digits, '.');
    char *out = arena_alloc(&arena, digits.n + places + 4);
    size_t n = 0;
    out[n++] = '0'; /* for the carry */
    memcpy(out + n, digits.p, point);
    n += point;
    size_t units = n;
    out[n++] = '.';
    for (size_t i = 0; i < places; i++)
        out[n++] = point + 1 + i < digits.n ? digits.p[point + 1 + i] : '0';
    size_t cut = point + 1 + places;
    char first = cut < digits.n ? digits.p[cut] : '0';
    bool more = false;
    for (size_t i = cut + 1; i < digits.n; i++)
        more = more || digits.p[i] != '0';
    char last = places > 0 ? out[n - 1] : out[units - 1];
    bool up = how == DECIMAL_HALF_UP     ? first >= '5'
              : how == DECIMAL_HALF_EVEN ? first > '5' || (first == '5' && (more || (last - '0') % 2 == 1))
                                         : false;
    for (size_t at = n; up && at-- > 0;) {
        if (out[at] == '.')
            continue;
        up = out[at] == '9';
        out[at] = up ? '0' : (char)(out[at] + 1);
    }
    size_t from = 0;
    while (out[from] == '0' && from + 1 < units)
        from++;
    if (places == 0)
        n = units;
    bool zero = true;
    for (size_t i = from; i < n; i++)
        zero = zero && (out[i] == '0' || out[i] == '.');
    struct str rounded = {out + from, n - from};
    return negative && !zero ? arena_printf(&arena, "-%.*s", (int)rounded.n, rounded.p) : rounded;
}

static void rounding_is_that_on_paper(void **unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++, arena_reset(&arena)) {
        struct str text = any_text();
        if (random_below(3) == 0 && str_find(text, '.') < text.n) /* halves, and almost */
            text = arena_printf(&arena, "%.*s5%s", (int)text.n, text.p,
                                random_below(2) ? "000000000000000000000000" : "");
        struct decimal d = parse(text), rounded;
        enum decimal_round how = (enum decimal_round)random_below(3);
        uint32_t places = random_below(4) == 0 || d.scale == 0 ? random_below(60) : random_below(d.scale);
        assert_true(decimal_to_places(&rounded, &d, places, how, &arena));
        assert_int_equal(rounded.scale, places);
        assert_text(decimal_text(&rounded, DECIMAL_KEEP, &arena), round_on_paper(text, places, how));
    }
}

static void shifts_are_undone_by_shifts(void **unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++, arena_reset(&arena)) {
        struct decimal d = any(), shifted, back;
        int by = (int)random_below(80) - 40;
        assert_true(decimal_shift(&shifted, &d, by, &arena));
        assert_true(decimal_shift(&back, &shifted, -by, &arena));
        assert_int_equal(decimal_cmp(&d, &back), 0);
        struct str exponent = arena_printf(&arena, "1e%d", -by);
        struct decimal product = mul(d, parse(exponent));
        assert_int_equal(decimal_cmp(&product, &shifted), 0);
    }
}

static void integers_come_back(void **unused)
{
    (void)unused;
    static const int64_t edges[] = {0,
                                    1,
                                    -1,
                                    INT64_MAX,
                                    INT64_MIN,
                                    INT64_MAX - 1,
                                    INT64_MIN + 1,
                                    999999999999999999,
                                    1000000000000000000,
                                    -999999999999999999,
                                    -1000000000000000000};
    for (int i = 0; i < ROUNDS; i++, arena_reset(&arena)) {
        size_t edge = (size_t)i;
        int64_t value = edge < sizeof edges / sizeof *edges ? edges[edge]
                                                            : (int64_t)random_next() >> random_below(64),
                back;
        struct decimal d;
        assert_true(decimal_from_i64(&d, value, &arena));
        assert_text(decimal_text(&d, DECIMAL_KEEP, &arena), arena_printf(&arena, "%lld", (long long)value));
        struct decimal padded;
        assert_true(decimal_to_places(&padded, &d, random_below(40), DECIMAL_DOWN, &arena));
        assert_true(decimal_to_i64(&padded, &back));
        assert_true(back == value);
    }
    int64_t out;
    struct decimal over = number("9223372036854775808"), under = number("-9223372036854775809"),
                   fraction = number("1.5"), huge = number("18446744073709551616");
    assert_false(decimal_to_i64(&over, &out));
    assert_false(decimal_to_i64(&under, &out));
    assert_false(decimal_to_i64(&fraction, &out));
    assert_false(decimal_to_i64(&huge, &out));
}

static void what_is_no_decimal_is_refused(void **unused)
{
    (void)unused;
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      ".5",
                                      "5.",
                                      " 1",
                                      "1 ",
                                      "1,5",
                                      "--1",
                                      "1e",
                                      "1e+",
                                      "e5",
                                      "1.e5",
                                      "0x10",
                                      "NaN",
                                      "1.2.3",
                                      "1_0",
                                      "1e5.",
                                      "-.5",
                                      "1e1e1",
                                      "1-",
                                      "1e-",
                                      "Infinity",
                                      "1e999999999",
                                      "1e-999999999",
                                      "-1e99999999999999999999999999",
                                      "1e1048576",
                                      "1e-1048577"};
    struct decimal d;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (decimal_parse(&d, str_of(bad[i]), &arena))
            fail_msg("taken: %s", bad[i]);
    assert_false(decimal_parse(&d, (struct str){"1\0002", 3}, &arena));
    assert_spells(number("0e999999999"), DECIMAL_KEEP, "0");
}

static void exponents_and_zeros(void **unused)
{
    (void)unused;
    assert_spells(number("1e3"), DECIMAL_KEEP, "1000");
    assert_spells(number("1.50E1"), DECIMAL_KEEP, "15.0");
    assert_spells(number("-12e-3"), DECIMAL_KEEP, "-0.012");
    assert_spells(number("1e30"), DECIMAL_KEEP, "1000000000000000000000000000000");
    assert_spells(number("12345678901234567890e2"), DECIMAL_KEEP, "1234567890123456789000");
    assert_spells(number("007.50"), DECIMAL_KEEP, "7.50");
    assert_spells(number("-0"), DECIMAL_KEEP, "0");
    assert_spells(number("-0.00"), DECIMAL_KEEP, "0.00");
    assert_spells(number("-0.00"), DECIMAL_SHORTEST, "0");
    assert_spells(number("100"), DECIMAL_SHORTEST, "100");
    assert_spells(number("1.5"), 3, "1.500");
    assert_spells(number("1.500"), 1, "1.5");
    assert_spells(number("1.25"), 1, "1.25");
    assert_spells(number("1e-25"), DECIMAL_SHORTEST, "0.0000000000000000000000001");
}

static void forms_of_text(void **unused)
{
    (void)unused;
    static const char *const canonical[] = {"0",    "1",  "-1",    "0.5",
                                            "-0.5", "10", "10.01", "123456789012345678901234567890.1"};
    static const char *const other[] = {"",     "-",   "-0",   "00",  "01", "1.", ".5",
                                        "1.50", "0.0", "-0.0", "1e5", "+1", "1 ", "-01"};
    for (size_t i = 0; i < sizeof canonical / sizeof *canonical; i++)
        assert_true(decimal_is_canonical(str_of(canonical[i])));
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        assert_false(decimal_is_canonical(str_of(other[i])));
    assert_true(decimal_is_money(STR("19.90"), 2));
    assert_true(decimal_is_money(STR("-0.05"), 2));
    assert_true(decimal_is_money(STR("1990"), 0));
    assert_true(decimal_is_money(STR("0.000"), 3));
    assert_false(decimal_is_money(STR("19.9"), 2));
    assert_false(decimal_is_money(STR("19.900"), 2));
    assert_false(decimal_is_money(STR("-0.00"), 2));
    assert_false(decimal_is_money(STR("-0"), 0));
    assert_false(decimal_is_money(STR("19."), 0));
    assert_false(decimal_is_money(STR("019.90"), 2));
    assert_false(decimal_is_money(STR("1,990"), 3));
    assert_false(decimal_is_money(STR("."), 0));
}

static struct str repeated(char c, size_t n)
{
    char *p = arena_raw(&arena, n + 1);
    assert_non_null(p);
    memset(p, c, n);
    return (struct str){p, n};
}

static void limits_refuse_and_do_not_break(void **unused)
{
    (void)unused;
    struct decimal most = parse(repeated('9', DECIMAL_MOST)), one = number("1"), fine = number("0.1"), out;
    assert_false(decimal_parse(&out, repeated('9', DECIMAL_MOST + 1), &arena));
    assert_false(decimal_add(&out, &most, &one, &arena));
    assert_false(decimal_add(&out, &most, &fine, &arena));
    assert_false(decimal_mul(&out, &most, &most, &arena));
    assert_false(decimal_shift(&out, &one, -DECIMAL_MOST, &arena));
    assert_false(decimal_shift(&out, &one, DECIMAL_MOST + 1, &arena));
    assert_false(decimal_div(&out, &one, &fine, DECIMAL_MOST + 1, DECIMAL_DOWN, &arena));
    assert_true(decimal_sub(&out, &most, &one, &arena));
    assert_true(decimal_cmp(&out, &most) < 0);
    struct str text = decimal_text(&most, DECIMAL_KEEP, &arena);
    assert_int_equal(text.n, DECIMAL_MOST);
    struct decimal zeros = parse(repeated('0', 2 * DECIMAL_MOST));
    assert_true(decimal_is_zero(&zeros));
}

static void a_full_arena_is_told(void **unused)
{
    (void)unused;
    struct arena none;
    arena_init(&none, 0);
    struct decimal x = number("123456789012345678901234567890"), y = number("7"), out;
    assert_false(decimal_parse(&out, STR("123456789012345678901234567890"), &none));
    assert_false(decimal_add(&out, &x, &y, &none));
    assert_false(decimal_mul(&out, &x, &y, &none));
    assert_false(decimal_div(&out, &x, &y, 2, DECIMAL_DOWN, &none));
    assert_false(decimal_to_places(&out, &x, 2, DECIMAL_DOWN, &none));
    assert_false(decimal_shift(&out, &x, -3, &none));
    assert_null(decimal_text(&y, DECIMAL_KEEP, &none).p);
    assert_null(decimal_text(&x, DECIMAL_KEEP, &none).p);
    assert_true(decimal_add(&out, &y, &y, &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text_of_parsed_text_is_the_text, begin, end),
        cmocka_unit_test_setup_teardown(addition_and_multiplication_keep_the_laws_of_rings, begin, end),
        cmocka_unit_test_setup_teardown(comparison_is_a_total_order_that_agrees_with_subtraction, begin, end),
        cmocka_unit_test_setup_teardown(quotients_lie_within_their_bounds, begin, end),
        cmocka_unit_test_setup_teardown(rounding_is_that_on_paper, begin, end),
        cmocka_unit_test_setup_teardown(shifts_are_undone_by_shifts, begin, end),
        cmocka_unit_test_setup_teardown(integers_come_back, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_decimal_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(exponents_and_zeros, begin, end),
        cmocka_unit_test_setup_teardown(forms_of_text, begin, end),
        cmocka_unit_test_setup_teardown(limits_refuse_and_do_not_break, begin, end),
        cmocka_unit_test_setup_teardown(a_full_arena_is_told, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
