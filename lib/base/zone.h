/*
 * IANA time zones, read from the system's tzdata (TZif, RFC 8536, version 2+ data with its footer rule, so
 * that years beyond the table are right). Zones are loaded once and kept until the process ends, in one list
 * that all threads share; the zone that a thread asked for last is found first.
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
 * are refused. NULL: no such zone (code `config`), or its file is broken. Zones once found are found again
 * without touching the file system or allocating. */
const struct zone *zone_find(struct str name, struct err *e);

/* A zone out of the bytes of a TZif file, versions 1 to 4; zone_find is built on it. Every count and index of
 * the bytes is checked. Files that count leap seconds are refused, since POSIX time has none. NULL: code
 * `config` (or `memory`). zone_free() gives it back; a zone from zone_find must not be freed. */
struct zone *zone_parse(struct str bytes, struct err *e);
void zone_free(struct zone *z);

/* Offset from UTC at SECONDS (POSIX time, of a year from -9999 to 99999), in seconds, east positive. */
int32_t zone_offset(const struct zone *z, int64_t seconds);

/* The POSIX time of a local time (LOCAL: the same count of seconds, as if the zone were UTC), with the sides
 * that instant.h states for gaps and overlaps. LOCAL: of the same years. */
int64_t zone_local_to_utc(const struct zone *z, int64_t local);

#endif
