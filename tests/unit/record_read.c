#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "record/record.h"
#include "record/write.h"
#include "scratch.h"

/* ---- one line ---- */

static enum record_got take(struct record_in *in, const char *line, struct record *r, struct err *e)
{
    static char bytes[4096 + JSON_PAD];
    struct str s = str_of(line);
    assert_true(s.n <= 4096);
    memcpy(bytes, s.p, s.n);
    *r = (struct record){.input = "x", .number = 7};
    *e = (struct err){0};
    return record_of_line(in, (struct str){bytes, s.n}, r, e);
}

#define NAMED "\"entity\":\"order\",\"id\":\"1\",\"source\":\"shop\""

static void kinds_are_told_in_order(void **state)
{
    static const struct {
        const char *line;
        enum record_kind kind;
    } cases[] = {
        {"{\"n\":1,\"status\":\"x\",\"stream\":\"s\",\"op\":\"o\",\"v\":1}", RECORD_MARK},
        {"{\"n\":\"no number\"}", RECORD_MARK},
        {"{\"status\":\"applied\",\"target\":\"t\",\"stream\":\"s\",\"op\":\"create\",\"v\":1," NAMED "}",
         RECORD_RECEIPT},
        {"{\"stream\":\"a:b\",\"op\":\"create\",\"v\":1,\"data\":{}," NAMED "}", RECORD_NATIVE},
        {"{\"stream\":\"a:b\",\"source\":\"s\",\"data\":{},\"extra\":1}", RECORD_NATIVE},
        {"{\"stream\":\"a:b\",\"source\":\"s\",\"op\":\"delete\",\"before\":{}}", RECORD_NATIVE},
        {"{\"op\":\"create\",\"v\":1,\"after\":{}," NAMED "}", RECORD_CHANGE},
        {"{\"op\":\"update\",\"v\":1,\"after\":{},\"before\":{},\"changed\":[\"/a\"]," NAMED "}",
         RECORD_CHANGE},
        {"{\"op\":\"delete\",\"v\":1,\"before\":{}," NAMED "}", RECORD_CHANGE},
        {"{\"v\":1,\"data\":{}," NAMED "}", RECORD_CANONICAL},
        {" { \"v\" : 1 , \"deleted\" : true , \"of\" : [ { " NAMED " } ] , " NAMED " } ", RECORD_CANONICAL},
        {"{\"\\u0076\":12,\"d\\u0061ta\":{}," NAMED "}", RECORD_CANONICAL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct record r;
        struct err e;
        assert_int_equal(take(*state, cases[i].line, &r, &e), RECORD_OK);
        assert_int_equal(r.kind, cases[i].kind);
        assert_true(str_eq(r.line, str_of(cases[i].line)));
        assert_int_equal(r.number, 7);
    }
}

static void a_wrong_envelope_is_told_by_its_key(void **state)
{
    static const struct {
        const char *line, *code, *field, *message;
    } cases[] = {
        {"{\"v\":1,\"data\":{},\"entity\":\"order\",\"id\":1,\"source\":\"s\"}", "record", "/id",
         "must be a string, not a number"},
        {"{\"v\":1,\"data\":{},\"entity\":\"order\",\"source\":\"s\"}", "record", "/id", "is missing"},
        {"{\"v\":1,\"data\":{},\"entity\":\"order\",\"id\":\"\",\"source\":\"s\"}", "record", "/id",
         "is empty"},
        {"{\"v\":1," NAMED "}", "record", "/data", "is missing"},
        {"{\"v\":1,\"data\":{},\"deleted\":true," NAMED "}", "record", "/deleted", "stands beside data"},
        {"{\"v\":1,\"deleted\":false," NAMED "}", "record", "/deleted", "must be true, not false"},
        {"{\"v\":1,\"data\":[]," NAMED "}", "record", "/data", "must be an object, not an array"},
        {"{\"v\":1,\"data\":{},\"of\":{}," NAMED "}", "record", "/of", "must be an array, not an object"},
        {"{\"v\":1,\"data\":{},\"of\":[]," NAMED "}", "record", "/of", "is empty"},
        {"{\"v\":1,\"data\":{},\"of\":[{" NAMED
         "},{\"entity\":\"order\",\"id\":7,\"source\":\"shop\"}]," NAMED "}",
         "record", "/of/1", "must have the texts entity, id and source, and nothing else"},
        {"{\"v\":1,\"data\":{},\"of\":[{\"note\":\"a\"," NAMED "}]," NAMED "}", "record", "/of/0",
         "must have the texts entity, id and source, and nothing else"},
        {"{\"v\":1,\"data\":{},\"of\":[{\"entity\":\"order\",\"id\":\"7\"}]," NAMED "}", "record", "/of/0",
         "must have the texts entity, id and source, and nothing else"},
        {"{\"v\":1.0,\"data\":{}," NAMED "}", "record", "/v", "must be a whole number from 1"},
        {"{\"v\":0,\"data\":{}," NAMED "}", "record", "/v", "must be a whole number from 1"},
        {"{\"v\":-1,\"data\":{}," NAMED "}", "record", "/v", "must be a whole number from 1"},
        {"{\"v\":99999999999999999999,\"data\":{}," NAMED "}", "record", "/v",
         "must be a whole number from 1"},
        {"{\"v\":\"1\",\"data\":{}," NAMED "}", "record", "/v", "must be a number, not a string"},
        {"{\"v\":1,\"data\":{},\"note\":1," NAMED "}", "record", "",
         "no such key in a canonical record: \"note\""},
        {"{\"v\":1,\"data\":{},\"label\":\"x\"," NAMED "}", "record", "",
         "no such key in a canonical record: \"label\""},
        {"{\"op\":\"create\",\"v\":1,\"after\":{},\"data\":{}," NAMED "}", "record", "",
         "no such key in a change: \"data\""},
        {"{\"op\":\"upsert\",\"v\":1,\"after\":{}," NAMED "}", "record", "/op",
         "must be create, update or delete, not \"upsert\""},
        {"{\"op\":\"create\",\"v\":1," NAMED "}", "record", "/after", "is missing"},
        {"{\"op\":\"create\",\"v\":1,\"after\":{},\"before\":{}," NAMED "}", "record", "/before",
         "stands in a create"},
        {"{\"op\":\"update\",\"v\":1,\"after\":{}," NAMED "}", "record", "/before", "is missing"},
        {"{\"op\":\"delete\",\"v\":1,\"after\":{}," NAMED "}", "record", "/after", "stands in a delete"},
        {"{\"stream\":\"a:b\",\"data\":{}}", "record", "/source", "is missing"},
        {"{\"stream\":\"a:b\",\"source\":\"s\"}", "record", "/data", "is missing"},
        {"{\"status\":\"applied\"," NAMED "}", "record", "/target", "is missing"},
        {"{\"data\":{}," NAMED "}", "record", "",
         "no record: none of the keys n, status, stream, op, v is there"},
        {"[1]", "record", "", "not a JSON object"},
        {"{\"error\":{},\"record\":1}", "record", "/record", "must be an object or a string, not a number"},
        {"{\"error\":{},\"record\":\"a\",\"encoding\":\"base64\"}", "record", "/record",
         "is not base64, as /encoding says"},
        {"{\"error\":{},\"record\":\"aaaa\",\"encoding\":\"hex\"}", "record", "/encoding", "must be base64"},
        {"{\"error\":{},\"record\":\"x\",\"cut\":true}", "limit", "",
         "this reject holds only the beginning of a line that was over the limit"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct record r;
        struct err e;
        assert_int_equal(take(*state, cases[i].line, &r, &e), RECORD_BAD);
        assert_string_equal(e.message, cases[i].message);
        assert_string_equal(e.code, cases[i].code);
        assert_string_equal(e.field, cases[i].field);
        assert_true(str_eq(r.line, str_of(cases[i].line)));
    }
}

static void what_json_cannot_hold_is_refused(void **state)
{
    static const char *const lines[] = {
        "{\"v\":1,\"data\":{\"a\":1,\"\\u0061\":2}," NAMED "}",
        "{\"v\":1,\"v\":1,\"data\":{}," NAMED "}",
        "{\"v\":1,\"data\":{\"a\":\"\\ud800\"}," NAMED "}",
        "{\"v\":1,\"data\":{\"a\":\"\xff\"}," NAMED "}",
        "{\"v\":1,\"data\":{}," NAMED "} x",
        "{",
        "\r",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct record r;
        struct err e;
        assert_int_equal(take(*state, lines[i], &r, &e), RECORD_BAD);
        assert_string_equal(e.code, "json");
    }
}

static void a_reject_is_read_as_its_input(void **state)
{
    struct record r;
    struct err e;
    const char *held =
        "{\"v\":1,\"data\":{\"n\":1.50e0},\"entity\":\"order\",\"id\":\"1\",\"source\":\"shop\"}";
    char line[512];
    assert_true(snprintf(line, sizeof line, "{\"error\":{},\"from\":\"a:1\",\"record\":%s,\"v\":3}", held) >
                0);
    assert_int_equal(take(*state, line, &r, &e), RECORD_OK);
    assert_int_equal(r.kind, RECORD_CANONICAL);
    assert_true(str_eq(r.line, str_of(held)));
    assert_true(str_eq(r.from, STR("a:1")));
    assert_int_equal(take(*state, "{\"error\":{},\"record\":\"{\\\"v\\\":1\"}", &r, &e), RECORD_BAD);
    assert_true(str_eq(r.line, STR("{\"v\":1")));
    assert_int_equal(take(*state, "{\"error\":{},\"encoding\":\"base64\",\"record\":\"/wA=\"}", &r, &e),
                     RECORD_BAD);
    assert_true(str_eq(r.line, ((struct str){"\xff\0", 2})));
    /* only once: what a reject holds is no reject */
    assert_int_equal(take(*state, "{\"error\":{},\"record\":{\"error\":{},\"record\":{\"n\":1}}}", &r, &e),
                     RECORD_BAD);
    assert_true(str_eq(r.line, STR("{\"error\":{},\"record\":{\"n\":1}}")));
}

/* Law: what is written is read with the same meaning, and written the same again. */
static void reading_and_writing_are_inverse(void **state)
{
    static const char *const lines[] = {
        "{\"data\":{\"a\":\"é\\n\",\"b\":[1,null]},\"entity\":\"order\",\"id\":\"\\\"1\\\"\",\"of\":[{"
        "\"entity\":"
        "\"o\",\"id\":\"2\",\"source\":\"s\"}],\"source\":\"s\",\"v\":1}\n",
        "{\"deleted\":true,\"entity\":\"order\",\"id\":\"1\",\"source\":\"s\",\"v\":2}\n",
        "{\"after\":{\"a\":2},\"before\":{\"a\":1},\"changed\":[\"/"
        "a\"],\"entity\":\"o\",\"id\":\"1\",\"op\":\"update\",\"source\":\"s\",\"v\":1}\n",
        "{\"data\":{\"z\":1.50,\"a\":\"\\u00e9\"},\"from\":\"a.csv:2\",\"id\":\"7\",\"label\":\"x\","
        "\"source\":\"s\",\"stream\":\"a:b\"}\n",
        "{\"after\":{},\"before\":{},\"entity\":\"o\",\"id\":\"7\",\"op\":\"update\",\"source\":\"s\","
        "\"stream\":\"a:b\",\"version\":\"00\"}\n",
        "{\"entity\":\"o\",\"error\":{\"code\":\"x\"},\"id\":\"1\",\"op\":\"upsert\",\"source\":\"s\","
        "\"status\":\"parked\",\"target\":\"t\",\"target_id\":\"9\",\"version\":\"00\"}\n",
    };
    struct buf out;
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct record r;
        struct err e;
        assert_int_equal(take(*state, lines[i], &r, &e), RECORD_OK);
        buf_reset(&out);
        record_write(&out, &r);
        assert_true(str_eq(buf_str(&out), str_of(lines[i])));
    }
    buf_release(&out);
}

static void versions_are_those_of_sha256sum(void **state)
{
    struct record_work work;
    struct record r;
    struct err e = {0};
    char hex[65];
    record_work_init(&work);
    assert_int_equal(record_version(hex, NULL, &work, &e), 0);
    assert_string_equal(hex, "1b70b1c98c544d975c39049311ab1d24ed1d87aedc2874bdc946d39bd421b4b8");
    assert_int_equal(take(*state, "{\"v\":1,\"data\":{\"b\":[1, 2],\"a\":\"\\u00e9\"}," NAMED "}", &r, &e),
                     RECORD_OK);
    assert_int_equal(record_version(hex, r.data, &work, &e), 0);
    assert_string_equal(hex, "9cfb1f938a87f2b8f3b8cc429c7a09116d54f048322742d4c23d4767b85f85da");
    record_work_release(&work);
}

/* ---- streams ---- */

struct seen {
    uint64_t marks, n;
    bool end;
};

static int see(void *arg, const struct record_mark *mark, struct err *e)
{
    struct seen *s = arg;
    (void)e;
    s->marks++;
    s->n += mark->n;
    s->end = mark->end;
    return 0;
}

#define RECORD_LINE "{\"v\":1,\"deleted\":true," NAMED "}\n"

static void streams_end_as_their_marks_say(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int ok, bad;          /* records */
        bool found, required; /* ends well under these rules */
    } cases[] = {
        {"", 0, 0, true, false},
        {"{\"n\":0,\"end\":true}\n", 0, 0, true, true},
        {RECORD_LINE, 1, 0, true, false},
        {RECORD_LINE "\n\n" RECORD_LINE "{\"n\":2,\"end\":true}\n\n", 2, 0, true, true},
        {RECORD_LINE "{\"n\":1}\n" RECORD_LINE "{\"n\":1,\"end\":true}", 2, 0, true, true},
        {RECORD_LINE "bad\n{\"n\":2,\"end\":true}\n", 1, 1, true, true},
        {RECORD_LINE "{\"n\":1}\n", 1, 0, false, false},
        {RECORD_LINE "{\"n\":2,\"end\":true}\n", 1, 0, false, false},
        {RECORD_LINE "{\"n\":0,\"end\":true}\n", 1, 0, false, false},
        {RECORD_LINE "{\"n\":1,\"end\":true}\n" RECORD_LINE, 1, 0, false, false},
        {RECORD_LINE "{\"n\":1,\"end\":true}\n{\"n\":0,\"end\":true}\n", 1, 0, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (enum record_marks marks = RECORD_MARKS_AS_FOUND; marks <= RECORD_MARKS_IGNORED; marks++) {
            struct record_in in;
            struct record r;
            struct err e = {0};
            struct seen seen = {0};
            int ok = 0, bad = 0;
            assert_int_equal(record_in_init(&in, marks, &e), 0);
            in.on_mark = see;
            in.mark_arg = &seen;
            record_in_open(&in, scratch_file(str_of(cases[i].text)), "x");
            enum record_got got;
            while ((got = record_read(&in, &r, &e)) > 0)
                *(got == RECORD_OK ? &ok : &bad) += 1;
            bool well = marks == RECORD_MARKS_AS_FOUND   ? cases[i].found
                        : marks == RECORD_MARKS_REQUIRED ? cases[i].required
                                                         : true;
            assert_int_equal(got, well ? RECORD_END : RECORD_FATAL);
            if (!well)
                assert_string_equal(e.code, "cut_off");
            if (marks != RECORD_MARKS_IGNORED) {
                assert_int_equal(ok, cases[i].ok);
                assert_int_equal(bad, cases[i].bad);
            } else {
                assert_int_equal(seen.marks, 0);
            }
            assert_int_equal(in.records, ok + bad);
            record_in_release(&in);
        }
}

static void a_broken_mark_ends_the_reading(void **state)
{
    (void)state;
    static const char *const lines[] = {"{\"n\":\"1\"}",
                                        "{\"n\":-1}",
                                        "{\"n\":0.0}",
                                        "{\"n\":0,\"end\":1}",
                                        "{\"n\":0,\"source\":1}",
                                        "{\"n\":99999999999999999999999}"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct record_in in;
        struct record r;
        struct err e = {0};
        assert_int_equal(record_in_init(&in, RECORD_MARKS_AS_FOUND, &e), 0);
        record_in_open(&in, scratch_file(str_of(lines[i])), "x");
        assert_int_equal(record_read(&in, &r, &e), RECORD_FATAL);
        assert_string_equal(e.code, "record");
        assert_string_equal(e.place, "x:1");
        record_in_release(&in);
    }
}

static void a_long_line_is_refused_and_passed_over(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 128 << 20);
    char *room = buf_room(&text, LINES_MOST + 100);
    assert_non_null(room);
    memset(room, '[', LINES_MOST + 100);
    text.n = LINES_MOST + 100;
    buf_put(&text, STR("\n" RECORD_LINE));
    struct record_in in;
    struct record r;
    struct err e = {0};
    assert_int_equal(record_in_init(&in, RECORD_MARKS_AS_FOUND, &e), 0);
    record_in_open(&in, scratch_file(buf_str(&text)), "x");
    assert_int_equal(record_read(&in, &r, &e), RECORD_BAD);
    assert_string_equal(e.code, "limit");
    assert_string_equal(e.place, "x:1");
    assert_true(r.cut);
    assert_int_equal(record_read(&in, &r, &e), RECORD_OK);
    assert_int_equal(r.number, 2);
    assert_int_equal(record_read(&in, &r, &e), RECORD_END);
    record_in_release(&in);
    buf_release(&text);
}

static int make_reader(void **state)
{
    static struct record_in in;
    struct err e = {0};
    *state = &in;
    return record_in_init(&in, RECORD_MARKS_AS_FOUND, &e);
}

static int drop_reader(void **state)
{
    record_in_release(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_told_in_order),
        cmocka_unit_test(a_wrong_envelope_is_told_by_its_key),
        cmocka_unit_test(what_json_cannot_hold_is_refused),
        cmocka_unit_test(a_reject_is_read_as_its_input),
        cmocka_unit_test(reading_and_writing_are_inverse),
        cmocka_unit_test(versions_are_those_of_sha256sum),
        cmocka_unit_test(streams_end_as_their_marks_say),
        cmocka_unit_test(a_broken_mark_ends_the_reading),
        cmocka_unit_test(a_long_line_is_refused_and_passed_over),
    };
    return cmocka_run_group_tests(tests, make_reader, drop_reader);
}
