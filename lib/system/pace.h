/*
 * How fast calls may follow each other: a token bucket, pauses that the other side asks for, and the wait
 * before a call is tried again.
 *
 *     struct pace pace;
 *     pace_init(&pace, 2, 1000, 40);           two calls a second, forty at once after a rest
 *     int64_t wait = pace_due(&pace, now);     milliseconds until the next call may start; 0: it may, and is
 * counted pace_hold(&pace, now + 4000);            nobody calls before then
 */
#ifndef HUB_SYSTEM_PACE_H
#define HUB_SYSTEM_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct pace {
    int64_t cost;   /* microseconds of rest that a call costs; 0: no limit */
    int64_t most;   /* that can be saved up */
    int64_t credit; /* saved up at `at` */
    int64_t at;     /* milliseconds of the clock that the caller uses */
    int64_t held;   /* until then */
};

/* CALLS for each MILLISECONDS (0: as many as one likes); BURST calls at once (0: CALLS). */
void pace_init(struct pace *p, int64_t calls, int64_t milliseconds, int64_t burst, int64_t now);
int64_t pace_due(struct pace *p, int64_t now);
void pace_hold(struct pace *p, int64_t until);

/* Before try N (from 1) is repeated: a second, doubled with each, a minute at most, of which a part between a
 * half and the whole is given, by RANDOM (any number): so that those who were turned away together do not
 * come back together. */
int64_t pace_backoff(unsigned n, uint64_t random);

/* Retry-After (RFC 9110 §10.2.3), in milliseconds from NOW (of the calendar, in seconds): a number of
 * seconds, with a fraction, too, or a date. -1: neither. */
int64_t pace_retry_after(struct str text, int64_t now);

#endif
