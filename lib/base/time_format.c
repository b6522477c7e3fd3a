#include "base/instant.h"

#include "base/ascii.h"

enum { LITERAL = 0, BLANK = ' ', STEPS_A_CONVERSION = 5 /* "%T" is "%H:%M:%S" */ };

/* KIND is a conversion's letter, BLANK, or LITERAL. */
struct step {
    char kind;
    char literal;
};

struct time_format {
    bool has_date, has_zone;
    bool in_utc; /* "%Z" can name no other zone */
    size_t count;
    struct step step[];
};

/* What has been read. */
struct reading {
    struct civil c;
    int weekday;     /* -1: none */
    int day_of_year; /* 0: none */
    int hour12;      /* 0: none */
    bool afternoon;
    bool has_offset; /* to be taken off for UTC */
    int offset;
    bool has_seconds; /* "%s": the whole answer */
    int64_t seconds;
};

static const struct str months[] = {
    {"January", 7}, {"February", 8}, {"March", 5},     {"April", 5},   {"May", 3},      {"June", 4},
    {"July", 4},    {"August", 6},   {"September", 9}, {"October", 7}, {"November", 8}, {"December", 8},
};
static const struct str weekdays[] = {
    {"Sunday", 6},   {"Monday", 6}, {"Tuesday", 7},  {"Wednesday", 9},
    {"Thursday", 8}, {"Friday", 6}, {"Saturday", 8},
};

enum { SHORT_NAME = 3, MONTHS = 12, WEEKDAYS = 7 };

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool refuse(struct str *why, const char *text)
{
    if (why != NULL)
        *why = str_of(text);
    return false;
}

static struct str abbreviation_of(char kind)
{
    switch (kind) {
    case 'T': return STR("%H:%M:%S");
    case 'F': return STR("%Y-%m-%d");
    case 'D': return STR("%m/%d/%y");
    default: return (struct str){0};
    }
}

static bool compile_into(struct time_format *f, struct str format)
{
    for (size_t i = 0; i < format.n; i++) {
        char c = format.p[i];
        if (c != '%') {
            f->step[f->count++] = is_space(c) ? (struct step){.kind = BLANK} : (struct step){LITERAL, c};
            continue;
        }
        if (++i == format.n)
            return false;
        c = format.p[i];
        struct str full = abbreviation_of(c);
        if (full.p != NULL)
            compile_into(f, full);
        else if (c == '%')
            f->step[f->count++] = (struct step){LITERAL, '%'};
        else if (str_find(STR("YmdeHIMSyjpbBaAfzZs"), c) < sizeof "YmdeHIMSyjpbBaAfzZs" - 1)
            f->step[f->count++] = (struct step){.kind = c};
        else
            return false;
    }
    return true;
}

static bool has_any(const struct time_format *f, const char *kinds)
{
    struct str wanted = str_of(kinds);
    for (size_t i = 0; i < f->count; i++)
        if (f->step[i].kind != LITERAL && str_find(wanted, f->step[i].kind) < wanted.n)
            return true;
    return false;
}

const struct time_format *time_format_compile(struct str format, struct arena *a, struct str *why)
{
    struct time_format *f = arena_alloc(a, sizeof *f + format.n * STEPS_A_CONVERSION * sizeof f->step[0]);
    if (f == NULL) {
        refuse(why, "out of memory");
        return NULL;
    }
    if (!compile_into(f, format)) {
        refuse(why, "an unknown conversion (known: %Y %m %d %e %H %I %M %S %y %j %p %b %B %a %A %f %z %Z %T "
                    "%F %D %s %%)");
        return NULL;
    }
    if (has_any(f, "I") && !has_any(f, "p")) {
        refuse(why, "%I without %p: morning or afternoon?");
        return NULL;
    }
    bool has_month_day = has_any(f, "mbB") && has_any(f, "de");
    f->has_date = has_any(f, "s") || (has_any(f, "Yy") && (has_any(f, "j") || has_month_day));
    f->has_zone = has_any(f, "zZs");
    f->in_utc = has_any(f, "Z");
    return f;
}

bool time_format_has_date(const struct time_format *f)
{
    return f->has_date;
}

bool time_format_has_zone(const struct time_format *f)
{
    return f->has_zone;
}

/* Takes LEAST to MOST digits off the front of *REST. */
static bool take_number(struct str *rest, size_t least, size_t most, int *out)
{
    size_t n = 0;
    int value = 0;
    for (; n < most && n < rest->n && ascii_is_digit(rest->p[n]); n++)
        value = value * 10 + (rest->p[n] - '0');
    *out = value;
    *rest = str_slice(*rest, n, rest->n);
    return n >= least;
}

static bool take_word(struct str *rest, struct str word)
{
    if (rest->n < word.n)
        return false;
    for (size_t i = 0; i < word.n; i++) {
        char c = rest->p[i], w = word.p[i];
        if (c != w && ((c ^ w) != 0x20 || (w | 0x20) < 'a' || (w | 0x20) > 'z'))
            return false;
    }
    *rest = str_slice(*rest, word.n, rest->n);
    return true;
}

/* A name in full, or its first three letters. */
static bool take_name(struct str *rest, const struct str *names, int count, int *index)
{
    for (*index = 0; *index < count; ++*index)
        if (take_word(rest, names[*index]) || take_word(rest, str_slice(names[*index], 0, SHORT_NAME)))
            return true;
    return false;
}

static bool take_fraction(struct str *rest, uint32_t *nanosecond)
{
    size_t n = 0;
    *nanosecond = 0;
    for (; n < 9 && n < rest->n && ascii_is_digit(rest->p[n]); n++)
        *nanosecond = *nanosecond * 10 + (uint32_t)(rest->p[n] - '0');
    for (size_t i = n; i < 9; i++)
        *nanosecond *= 10;
    *rest = str_slice(*rest, n, rest->n);
    return n > 0 && (rest->n == 0 || !ascii_is_digit(rest->p[0]));
}

/* Z, +hhmm or +hh:mm */
static bool take_offset(struct str *rest, struct reading *r)
{
    int hours, minutes;
    r->has_offset = true;
    r->offset = 0;
    if (take_word(rest, STR("Z")))
        return true;
    if (rest->n == 0 || (rest->p[0] != '+' && rest->p[0] != '-'))
        return false;
    int sign = rest->p[0] == '-' ? -1 : 1;
    *rest = str_slice(*rest, 1, rest->n);
    if (!take_number(rest, 2, 2, &hours))
        return false;
    take_word(rest, STR(":"));
    if (!take_number(rest, 2, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    r->offset = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool take_zone(struct str *rest, struct reading *r)
{
    r->has_offset = true;
    r->offset = 0;
    return take_word(rest, STR("UTC")) || take_word(rest, STR("GMT"));
}

/* At most 12 digits: the years up to 9999 need no more. */
static bool take_seconds(struct str *rest, struct reading *r)
{
    bool negative = take_word(rest, STR("-"));
    size_t n = 0;
    r->has_seconds = true;
    r->seconds = 0;
    for (; n < 12 && n < rest->n && ascii_is_digit(rest->p[n]); n++)
        r->seconds = r->seconds * 10 + (rest->p[n] - '0');
    r->seconds = negative ? -r->seconds : r->seconds;
    *rest = str_slice(*rest, n, rest->n);
    return n > 0;
}

static bool take_half_day(struct str *rest, struct reading *r)
{
    r->afternoon = take_word(rest, STR("PM"));
    return r->afternoon || take_word(rest, STR("AM"));
}

static bool take_short_year(struct str *rest, int *year)
{
    bool taken = take_number(rest, 2, 2, year);
    *year += *year >= 69 ? 1900 : 2000;
    return taken;
}

static bool take_padded_day(struct str *rest, int *day)
{
    take_word(rest, STR(" "));
    return take_number(rest, 1, 2, day);
}

static bool take_month_name(struct str *rest, int *month)
{
    bool taken = take_name(rest, months, MONTHS, month);
    ++*month;
    return taken;
}

static bool take_blank(struct str *rest)
{
    size_t n = 0;
    while (n < rest->n && is_space(rest->p[n]))
        n++;
    *rest = str_slice(*rest, n, rest->n);
    return true;
}

static bool take_literal(struct str *rest, char literal)
{
    if (rest->n == 0 || rest->p[0] != literal)
        return false;
    *rest = str_slice(*rest, 1, rest->n);
    return true;
}

static bool take_step(struct str *rest, struct step step, struct reading *r)
{
    switch (step.kind) {
    case LITERAL: return take_literal(rest, step.literal);
    case BLANK: return take_blank(rest);
    case 'Y': return take_number(rest, 4, 4, &r->c.year);
    case 'y': return take_short_year(rest, &r->c.year);
    case 'm': return take_number(rest, 1, 2, &r->c.month);
    case 'b':
    case 'B': return take_month_name(rest, &r->c.month);
    case 'd': return take_number(rest, 1, 2, &r->c.day);
    case 'e': return take_padded_day(rest, &r->c.day);
    case 'j': return take_number(rest, 3, 3, &r->day_of_year) && r->day_of_year > 0;
    case 'a':
    case 'A': return take_name(rest, weekdays, WEEKDAYS, &r->weekday);
    case 'H': return take_number(rest, 1, 2, &r->c.hour);
    case 'I': return take_number(rest, 1, 2, &r->hour12) && r->hour12 >= 1 && r->hour12 <= 12;
    case 'p': return take_half_day(rest, r);
    case 'M': return take_number(rest, 2, 2, &r->c.minute);
    case 'S': return take_number(rest, 2, 2, &r->c.second);
    case 'f': return take_fraction(rest, &r->c.nanosecond);
    case 'z': return take_offset(rest, r);
    case 'Z': return take_zone(rest, r);
    case 's': return take_seconds(rest, r);
    default: return false;
    }
}

/* What take_step found missing, for a message. */
static const char *missing(char kind)
{
    switch (kind) {
    case 'Y': return "no year of four digits where the format has it";
    case 'y': return "no year of two digits where the format has it";
    case 'm':
    case 'b':
    case 'B': return "no month where the format has it";
    case 'd':
    case 'e':
    case 'j': return "no day where the format has it";
    case 'a':
    case 'A': return "no day of the week where the format has it";
    case 'H':
    case 'I': return "no hour where the format has it";
    case 'p': return "no AM or PM where the format has it";
    case 'M': return "no minute of two digits where the format has it";
    case 'S': return "no second of two digits where the format has it";
    case 'f': return "no fraction of one to nine digits where the format has it";
    case 'z': return "no offset where the format has it";
    case 'Z': return "no UTC or GMT where the format has it";
    case 's': return "no count of seconds where the format has it";
    default: return "other characters than the format has";
    }
}

/* Brings together what stands for the same thing: 12 and 24 hours, day of the year and day of the month. */
static bool settle(struct reading *r, struct str *why)
{
    struct civil *c = &r->c;
    if (r->hour12 != 0)
        c->hour = r->hour12 % 12 + (r->afternoon ? 12 : 0);
    if (r->day_of_year != 0 && c->year >= 1) {
        struct civil told = *c;
        civil_of_days(civil_days(c->year, 1, 1) + r->day_of_year - 1, &told);
        if (told.year != c->year)
            return refuse(why, "no such day");
        if ((c->month != -1 && c->month != told.month) || (c->day != -1 && c->day != told.day))
            return refuse(why, "the day of the year is not that of the date");
        *c = told;
    }
    struct civil day = {.year = c->year, .month = c->month, .day = c->day};
    if (!civil_is_valid(&day))
        return refuse(why, "no such day");
    if (!civil_is_valid(c))
        return refuse(why, "no such time of day");
    if (r->weekday != -1 && r->weekday != civil_weekday(civil_days(c->year, c->month, c->day)))
        return refuse(why, "the day of the week is not that of the date");
    return true;
}

static bool read(const struct time_format *f, struct str text, struct reading *r, struct str *why)
{
    *r = (struct reading){.c = {.month = -1, .day = -1}, .weekday = -1};
    if (!f->has_date)
        return refuse(why, "the format has no whole date");
    for (size_t i = 0; i < f->count; i++)
        if (!take_step(&text, f->step[i], r))
            return refuse(why, missing(f->step[i].kind));
    if (text.n > 0)
        return refuse(why, "more characters than the format has");
    return r->has_seconds || settle(r, why);
}

bool time_format_read(const struct time_format *f, struct str text, const struct zone *zone,
                      struct instant *out, struct str *why)
{
    struct reading r;
    if (!read(f, text, &r, why))
        return false;
    if (r.has_seconds)
        *out = (struct instant){r.seconds, r.c.nanosecond};
    else
        civil_to_instant(&r.c, r.has_offset ? zone_utc() : zone, out);
    out->seconds -= r.has_seconds ? 0 : r.offset;
    return instant_is_valid(out) || refuse(why, "before the year 0001 or after 9999");
}

bool time_format_read_date(const struct time_format *f, struct str text, struct civil *out, struct str *why)
{
    struct reading r;
    if (!read(f, text, &r, why))
        return false;
    *out = r.c;
    if (!r.has_seconds)
        return true;
    struct instant t = {r.seconds, r.c.nanosecond};
    if (!instant_is_valid(&t))
        return refuse(why, "before the year 0001 or after 9999");
    instant_to_civil(&t, zone_utc(), out);
    return true;
}

static void put_number(struct buf *out, int value, unsigned width, char padding)
{
    char digits[12];
    for (unsigned i = width; i-- > 0; value /= 10)
        digits[i] = (char)(value > 0 || i + 1 == width ? '0' + value % 10 : padding);
    buf_put(out, (struct str){digits, width});
}

/* A time in the parts that conversions write. */
struct writing {
    struct civil c;
    int offset;
    int64_t days, seconds;
};

static void put_offset(struct buf *out, int offset)
{
    int minutes = (offset < 0 ? -offset : offset) / 60;
    buf_byte(out, offset < 0 ? '-' : '+');
    put_number(out, minutes / 60 * 100 + minutes % 60, 4, '0');
}

static void put_seconds(struct buf *out, int64_t seconds)
{
    if (seconds < 0)
        buf_byte(out, '-');
    buf_u64(out, seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds);
}

static void put_step(struct buf *out, struct step step, const struct writing *w)
{
    const struct civil *c = &w->c;
    switch (step.kind) {
    case LITERAL: buf_byte(out, step.literal); break;
    case BLANK: buf_byte(out, ' '); break;
    case 'Y': put_number(out, c->year, 4, '0'); break;
    case 'y': put_number(out, c->year % 100, 2, '0'); break;
    case 'm': put_number(out, c->month, 2, '0'); break;
    case 'b': buf_put(out, str_slice(months[c->month - 1], 0, SHORT_NAME)); break;
    case 'B': buf_put(out, months[c->month - 1]); break;
    case 'd': put_number(out, c->day, 2, '0'); break;
    case 'e': put_number(out, c->day, 2, ' '); break;
    case 'j': put_number(out, (int)(w->days - civil_days(c->year, 1, 1)) + 1, 3, '0'); break;
    case 'a': buf_put(out, str_slice(weekdays[civil_weekday(w->days)], 0, SHORT_NAME)); break;
    case 'A': buf_put(out, weekdays[civil_weekday(w->days)]); break;
    case 'H': put_number(out, c->hour, 2, '0'); break;
    case 'I': put_number(out, (c->hour + 11) % 12 + 1, 2, '0'); break;
    case 'p': buf_put(out, c->hour < 12 ? STR("AM") : STR("PM")); break;
    case 'M': put_number(out, c->minute, 2, '0'); break;
    case 'S': put_number(out, c->second, 2, '0'); break;
    case 'f': put_number(out, (int)c->nanosecond, 9, '0'); break;
    case 'z': put_offset(out, w->offset); break;
    case 'Z': buf_put(out, STR("UTC")); break;
    case 's': put_seconds(out, w->seconds); break;
    default: break;
    }
}

static void write_steps(const struct time_format *f, struct writing *w, struct buf *out)
{
    w->days = civil_days(w->c.year, w->c.month, w->c.day);
    for (size_t i = 0; i < f->count; i++)
        put_step(out, f->step[i], w);
}

void time_format_write(const struct time_format *f, const struct instant *t, const struct zone *zone,
                       struct buf *out)
{
    if (f->in_utc)
        zone = zone_utc();
    struct writing w = {.offset = zone_offset(zone, t->seconds), .seconds = t->seconds};
    instant_to_civil(t, zone, &w.c);
    write_steps(f, &w, out);
}

void time_format_write_date(const struct time_format *f, const struct civil *date, struct buf *out)
{
    struct instant t;
    civil_to_instant(date, zone_utc(), &t);
    struct writing w = {.c = *date, .seconds = t.seconds};
    write_steps(f, &w, out);
}
