/* Two numbers, a line each: what is taken keeps the laws of decimals. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/decimal.h"

static void must(bool held)
{
    if (!held)
        abort();
}

static void check_text(const struct decimal *d, struct arena *a)
{
    struct decimal again;
    struct str kept = decimal_text(d, DECIMAL_KEEP, a), shortest = decimal_text(d, DECIMAL_SHORTEST, a);
    must(kept.p != NULL && decimal_parse(&again, kept, a) && again.scale == d->scale &&
         decimal_cmp(d, &again) == 0);
    must(decimal_is_money(kept, d->scale));
    must(decimal_is_canonical(shortest) && decimal_parse(&again, shortest, a) && decimal_cmp(d, &again) == 0);
}

static void check_pair(const struct decimal *x, const struct decimal *y, struct arena *a)
{
    struct decimal sum, back, quotient, product, rest;
    if (decimal_add(&sum, x, y, a)) {
        must(decimal_sub(&back, &sum, y, a) && decimal_cmp(&back, x) == 0);
        check_text(&sum, a);
    }
    must((decimal_cmp(x, y) < 0) == (decimal_cmp(y, x) > 0));
    if (decimal_mul(&product, x, y, a) && !decimal_is_zero(y)) {
        must(decimal_div(&back, &product, y, x->scale, DECIMAL_DOWN, a) && decimal_cmp(&back, x) == 0);
        check_text(&product, a);
    }
    if (decimal_div(&quotient, x, y, 3, DECIMAL_DOWN, a) && decimal_mul(&product, &quotient, y, a) &&
        decimal_sub(&rest, x, &product, a)) {
        struct decimal unit;
        must(decimal_shift(&unit, y, 3, a));
        rest.negative = unit.negative = false;
        must(decimal_cmp(&rest, &unit) < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct decimal x, y;
    struct str text = {(const char *)data, size};
    if (size == 0)
        return 0;
    size_t line = str_find(text, '\n');
    struct str first = str_slice(text, 0, line), second = str_slice(text, line + 1, size);
    arena_init(&a, 64 << 20);
    bool taken = decimal_parse(&x, first, &a);
    must(taken || !decimal_is_canonical(first));
    if (taken && x.scale < 4096 && x.nlimbs < 512) {
        check_text(&x, &a);
        if (decimal_parse(&y, second, &a) && y.scale < 4096 && y.nlimbs < 512)
            check_pair(&x, &y, &a);
    }
    arena_release(&a);
    return 0;
}
