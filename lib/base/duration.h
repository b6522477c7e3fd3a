/*
 * Lengths of time as people write them: a number and a unit, "500ms", "30s", "10m", "6h", "31d".
 */
#ifndef HUB_BASE_DURATION_H
#define HUB_BASE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* In milliseconds. False where it is none, or longer than ten thousand days. */
bool duration_parse(struct str text, int64_t *milliseconds);

#endif
