#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/out.h"
#include "sink/same.h"

enum { BYTES = 200000 };

static char path[] = "/tmp/same.XXXXXX";
static char text[BYTES + 1];

static int make_file(void **state)
{
    struct err e = {0};
    (void)state;
    for (size_t i = 0; i <= BYTES; i++)
        text[i] = (char)(i * 7919 >> 5);
    int fd = mkstemp(path);
    return fd != -1 && write_all(fd, (struct str){text, BYTES}, &e) == 0 ? close(fd) : -1;
}

static int drop_file(void **state)
{
    (void)state;
    return unlink(path);
}

/* Compares the file with the first N bytes of the text, in pieces. */
static bool compare(size_t n, size_t piece)
{
    struct same same;
    same_open(&same, path);
    assert_true(same.exists);
    for (size_t at = 0; at < n; at += piece)
        same_next(&same, str_slice((struct str){text, n}, at, at + piece));
    bool answer = same_end(&same);
    assert_false(same_end(&same));
    return answer;
}

static void only_the_same_bytes_are_the_same(void **state)
{
    (void)state;
    static const size_t pieces[] = {97, 4096, 64 << 10, BYTES, BYTES + 1};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        assert_true(compare(BYTES, pieces[i]));
        assert_false(compare(BYTES - 1, pieces[i]));
        assert_false(compare(BYTES + 1, pieces[i]));
        assert_false(compare(0, pieces[i]));
        static const size_t places[] = {0, 4095, (64 << 10) - 1, 64 << 10, BYTES - 1};
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            text[places[k]] ^= 1;
            assert_false(compare(BYTES, pieces[i]));
            text[places[k]] ^= 1;
        }
    }
}

static void what_is_not_there_is_not_the_same(void **state)
{
    (void)state;
    static const char *const none[] = {"/nowhere/at/all", "/tmp", "/dev/null"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct same same;
        same_open(&same, none[i]);
        assert_false(same.exists);
        same_next(&same, STR(""));
        assert_false(same_end(&same));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_same_bytes_are_the_same),
        cmocka_unit_test(what_is_not_there_is_not_the_same),
    };
    return cmocka_run_group_tests(tests, make_file, drop_file);
}
