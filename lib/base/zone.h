/*
 * IANA time zones, read from the system's tzdata (TZif, RFC 8536, version 2+ data with its footer rule, so that
 * years beyond the table are right). Zones are loaded once and kept until the process ends.
 *
 *     struct err e;
 *     const struct zone *z = zone_find(STR("America/New_York"), &e);
 *     int32_t offset = zone_offset(z, seconds);          seconds east of UTC at that point in time
 */
#ifndef HUB_BASE_ZONE_H
#define HUB_BASE_ZONE_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct zone;

/* UTC, always there. */
const struct zone *zone_utc(void);

/* By IANA name, or "UTC"; looked for in $TZDIR, else /usr/share/zoneinfo. Names that could leave that folder
 * are refused. NULL: no such zone (code `config`), or its file is broken. Zones once found are found again without
 * touching the file system or allocating. */
const struct zone *zone_find(struct str name, struct err *e);

/* Offset from UTC at SECONDS (POSIX time), in seconds, east positive. */
int32_t zone_offset(const struct zone *z, int64_t seconds);

/* The POSIX time of a local time (LOCAL: the same count of seconds, as if the zone were UTC), with the sides that
 * instant.h states for gaps and overlaps. */
int64_t zone_local_to_utc(const struct zone *z, int64_t local);

#endif
