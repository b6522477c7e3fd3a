/* Zones against their laws, against the C library, and by example. Needs the system's tzdata. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/instant.h"
#include "base/posix_tz.h"
#include "base/zone.h"
#include "random.h"

enum { ROUNDS = 5000 };

static const char *const names[] = {
    "America/New_York", "Europe/Berlin",     "Australia/Lord_Howe", "Asia/Kolkata",       "Africa/Casablanca",
    "Europe/Dublin",    "America/Sao_Paulo", "Pacific/Apia",        "Pacific/Chatham",    "Asia/Gaza",
    "America/Nuuk",     "Antarctica/Troll",  "America/Los_Angeles", "Asia/Kathmandu",     "Etc/GMT+12",
    "Africa/Cairo",     "Asia/Tehran",       "America/St_Johns",    "Pacific/Kiritimati", "EST5EDT"};
enum { NAMES = sizeof names / sizeof *names };

static int begin(void **unused)
{
    (void)unused;
    random_seed(UINT64_C(0x9E3779B97F4A7C15));
    return 0;
}

static int64_t between(int first_year, int end_year)
{
    int64_t first = civil_days(first_year, 1, 1) * 86400, length = civil_days(end_year, 1, 1) * 86400 - first;
    return first + (int64_t)(random_next() % (uint64_t)length);
}

static const struct zone *zone(const char *name)
{
    struct err e = {0};
    const struct zone *z = zone_find(str_of(name), &e);
    if (z == NULL)
        fail_msg("%s: %s", name, e.message);
    return z;
}

static int32_t offset_by_libc(time_t seconds)
{
    struct tm tm;
    assert_non_null(localtime_r(&seconds, &tm));
    int64_t local = civil_days(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) * 86400 + tm.tm_hour * 3600 +
                    tm.tm_min * 60 + tm.tm_sec;
    return (int32_t)(local - seconds);
}

static void offsets_are_those_of_the_c_library(void **unused)
{
    (void)unused;
    for (size_t n = 0; n < NAMES; n++) {
        const struct zone *z = zone(names[n]);
        assert_int_equal(setenv("TZ", names[n], 1), 0);
        tzset();
        for (int i = 0; i < ROUNDS; i++) {
            int64_t seconds = between(1970, 2101);
            if (zone_offset(z, seconds) != offset_by_libc(seconds))
                fail_msg("%s at %lld: %d, not %d", names[n], (long long)seconds, zone_offset(z, seconds),
                         offset_by_libc(seconds));
        }
    }
    unsetenv("TZ");
    tzset();
}

/* The second at which the offset changes within a day after SECONDS; it is known to. */
static int64_t change_after(const struct zone *z, int64_t seconds)
{
    int64_t low = seconds, high = seconds + 86400;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (zone_offset(z, middle) == zone_offset(z, seconds))
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* Day by day through the years, every change of offset is looked at from both sides. */
static void changes_have_the_sides_that_are_stated(void **unused)
{
    (void)unused;
    for (size_t n = 0; n < NAMES; n++) {
        const struct zone *z = zone(names[n]);
        int64_t end = civil_days(2100, 1, 1) * 86400;
        for (int64_t day = civil_days(1920, 1, 1) * 86400; day < end; day += 86400) {
            int32_t before = zone_offset(z, day), after = zone_offset(z, day + 86400);
            if (before == after)
                continue;
            int64_t change = change_after(z, day);
            after = zone_offset(z, change);
            int32_t jump = after - before;
            for (int i = 0; i < 8; i++) {
                int32_t size = jump < 0 ? -jump : jump;
                int64_t within = (int64_t)(random_next() % (uint64_t)size);
                if (jump > 0) /* a gap: clocks never show change + before + within */
                    assert_true(zone_local_to_utc(z, change + before + within) == change + within);
                else /* an overlap: shown twice, the first one is before the change */
                    assert_true(zone_local_to_utc(z, change + after + within) == change - size + within);
            }
            assert_true(zone_local_to_utc(z, change - 1 + before) == change - 1);
            int32_t later = jump > 0 ? 0 : -jump;
            assert_true(zone_local_to_utc(z, change + later + after) == change + later);
        }
    }
}

static void local_times_come_back(void **unused)
{
    (void)unused;
    for (size_t n = 0; n < NAMES; n++) {
        const struct zone *z = zone(names[n]);
        for (int i = 0; i < ROUNDS; i++) {
            int64_t seconds = between(1, 10000);
            int64_t local = seconds + zone_offset(z, seconds), back = zone_local_to_utc(z, local);
            /* Shown twice: the earlier one comes back. */
            assert_true(back <= seconds && seconds - back < 2 * 86400);
            assert_true(back + zone_offset(z, back) == local);
            if (back != seconds)
                assert_true(zone_offset(z, back) > zone_offset(z, seconds));
        }
    }
}

static void rules_come_again_after_400_years(void **unused)
{
    (void)unused;
    const int64_t cycle = INT64_C(146097) * 86400;
    for (size_t n = 0; n < NAMES; n++)
        for (int i = 0; i < ROUNDS; i++) {
            int64_t seconds = between(2100, 9000);
            assert_int_equal(zone_offset(zone(names[n]), seconds),
                             zone_offset(zone(names[n]), seconds + cycle));
        }
}

static void assert_local(const char *name, const char *local, const char *utc)
{
    struct instant clock, want;
    assert_true(instant_parse_rfc3339(&clock, str_of(local), NULL));
    assert_true(instant_parse_rfc3339(&want, str_of(utc), NULL));
    if (zone_local_to_utc(zone(name), clock.seconds) != want.seconds)
        fail_msg("%s %s is not %s", name, local, utc);
}

static void gaps_and_overlaps(void **unused)
{
    (void)unused;
    assert_local("America/New_York", "2026-03-08T01:59:59Z", "2026-03-08T06:59:59Z");
    assert_local("America/New_York", "2026-03-08T02:30:00Z", "2026-03-08T07:30:00Z"); /* is 03:30 EDT */
    assert_local("America/New_York", "2026-03-08T03:00:00Z", "2026-03-08T07:00:00Z");
    assert_local("America/New_York", "2026-11-01T00:59:59Z", "2026-11-01T04:59:59Z");
    assert_local("America/New_York", "2026-11-01T01:30:00Z", "2026-11-01T05:30:00Z"); /* EDT, not EST */
    assert_local("America/New_York", "2026-11-01T02:00:00Z", "2026-11-01T07:00:00Z");
    assert_local("Europe/Berlin", "2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z");
    assert_local("Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z");
    assert_local("Australia/Lord_Howe", "2026-10-04T02:15:00Z", "2026-10-03T15:45:00Z"); /* half an hour */
    assert_local("Australia/Lord_Howe", "2026-04-05T01:45:00Z", "2026-04-04T14:45:00Z");
    assert_local("Pacific/Apia", "2011-12-30T12:00:00Z",
                 "2011-12-30T22:00:00Z"); /* the day that was left out */
    assert_local("America/New_York", "2126-07-01T12:00:00Z", "2126-07-01T16:00:00Z"); /* by the rule alone */
    assert_local("America/New_York", "9999-12-31T12:00:00Z", "9999-12-31T17:00:00Z");
}

static void names_are_found_again_or_refused(void **unused)
{
    (void)unused;
    static const char *const bad[] = {"",
                                      "/",
                                      "../etc/passwd",
                                      "/etc/passwd",
                                      "Europe/",
                                      "Europe",
                                      "Europe//Berlin",
                                      "Europe/./Berlin",
                                      "Europe/../Europe/Berlin",
                                      "No/Such_Zone",
                                      "tzdata.zi",
                                      "iso3166.tab",
                                      "Europe/Ber lin",
                                      "right/Europe/Berlin"};
    assert_ptr_equal(zone("UTC"), zone_utc());
    assert_int_equal(zone_offset(zone_utc(), 1777640882), 0);
    const struct zone *berlin = zone("Europe/Berlin"), *york = zone("America/New_York");
    assert_ptr_not_equal(berlin, york);
    for (int i = 0; i < 3; i++) {
        assert_ptr_equal(zone("Europe/Berlin"), berlin);
        assert_ptr_equal(zone("America/New_York"), york);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {0};
        if (zone_find(str_of(bad[i]), &e) != NULL)
            fail_msg("found: %s", bad[i]);
        assert_string_equal(e.code, "config");
    }
}

/* A version 2 file with one type (UTC+1) and no table, and FOOTER. */
static size_t put_file(char *file, const char *footer)
{
    size_t n = 0;
    for (int copy = 0; copy < 2; copy++) {
        memcpy(file + n, "TZif2", 5);
        memset(file + n + 5, 0, 39);
        file[n + 39] = 1;
        file[n + 43] = 1;
        memcpy(file + n + 44, "\0\0\x0e\x10\0\0\0", 7);
        n += 51;
    }
    return n + (size_t)snprintf(file + n, 200, "\n%s\n", footer);
}

static struct zone *zone_of_rule(const char *footer)
{
    char file[512];
    struct err e = {0};
    size_t n = put_file(file, footer);
    return zone_parse((struct str){file, n}, &e);
}

static void rules_are_those_of_the_c_library(void **unused)
{
    (void)unused;
    static const char *const rules[] = {
        "EST5EDT,M3.2.0,M11.1.0",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
        "IST-2IDT,M3.4.4/26,M10.5.0",
        "<+03>-3",
        "AAA3BBB,J60/0,J300/1:30:15",
        "AAA3BBB2:15,59/0,300/25",
        "AAA-12:45:30BBB,300,20",
        "<-04>4<-03>,M9.1.6/24,M4.1.6/24",
    };
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
        struct zone *z = zone_of_rule(rules[r]);
        if (z == NULL)
            fail_msg("refused: %s", rules[r]);
        assert_int_equal(setenv("TZ", rules[r], 1), 0);
        tzset();
        for (int i = 0; i < ROUNDS; i++) {
            int64_t seconds = between(1971, 2500);
            if (zone_offset(z, seconds) != offset_by_libc(seconds))
                fail_msg("%s at %lld: %d, not %d", rules[r], (long long)seconds, zone_offset(z, seconds),
                         offset_by_libc(seconds));
        }
        zone_free(z);
    }
    unsetenv("TZ");
    tzset();
}

/* RFC 8536 §3.3.1; the C library sees gaps at the turn of the year. */
static void daylight_time_can_last_all_year(void **unused)
{
    (void)unused;
    struct zone *z = zone_of_rule("XXX3EDT4,0/0,J365/23");
    assert_non_null(z);
    for (int i = 0; i < ROUNDS; i++)
        assert_int_equal(zone_offset(z, between(1, 9999)), -4 * 3600);
    assert_int_equal(zone_offset(z, civil_days(2026, 1, 1) * 86400 + 3 * 3600), -4 * 3600);
    zone_free(z);
}

static void broken_rules_are_refused(void **unused)
{
    (void)unused;
    static const char *const bad[] = {"E5",
                                      "EST",
                                      "EST5EDT",
                                      "EST5EDT,M3.2.0",
                                      "EST5EDT,M13.2.0,M11.1.0",
                                      "EST5EDT,M3.6.0,M11.1.0",
                                      "EST5EDT,M3.2.7,M11.1.0",
                                      "EST5EDT,J0,J1",
                                      "EST5EDT,J366,J1",
                                      "EST5EDT,366,1",
                                      "EST25",
                                      "EST5:60",
                                      "<+03-3",
                                      "<+3>",
                                      "EST5EDT,M3.2.0/168,M11.1.0",
                                      "EST5EDT,M3.2.0,M11.1.0 ",
                                      "EST5EDT,M3.2.0,M11.1.0,"};
    struct posix_tz rule;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (posix_tz_parse(&rule, str_of(bad[i])))
            fail_msg("taken: %s", bad[i]);
        assert_null(zone_of_rule(bad[i]));
    }
    struct zone *z = zone_of_rule("");
    assert_non_null(z);
    assert_int_equal(zone_offset(z, 0), 3600);
    zone_free(z);
}

static void cut_files_are_refused(void **unused)
{
    (void)unused;
    char file[512];
    size_t n = put_file(file, "EST5EDT,M3.2.0,M11.1.0");
    for (size_t cut = 0; cut < n; cut++) {
        struct err e = {0};
        char *exact = malloc(cut + 1); /* so that a read past the end is noticed */
        assert_non_null(exact);
        memcpy(exact, file, cut);
        struct zone *z = zone_parse((struct str){exact, cut}, &e);
        if (z != NULL)
            fail_msg("taken: %zu of %zu bytes", cut, n);
        assert_string_equal(e.code, "config");
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(offsets_are_those_of_the_c_library, begin),
        cmocka_unit_test_setup(changes_have_the_sides_that_are_stated, begin),
        cmocka_unit_test_setup(local_times_come_back, begin),
        cmocka_unit_test_setup(rules_come_again_after_400_years, begin),
        cmocka_unit_test_setup(gaps_and_overlaps, begin),
        cmocka_unit_test_setup(names_are_found_again_or_refused, begin),
        cmocka_unit_test_setup(rules_are_those_of_the_c_library, begin),
        cmocka_unit_test_setup(daylight_time_can_last_all_year, begin),
        cmocka_unit_test_setup(broken_rules_are_refused, begin),
        cmocka_unit_test_setup(cut_files_are_refused, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
