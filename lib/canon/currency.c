/*
 * The minor units of ISO 4217 (list one, column "Mnr unts") that are not 2. Where the list says "N.A."
 * (metals, funds, XXX, XTS) there is no minor unit, and the exponent is 0.
 */
#include "canon/iso.h"

static const struct {
    char code[4];
    int exponent;
} other_than_2[] = {
    {"BHD", 3}, {"BIF", 0}, {"CLF", 4}, {"CLP", 0}, {"DJF", 0}, {"GNF", 0}, {"IQD", 3}, {"ISK", 0},
    {"JOD", 3}, {"JPY", 0}, {"KMF", 0}, {"KRW", 0}, {"KWD", 3}, {"LYD", 3}, {"OMR", 3}, {"PYG", 0},
    {"RWF", 0}, {"TND", 3}, {"UGX", 0}, {"UYI", 0}, {"UYW", 4}, {"VND", 0}, {"VUV", 0}, {"XAF", 0},
    {"XAG", 0}, {"XAU", 0}, {"XBA", 0}, {"XBB", 0}, {"XBC", 0}, {"XBD", 0}, {"XDR", 0}, {"XOF", 0},
    {"XPD", 0}, {"XPF", 0}, {"XPT", 0}, {"XSU", 0}, {"XTS", 0}, {"XUA", 0}, {"XXX", 0},
};

/* Three letters, so that they compare as a number. */
static unsigned number_of(const char *code)
{
    return (unsigned)code[0] << 16 | (unsigned)code[1] << 8 | (unsigned)code[2];
}

int currency_exponent(struct str code)
{
    if (!iso_is_currency(code))
        return -1;
    unsigned wanted = number_of(code.p);
    size_t low = 0, high = sizeof other_than_2 / sizeof other_than_2[0];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        unsigned found = number_of(other_than_2[middle].code);
        if (wanted == found)
            return other_than_2[middle].exponent;
        if (wanted < found)
            high = middle;
        else
            low = middle + 1;
    }
    return 2;
}
