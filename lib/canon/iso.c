#include "canon/iso.h"

#include <stdint.h>

#include "base/ascii.h"

struct country_name {
    const char *name; /* or alpha-3 code; A to Z in lower case */
    const char *alpha_2;
};

/* country_bits, currency_bits and country_names */
#include "canon/iso_tables.inc"

enum { LETTERS = 26, LONGEST_NAME = 80 };

static unsigned letter(char c)
{
    return (unsigned)(unsigned char)c - 'A';
}

bool iso_is_country(struct str alpha_2)
{
    if (alpha_2.n != 2 || letter(alpha_2.p[0]) >= LETTERS || letter(alpha_2.p[1]) >= LETTERS)
        return false;
    return country_bits[letter(alpha_2.p[0])] >> letter(alpha_2.p[1]) & 1;
}

bool iso_is_currency(struct str code)
{
    if (code.n != 3 || letter(code.p[0]) >= LETTERS || letter(code.p[1]) >= LETTERS ||
        letter(code.p[2]) >= LETTERS)
        return false;
    return currency_bits[letter(code.p[0]) * LETTERS + letter(code.p[1])] >> letter(code.p[2]) & 1;
}

struct str iso_country_find(struct str name)
{
    char lower[LONGEST_NAME];
    if (name.n > sizeof lower)
        return (struct str){0};
    for (size_t i = 0; i < name.n; i++)
        lower[i] = ascii_lower(name.p[i]);
    struct str wanted = {lower, name.n};
    size_t low = 0, high = sizeof country_names / sizeof country_names[0];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(wanted, str_of(country_names[middle].name));
        if (order == 0)
            return str_of(country_names[middle].alpha_2);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return (struct str){0};
}
