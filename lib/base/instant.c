#include "base/instant.h"

#include "base/ascii.h"
#include "base/words.h"

enum {
    DAY_SECONDS = 86400,
    CYCLE_DAYS = 146097,  /* 400 years of the Gregorian calendar */
    EPOCH_DAYS = 719468,  /* from 0000-03-01 to 1970-01-01 */
    CENTURY_DAYS = 36524, /* of a century without its leap day */
};

/* 0001-01-01T00:00:00Z and 10000-01-01T00:00:00Z. */
static const int64_t first_second = INT64_C(-62135596800), end_second = INT64_C(253402300800);

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int civil_month_days(int year, int month)
{
    static const signed char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

static bool is_day(int year, int month, int day)
{
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
           (day <= 28 || day <= civil_month_days(year, month));
}

bool civil_is_valid(const struct civil *c)
{
    return is_day(c->year, c->month, c->day) && c->hour >= 0 && c->hour <= 23 && c->minute >= 0 &&
           c->minute <= 59 && c->second >= 0 && c->second <= 59 && c->nanosecond < 1000000000;
}

/*
 * Both ways count in years that begin with March, so that the leap day is a year's last, and the months
 * before any day of the year add up to a line: (153 m + 2) / 5 days before month m (March is 0).
 */
int64_t civil_days(int year, int month, int day)
{
    bool after_february = month > 2;
    int64_t march_year = (int64_t)year - !after_february;
    int64_t cycle = (march_year >= 0 ? march_year : march_year - 399) / 400;
    int64_t in_cycle = march_year - cycle * 400;
    int64_t day_of_year = (153 * (after_february ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return cycle * CYCLE_DAYS + in_cycle * 365 + in_cycle / 4 - in_cycle / 100 + day_of_year - EPOCH_DAYS;
}

void civil_of_days(int64_t days, struct civil *out)
{
    days += EPOCH_DAYS;
    int64_t cycle = (days >= 0 ? days : days - (CYCLE_DAYS - 1)) / CYCLE_DAYS;
    unsigned rest = (unsigned)(days - cycle * CYCLE_DAYS);
    /* The last century and the last group of four years are a day longer than the others, the last year of
     * four is so too: the day more is what the divisions would count as one century, or one year, too many.
     */
    unsigned century = rest / CENTURY_DAYS;
    century -= century == 4;
    rest -= century * CENTURY_DAYS;
    unsigned four = rest / 1461;
    rest -= four * 1461;
    unsigned year = rest / 365;
    year -= year == 4;
    rest -= year * 365;
    unsigned month = (5 * rest + 2) / 153;
    out->day = (int)(rest - (153 * month + 2) / 5 + 1);
    out->month = (int)(month < 10 ? month + 3 : month - 9);
    out->year = (int)(cycle * 400 + century * 100 + four * 4 + year) + (month >= 10);
}

int civil_weekday(int64_t days)
{
    int64_t since_sunday = (days + 4) % 7; /* 1970-01-01 was a Thursday */
    return (int)(since_sunday < 0 ? since_sunday + 7 : since_sunday);
}

bool instant_is_valid(const struct instant *t)
{
    return t->seconds >= first_second && t->seconds < end_second;
}

static int64_t civil_seconds(const struct civil *c)
{
    return civil_days(c->year, c->month, c->day) * DAY_SECONDS + c->hour * 3600 + c->minute * 60 + c->second;
}

bool civil_to_instant(const struct civil *c, const struct zone *zone, struct instant *out)
{
    *out = (struct instant){zone_local_to_utc(zone, civil_seconds(c)), c->nanosecond};
    return instant_is_valid(out);
}

void instant_to_civil(const struct instant *t, const struct zone *zone, struct civil *out)
{
    int64_t local = t->seconds + zone_offset(zone, t->seconds);
    int64_t days = (local >= 0 ? local : local - (DAY_SECONDS - 1)) / DAY_SECONDS;
    int second = (int)(local - days * DAY_SECONDS);
    civil_of_days(days, out);
    out->hour = second / 3600;
    out->minute = second / 60 % 60;
    out->second = second % 60;
    out->nanosecond = t->nanoseconds;
}

/* Two digits; *BAD is set where they are none. */
static inline int two_digits(const char *p, bool *bad)
{
    unsigned tens = (unsigned)(p[0] - '0'), units = (unsigned)(p[1] - '0');
    *bad |= (tens > 9) | (units > 9);
    return (int)(tens * 10 + units);
}

/* What stands at P, where SHAPE has zeros for digits: the value of each digit. MOST has 9 in their places and
 * 0 in the others. *BAD is set where it is not of that shape. */
static inline uint64_t digits_of(const char *p, const char *shape, const char *most, bool *bad)
{
    uint64_t values = word_load(p) ^ word_load(shape);
    /* The high bit of each byte that is more than it may be. */
    uint64_t over = (values & ~WORD_HIGHS) + (WORD_ONES * 0x7F - word_load(most));
    *bad |= ((over | values) & WORD_HIGHS) != 0;
    return values;
}

/* The number that the digits AT and behind it make. */
static inline int pair_of(uint64_t digits, unsigned at)
{
    digits >>= at * 8;
    return (int)((digits & 0xFF) * 10 + (digits >> 8 & 0xFF));
}

/* "YYYY-MM-DD", its shape and not whether there is such a day. */
static inline bool scan_date(const char p[10], struct civil *c)
{
    bool bad = false;
    uint64_t digits = digits_of(p, "0000-00-", "\x9\x9\x9\x9\0\x9\x9\0", &bad);
    c->year = pair_of(digits, 0) * 100 + pair_of(digits, 2);
    c->month = pair_of(digits, 5);
    c->day = two_digits(p + 8, &bad);
    return !bad;
}

/* "HH:MM:SS". */
static inline bool scan_time(const char p[8], struct civil *c)
{
    bool bad = false;
    uint64_t digits = digits_of(p, "00:00:00", "\x9\x9\0\x9\x9\0\x9\x9", &bad);
    c->hour = pair_of(digits, 0);
    c->minute = pair_of(digits, 3);
    c->second = pair_of(digits, 6);
    return !bad;
}

static bool refuse(struct str *why, const char *text)
{
    if (why != NULL)
        *why = str_of(text);
    return false;
}

/* The digits behind the point of a second; gives how many, 10 for more than nine. */
static size_t scan_fraction(struct str rest, uint32_t *nanosecond)
{
    size_t n = 0;
    uint32_t value = 0;
    for (; n < 10 && n < rest.n && ascii_is_digit(rest.p[n]); n++)
        value = n < 9 ? value * 10 + (uint32_t)(rest.p[n] - '0') : value;
    for (size_t i = n; i < 9; i++)
        value *= 10;
    *nanosecond = value;
    return n;
}

/* "Z" or "+HH:MM" up to the end of REST. */
static bool scan_offset(struct str rest, int *offset)
{
    *offset = 0;
    if (rest.n == 1)
        return rest.p[0] == 'Z' || rest.p[0] == 'z';
    if (rest.n != 6 || (rest.p[0] != '+' && rest.p[0] != '-') || rest.p[3] != ':')
        return false;
    bool bad = false;
    int hours = two_digits(rest.p + 1, &bad), minutes = two_digits(rest.p + 4, &bad);
    if (bad || hours > 23 || minutes > 59)
        return false;
    *offset = (hours * 60 + minutes) * (rest.p[0] == '-' ? -60 : 60);
    return true;
}

bool instant_parse_rfc3339(struct instant *t, struct str text, struct str *why)
{
    static const char shape[] = "not a time of the form 2026-05-01T13:58:12Z";
    struct civil c = {0};
    if (text.n < 20 || !scan_date(text.p, &c) ||
        (text.p[10] != 'T' && text.p[10] != 't' && text.p[10] != ' ') || !scan_time(text.p + 11, &c))
        return refuse(why, shape);
    struct str rest = str_slice(text, 19, text.n);
    if (rest.p[0] == '.') {
        size_t digits = scan_fraction(str_slice(rest, 1, rest.n), &c.nanosecond);
        if (digits == 0)
            return refuse(why, shape);
        if (digits > 9)
            return refuse(why, "more than nine digits of a second");
        rest = str_slice(rest, 1 + digits, rest.n);
    }
    int offset;
    if (!scan_offset(rest, &offset))
        return refuse(why, "no offset, or none of the form Z or +02:00");
    if (!is_day(c.year, c.month, c.day))
        return refuse(why, "no such day");
    if (c.second == 60)
        return refuse(why, "second 60: leap seconds are not counted");
    if (!civil_is_valid(&c))
        return refuse(why, "no such time of day");
    *t = (struct instant){civil_seconds(&c) - offset, c.nanosecond};
    if (!instant_is_valid(t))
        return refuse(why, "before the year 0001 or after 9999");
    return true;
}

static char *put_two(char *p, int value)
{
    p[0] = (char)('0' + value / 10 % 10);
    p[1] = (char)('0' + value % 10);
    return p + 2;
}

void instant_rfc3339(const struct instant *t, struct buf *out)
{
    struct civil c;
    char *start = buf_room(out, sizeof "2026-05-01T13:58:12.123456789Z");
    if (start == NULL)
        return;
    instant_to_civil(t, zone_utc(), &c);
    char *p = put_two(put_two(start, c.year / 100), c.year % 100);
    *p++ = '-';
    p = put_two(p, c.month);
    *p++ = '-';
    p = put_two(p, c.day);
    *p++ = 'T';
    p = put_two(p, c.hour);
    *p++ = ':';
    p = put_two(p, c.minute);
    *p++ = ':';
    p = put_two(p, c.second);
    if (c.nanosecond != 0) {
        *p++ = '.';
        for (uint32_t rest = c.nanosecond, unit = 100000000; rest != 0; rest %= unit, unit /= 10)
            *p++ = (char)('0' + rest / unit);
    }
    *p++ = 'Z';
    out->n += (size_t)(p - start);
}

bool instant_is_canonical(struct str text)
{
    struct civil c = {0};
    if (text.n < 20 || !scan_date(text.p, &c) || text.p[10] != 'T' || !scan_time(text.p + 11, &c) ||
        text.p[text.n - 1] != 'Z' || !civil_is_valid(&c))
        return false;
    if (text.n == 20)
        return true;
    struct str fraction = str_slice(text, 20, text.n - 1);
    return text.p[19] == '.' && fraction.n >= 1 && fraction.n <= 9 && fraction.p[fraction.n - 1] != '0' &&
           scan_fraction(fraction, &c.nanosecond) == fraction.n;
}

bool date_is_canonical(struct str text)
{
    struct civil c;
    return text.n == 10 && scan_date(text.p, &c) && is_day(c.year, c.month, c.day);
}
