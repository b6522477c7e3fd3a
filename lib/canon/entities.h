/*
 * The named character references that HTML 4 has (HTML 4.01 §24), and "&apos;": what exports of shops and
 * content systems hold of those of HTML 5.
 */
#ifndef HUB_CANON_ENTITIES_H
#define HUB_CANON_ENTITIES_H

#include <stdint.h>

#include "base/str.h"

/* The code point of a name without "&" and ";"; 0: none is called so. */
uint32_t entity_named(struct str name);

/* The code point that a numeric reference means: itself, but for those of C1, which HTML reads as
 * Windows-1252 (HTML Living Standard §13.2.5.80). 0: none. */
uint32_t entity_numbered(uint32_t number);

#endif
