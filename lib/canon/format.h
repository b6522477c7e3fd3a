/*
 * The formats of canonical texts: `format` in a schema. A format checks a text, and gives its one canonical
 * spelling.
 *
 *     struct str out = format_apply(FORMAT_DECIMAL, STR("1.50"), NULL, &arena, &why);          "1.5"
 */
#ifndef HUB_CANON_FORMAT_H
#define HUB_CANON_FORMAT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

enum format {
    FORMAT_NONE,
    FORMAT_DECIMAL,  /* shortest: "1.5" */
    FORMAT_MONEY,    /* as many places as its currency has: "1.50" */
    FORMAT_CURRENCY, /* ISO 4217 */
    FORMAT_COUNTRY,  /* ISO 3166-1 alpha-2 */
    FORMAT_PHONE,    /* E.164 */
    FORMAT_GTIN,
    FORMAT_EMAIL,     /* domain in lower case */
    FORMAT_DATE,      /* RFC 3339 full-date */
    FORMAT_DATE_TIME, /* RFC 3339 date-time; UTC with "Z", no trailing zeros in the fraction */
    FORMAT_URI        /* RFC 3986, with its scheme */
};

/* The format of that name; FORMAT_NONE: there is none. */
enum format format_find(struct str name);
const char *format_name(enum format f);

struct format_money {
    int exponent; /* of the currency; -1: not known */
    struct str currency;
};

/* Whether TEXT is the canonical spelling of what it says. */
bool format_is_canonical(enum format f, struct str text, const struct format_money *money);

/* TEXT itself where it is canonical already; another spelling in A; or .p NULL: *WHY says what is wrong (no
 * text of the value; NULL: memory). */
struct str format_apply(enum format f, struct str text, const struct format_money *money, struct arena *a,
                        const char **why);

#endif
