/* Laws of days, points in time and formats, and examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/instant.h"
#include "random.h"

enum { ROUNDS = 20000 };

static const int64_t first_second = INT64_C(-62135596800), last_second = INT64_C(253402300799);

static struct arena arena;
static struct buf out;

static int begin(void **unused)
{
    (void)unused;
    random_seed(UINT64_C(0x9E3779B97F4A7C15));
    arena_init(&arena, 16 << 20);
    buf_init(&out, 1 << 20);
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    arena_release(&arena);
    buf_release(&out);
    return 0;
}

static struct instant any(void)
{
    static const uint32_t steps[] = {1, 1000, 1000000, 100000000};
    struct instant t = {first_second + (int64_t)(random_next() % (uint64_t)(last_second - first_second + 1)),
                        0};
    if (random_below(2) == 0)
        t.nanoseconds = random_below(1000000000) / 1000 * 1000;
    if (random_below(4) == 0) {
        uint32_t step = steps[random_below(4)];
        t.nanoseconds = random_below(1000000000) / step * step;
    }
    return t;
}

static struct str written(const struct instant *t)
{
    buf_reset(&out);
    instant_rfc3339(t, &out);
    assert_true(buf_ok(&out));
    return buf_str(&out);
}

static void assert_text(struct str got, struct str want)
{
    if (!str_eq(got, want))
        fail_msg("%.*s is not %.*s", (int)got.n, got.p, (int)want.n, want.p);
}

static void assert_instant(struct instant got, struct instant want)
{
    assert_true(got.seconds == want.seconds);
    assert_int_equal(got.nanoseconds, want.nanoseconds);
}

/* Counts the days one by one, with the calendar's rules as they are taught. */
static void days_and_dates_match_one_to_one(void **unused)
{
    (void)unused;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t day = civil_days(1, 1, 1);
    int weekday = civil_weekday(day);
    assert_true(day * 86400 == first_second);
    for (int year = 1; year <= 9999; year++)
        for (int month = 1; month <= 12; month++) {
            bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
            int length = lengths[month - 1] + (leap && month == 2);
            assert_int_equal(civil_month_days(year, month), length);
            for (int d = 1; d <= length; d++, day++, weekday = (weekday + 1) % 7) {
                struct civil c = {0};
                civil_of_days(day, &c);
                if (civil_days(year, month, d) != day || c.year != year || c.month != month || c.day != d ||
                    civil_weekday(day) != weekday)
                    fail_msg("%d-%d-%d", year, month, d);
            }
        }
    assert_true(day * 86400 - 1 == last_second);
    assert_int_equal(civil_weekday(civil_days(2026, 5, 1)), 5);
    for (day = -2000000; day < 200000; day += 997) { /* years before the first, too */
        struct civil c = {0};
        civil_of_days(day, &c);
        assert_true(civil_days(c.year, c.month, c.day) == day);
    }
}

static void what_is_written_is_canonical_and_reads_back(void **unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        struct instant t = any(), back;
        struct str text = written(&t);
        assert_true(instant_is_canonical(text));
        assert_true(date_is_canonical(str_slice(text, 0, 10)));
        assert_true(instant_parse_rfc3339(&back, text, NULL));
        assert_instant(back, t);
        struct civil c;
        instant_to_civil(&t, zone_utc(), &c);
        assert_true(civil_is_valid(&c));
        assert_true(civil_to_instant(&c, zone_utc(), &back));
        assert_instant(back, t);
    }
}

/* A text is canonical just when it reads, and writing what was read gives it again. */
static void canonical_is_what_writing_gives(void **unused)
{
    (void)unused;
    static const char bytes[] = "0123456789-:.TZtz+ 0099";
    for (int i = 0; i < 10 * ROUNDS; i++) {
        struct instant t = any(), read;
        struct str text = written(&t);
        char changed[64];
        memcpy(changed, text.p, text.n);
        for (unsigned n = random_below(3); n > 0; n--)
            changed[random_below((unsigned)text.n)] = bytes[random_below(sizeof bytes - 1)];
        struct str variant = {changed, text.n};
        bool same = instant_parse_rfc3339(&read, variant, NULL) && str_eq(written(&read), variant);
        if (instant_is_canonical(variant) != same)
            fail_msg("%.*s", (int)variant.n, variant.p);
    }
}

static void offsets_only_move_the_clock(void **unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        struct instant t = {first_second + 86400 +
                                (int64_t)(random_next() % (uint64_t)(last_second - first_second - 2 * 86400)),
                            0};
        int minutes = (int)random_below(1440);
        bool west = random_below(2) == 0;
        struct instant local = {t.seconds + (west ? -60 : 60) * minutes, random_below(1000000000)}, back;
        t.nanoseconds = local.nanoseconds;
        struct str text = written(&local);
        char shifted[64];
        int n = snprintf(shifted, sizeof shifted, "%.*s%c%02d:%02d", (int)text.n - 1, text.p,
                         west ? '-' : '+', minutes / 60, minutes % 60);
        if (random_below(2) == 0)
            shifted[10] = "t "[random_below(2)];
        assert_true(instant_parse_rfc3339(&back, (struct str){shifted, (size_t)n}, NULL));
        assert_instant(back, t);
        assert_false(instant_is_canonical((struct str){shifted, (size_t)n}));
    }
}

static void what_is_no_time_is_refused_with_a_reason(void **unused)
{
    (void)unused;
    static const char *const bad[] = {"",
                                      "2026-05-01",
                                      "2026-05-01T13:58:12",
                                      "2026-05-01T13:58Z",
                                      "2026-05-01T13:58:60Z",
                                      "2026-05-01T24:00:00Z",
                                      "2026-05-01T13:60:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-04-31T00:00:00Z",
                                      "2026-04-00T00:00:00Z",
                                      "0000-01-01T00:00:00Z",
                                      "1900-02-29T00:00:00Z",
                                      "2026-05-01T13:58:12.Z",
                                      "2026-05-01T13:58:12.1234567890Z",
                                      "2026-05-01T13:58:12,5Z",
                                      "2026-05-01T13:58:12+2:00",
                                      "2026-05-01T13:58:12+0200",
                                      "2026-05-01T13:58:12+24:00",
                                      "2026-05-01T13:58:12+02:60",
                                      "2026-05-01T13:58:12ZZ",
                                      "2026-05-01T13:58:12Z ",
                                      " 2026-05-01T13:58:12Z",
                                      "2026-5-01T13:58:12Z",
                                      "2026-05-01_13:58:12Z",
                                      "+2026-05-01T13:58:12Z",
                                      "0001-01-01T00:00:00+00:01",
                                      "9999-12-31T23:59:59-00:01",
                                      "2026/05/01T13:58:12Z",
                                      "2026-05-01T13:58:12",
                                      "2026-05-01T13:58:12.5",
                                      "2026-05-01T1a:58:12Z"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct instant t;
        struct str why = {0};
        if (instant_parse_rfc3339(&t, str_of(bad[i]), &why))
            fail_msg("taken: %s", bad[i]);
        assert_true(why.n > 0);
        assert_false(instant_is_canonical(str_of(bad[i])));
    }
    struct instant t;
    struct str why;
    assert_false(instant_parse_rfc3339(&t, STR("2016-12-31T23:59:60Z"), &why));
    assert_string_equal(why.p, "second 60: leap seconds are not counted");
    assert_false(instant_is_canonical(STR("2026-05-01T13:58:12.50Z")));
    assert_false(instant_is_canonical(STR("2026-05-01t13:58:12Z")));
    assert_false(date_is_canonical(STR("2026-02-29")));
    assert_true(date_is_canonical(STR("2024-02-29")));
    assert_false(date_is_canonical(STR("2024-2-29")));
    assert_false(date_is_canonical(STR("2024-02-29 ")));
}

static void rfc3339_examples(void **unused)
{
    (void)unused;
    static const struct {
        const char *text, *canonical;
    } examples[] = {
        {"2026-05-01T09:58:12-04:00", "2026-05-01T13:58:12Z"},
        {"1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.52Z"},
        {"1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z"},
        {"1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.87Z"},
        {"2026-05-01 00:00:00.100000000z", "2026-05-01T00:00:00.1Z"},
        {"1970-01-01T00:00:00-00:00", "1970-01-01T00:00:00Z"},
        {"1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct instant t;
        assert_true(instant_parse_rfc3339(&t, str_of(examples[i].text), NULL));
        assert_text(written(&t), str_of(examples[i].canonical));
    }
}

static const struct time_format *format(const char *text)
{
    struct str why = {0};
    const struct time_format *f = time_format_compile(str_of(text), &arena, &why);
    if (f == NULL)
        fail_msg("%s: %.*s", text, (int)why.n, why.p);
    return f;
}

static const struct zone *zone(const char *name)
{
    struct err e = {0};
    const struct zone *z = zone_find(str_of(name), &e);
    if (z == NULL)
        fail_msg("%s: %s", name, e.message);
    return z;
}

static struct str formatted(const char *text, const struct instant *t, const struct zone *z)
{
    buf_reset(&out);
    time_format_write(format(text), t, z, &out);
    assert_true(buf_ok(&out));
    return buf_str(&out);
}

static void what_a_format_writes_it_reads(void **unused)
{
    (void)unused;
    static const char *const formats[] = {
        "%Y-%m-%d %H:%M:%S.%f %z",
        "%A, %e %B %Y %I:%M:%S %p (%f)%z",
        "%a %b %d %T.%f %Y %z",
        "%s.%f",
        "%Y%m%d%H%M%S%f%z",
        "%Y-%jT%T.%f%z",
        "%F %T.%f %Z",
        "%%%d.%m.%Y\t%H:%M:%S,%f %z",
    };
    static const char *const zones[] = {"UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"};
    for (int i = 0; i < ROUNDS; i++, arena_reset(&arena)) {
        struct instant t = any(), back;
        t.seconds = t.seconds % 4000000000; /* offsets have seconds before the zones were laid down */
        t.seconds = t.seconds < 0 ? -t.seconds : t.seconds;
        const char *text = formats[random_below(sizeof formats / sizeof *formats)];
        struct str line = formatted(text, &t, zone(zones[random_below(4)])), why = {0};
        if (!time_format_read(format(text), line, zone_utc(), &back, &why))
            fail_msg("%s: %.*s: %.*s", text, (int)line.n, line.p, (int)why.n, why.p);
        assert_instant(back, t);
    }
}

static void format_examples(void **unused)
{
    (void)unused;
    static const struct {
        const char *format, *text, *zone, *canonical;
    } examples[] = {
        {"%Y-%m-%d %H:%M:%S %z", "2026-05-01 09:58:12 -0400", "UTC", "2026-05-01T13:58:12Z"},
        {"%Y-%m-%d %H:%M:%S %z", "2026-05-01   09:58:12-04:00", "UTC", "2026-05-01T13:58:12Z"},
        {"%Y%m%d%H%M", "202605010958", "America/Los_Angeles", "2026-05-01T16:58:00Z"},
        {"%m/%d/%Y", "5/1/2026", "America/New_York", "2026-05-01T04:00:00Z"},
        {"%D", "05/01/26", "UTC", "2026-05-01T00:00:00Z"},
        {"%d.%m.%y", "1.5.69", "UTC", "1969-05-01T00:00:00Z"},
        {"%Y-%m-%d %I:%M:%S %p", "2026-07-18 2:30:00 PM", "America/New_York", "2026-07-18T18:30:00Z"},
        {"%Y-%m-%d %I:%M:%S %p", "2026-07-18 12:00:00 am", "UTC", "2026-07-18T00:00:00Z"},
        {"%B %d, %Y", "SEPTEMBER 9, 2026", "UTC", "2026-09-09T00:00:00Z"},
        {"%b %e %Y", "May  1 2026", "UTC", "2026-05-01T00:00:00Z"},
        {"%a, %d %b %Y %T %Z", "Fri, 01 May 2026 13:58:12 GMT", "Europe/Berlin", "2026-05-01T13:58:12Z"},
        {"%s", "-1", "Europe/Berlin", "1969-12-31T23:59:59Z"},
        {"%Y.%j", "2024.366", "UTC", "2024-12-31T00:00:00Z"},
        {"%Y-%m-%dT%H:%M:%S.%f%z", "2026-05-01T00:00:00.000Z", "UTC", "2026-05-01T00:00:00Z"},
        {"/Date(%s000%z)/", "/Date(1539993600000+0000)/", "UTC", NULL}, /* %s is greedy */
        {"%F", "2026-02-29", "UTC", NULL},
        {"%F", "2026-05-01x", "UTC", NULL},
        {"%F %T", "2026-05-01 10:00:60", "UTC", NULL},
        {"%F %T", "2026-05-01 24:00:00", "UTC", NULL},
        {"%F %z", "0001-01-01 +0100", "UTC", NULL},
        {"%F %I%p", "2026-05-01 13PM", "UTC", NULL},
        {"%F %I%p", "2026-05-01 0PM", "UTC", NULL},
        {"%a %F", "Mon 2026-05-01", "UTC", NULL},
        {"%Y.%j", "2026.366", "UTC", NULL},
        {"%F %j", "2026-05-01 002", "UTC", NULL},
        {"%F %z", "2026-05-01 +2400", "UTC", NULL},
        {"%F %f", "2026-05-01 1234567890", "UTC", NULL},
        {"%H:%M", "10:00", "UTC", NULL},
        {"%m/%d", "05/01", "UTC", NULL},
        {"%Y %j %d", "2026 121 00", "UTC", NULL},
        {"%Y %j %m", "2026 121 00", "UTC", NULL},
        {"%Y %j %d", "2026 121 01", "UTC", "2026-05-01T00:00:00Z"},
        {"%s", "253402300800", "UTC", NULL},
        {"%s", "9999999999999", "UTC", NULL},
        {"%F", "", "UTC", NULL},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct instant t;
        struct str why = {0};
        bool taken = time_format_read(format(examples[i].format), str_of(examples[i].text),
                                      zone(examples[i].zone), &t, &why);
        if (taken != (examples[i].canonical != NULL))
            fail_msg("%s: %.*s", examples[i].text, (int)why.n, why.p);
        if (taken)
            assert_text(written(&t), str_of(examples[i].canonical));
        else
            assert_true(why.n > 0);
    }
}

static void formats_know_what_they_hold(void **unused)
{
    (void)unused;
    static const char *const bad[] = {"%", "%Q", "%Y-%", "%I:%M"};
    struct str why;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        why = (struct str){0};
        assert_null(time_format_compile(str_of(bad[i]), &arena, &why));
        assert_true(why.n > 0);
    }
    assert_true(time_format_has_date(format("%F")));
    assert_true(time_format_has_date(format("%s")));
    assert_false(time_format_has_date(format("%Y-%m")));
    assert_false(time_format_has_date(format("%H:%M Y m d")));
    assert_true(time_format_has_zone(format("%T%z")));
    assert_false(time_format_has_zone(format("%F %T")));
}

static void dates_alone(void **unused)
{
    (void)unused;
    struct civil day;
    assert_true(time_format_read_date(format("%m/%d/%Y"), STR("2/29/2024"), &day, NULL));
    assert_int_equal(day.year, 2024);
    assert_int_equal(day.month, 2);
    assert_int_equal(day.day, 29);
    buf_reset(&out);
    time_format_write_date(format("%A %e %B %y, day %j: %F"), &day, &out);
    assert_text(buf_str(&out), STR("Thursday 29 February 24, day 060: 2024-02-29"));
    assert_true(time_format_read_date(format("%s"), STR("1777645092"), &day, NULL));
    assert_int_equal(day.day, 1);
    assert_int_equal(day.month, 5);
}

static void written_examples(void **unused)
{
    (void)unused;
    struct instant t;
    assert_true(instant_parse_rfc3339(&t, STR("2026-05-01T13:08:02.5Z"), NULL));
    const struct zone *berlin = zone("Europe/Berlin"), *kolkata = zone("Asia/Kolkata"),
                      *york = zone("America/New_York");
    assert_text(formatted("%F %T %z", &t, berlin), STR("2026-05-01 15:08:02 +0200"));
    assert_text(formatted("%F %T %z", &t, kolkata), STR("2026-05-01 18:38:02 +0530"));
    assert_text(formatted("%F %T %z", &t, york), STR("2026-05-01 09:08:02 -0400"));
    assert_text(formatted("%F %T %Z", &t, york), STR("2026-05-01 13:08:02 UTC"));
    assert_text(formatted("%B %e, %Y at %I:%M %p 100%%", &t, york), STR("May  1, 2026 at 09:08 AM 100%"));
    assert_text(formatted("%s.%f", &t, york), STR("1777640882.500000000"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(days_and_dates_match_one_to_one, begin, end),
        cmocka_unit_test_setup_teardown(what_is_written_is_canonical_and_reads_back, begin, end),
        cmocka_unit_test_setup_teardown(canonical_is_what_writing_gives, begin, end),
        cmocka_unit_test_setup_teardown(offsets_only_move_the_clock, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_time_is_refused_with_a_reason, begin, end),
        cmocka_unit_test_setup_teardown(rfc3339_examples, begin, end),
        cmocka_unit_test_setup_teardown(what_a_format_writes_it_reads, begin, end),
        cmocka_unit_test_setup_teardown(format_examples, begin, end),
        cmocka_unit_test_setup_teardown(formats_know_what_they_hold, begin, end),
        cmocka_unit_test_setup_teardown(dates_alone, begin, end),
        cmocka_unit_test_setup_teardown(written_examples, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
