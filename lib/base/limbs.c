#include "base/limbs.h"

#include <stdbool.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

const uint32_t limb_power[LIMB_DIGITS + 1] = {1,      10,      100,      1000,      10000,
                                              100000, 1000000, 10000000, 100000000, 1000000000};

static size_t trim(const uint32_t *p, size_t n)
{
    while (n > 0 && p[n - 1] == 0)
        n--;
    return n;
}

size_t limbs_digits(struct limbs x)
{
    if (x.n == 0)
        return 0;
    size_t top = 1;
    while (top < LIMB_DIGITS && x.p[x.n - 1] >= limb_power[top])
        top++;
    return (x.n - 1) * LIMB_DIGITS + top;
}

unsigned limbs_digit(struct limbs x, size_t place)
{
    size_t limb = place / LIMB_DIGITS;
    return limb < x.n ? x.p[limb] / limb_power[place % LIMB_DIGITS] % 10 : 0;
}

size_t limbs_trailing_zeros(struct limbs x)
{
    if (x.n == 0)
        return 0;
    size_t limb = 0;
    while (x.p[limb] == 0)
        limb++;
    size_t zeros = 0;
    while (x.p[limb] % limb_power[zeros + 1] == 0)
        zeros++;
    return limb * LIMB_DIGITS + zeros;
}

void limbs_text(char *out, size_t width, struct limbs x)
{
    for (size_t i = 0; i < x.n; i++) {
        uint32_t limb = x.p[i];
        for (unsigned digit = 0; digit < LIMB_DIGITS && width > 0; digit++) {
            out[--width] = (char)('0' + limb % 10);
            limb /= 10;
        }
    }
    memset(out, '0', width);
}

int limbs_cmp(struct limbs x, struct limbs y)
{
    if (x.n != y.n)
        return x.n < y.n ? -1 : 1;
    for (size_t i = x.n; i-- > 0;)
        if (x.p[i] != y.p[i])
            return x.p[i] < y.p[i] ? -1 : 1;
    return 0;
}

size_t limbs_add(uint32_t *out, struct limbs x, struct limbs y)
{
    if (x.n < y.n) {
        struct limbs longer = y;
        y = x;
        x = longer;
    }
    uint32_t carry = 0;
    for (size_t i = 0; i < x.n; i++) {
        uint32_t sum = x.p[i] + (i < y.n ? y.p[i] : 0) + carry;
        carry = sum >= LIMB_BASE;
        out[i] = carry ? sum - LIMB_BASE : sum;
    }
    if (carry == 0)
        return x.n;
    out[x.n] = 1;
    return x.n + 1;
}

size_t limbs_sub(uint32_t *out, struct limbs x, struct limbs y)
{
    uint32_t borrow = 0;
    for (size_t i = 0; i < x.n; i++) {
        uint32_t take = (i < y.n ? y.p[i] : 0) + borrow;
        borrow = x.p[i] < take;
        out[i] = x.p[i] + (borrow ? LIMB_BASE : 0) - take;
    }
    return trim(out, x.n);
}

/* Column by column: products below 10^18 are summed up in 128 bits, so that one division serves a whole
 * column. */
size_t limbs_mul(uint32_t *out, struct limbs x, struct limbs y)
{
    if (x.n == 0 || y.n == 0)
        return 0;
    u128 sum = 0;
    for (size_t column = 0; column < x.n + y.n - 1; column++) {
        size_t from = column < y.n ? 0 : column - y.n + 1;
        size_t to = column < x.n ? column : x.n - 1;
        for (size_t i = from; i <= to; i++)
            sum += (uint64_t)x.p[i] * y.p[column - i];
        out[column] = (uint32_t)(sum % LIMB_BASE);
        sum /= LIMB_BASE;
    }
    out[x.n + y.n - 1] = (uint32_t)sum;
    return trim(out, x.n + y.n);
}

/* X * FACTOR (at most 10^9) into exactly x.n + 1 limbs. */
static void scale(uint32_t *out, struct limbs x, uint32_t factor)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < x.n; i++) {
        carry += (uint64_t)x.p[i] * factor;
        out[i] = (uint32_t)(carry % LIMB_BASE);
        carry /= LIMB_BASE;
    }
    out[x.n] = (uint32_t)carry;
}

size_t limbs_raise(uint32_t *out, struct limbs x, size_t digits)
{
    if (x.n == 0)
        return 0;
    size_t whole = digits / LIMB_DIGITS;
    memset(out, 0, whole * sizeof *out);
    scale(out + whole, x, limb_power[digits % LIMB_DIGITS]);
    return trim(out, whole + x.n + 1);
}

/* X / DIVISOR into x.n limbs; gives the remainder. OUT may be the limbs of X. */
static uint32_t divide_short(uint32_t *out, struct limbs x, uint32_t divisor)
{
    uint64_t rest = 0;
    for (size_t i = x.n; i-- > 0;) {
        rest = rest * LIMB_BASE + x.p[i];
        out[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    return (uint32_t)rest;
}

static bool any_below(struct limbs x, size_t place)
{
    size_t limb = place / LIMB_DIGITS;
    for (size_t i = 0; i < limb && i < x.n; i++)
        if (x.p[i] != 0)
            return true;
    return limb < x.n && x.p[limb] % limb_power[place % LIMB_DIGITS] != 0;
}

size_t limbs_lower(uint32_t *out, struct limbs x, size_t digits, int *half)
{
    unsigned first = digits > 0 ? limbs_digit(x, digits - 1) : 0;
    *half = first != 5 ? (int)first - 5 : digits > 0 && any_below(x, digits - 1);
    size_t whole = digits / LIMB_DIGITS;
    if (whole >= x.n)
        return 0;
    divide_short(out, (struct limbs){x.p + whole, x.n - whole}, limb_power[digits % LIMB_DIGITS]);
    return trim(out, x.n - whole);
}

static int compare_twice(uint32_t *room, struct limbs x, struct limbs y)
{
    return limbs_cmp((struct limbs){room, limbs_add(room, x, x)}, y);
}

/* Takes QUOTIENT * V from the v.n + 1 limbs at U; true where that went below zero (by one V at most). The
 * topmost limb is zero after that, is not looked at again, and is left as it is. */
static bool take_product(uint32_t *u, struct limbs v, uint64_t quotient)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < v.n; i++) {
        carry += quotient * v.p[i];
        uint32_t low = (uint32_t)(carry % LIMB_BASE);
        carry /= LIMB_BASE;
        if (u[i] < low) {
            u[i] += LIMB_BASE;
            carry++;
        }
        u[i] -= low;
    }
    return u[v.n] < carry;
}

static void add_back(uint32_t *u, struct limbs v)
{
    uint32_t carry = 0;
    for (size_t i = 0; i < v.n; i++) {
        uint32_t sum = u[i] + v.p[i] + carry;
        carry = sum >= LIMB_BASE;
        u[i] = carry ? sum - LIMB_BASE : sum;
    }
}

/* The guess of Knuth's D3 (The Art of Computer Programming 4.3.1): never too small, too large by one at most.
 */
static uint64_t guess_quotient(const uint32_t *u, struct limbs v)
{
    uint64_t top = (uint64_t)u[v.n] * LIMB_BASE + u[v.n - 1];
    uint64_t quotient = top / v.p[v.n - 1], rest = top % v.p[v.n - 1];
    while (quotient >= LIMB_BASE || quotient * v.p[v.n - 2] > rest * LIMB_BASE + u[v.n - 2]) {
        quotient--;
        rest += v.p[v.n - 1];
        if (rest >= LIMB_BASE)
            break;
    }
    return quotient;
}

size_t limbs_divide(uint32_t *out, uint32_t *work, struct limbs x, struct limbs y, int *half)
{
    if (x.n < y.n) {
        *half = compare_twice(work, x, y);
        return 0;
    }
    if (y.n == 1) {
        uint64_t twice = 2 * (uint64_t)divide_short(out, x, y.p[0]);
        *half = (twice > y.p[0]) - (twice < y.p[0]);
        return trim(out, x.n);
    }
    /* D1: both sides times FACTOR, so that the divisor's top limb is at least half the base. */
    uint32_t factor = LIMB_BASE / (y.p[y.n - 1] + 1);
    uint32_t *u = work, *divisor = u + x.n + 1, *spare = divisor + y.n + 1;
    scale(u, x, factor);
    scale(divisor, y, factor);
    struct limbs v = {divisor, y.n};
    for (size_t at = x.n - y.n + 1; at-- > 0;) {
        uint64_t quotient = guess_quotient(u + at, v);
        if (take_product(u + at, v, quotient)) {
            add_back(u + at, v);
            quotient--;
        }
        out[at] = (uint32_t)quotient;
    }
    *half = compare_twice(spare, (struct limbs){u, trim(u, y.n)}, v);
    return trim(out, x.n - y.n + 1);
}
