/*
 * Countries (ISO 3166-1) and currencies (ISO 4217). Codes and names are those of the distribution's
 * iso-codes, turned into tables when this is built (gen/iso.c); the exponents of the currencies, which no
 * package states, stand in currency.c.
 */
#ifndef HUB_CANON_ISO_H
#define HUB_CANON_ISO_H

#include <stdbool.h>

#include "base/str.h"

/* "DE": two capital letters that are assigned. */
bool iso_is_country(struct str alpha_2);

/* The alpha-2 code of an alpha-2 or alpha-3 code or an English name (short, official or common), letters of A
 * to Z in any case; absent where there is none. Static storage. */
struct str iso_country_find(struct str name);

/* "EUR": three capital letters that are assigned. */
bool iso_is_currency(struct str code);

/* Digits of the minor unit (EUR 2, JPY 0, KWD 3); -1: no such currency. */
int currency_exponent(struct str code);

#endif
