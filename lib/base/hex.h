/*
 * Base 16 (RFC 4648 §8), with small letters.
 */
#ifndef HUB_BASE_HEX_H
#define HUB_BASE_HEX_H

#include "base/buf.h"

/* Writes two digits for each byte, and no NUL; returns what is behind them. */
char *hex_write(char *to, struct str bytes);
void hex_put(struct buf *out, struct str bytes);

/* Writes text.n / 2 bytes; false where TEXT is no pairs of such digits: what was written means nothing. */
bool hex_read(char *to, struct str text);

#endif
