/*
 * Points in time: seconds since 1970-01-01T00:00:00Z (POSIX, without leap seconds) and nanoseconds; years
 * 0001 to 9999. Reading and writing of RFC 3339 and of strptime-like formats, with IANA zones.
 *
 *     struct instant t;
 *     struct str why;
 *     if (!instant_parse_rfc3339(&t, STR("2026-05-01T09:58:12-04:00"), &why)) ...
 *     instant_rfc3339(&t, &out);                                 "2026-05-01T13:58:12Z"
 *
 * Local times across daylight-saving changes (RFC 5545 §3.3.5 takes the same sides):
 *   overlap (the hour that comes twice): the first of the two, the one before the change;
 *   gap (the hour that does not exist): read with the offset from before the gap, so 02:30 becomes 03:30.
 */
#ifndef HUB_BASE_INSTANT_H
#define HUB_BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/zone.h"

struct instant {
    int64_t seconds;
    uint32_t nanoseconds;
};

/* A day and a time of day as a clock on a wall shows it. */
struct civil {
    int year;                 /* 1..9999 */
    int month, day;           /* 1..12, 1..31 */
    int hour, minute, second; /* 0..23, 0..59, 0..59 */
    uint32_t nanosecond;
};

bool instant_is_valid(const struct instant *t); /* of the years 0001 to 9999 */
bool civil_is_valid(const struct civil *c);
int civil_month_days(int year, int month);
int64_t civil_days(int year, int month, int day);    /* since 1970-01-01, proleptic Gregorian */
void civil_of_days(int64_t days, struct civil *out); /* sets year, month and day */
int civil_weekday(int64_t days);                     /* 0 Sunday .. 6 Saturday */
bool civil_to_instant(const struct civil *c, const struct zone *zone,
                      struct instant *out); /* false: year out of range */
void instant_to_civil(const struct instant *t, const struct zone *zone, struct civil *out);

/* RFC 3339 date-time, any offset, up to nine digits of a second (more are refused, not cut); the "T" and "Z"
 * may be lower case, "T" may be a blank; second 60 is refused. On refusal *WHY (if not NULL) is a static
 * text: what is wrong, for a message. */
bool instant_parse_rfc3339(struct instant *t, struct str text, struct str *why);

/* Appends the canonical form: UTC, "Z", no trailing zeros in the fraction, no fraction where zero. */
void instant_rfc3339(const struct instant *t, struct buf *out);

/* "2026-05-01T13:58:12.5Z" as instant_rfc3339 writes it; valid date and all. */
bool instant_is_canonical(struct str text);

/* "YYYY-MM-DD", a real day. */
bool date_is_canonical(struct str text);

/*
 * A compiled format. Conversions: %Y %m %d %e %H %I %M %S %y %j %p %b %B %a %A %f (1..9 digits of a second)
 * %z (+0200, +02:00, Z) %Z (UTC, GMT) %T %F %D %s %%; names of months and days in English, any case when
 * read, long or short. A blank matches any run of white space, also none; others match themselves. Reading:
 * %d %e %m %H %I also take one digit; %e also a blank before it. %y: 69..99 are 19xx (POSIX). A day of the
 * week or of the year that contradicts the date is refused. %I needs a %p. Writing: the full width, nine
 * digits for %f; %e is padded with a blank. %Z writes UTC, and the whole time is in UTC then.
 */
struct time_format;

/* Good as long as A. NULL: *WHY (if not NULL) says what is wrong with it. */
const struct time_format *time_format_compile(struct str format, struct arena *a, struct str *why);

/* What a format lets one read: all of a date; an offset or zone. */
bool time_format_has_date(const struct time_format *f);
bool time_format_has_zone(const struct time_format *f);

/* ZONE is used where the text names no offset. A format without a time of day reads midnight; one without all
 * of a date reads nothing. *WHY as above. */
bool time_format_read(const struct time_format *f, struct str text, const struct zone *zone,
                      struct instant *out, struct str *why);

/* The day and time of day as they are written, whatever their zone (of %s: in UTC). */
bool time_format_read_date(const struct time_format *f, struct str text, struct civil *out, struct str *why);

void time_format_write(const struct time_format *f, const struct instant *t, const struct zone *zone,
                       struct buf *out);

/* As if the date were in UTC. */
void time_format_write_date(const struct time_format *f, const struct civil *date, struct buf *out);

#endif
