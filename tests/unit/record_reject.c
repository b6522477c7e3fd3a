#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "random.h"
#include "record/reject.h"

/* Law: the reject of a line is one line of UTF-8 JSON, and reading it gives the line back, byte for byte. */
static void check_return(struct record_in *in, struct str line)
{
    struct err why = {.code = "codec", .place = "x:1", .message = "not a \"decimal\": \xff\n"};
    struct err e = {0};
    struct record r = {0};
    struct buf out;
    buf_init(&out, 1 << 24);
    reject_write(&out, &(struct reject_by){"hub-test", STR("00"), {0}}, line, NULL, &why);
    assert_true(buf_ok(&out));
    assert_int_equal(str_find(buf_str(&out), '\n'), out.n - 1);
    (void)record_of_line(in, str_slice(buf_str(&out), 0, out.n - 1), &r, &e);
    assert_true(str_eq(r.line, line));
    buf_release(&out);
}

static void lines_come_back_byte_for_byte(void **state)
{
    static const struct str lines[] = {
        {"", 0},
        {"{}", 2},
        {" {} ", 4},
        {"{}\r", 3},
        {"{\n}", 3},
        {"{\"a\":1.50e+2,\"a\":[ ]}", 21},
        {"{\"a\":\"\\ud800\"}", 14},
        {"{\"a\":\"\xff\"}", 9},
        {"[1]", 3},
        {"\"text\"", 6},
        {"a,b,\"c\"\r\nd", 10},
        {"\0\x01\x7f", 3},
        {"\xff\xfe{", 3},
        {"{\"error\":{},\"record\":{}}", 24},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        check_return(*state, lines[i]);
}

static void noise_comes_back_byte_for_byte(void **state)
{
    static const char alphabet[] = "{}[]\":,\\ \n\rau01-\xc3\xa9\xff";
    char line[40];
    for (int round = 0; round < 20000; round++) {
        size_t n = random_below(sizeof line);
        for (size_t i = 0; i < n; i++)
            line[i] = round % 4 == 0 ? (char)random_below(256) : alphabet[random_below(sizeof alphabet)];
        if (n >= 2 && random_below(2) == 0) {
            line[0] = '{';
            line[n - 1] = '}';
        }
        check_return(*state, (struct str){line, n});
    }
}

static void deep_nesting_comes_back(void **state)
{
    for (size_t depth = JSON_DEPTH - 2; depth <= JSON_DEPTH + 2; depth++) {
        char line[6 * (JSON_DEPTH + 2)];
        size_t n = 0;
        for (size_t i = 0; i < depth; i++) {
            memcpy(line + n, "{\"a\":", 5);
            n += 5;
        }
        line[n - 5] = '{';
        line[n - 4] = '}';
        n -= 3;
        memset(line + n, '}', depth - 1);
        check_return(*state, (struct str){line, n + depth - 1});
    }
}

static void a_line_over_the_limit_is_cut(void **state)
{
    struct record_in *in = *state;
    struct buf line, out;
    struct record r = {.input = "big.ndjson", .number = 3};
    struct err why = {.code = "limit", .message = "long"}, e = {0};
    buf_init(&line, 80 << 20);
    buf_init(&out, 512 << 20);
    char *room = buf_room(&line, JSON_BYTES);
    assert_non_null(room);
    memset(room, 'x', JSON_BYTES);
    line.n = JSON_BYTES;
    reject_write(&out, &(struct reject_by){.tool = "hub-test"}, buf_str(&line), &r, &why);
    assert_true(buf_ok(&out));
    assert_true(out.n < (2 << 20));
    assert_true(str_starts(buf_str(&out), STR("{\"cut\":true,\"error\"")));
    assert_int_equal(record_of_line(in, str_slice(buf_str(&out), 0, out.n - 1), &r, &e), RECORD_BAD);
    assert_string_equal(e.code, "limit");
    buf_release(&line);
    buf_release(&out);
}

static void the_line_has_its_keys_in_order(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1 << 20);
    struct err why = {.code = "codec", .field = "/total", .message = "not a decimal: \"x\""};
    struct record r = {.entity = STR("order"), .id = STR("1"), .input = "a.ndjson", .number = 12};
    reject_write(&out, &(struct reject_by){"hub-canon", STR("ab"), STR("[\"order\"]")}, STR("{}"), &r, &why);
    assert_true(str_eq(buf_str(&out), STR("{\"entity\":\"order\",\"error\":{\"code\":\"codec\",\"field\":\"/"
                                          "total\",\"message\":\"not a decimal: "
                                          "\\\"x\\\"\"},\"from\":\"a.ndjson:12\",\"id\":\"1\",\"makes\":"
                                          "[\"order\"],\"map\":\"ab\","
                                          "\"record\":{},\"tool\":\"hub-canon\"}\n")));
    buf_release(&out);
}

static void the_file_is_appended_to(void **state)
{
    (void)state;
    char name[] = "/tmp/rejects.XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd != -1);
    struct rejects one, two;
    struct err why = {.code = "json", .message = "m"}, e = {0};
    assert_int_equal(unlink(name), 0);
    assert_int_equal(rejects_open(&one, name, "one", &e), 0);
    assert_int_equal(rejects_open(&two, name, "two", &e), 0);
    struct stat st;
    assert_int_equal(stat(name, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(rejects_add(&one, STR("a"), NULL, &why, &e), 0);
    assert_int_equal(rejects_add(&two, STR("a"), NULL, &why, &e), 0);
    assert_int_equal(rejects_add(&one, STR("a"), NULL, &why, &e), 0);
    assert_int_equal(rejects_sync(&one, &e), 0);
    assert_int_equal(one.count, 2);
    assert_int_equal(rejects_close(&one, &e), 0);
    assert_int_equal(rejects_close(&two, &e), 0);
    struct str line =
        STR("{\"error\":{\"code\":\"json\",\"message\":\"m\"},\"record\":\"a\",\"tool\":\"one\"}\n");
    assert_int_equal(stat(name, &st), 0);
    assert_int_equal(st.st_size, 3 * line.n);
    assert_int_equal(unlink(name), 0);
    close(fd);
}

static void what_cannot_be_kept_is_told(void **state)
{
    (void)state;
    struct rejects j;
    struct err why = {.code = "json", .message = "m"}, e = {0};
    assert_int_equal(rejects_open(&j, "/tmp", "t", &e), -1);
    assert_string_equal(e.code, "io");
    assert_string_equal(e.place, "/tmp");
    assert_int_equal(rejects_open(&j, "/dev/full", "t", &e), 0);
    assert_int_equal(rejects_add(&j, STR("a"), NULL, &why, &e), -1);
    assert_string_equal(e.place, "/dev/full");
    assert_int_equal(j.count, 0);
    assert_int_equal(rejects_close(&j, &e), 0);
    assert_int_equal(rejects_open(&j, NULL, "t", &e), 0);
    assert_int_equal(j.fd, -1);
    assert_int_equal(rejects_close(&j, &e), 0);
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
        cmocka_unit_test(lines_come_back_byte_for_byte),  cmocka_unit_test(noise_comes_back_byte_for_byte),
        cmocka_unit_test(deep_nesting_comes_back),        cmocka_unit_test(a_line_over_the_limit_is_cut),
        cmocka_unit_test(the_line_has_its_keys_in_order), cmocka_unit_test(the_file_is_appended_to),
        cmocka_unit_test(what_cannot_be_kept_is_told),
    };
    return cmocka_run_group_tests(tests, make_reader, drop_reader);
}
