/*
 * How long something takes: a clock that goes on whatever is done to the time of day.
 *
 *     int64_t until = clock_now() + 500;
 *     while (clock_now() < until) ...
 */
#ifndef HUB_BASE_CLOCK_H
#define HUB_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds; since when, only the system knows. */
int64_t clock_now(void);

#endif
