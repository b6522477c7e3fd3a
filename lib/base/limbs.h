/*
 * Natural numbers in base 10^9, the arithmetic behind long decimals. A number is a slice of limbs, least
 * first, without zero limbs at its top; zero is the empty slice. Results go to room that the caller gives;
 * what comes back is the count of limbs that the result has.
 *
 *     uint32_t room[3];
 *     struct limbs x = {a, 2}, y = {b, 1};
 *     struct limbs product = {room, limbs_mul(room, x, y)};
 *
 * Nothing is allocated. Reading, writing and shifting take linear time, products and quotients quadratic.
 */
#ifndef HUB_BASE_LIMBS_H
#define HUB_BASE_LIMBS_H

#include <stddef.h>
#include <stdint.h>

enum { LIMB_BASE = 1000000000, LIMB_DIGITS = 9 };

struct limbs {
    const uint32_t *p;
    size_t n;
};

extern const uint32_t limb_power[LIMB_DIGITS + 1]; /* 10^0 .. 10^9 */

/* VALUE, below 10^18, spread over FEW. */
static inline struct limbs limbs_of(uint64_t value, uint32_t few[2])
{
    few[0] = (uint32_t)(value % LIMB_BASE);
    few[1] = (uint32_t)(value / LIMB_BASE);
    return (struct limbs){few, few[1] != 0 ? 2u : few[0] != 0};
}

/* Decimal digits of X; 0 for zero. */
size_t limbs_digits(struct limbs x);

/* The digit worth 10^PLACE; 0 beyond the top. */
unsigned limbs_digit(struct limbs x, size_t place);

/* Zeros at the low end; 0 for zero. */
size_t limbs_trailing_zeros(struct limbs x);

/* Writes exactly WIDTH digits, with leading zeros; WIDTH must not be below limbs_digits(x). */
void limbs_text(char *out, size_t width, struct limbs x);

int limbs_cmp(struct limbs x, struct limbs y);

/* OUT may be the limbs of an operand. Room: of the sum one limb more than the longer operand, of the
 * difference (X >= Y) as many as X. */
size_t limbs_add(uint32_t *out, struct limbs x, struct limbs y);
size_t limbs_sub(uint32_t *out, struct limbs x, struct limbs y);

/* Room: x.n + y.n limbs, apart from the operands. */
size_t limbs_mul(uint32_t *out, struct limbs x, struct limbs y);

/* X * 10^DIGITS. Room: limbs_raise_room(), apart from X. */
size_t limbs_raise(uint32_t *out, struct limbs x, size_t digits);

static inline size_t limbs_raise_room(size_t n, size_t digits)
{
    return n + digits / LIMB_DIGITS + 1;
}

/* X / 10^DIGITS, cut. Room: x.n limbs, apart from X. *HALF: how what was cut off compares with one half, <0,
 * 0, >0. */
size_t limbs_lower(uint32_t *out, struct limbs x, size_t digits, int *half);

/* X / Y, cut; Y is not zero. *HALF as above. Room: x.n + 1 limbs in OUT, limbs_divide_room() in WORK, both
 * apart from the operands. */
size_t limbs_divide(uint32_t *out, uint32_t *work, struct limbs x, struct limbs y, int *half);

static inline size_t limbs_divide_room(size_t xn, size_t yn)
{
    return xn + 2 * yn + 3;
}

#endif
