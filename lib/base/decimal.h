/*
 * Exact decimal numbers of any length: no binary floating point anywhere. A value is
 * (-1)^negative * coefficient * 10^-scale. Coefficients below 10^18 live in the struct; longer ones in an
 * arena that the caller names, and are good for as long as that.
 *
 *     struct decimal price, quantity, sum;
 *     if (!decimal_parse(&price, STR("9.99"), &arena)) ...          not a decimal
 *     decimal_mul(&sum, &price, &quantity, &arena);
 *     struct str text = decimal_text(&sum, DECIMAL_KEEP, &arena);   "19.98"
 *
 * The functions that return bool return false only where the arena is full or a limit (DECIMAL_MOST) is
 * passed, save decimal_parse (also: no decimal) and decimal_div (also: division by zero).
 * The result may be one of the operands. As long as coefficients stay below 10^18, only decimal_text
 * allocates (32 bytes).
 */
#ifndef HUB_BASE_DECIMAL_H
#define HUB_BASE_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum {
    DECIMAL_KEEP = -1,     /* all places of the scale, trailing zeros too: "1.50" stays "1.50" */
    DECIMAL_SHORTEST = -2, /* no trailing zeros, no -0: "1.5" */
    DECIMAL_MOST = 1 << 20 /* most digits of a coefficient, and largest scale. Factors of a product, and what
                              is divided by what, have up to 100,000 digits each, or the one more and the
                              other fewer, so that none takes long */
};

#define DECIMAL_SMALL UINT64_C(1000000000000000000) /* coefficients from here on are kept in limbs */

struct decimal {
    uint64_t small;        /* the coefficient, where nlimbs is 0: below 10^18 */
    const uint32_t *limbs; /* base 10^9, least first, no leading zero limb; where it is 10^18 or more */
    uint32_t nlimbs;
    uint32_t scale; /* digits behind the point */
    bool negative;  /* never set on zero */
};

enum decimal_round { DECIMAL_HALF_EVEN, DECIMAL_HALF_UP /* halves away from zero */, DECIMAL_DOWN };

/* Takes  [-] digits [. digits]  and, as JSON numbers have it, an exponent [eE][+-]digits. No plus sign, no
 * white space, no leading or trailing point; leading zeros are taken ("007.50"). The scale keeps trailing
 * zeros. */
bool decimal_parse(struct decimal *d, struct str text, struct arena *a);

bool decimal_from_i64(struct decimal *d, int64_t value, struct arena *a);

static inline bool decimal_is_zero(const struct decimal *d)
{
    return d->nlimbs == 0 && d->small == 0;
}

/* The general cases of the functions below, which serve what is common in line. */
int decimal_cmp_any(const struct decimal *x, const struct decimal *y);
bool decimal_add_any(struct decimal *sum, const struct decimal *x, const struct decimal *y, struct arena *a);
bool decimal_mul_any(struct decimal *product, const struct decimal *x, const struct decimal *y,
                     struct arena *a);

/* Both coefficients are small and count the same places, so that their sum and order are those of integers.
 */
static inline bool decimal_are_alike(const struct decimal *x, const struct decimal *y)
{
    return (x->nlimbs | y->nlimbs) == 0 && x->scale == y->scale;
}

static inline int64_t decimal_signed(const struct decimal *small)
{
    return small->negative ? -(int64_t)small->small : (int64_t)small->small;
}

/* <0, 0, >0; by value, so that 1.50 equals 1.5. Allocates nothing, whatever the lengths. */
static inline int decimal_cmp(const struct decimal *x, const struct decimal *y)
{
    if (!decimal_are_alike(x, y))
        return decimal_cmp_any(x, y);
    int64_t left = decimal_signed(x), right = decimal_signed(y);
    return (left > right) - (left < right);
}

/* + and - keep the larger of the two scales, * adds them. */
static inline bool decimal_add(struct decimal *sum, const struct decimal *x, const struct decimal *y,
                               struct arena *a)
{
    if (decimal_are_alike(x, y)) {
        int64_t total = decimal_signed(x) + decimal_signed(y);
        uint64_t small = total < 0 ? (uint64_t)-total : (uint64_t)total;
        if (small < DECIMAL_SMALL) {
            *sum = (struct decimal){.small = small, .scale = x->scale, .negative = total < 0};
            return true;
        }
    }
    return decimal_add_any(sum, x, y, a);
}

static inline bool decimal_sub(struct decimal *difference, const struct decimal *x, const struct decimal *y,
                               struct arena *a)
{
    struct decimal minus = *y;
    minus.negative = !y->negative && !decimal_is_zero(y);
    return decimal_add(difference, x, &minus, a);
}

static inline bool decimal_mul(struct decimal *product, const struct decimal *x, const struct decimal *y,
                               struct arena *a)
{
    uint64_t small;
    if ((x->nlimbs | y->nlimbs) != 0 || __builtin_mul_overflow(x->small, y->small, &small) ||
        small >= DECIMAL_SMALL || x->scale + y->scale > DECIMAL_MOST)
        return decimal_mul_any(product, x, y, a);
    bool negative = small != 0 && x->negative != y->negative;
    *product = (struct decimal){.small = small, .scale = x->scale + y->scale, .negative = negative};
    return true;
}

/* To PLACES digits behind the point. */
bool decimal_div(struct decimal *quotient, const struct decimal *x, const struct decimal *y, uint32_t places,
                 enum decimal_round how, struct arena *a);

/* To exactly PLACES digits behind the point (padded with zeros where it has fewer). */
bool decimal_to_places(struct decimal *out, const struct decimal *d, uint32_t places, enum decimal_round how,
                       struct arena *a);

/* 10^-by times D: a shift of the point. BY may be negative. */
bool decimal_shift(struct decimal *out, const struct decimal *d, int by, struct arena *a);

/* Digits behind the point that are left when trailing zeros are dropped. */
uint32_t decimal_places(const struct decimal *d);

/* True and *OUT where D is a whole number that fits. */
bool decimal_to_i64(const struct decimal *d, int64_t *out);

/* PLACES: DECIMAL_KEEP, DECIMAL_SHORTEST, or a number of places, padded with zeros (never below
 * decimal_places(d): digits are not cut). Good as long as A; .p is NULL where A is full. No exponent, no
 * "-0". */
struct str decimal_text(const struct decimal *d, int places, struct arena *a);

/*
 * The forms of text, without a struct (the hot path of records).
 * decimal_is_plain: -?(0|[1-9][0-9]*)(\.[0-9]+)? and not -0; PLACES: digits behind the point.
 * decimal_is_canonical: the shortest of those: with no 0 at the end of the places.
 * decimal_is_money: the one with exactly EXPONENT places.
 * decimal_amount: what decimal_parse takes, with at most 18 digits and no exponent, as AMOUNT * 10^-PLACES.
 */
bool decimal_is_plain(struct str text, unsigned *places);
bool decimal_is_canonical(struct str text);
bool decimal_is_money(struct str text, unsigned exponent);
bool decimal_amount(int64_t *amount, unsigned *places, struct str text);

#endif
