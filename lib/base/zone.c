#include "base/zone.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/file.h"
#include "base/posix_tz.h"

enum {
    MAX_OFFSET = 93599, /* 25:59:59, RFC 8536 §3.2 */
    MAX_FILE = 1 << 20,
    HEADER_SIZE = 44,
    TYPE_SIZE = 6,
    CYCLE_YEARS = 400,
};

/* The calendar, weekdays included, comes again after 400 years, and so does every rule. */
static const int64_t cycle_seconds = INT64_C(146097) * 86400;

/* From AT on, OFFSET holds. */
struct change {
    int64_t at;
    int32_t offset;
};

struct timeline {
    const struct change *change; /* strictly ascending */
    size_t count;
    int32_t before; /* the offset before the first change */
};

struct zone {
    struct timeline table;
    bool has_rule;         /* from the table's last change on, */
    struct timeline cycle; /* these changes hold, of the 400 years from 1970 on, over and over */
    struct change room[];
};

/* A stretch of time with one offset, from FROM until before UNTIL. */
struct span {
    int64_t from, until;
    int32_t offset;
};

static struct span span_in(const struct timeline *line, int64_t seconds)
{
    size_t low = 0,
           high = line->count; /* changes before LOW are at or before SECONDS, those from HIGH on are later */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (line->change[middle].at <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct span){
        .from = low > 0 ? line->change[low - 1].at : INT64_MIN,
        .until = low < line->count ? line->change[low].at : INT64_MAX,
        .offset = low > 0 ? line->change[low - 1].offset : line->before,
    };
}

static struct span span_at(const struct zone *z, int64_t seconds)
{
    int64_t table_end = z->table.count > 0 ? z->table.change[z->table.count - 1].at : INT64_MIN;
    if (!z->has_rule || seconds < table_end)
        return span_in(&z->table, seconds);
    if (z->cycle.count == 0)
        return (struct span){table_end, INT64_MAX, z->cycle.before};
    int64_t in_cycle = seconds % cycle_seconds;
    if (in_cycle < 0)
        in_cycle += cycle_seconds;
    int64_t start = seconds - in_cycle;
    struct span s = span_in(&z->cycle, in_cycle);
    s.from = s.from == INT64_MIN ? start : start + s.from;
    s.until = s.until == INT64_MAX ? start + cycle_seconds : start + s.until;
    if (s.from < table_end)
        s.from = table_end;
    return s;
}

int32_t zone_offset(const struct zone *z, int64_t seconds)
{
    return span_at(z, seconds).offset;
}

/* Walks the spans from before the earliest point that LOCAL can be. The first one that has not ended by its
 * own clock is the answer, or, where it has not begun either, LOCAL lies in the gap before it. */
int64_t zone_local_to_utc(const struct zone *z, int64_t local)
{
    struct span s = span_at(z, local - MAX_OFFSET);
    int32_t before = s.offset;
    while (local - s.offset >= s.until) {
        before = s.offset;
        s = span_at(z, s.until);
    }
    return local - (local - s.offset >= s.from ? s.offset : before);
}

/* The head of one of the two data blocks of a TZif file (RFC 8536 §3.1). */
struct header {
    unsigned char version;
    uint32_t utc_marks, standard_marks, leaps, times, types, name_bytes;
};

static uint64_t big_endian(const char *p, size_t width)
{
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | (unsigned char)p[i];
    return value;
}

static int64_t signed_big_endian(const char *p, size_t width)
{
    uint64_t value = big_endian(p, width);
    return width == 4 ? (int64_t)(int32_t)(uint32_t)value : (int64_t)value;
}

static uint64_t data_size(const struct header *h, size_t width)
{
    return h->times * (uint64_t)(width + 1) + h->types * (uint64_t)TYPE_SIZE + h->name_bytes +
           h->leaps * (uint64_t)(width + 4) + h->standard_marks + h->utc_marks;
}

/* Takes a header off the front of *REST, and checks that its data follow. */
static bool take_header(struct header *h, struct str *rest, size_t width)
{
    if (rest->n < HEADER_SIZE || !str_starts(*rest, STR("TZif")))
        return false;
    const char *p = rest->p;
    *h = (struct header){
        .version = (unsigned char)p[4],
        .utc_marks = (uint32_t)big_endian(p + 20, 4),
        .standard_marks = (uint32_t)big_endian(p + 24, 4),
        .leaps = (uint32_t)big_endian(p + 28, 4),
        .times = (uint32_t)big_endian(p + 32, 4),
        .types = (uint32_t)big_endian(p + 36, 4),
        .name_bytes = (uint32_t)big_endian(p + 40, 4),
    };
    *rest = str_slice(*rest, HEADER_SIZE, rest->n);
    return data_size(h, width) <= rest->n;
}

/* Reads the table out of DATA, whose size has been checked, to the start of z->room. */
static bool read_table(struct zone *z, const struct header *h, const char *data, size_t width)
{
    const char *indexes = data + h->times * width, *types = indexes + h->times;
    for (size_t i = 0; i < h->types; i++) {
        int64_t offset = signed_big_endian(types + i * TYPE_SIZE, 4);
        if (offset < -MAX_OFFSET || offset > MAX_OFFSET)
            return false;
    }
    for (size_t i = 0; i < h->times; i++) {
        size_t type = (unsigned char)indexes[i];
        int64_t at = signed_big_endian(data + i * width, width);
        if (type >= h->types || (i > 0 && at <= z->room[i - 1].at))
            return false;
        z->room[i] = (struct change){at, (int32_t)signed_big_endian(types + type * TYPE_SIZE, 4)};
    }
    int32_t before = (int32_t)signed_big_endian(types, 4);
    z->table = (struct timeline){.change = z->room, .count = h->times, .before = before};
    return true;
}

/* Puts a change where it belongs among the N so far. Of two at the same time the one to daylight time holds:
 * RFC 8536 §3.3.1 writes daylight time all year as an end that meets the next year's start. */
static size_t insert(struct change *cycle, size_t n, struct change new, bool to_daylight)
{
    new.at %= cycle_seconds;
    if (new.at < 0)
        new.at += cycle_seconds;
    size_t i = n;
    while (i > 0 && cycle[i - 1].at > new.at)
        i--;
    if (i > 0 && cycle[i - 1].at == new.at) {
        if (to_daylight)
            cycle[i - 1] = new;
        return n;
    }
    memmove(cycle + i + 1, cycle + i, (n - i) * sizeof *cycle);
    cycle[i] = new;
    return n + 1;
}

/* The footer: empty, or a rule, which is spelt out to CYCLE. */
static bool read_rule(struct zone *z, struct str footer, struct change *cycle)
{
    if (footer.n < 2 || footer.p[0] != '\n')
        return false;
    struct str line = str_slice(footer, 1, footer.n);
    line = str_slice(line, 0, str_find(line, '\n'));
    if (line.n == 0)
        return true;
    struct posix_tz rule;
    if (line.n == footer.n - 1 || !posix_tz_parse(&rule, line))
        return false;
    z->has_rule = true;
    z->cycle = (struct timeline){.change = cycle, .before = rule.standard};
    if (!rule.has_daylight)
        return true;
    size_t n = 0;
    for (int year = 1970; year < 1970 + CYCLE_YEARS; year++) {
        int64_t start = posix_tz_change(&rule.start, year) - rule.standard;
        int64_t end = posix_tz_change(&rule.end, year) - rule.daylight;
        n = insert(cycle, n, (struct change){start, rule.daylight}, true);
        n = insert(cycle, n, (struct change){end, rule.standard}, false);
    }
    z->cycle.count = n;
    z->cycle.before = cycle[n - 1].offset;
    return true;
}

static struct zone *broken(struct err *e, struct zone *z, const char *what)
{
    free(z);
    err_set(e, "config", "time zone data: %s", what);
    return NULL;
}

struct zone *zone_parse(struct str bytes, struct err *e)
{
    struct header h;
    size_t width = 4;
    if (!take_header(&h, &bytes, width))
        return broken(e, NULL, "no TZif file");
    bool has_footer = h.version >= '2';
    if (has_footer) {
        bytes = str_slice(bytes, data_size(&h, width), bytes.n);
        width = 8;
        if (!take_header(&h, &bytes, width) || h.version < '2')
            return broken(e, NULL, "cut off");
    }
    if (h.leaps != 0)
        return broken(e, NULL, "it counts leap seconds");
    if (h.types == 0)
        return broken(e, NULL, "no offset in it");
    struct zone *z = calloc(1, sizeof *z + (h.times + 2 * CYCLE_YEARS + 1) * sizeof z->room[0]);
    if (z == NULL) {
        err_memory(e);
        return NULL;
    }
    if (!read_table(z, &h, bytes.p, width))
        return broken(e, z, "the table is wrong");
    if (has_footer && !read_rule(z, str_slice(bytes, data_size(&h, width), bytes.n), z->room + h.times))
        return broken(e, z, "the rule at its end is wrong");
    return z;
}

void zone_free(struct zone *z)
{
    free(z);
}

const struct zone *zone_utc(void)
{
    static const struct zone utc;
    return &utc;
}

/* The zones found so far: entries are only ever put before the first one, and do not change after that. */
struct entry {
    struct entry *next;
    const struct zone *zone;
    size_t length;
    char name[];
};

static _Atomic(struct entry *) entries;
static _Thread_local const struct entry *latest;

static bool is_named(const struct entry *entry, struct str name)
{
    return entry->length == name.n && memcmp(entry->name, name.p, name.n) == 0;
}

/* Two threads may load a zone at the same time and enter it twice, which does no harm. */
static bool enter(struct str name, const struct zone *zone)
{
    struct entry *new = malloc(sizeof *new + name.n);
    if (new == NULL)
        return false;
    new->zone = zone;
    new->length = name.n;
    memcpy(new->name, name.p, name.n);
    new->next = atomic_load(&entries);
    while (!atomic_compare_exchange_weak(&entries, &new->next, new))
        continue;
    latest = new;
    return true;
}

/* Words of letters, digits and _+- between slashes: nothing that could leave the folder. */
static bool is_zone_name(struct str name)
{
    bool after_slash = true;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool slash = c == '/';
        bool word = ascii_is_letter(c) || ascii_is_digit(c) || c == '_' || c == '+' || c == '-';
        if (slash ? after_slash : !word)
            return false;
        after_slash = slash;
    }
    return !after_slash && name.n < 256;
}

static struct zone *load(struct str name, struct err *e)
{
    const char *folder = getenv("TZDIR");
    char path[4096];
    if (folder == NULL || folder[0] == '\0')
        folder = "/usr/share/zoneinfo";
    int n = snprintf(path, sizeof path, "%s/%.*s", folder, (int)name.n, name.p);
    if (n < 0 || (size_t)n >= sizeof path) {
        err_set(e, "config", "TZDIR is too long");
        return NULL;
    }
    struct arena a;
    struct str bytes;
    struct zone *zone = NULL;
    arena_init(&a, 4 * MAX_FILE);
    if (file_read(&bytes, path, MAX_FILE, &a, e) == -1)
        err_set(e, "config", "no time zone %s in %s", err_quote(name), folder);
    else if ((zone = zone_parse(bytes, e)) == NULL)
        err_place(e, "%s", path);
    arena_release(&a);
    return zone;
}

const struct zone *zone_find(struct str name, struct err *e)
{
    if (latest != NULL && is_named(latest, name))
        return latest->zone;
    if (str_eq(name, STR("UTC")))
        return zone_utc();
    for (const struct entry *entry = atomic_load(&entries); entry != NULL; entry = entry->next)
        if (is_named(entry, name)) {
            latest = entry;
            return entry->zone;
        }
    if (!is_zone_name(name)) {
        err_set(e, "config", "no name of a time zone: %s", err_quote(name));
        return NULL;
    }
    struct zone *zone = load(name, e);
    if (zone != NULL && !enter(name, zone)) {
        zone_free(zone);
        err_memory(e);
        return NULL;
    }
    return zone;
}
