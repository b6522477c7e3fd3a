/*
 * The rule behind a zone's table: the TZ string of POSIX (XBD §8.3) with what RFC 8536 §3.3.1 adds to it,
 * hours from -167 to 167 in the time of a change.
 *
 *     struct posix_tz rule;
 *     if (posix_tz_parse(&rule, STR("EST5EDT,M3.2.0,M11.1.0")) && rule.has_daylight)
 *         int64_t start = posix_tz_change(&rule.start, 2026);        in standard time
 */
#ifndef HUB_BASE_POSIX_TZ_H
#define HUB_BASE_POSIX_TZ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum posix_tz_form {
    POSIX_TZ_MONTH,    /* Mm.w.d: weekday d of week w of month m; week 5 is the last */
    POSIX_TZ_JULIAN,   /* Jn: day n, 1 to 365, never 29 February */
    POSIX_TZ_ZERO_DAY, /* n: day n, 0 to 365, 29 February counted */
};

struct posix_tz_date {
    enum posix_tz_form form;
    int month, week, day;
    int32_t time; /* seconds from that day's midnight, local time */
};

struct posix_tz {
    int32_t standard, daylight; /* seconds east of UTC */
    bool has_daylight;
    struct posix_tz_date start, end; /* start is told in standard time, end in daylight time */
};

/* False: no such string, or one with daylight time and no dates (POSIX leaves open what that means). */
bool posix_tz_parse(struct posix_tz *rule, struct str text);

/* The change of YEAR: seconds since 1970-01-01T00:00 of local time. */
int64_t posix_tz_change(const struct posix_tz_date *date, int year);

#endif
