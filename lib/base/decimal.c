#include "base/decimal.h"

#include "base/limbs.h"

__extension__ typedef unsigned __int128 u128;

enum {
    SMALL_DIGITS = 18,
    SMALL_LIMBS = 2,
    DECIMAL_LIMBS = DECIMAL_MOST / LIMB_DIGITS + 1,
    WORK_MOST = 1 << 27 /* products of limbs: a second */
};

static const uint64_t power_of_ten[SMALL_DIGITS + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

/* The coefficient as limbs; a small one is spread over FEW. */
static struct limbs coefficient(const struct decimal *d, uint32_t few[SMALL_LIMBS])
{
    return d->nlimbs != 0 ? (struct limbs){d->limbs, d->nlimbs} : limbs_of(d->small, few);
}

static uint32_t *limbs_room(struct arena *a, size_t count)
{
    return arena_raw(a, count * sizeof(uint32_t));
}

static bool set_small(struct decimal *out, u128 small, uint64_t scale, bool negative)
{
    if (small >= DECIMAL_SMALL || scale > DECIMAL_MOST)
        return false;
    *out = (struct decimal){
        .small = (uint64_t)small, .scale = (uint32_t)scale, .negative = negative && small != 0};
    return true;
}

/* The end of every long way: limits, and back into the struct where it fits. P must last as long as *OUT. */
static bool set_limbs(struct decimal *out, struct limbs x, uint64_t scale, bool negative)
{
    if (x.n <= SMALL_LIMBS) {
        uint64_t high = x.n > 1 ? x.p[1] : 0, low = x.n > 0 ? x.p[0] : 0;
        return set_small(out, high * LIMB_BASE + low, scale, negative);
    }
    if (scale > DECIMAL_MOST || limbs_digits(x) > DECIMAL_MOST)
        return false;
    *out = (struct decimal){
        .limbs = x.p, .nlimbs = (uint32_t)x.n, .scale = (uint32_t)scale, .negative = negative};
    return true;
}

bool decimal_from_i64(struct decimal *d, int64_t value, struct arena *a)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    if (magnitude < DECIMAL_SMALL)
        return set_small(d, magnitude, 0, value < 0);
    uint32_t *p = limbs_room(a, 3);
    if (p == NULL)
        return false;
    p[0] = (uint32_t)(magnitude % LIMB_BASE);
    p[1] = (uint32_t)(magnitude / LIMB_BASE % LIMB_BASE);
    p[2] = (uint32_t)(magnitude / LIMB_BASE / LIMB_BASE);
    return set_limbs(d, (struct limbs){p, 3}, 0, value < 0);
}

/* The order of |X| and |Y|, neither of them zero: by the place of the first digit, then digit by digit. */
static int compare_magnitudes(const struct decimal *x, const struct decimal *y)
{
    uint32_t fewx[SMALL_LIMBS], fewy[SMALL_LIMBS];
    struct limbs cx = coefficient(x, fewx), cy = coefficient(y, fewy);
    if (x->scale == y->scale)
        return limbs_cmp(cx, cy);
    size_t nx = limbs_digits(cx), ny = limbs_digits(cy);
    int64_t topx = (int64_t)nx - x->scale, topy = (int64_t)ny - y->scale;
    if (topx != topy)
        return topx < topy ? -1 : 1;
    while (nx > 0 || ny > 0) {
        unsigned dx = nx > 0 ? limbs_digit(cx, --nx) : 0, dy = ny > 0 ? limbs_digit(cy, --ny) : 0;
        if (dx != dy)
            return dx < dy ? -1 : 1;
    }
    return 0;
}

int decimal_cmp_any(const struct decimal *x, const struct decimal *y)
{
    int sign_x = decimal_is_zero(x) ? 0 : x->negative ? -1 : 1;
    int sign_y = decimal_is_zero(y) ? 0 : y->negative ? -1 : 1;
    if (sign_x != sign_y)
        return sign_x < sign_y ? -1 : 1;
    return sign_x == 0 ? 0 : sign_x * compare_magnitudes(x, y);
}

/* X + Y where both are small, after the one with fewer places has been padded; false: too large for that. */
static bool add_small(struct decimal *sum, const struct decimal *x, const struct decimal *y)
{
    if ((x->nlimbs | y->nlimbs) != 0)
        return false;
    if (x->scale < y->scale) {
        const struct decimal *finer = y;
        y = x;
        x = finer;
    }
    uint32_t pad = x->scale - y->scale;
    int64_t padded, total;
    if (pad > SMALL_DIGITS ||
        __builtin_mul_overflow(decimal_signed(y), (int64_t)power_of_ten[pad], &padded) ||
        __builtin_add_overflow(padded, decimal_signed(x), &total))
        return false;
    return set_small(sum, total < 0 ? 0 - (uint64_t)total : (uint64_t)total, x->scale, total < 0);
}

bool decimal_add_any(struct decimal *sum, const struct decimal *x, const struct decimal *y, struct arena *a)
{
    if (add_small(sum, x, y))
        return true;
    if (x->scale > y->scale) {
        const struct decimal *finer = x;
        x = y;
        y = finer;
    }
    uint32_t fewx[SMALL_LIMBS], fewy[SMALL_LIMBS];
    struct limbs cx = coefficient(x, fewx), cy = coefficient(y, fewy);
    uint32_t pad = y->scale - x->scale;
    size_t raised = limbs_raise_room(cx.n, pad);
    uint32_t *p = limbs_room(a, (raised > cy.n ? raised : cy.n) + 1);
    if (p == NULL)
        return false;
    cx = (struct limbs){p, limbs_raise(p, cx, pad)};
    if (x->negative == y->negative)
        return set_limbs(sum, (struct limbs){p, limbs_add(p, cx, cy)}, y->scale, x->negative);
    if (limbs_cmp(cx, cy) >= 0)
        return set_limbs(sum, (struct limbs){p, limbs_sub(p, cx, cy)}, y->scale, x->negative);
    return set_limbs(sum, (struct limbs){p, limbs_sub(p, cy, cx)}, y->scale, y->negative);
}

bool decimal_mul_any(struct decimal *product, const struct decimal *x, const struct decimal *y,
                     struct arena *a)
{
    uint32_t fewx[SMALL_LIMBS], fewy[SMALL_LIMBS];
    struct limbs cx = coefficient(x, fewx), cy = coefficient(y, fewy);
    uint64_t places = (uint64_t)x->scale + y->scale;
    bool negative = x->negative != y->negative;
    /* Products over the limit are not worked out first. */
    if (places > DECIMAL_MOST || cx.n + cy.n > DECIMAL_LIMBS + 1 || cx.n * cy.n > WORK_MOST)
        return false;
    uint32_t *p = limbs_room(a, cx.n + cy.n);
    if (p == NULL)
        return false;
    return set_limbs(product, (struct limbs){p, limbs_mul(p, cx, cy)}, places, negative);
}

/* Whether a cut quotient is to be made larger by one. HALF: how the part cut off compares with one half. */
static bool rounds_up(enum decimal_round how, int half, bool odd)
{
    switch (how) {
    case DECIMAL_HALF_EVEN: return half > 0 || (half == 0 && odd);
    case DECIMAL_HALF_UP: return half >= 0;
    case DECIMAL_DOWN: break;
    }
    return false;
}

/* NUMBER / DIVISOR, rounded. */
static u128 divide_rounded(u128 number, uint64_t divisor, enum decimal_round how)
{
    u128 quotient;
    uint64_t rest;
    if (number <= UINT64_MAX) {
        quotient = (uint64_t)number / divisor;
        rest = (uint64_t)number % divisor;
    } else {
        quotient = number / divisor;
        rest = (uint64_t)(number % divisor);
    }
    int half = rest > divisor - rest ? 1 : rest == divisor - rest ? 0 : -1;
    return quotient + rounds_up(how, half, quotient & 1);
}

/* Rounds the cut quotient X (room for one limb more) and puts it into OUT. */
static bool set_rounded(struct decimal *out, uint32_t *p, size_t n, int half, enum decimal_round how,
                        uint32_t places, bool negative)
{
    static const uint32_t one[1] = {1};
    if (rounds_up(how, half, n > 0 && (p[0] & 1) != 0))
        n = limbs_add(p, (struct limbs){p, n}, (struct limbs){one, 1});
    return set_limbs(out, (struct limbs){p, n}, places, negative);
}

/* The quotient of small coefficients with LIFT more digits (fewer, where it is negative); false: not small.
 */
static bool divide_small(struct decimal *out, const struct decimal *x, const struct decimal *y, int64_t lift,
                         uint32_t places, enum decimal_round how)
{
    u128 number = x->small;
    uint64_t divisor = y->small;
    if ((x->nlimbs | y->nlimbs) != 0 || lift > SMALL_DIGITS || lift < -SMALL_DIGITS)
        return false;
    if (lift >= 0)
        number *= power_of_ten[lift];
    else if (__builtin_mul_overflow(divisor, power_of_ten[-lift], &divisor))
        return false;
    return set_small(out, divide_rounded(number, divisor, how), places, x->negative != y->negative);
}

/* X * 10^DIGITS in the arena; .p is NULL where that is full. */
static struct limbs raise(struct limbs x, size_t digits, struct arena *a)
{
    if (digits == 0)
        return x;
    uint32_t *p = limbs_room(a, limbs_raise_room(x.n, digits));
    return (struct limbs){p, p != NULL ? limbs_raise(p, x, digits) : 0};
}

bool decimal_div(struct decimal *quotient, const struct decimal *x, const struct decimal *y, uint32_t places,
                 enum decimal_round how, struct arena *a)
{
    if (decimal_is_zero(y) || places > DECIMAL_MOST)
        return false;
    int64_t lift = (int64_t)places + y->scale - x->scale;
    if (divide_small(quotient, x, y, lift, places, how))
        return true;
    uint32_t fewx[SMALL_LIMBS], fewy[SMALL_LIMBS];
    struct limbs cx = coefficient(x, fewx), cy = coefficient(y, fewy);
    size_t up = lift > 0 ? (size_t)lift : 0, down = lift < 0 ? (size_t)-lift : 0;
    uint32_t *p = limbs_room(a, limbs_raise_room(cx.n, up) + 1);
    struct arena_mark working = arena_mark(a);
    cx = raise(cx, up, a);
    cy = raise(cy, down, a);
    uint32_t *work = limbs_room(a, limbs_divide_room(cx.n, cy.n));
    bool given = p != NULL && cx.p != NULL && cy.p != NULL && work != NULL;
    given = given && cx.n * cy.n <= WORK_MOST;
    int half = 0;
    size_t n = given ? limbs_divide(p, work, cx, cy, &half) : 0;
    arena_rewind(a, working);
    return given && set_rounded(quotient, p, n, half, how, places, x->negative != y->negative);
}

bool decimal_to_places(struct decimal *out, const struct decimal *d, uint32_t places, enum decimal_round how,
                       struct arena *a)
{
    if (places >= d->scale) {
        const struct decimal nothing = {.scale = places};
        return places <= DECIMAL_MOST && decimal_add(out, d, &nothing, a);
    }
    uint32_t cut = d->scale - places;
    if (d->nlimbs == 0 && cut > SMALL_DIGITS) /* below 10^18 / 10^19: less than a half */
        return set_small(out, 0, places, false);
    if (d->nlimbs == 0)
        return set_small(out, divide_rounded(d->small, power_of_ten[cut], how), places, d->negative);
    uint32_t *p = limbs_room(a, (size_t)d->nlimbs + 1);
    if (p == NULL)
        return false;
    int half;
    size_t n = limbs_lower(p, (struct limbs){d->limbs, d->nlimbs}, cut, &half);
    return set_rounded(out, p, n, half, how, places, d->negative);
}

bool decimal_shift(struct decimal *out, const struct decimal *d, int by, struct arena *a)
{
    int64_t places = (int64_t)d->scale + by;
    *out = *d;
    if (places > DECIMAL_MOST)
        return false;
    if (places >= 0) {
        out->scale = (uint32_t)places;
        return true;
    }
    out->scale = 0;
    if (decimal_is_zero(d))
        return true;
    if (-places > DECIMAL_MOST)
        return false;
    uint32_t few[SMALL_LIMBS];
    struct limbs raised = raise(coefficient(d, few), (size_t)-places, a);
    return raised.p != NULL && set_limbs(out, raised, 0, d->negative);
}

uint32_t decimal_places(const struct decimal *d)
{
    if (decimal_is_zero(d))
        return 0;
    uint32_t places = d->scale;
    if (d->nlimbs != 0) {
        size_t zeros = limbs_trailing_zeros((struct limbs){d->limbs, d->nlimbs});
        return zeros < places ? places - (uint32_t)zeros : 0;
    }
    for (uint64_t rest = d->small; places > 0 && rest % 10 == 0; rest /= 10)
        places--;
    return places;
}

bool decimal_to_i64(const struct decimal *d, int64_t *out)
{
    if (decimal_places(d) > 0)
        return false;
    uint32_t few[SMALL_LIMBS];
    struct limbs c = coefficient(d, few);
    uint64_t whole = 0;
    for (size_t place = limbs_digits(c); place-- > d->scale;)
        if (__builtin_mul_overflow(whole, (uint64_t)10, &whole) ||
            __builtin_add_overflow(whole, (uint64_t)limbs_digit(c, place), &whole))
            return false;
    if (whole > (uint64_t)INT64_MAX + d->negative)
        return false;
    *out = d->negative ? (int64_t)(0 - whole) : (int64_t)whole;
    return true;
}
