#include "base/posix_tz.h"

#include "base/ascii.h"
#include "base/instant.h"

enum { DAY_SECONDS = 86400 };

struct cursor {
    const char *p, *end;
};

static bool take(struct cursor *c, char byte)
{
    if (c->p == c->end || *c->p != byte)
        return false;
    c->p++;
    return true;
}

static bool take_number(struct cursor *c, int least, int most, int *out)
{
    const char *start = c->p;
    int value = 0;
    for (; c->p < c->end && ascii_is_digit(*c->p) && c->p - start < 4; c->p++)
        value = value * 10 + (*c->p - '0');
    *out = value;
    return c->p > start && value >= least && value <= most;
}

/* Three letters or more; or, in <>, letters, digits and signs. */
static bool take_name(struct cursor *c)
{
    bool quoted = take(c, '<');
    const char *start = c->p;
    while (c->p < c->end &&
           (ascii_is_letter(*c->p) || (quoted && (ascii_is_digit(*c->p) || *c->p == '+' || *c->p == '-'))))
        c->p++;
    return c->p - start >= 3 && (!quoted || take(c, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct cursor *c, int most_hours, int32_t *seconds)
{
    bool negative = take(c, '-');
    if (!negative)
        take(c, '+');
    int hours, minutes = 0, rest = 0;
    if (!take_number(c, 0, most_hours, &hours))
        return false;
    if (take(c, ':') && (!take_number(c, 0, 59, &minutes) || (take(c, ':') && !take_number(c, 0, 59, &rest))))
        return false;
    int32_t value = hours * 3600 + minutes * 60 + rest;
    *seconds = negative ? -value : value;
    return true;
}

static bool take_date(struct cursor *c, struct posix_tz_date *date)
{
    *date = (struct posix_tz_date){.time = 2 * 3600};
    bool taken;
    if (take(c, 'M')) {
        date->form = POSIX_TZ_MONTH;
        taken = take_number(c, 1, 12, &date->month) && take(c, '.') && take_number(c, 1, 5, &date->week) &&
                take(c, '.') && take_number(c, 0, 6, &date->day);
    } else if (take(c, 'J')) {
        date->form = POSIX_TZ_JULIAN;
        taken = take_number(c, 1, 365, &date->day);
    } else {
        date->form = POSIX_TZ_ZERO_DAY;
        taken = take_number(c, 0, 365, &date->day);
    }
    return taken && (!take(c, '/') || take_time(c, 167, &date->time));
}

bool posix_tz_parse(struct posix_tz *rule, struct str text)
{
    struct cursor c = {text.p, text.p + text.n};
    int32_t west;
    *rule = (struct posix_tz){0};
    if (!take_name(&c) || !take_time(&c, 24, &west))
        return false;
    rule->standard = -west;
    if (c.p == c.end)
        return true;
    rule->has_daylight = true;
    if (!take_name(&c) || c.p == c.end)
        return false;
    rule->daylight = rule->standard + 3600;
    if (*c.p != ',') {
        if (!take_time(&c, 24, &west))
            return false;
        rule->daylight = -west;
    }
    return take(&c, ',') && take_date(&c, &rule->start) && take(&c, ',') && take_date(&c, &rule->end) &&
           c.p == c.end;
}

static int64_t month_form_day(const struct posix_tz_date *date, int year)
{
    int64_t first = civil_days(year, date->month, 1);
    int day = (date->day - civil_weekday(first) + 7) % 7 + (date->week - 1) * 7;
    if (day >= civil_month_days(year, date->month))
        day -= 7;
    return first + day;
}

int64_t posix_tz_change(const struct posix_tz_date *date, int year)
{
    int64_t day = 0;
    switch (date->form) {
    case POSIX_TZ_MONTH: day = month_form_day(date, year); break;
    case POSIX_TZ_JULIAN:
        day = civil_days(year, 1, 1) + date->day - 1 + (date->day > 59 && civil_month_days(year, 2) == 29);
        break;
    case POSIX_TZ_ZERO_DAY: day = civil_days(year, 1, 1) + date->day; break;
    }
    return day * DAY_SECONDS + date->time;
}
