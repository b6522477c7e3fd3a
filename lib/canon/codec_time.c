/*
 * Points in time and days. Canonical times are RFC 3339 in UTC, canonical days YYYY-MM-DD.
 */
#include "base/decimal.h"
#include "base/instant.h"
#include "base/zone.h"

#include "canon/codec_family.h"

enum {
    RFC3339_MOST = 40, /* bytes of a canonical time */
    DATE_BYTES = 10,   /* of a canonical date */
    FORMAT_MOST = 128,
    WRITTEN_MOST = 8 * FORMAT_MOST, /* the two bytes of a conversion write at most 12 */
    ZONE_MOST = 64,
    NANO = 1000000000
};

/* The zone of the last value is kept: it seldom changes from record to record. */
struct time_use {
    const struct time_format *format; /* NULL: none (RFC 3339), or not a literal */
    const struct zone *zone;          /* of zone_name, or of a literal; NULL: none yet */
    struct str zone_name;
    char name[ZONE_MOST];
};

/* ---- arguments ---- */

/* CODE is that of the error; PREFIX stands before its message. */
static const struct time_format *compile(const char *prefix, struct str format, struct arena *a,
                                         const char *code, struct err *e)
{
    struct str why = STR("longer than 128 bytes");
    const struct time_format *f = format.n <= FORMAT_MOST ? time_format_compile(format, a, &why) : NULL;
    if (f == NULL)
        err_set(e, code, "%sformat %s: %.*s", prefix, err_quote(format), (int)why.n, why.p);
    return f;
}

static int bind_format(const struct time_format **out, const struct codec_use *use, struct arena *a,
                       struct err *e)
{
    if (use->nargs == 0 || !(use->literal & 1))
        return 0;
    if (codec_bind_text(use, 0, "no format", e) == -1)
        return -1;
    struct str format = json_string(use->arg[0], a);
    format = format.p != NULL ? arena_str(a, format) : format;
    if (format.p == NULL)
        return err_memory(e);
    const char *name = use->codec->bind == time_bind ? "time: " : "date: ";
    *out = compile(name, format, a, "config", e);
    if (*out != NULL && use->way != CODEC_WRITES && !time_format_has_date(*out))
        return err_set(e, "config",
                       "%sformat %s: it holds no whole date, so that it can only be written: by -> or as",
                       name, err_quote(format));
    return *out != NULL ? 0 : -1;
}

int time_bind(struct codec_use *use, struct arena *a, struct err *e)
{
    struct time_use *bound = arena_alloc(a, sizeof *bound);
    if (bound == NULL)
        return err_memory(e);
    use->bound = bound;
    if (bind_format(&bound->format, use, a, e) == -1)
        return -1;
    if (use->nargs < 2) {
        bound->zone = zone_utc();
        return 0;
    }
    if (!(use->literal & 2))
        return 0;
    if (codec_bind_text(use, 1, "no time zone", e) == -1)
        return -1;
    bound->zone = zone_find(json_string(use->arg[1], a), e);
    return bound->zone != NULL ? 0 : -1;
}

int date_bind(struct codec_use *use, struct arena *a, struct err *e)
{
    const struct time_format *format = NULL;
    if (bind_format(&format, use, a, e) == -1)
        return -1;
    struct time_use *bound = arena_alloc(a, sizeof *bound);
    if (bound == NULL)
        return err_memory(e);
    bound->format = format;
    use->bound = bound;
    return 0;
}

static const struct time_format *format_of(const struct codec_use *use, const struct json_node *in,
                                           struct codec_run *run)
{
    const struct time_use *bound = use->bound;
    if (bound->format != NULL)
        return bound->format;
    struct str text = codec_argument(use, 0, run);
    if (text.p == NULL) {
        codec_refuse_as(run, use->codec->name, "the format is not known of the value", in);
        return NULL;
    }
    return compile("", text, run->arena, use->codec->name, run->err);
}

static const struct zone *zone_of(const struct codec_use *use, const struct json_node *in,
                                  struct codec_run *run)
{
    struct time_use *bound = use->bound;
    if (use->nargs < 2 || (use->literal & 2))
        return bound->zone;
    struct str name = codec_argument(use, 1, run);
    if (name.p == NULL) {
        codec_refuse_as(run, "time", "the time zone is not known of the time", in);
        return NULL;
    }
    if (bound->zone != NULL && str_eq(name, bound->zone_name))
        return bound->zone;
    const struct zone *zone = zone_find(name, run->err);
    if (zone == NULL || name.n > sizeof bound->name)
        return zone;
    memcpy(bound->name, name.p, name.n);
    bound->zone_name = (struct str){bound->name, name.n};
    bound->zone = zone;
    return zone;
}

/* ---- values ---- */

static const struct json_node *refuse_why(struct codec_run *run, const char *code, const char *what,
                                          struct str why, const struct json_node *in)
{
    if (why.p == NULL)
        return codec_refuse(run, code, what, in);
    struct str all = arena_printf(run->arena, "%s (%.*s)", what, (int)why.n, why.p);
    return all.p != NULL ? codec_refuse(run, code, all.p, in) : codec_memory(run);
}

/* Writes into the arena itself, so that nothing is copied. */
static struct buf arena_buf(struct codec_run *run, size_t most)
{
    struct buf out = {.p = arena_raw(run->arena, most + BUF_PAD), .cap = most, .max = most};
    if (out.p == NULL)
        out.failed = true;
    return out;
}

static const struct json_node *write_rfc3339(const struct instant *t, struct codec_run *run)
{
    struct buf out = arena_buf(run, RFC3339_MOST);
    instant_rfc3339(t, &out);
    return buf_ok(&out) ? codec_clean(run, buf_str(&out)) : codec_memory(run);
}

static bool read_rfc3339(struct instant *t, const struct json_node *in, struct codec_run *run)
{
    struct str why = {0};
    if (in->type == JSON_STRING) {
        struct str text = codec_text(run, "time", "a time", in);
        if (text.p == NULL)
            return false;
        if (instant_parse_rfc3339(t, text, &why))
            return true;
    }
    refuse_why(run, "time", "a time", why, in);
    return false;
}

/* Numbers are taken where there is a format: "%Y%m%d" is often written without quotes. */
static const struct json_node *decode_format(const struct codec_use *use, const struct json_node *in,
                                             struct codec_run *run)
{
    const struct time_format *format = format_of(use, in, run);
    if (format == NULL)
        return NULL;
    if (!time_format_has_date(format))
        return codec_refuse_as(run, "time", "the format holds no whole date, so that it can only be written",
                               in);
    /* A text that names its own offset needs no zone. */
    const struct zone *zone = time_format_has_zone(format) ? zone_utc() : zone_of(use, in, run);
    struct str text = zone != NULL ? codec_text(run, "time", "a time", in) : (struct str){0};
    if (text.p == NULL)
        return NULL;
    struct str why = {0};
    struct instant t;
    if (!time_format_read(format, text, zone, &t, &why))
        return refuse_why(run, "time", "a time of the given format", why, in);
    return write_rfc3339(&t, run);
}

const struct json_node *time_decode(const struct codec_use *use, const struct json_node *in,
                                    struct codec_run *run)
{
    if (use->nargs > 0)
        return decode_format(use, in, run);
    if (in->type == JSON_STRING && in->form == JSON_CLEAN && instant_is_canonical(json_text(in)))
        return in;
    struct instant t;
    return read_rfc3339(&t, in, run) ? write_rfc3339(&t, run) : NULL;
}

static struct str write_format(const struct time_format *format, const struct instant *t,
                               const struct zone *zone, struct codec_run *run)
{
    struct buf out = arena_buf(run, WRITTEN_MOST);
    time_format_write(format, t, zone, &out);
    return buf_ok(&out) ? buf_str(&out) : (struct str){0};
}

/*
 * By a rule of one direction a format may hold less than the time: seconds without a fraction, a day
 * (`as time("%Y-%m-%d")`). It may not hold another time: BACK, what is read back, must be written alike, and
 * may differ only by less than the format shows. So the second 01:30 of the night when clocks go back is
 * refused by a format without an offset, and 1969 by "%y".
 */
static bool is_same_time(const struct time_format *format, const struct instant *t, const struct zone *zone,
                         struct str text, const struct instant *back, struct codec_run *run)
{
    static const int64_t steps[] = {1, 60, 3600};
    int64_t off = t->seconds - back->seconds;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (off >= 0 && off < steps[i])
            return true;
        struct instant next = {back->seconds + steps[i], back->nanoseconds};
        struct str other = write_format(format, &next, zone, run);
        if (other.p != NULL && !str_eq(other, text))
            return false;
    }
    return off >= 0 && off < 2 * 86400;
}

static const struct json_node *lost_part(struct codec_run *run, const struct json_node *in)
{
    return codec_refuse_as(run, "time",
                           "the format has no room for a part of this time, which a rule of both directions "
                           "would lose: write it by -> with as",
                           in);
}

const struct json_node *time_encode(const struct codec_use *use, const struct json_node *in,
                                    struct codec_run *run)
{
    struct instant t;
    if (use->nargs == 0)
        return time_decode(use, in, run);
    if (!read_rfc3339(&t, in, run))
        return NULL;
    const struct time_format *format = format_of(use, in, run);
    const struct zone *zone = format != NULL ? zone_of(use, in, run) : NULL;
    if (zone == NULL)
        return NULL;
    struct str text = write_format(format, &t, zone, run);
    if (text.p == NULL)
        return codec_memory(run);
    struct instant back;
    if (!time_format_has_date(format))
        return use->way != CODEC_RETURNS ? codec_string(run, text) : lost_part(run, in);
    if (!time_format_read(format, text, zone, &back, NULL) ||
        !is_same_time(format, &t, zone, text, &back, run))
        return codec_refuse_as(run, "time", "the format cannot hold this time: it would be read as another",
                               in);
    if (use->way == CODEC_RETURNS && (back.seconds != t.seconds || back.nanoseconds != t.nanoseconds))
        return lost_part(run, in);
    return codec_string(run, text);
}

static void put_two(char *out, int value)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
}

const struct json_node *date_decode(const struct codec_use *use, const struct json_node *in,
                                    struct codec_run *run)
{
    struct str text =
        use->nargs > 0 || in->type == JSON_STRING ? codec_text(run, "date", "a date", in) : (struct str){0};
    if (use->nargs == 0) {
        if (text.p == NULL || !date_is_canonical(text))
            return codec_refuse(run, "date", "a date (YYYY-MM-DD)", in);
        return in;
    }
    const struct time_format *format = text.p != NULL ? format_of(use, in, run) : NULL;
    if (format == NULL)
        return NULL;
    struct str why = {0};
    struct civil day;
    if (!time_format_has_date(format) || !time_format_read_date(format, text, &day, &why))
        return refuse_why(run, "date", "a date of the given format", why, in);
    char *out = arena_raw(run->arena, DATE_BYTES);
    if (out == NULL)
        return codec_memory(run);
    put_two(out, day.year / 100);
    put_two(out + 2, day.year % 100);
    out[4] = out[7] = '-';
    put_two(out + 5, day.month);
    put_two(out + 8, day.day);
    return codec_clean(run, (struct str){out, DATE_BYTES});
}

static int two_digits(const char *p)
{
    return (p[0] - '0') * 10 + (p[1] - '0');
}

const struct json_node *date_encode(const struct codec_use *use, const struct json_node *in,
                                    struct codec_run *run)
{
    struct str text = in->type == JSON_STRING ? codec_text(run, "date", "a date", in) : (struct str){0};
    if (text.p == NULL || !date_is_canonical(text))
        return codec_refuse(run, "date", "a date (YYYY-MM-DD)", in);
    if (use->nargs == 0)
        return in;
    const struct time_format *format = format_of(use, in, run);
    if (format == NULL)
        return NULL;
    struct civil day = {.year = two_digits(text.p) * 100 + two_digits(text.p + 2),
                        .month = two_digits(text.p + 5),
                        .day = two_digits(text.p + 8)};
    struct buf out = arena_buf(run, WRITTEN_MOST);
    time_format_write_date(format, &day, &out);
    struct civil back;
    if (!buf_ok(&out))
        return codec_memory(run);
    bool returns = time_format_has_date(format) || use->way == CODEC_RETURNS;
    if (returns && !(time_format_read_date(format, buf_str(&out), &back, NULL) && back.year == day.year &&
                     back.month == day.month && back.day == day.day))
        return codec_refuse_as(run, "date", "the format cannot hold this date: it would be read as another",
                               in);
    return codec_string(run, buf_str(&out));
}

/* ---- seconds and milliseconds since 1970 ---- */

/* D seconds; false: a fraction finer than a nanosecond. */
static bool instant_of_decimal(struct instant *t, const struct decimal *d, struct arena *a)
{
    struct decimal whole, fraction;
    int64_t nanoseconds;
    if (!decimal_to_places(&whole, d, 0, DECIMAL_DOWN, a) || !decimal_to_i64(&whole, &t->seconds) ||
        !decimal_sub(&fraction, d, &whole, a) || !decimal_shift(&fraction, &fraction, -9, a) ||
        !decimal_to_i64(&fraction, &nanoseconds))
        return false;
    if (nanoseconds < 0) {
        t->seconds--;
        nanoseconds += NANO;
    }
    t->nanoseconds = (uint32_t)nanoseconds;
    return true;
}

/* Seconds of 0001-01-01 and of 10000-01-01. */
static bool is_in_calendar(const struct instant *t)
{
    return t->seconds >= civil_days(1, 1, 1) * 86400 && t->seconds < (civil_days(9999, 12, 31) + 1) * 86400;
}

static const struct json_node *epoch_in(const char *code, int places, const struct json_node *in,
                                        struct codec_run *run)
{
    struct decimal d;
    struct instant t;
    if (!codec_read_decimal(&d, code, in, run))
        return NULL;
    if (!decimal_shift(&d, &d, places, run->arena))
        return codec_memory(run);
    if (!instant_of_decimal(&t, &d, run->arena) || !is_in_calendar(&t))
        return codec_refuse(
            run, code, places == 0 ? "a number of seconds since 1970" : "a number of milliseconds since 1970",
            in);
    return write_rfc3339(&t, run);
}

static const struct json_node *epoch_out(int places, const struct json_node *in, struct codec_run *run)
{
    struct instant t;
    if (!read_rfc3339(&t, in, run))
        return NULL;
    struct decimal d, fraction;
    if (!decimal_from_i64(&d, t.seconds, run->arena) ||
        !decimal_from_i64(&fraction, t.nanoseconds, run->arena) ||
        !decimal_shift(&fraction, &fraction, 9, run->arena) || !decimal_add(&d, &d, &fraction, run->arena) ||
        !decimal_shift(&d, &d, -places, run->arena))
        return codec_memory(run);
    return codec_number(run, decimal_text(&d, DECIMAL_SHORTEST, run->arena));
}

const struct json_node *epoch_decode(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    (void)use;
    return epoch_in("epoch", 0, in, run);
}

const struct json_node *epoch_encode(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    (void)use;
    return epoch_out(0, in, run);
}

const struct json_node *epoch_ms_decode(const struct codec_use *use, const struct json_node *in,
                                        struct codec_run *run)
{
    (void)use;
    return epoch_in("epoch_ms", 3, in, run);
}

const struct json_node *epoch_ms_encode(const struct codec_use *use, const struct json_node *in,
                                        struct codec_run *run)
{
    (void)use;
    return epoch_out(3, in, run);
}
