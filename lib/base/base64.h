/*
 * Base64 (RFC 4648 §4): with padding, no line breaks.
 */
#ifndef HUB_BASE_BASE64_H
#define HUB_BASE_BASE64_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

void base64_encode(struct buf *out, struct str bytes);

/* False where TEXT is not what base64_encode writes; OUT may hold a part then. */
bool base64_decode(struct buf *out, struct str text);

#endif
