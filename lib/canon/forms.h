/*
 * The forms of text that codecs and the contract both know. Each says whether TEXT has the form; static text
 * in *WHY (where it has one) says what is wrong, for a message.
 */
#ifndef HUB_CANON_FORMS_H
#define HUB_CANON_FORMS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* An address of RFC 5321 §4.1.2 without quotes and comments; beyond ASCII as RFC 6531 allows; dots may stand
 * anywhere in the local part, since carriers gave out such addresses. *CAPITALS: its domain has letters A to
 * Z, and canonically has none. */
bool form_is_email(struct str text, bool *capitals);

/* TEXT with the domain in lower case; .p NULL: memory. */
struct str form_lower_domain(struct str text, struct arena *a);

/* GTIN-8, -12, -13 or -14 (EAN, UPC) with a right check digit (GS1 General Specifications §7.9). */
bool form_is_gtin(struct str text);

enum { PHONE_LEAST = 8, PHONE_MOST = 16 }; /* bytes of a number of E.164 with its "+" */

/* E.164 §6.2.1: "+", a digit that is not 0, and up to 14 more; six at least, since no country with its code
 * has fewer in use. */
bool form_is_phone(struct str text);

/* A URI with its scheme (RFC 3986 §3). */
bool form_is_uri(struct str text);

#endif
