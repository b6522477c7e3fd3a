/*
 * Sizes and counts as people write them: "64", "256M".
 */
#ifndef HUB_BASE_SIZE_H
#define HUB_BASE_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* Digits, as a number. False where there is anything else, or it does not fit. */
bool count_parse(struct str text, uint64_t *out);

/* The same with a "-" before them, or without. */
bool int_parse(struct str text, int64_t *out);

/* The same with an optional K, M or G behind (powers of 1024). */
bool size_parse(struct str text, uint64_t *out);

#endif
