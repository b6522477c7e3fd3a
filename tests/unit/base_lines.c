#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/lines.h"
#include "base/out.h"
#include "random.h"
#include "scratch.h"

/* A pipe into which another process writes TEXT in pieces of 1..MOST bytes. */
static int pipe_of(struct str text, size_t most, pid_t *writer)
{
    int ends[2];
    struct err e = {0};
    assert_int_equal(pipe(ends), 0);
    *writer = fork();
    assert_true(*writer != -1);
    if (*writer == 0) {
        close(ends[0]);
        while (text.n > 0) {
            size_t n = 1 + random_below((uint32_t)most);
            if (write_all(ends[1], str_slice(text, 0, n), &e) == -1)
                _exit(1);
            text = str_slice(text, n, text.n);
        }
        _exit(0);
    }
    close(ends[1]);
    return ends[0];
}

/* Law: the lines, joined by newlines, are the text; each is cut at MAX; their numbers count from 1. */
static void check_lines(int fd, struct str text, size_t max)
{
    struct lines in;
    struct str line;
    struct err e = {0};
    size_t at = 0;
    uint64_t number = 0;
    enum lines_got got;
    lines_init(&in, fd, max);
    while ((got = lines_next(&in, &line, &e)) > 0) {
        struct str rest = str_slice(text, at, text.n);
        size_t n = str_find(rest, '\n');
        assert_int_equal(got, n > max ? LINES_TOO_LONG : LINES_OK);
        assert_true(str_eq(line, str_slice(rest, 0, n > max ? max : n)));
        assert_int_equal(in.number, ++number);
        assert_int_equal(in.unfinished, n == rest.n);
        for (size_t i = 0; i < LINES_PAD; i++)
            (void)*(const volatile char *)(line.p + line.n + i);
        at += n + (n < rest.n);
    }
    assert_int_equal(got, LINES_END);
    assert_int_equal(at, text.n);
    assert_int_equal(in.bytes, text.n);
    lines_release(&in);
}

static struct str make_text(struct buf *b, uint32_t lines, uint32_t longest)
{
    buf_reset(b);
    for (uint32_t i = 0; i < lines; i++) {
        uint32_t n = random_below(8) == 0 ? 0 : random_below(longest);
        for (uint32_t k = 0; k < n; k++)
            buf_byte(b, (char)(' ' + random_below(90)));
        if (i + 1 < lines || random_below(2) == 0)
            buf_byte(b, '\n');
    }
    assert_true(buf_ok(b));
    return buf_str(b);
}

static void lines_joined_are_the_text(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64 << 20);
    static const struct {
        uint32_t lines, longest;
        size_t max;
    } shapes[] = {{0, 1, 10},      {1, 5, 10},          {2000, 400, 1000},     {40, 40000, 1 << 20},
                  {300, 300, 100}, {20, 700000, 50000}, {12, 900000, 1 << 20}, {3, 1 << 20, 300000}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int round = 0; round < 3; round++) {
            struct str text = make_text(&b, shapes[i].lines, shapes[i].longest);
            check_lines(scratch_file(text), text, shapes[i].max);
            pid_t writer;
            int status;
            int fd = pipe_of(text, 70000, &writer);
            check_lines(fd, text, shapes[i].max);
            assert_int_equal(waitpid(writer, &status, 0), writer);
        }
    buf_release(&b);
}

static void a_line_at_the_limit_passes(void **state)
{
    (void)state;
    check_lines(scratch_file(STR("12345\n123456\n12345")), STR("12345\n123456\n12345"), 5);
    check_lines(scratch_file(STR("123456")), STR("123456"), 5);
    check_lines(scratch_file(STR("\n\n")), STR("\n\n"), 5);
}

static int count_idle(void *arg, struct err *e)
{
    (void)e;
    ++*(int *)arg;
    return 0;
}

static int refuse_idle(void *arg, struct err *e)
{
    (void)arg;
    return err_set(e, "pipe", "gone");
}

static void idle_is_called_only_before_waiting(void **state)
{
    (void)state;
    int ends[2], calls = 0;
    struct lines in;
    struct str line;
    struct err e = {0};
    assert_int_equal(pipe(ends), 0);
    lines_init(&in, ends[0], LINES_MOST);
    in.idle = count_idle;
    in.idle_arg = &calls;
    assert_int_equal(write(ends[1], "a\nb\nc", 5), 5);
    assert_int_equal(lines_next(&in, &line, &e), LINES_OK);
    assert_int_equal(lines_next(&in, &line, &e), LINES_OK);
    assert_int_equal(calls, 0);
    in.idle = refuse_idle;
    assert_int_equal(lines_next(&in, &line, &e), LINES_FATAL);
    assert_string_equal(e.code, "pipe");
    close(ends[1]);
    in.idle = count_idle;
    assert_int_equal(lines_next(&in, &line, &e), LINES_OK);
    assert_true(str_eq(line, STR("c")));
    assert_int_equal(calls, 0); /* the end is there to be read */
    lines_release(&in);
}

static void a_descriptor_that_does_not_block_is_waited_for(void **state)
{
    (void)state;
    struct str text = STR("one\ntwo\n");
    pid_t writer;
    int status, fd = pipe_of(text, 1, &writer);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    check_lines(fd, text, 100);
    assert_int_equal(waitpid(writer, &status, 0), writer);
}

static void a_read_error_is_told(void **state)
{
    (void)state;
    struct lines in;
    struct str line;
    struct err e = {0};
    lines_init(&in, open("/tmp", O_RDONLY), 100);
    assert_int_equal(lines_next(&in, &line, &e), LINES_FATAL);
    assert_string_equal(e.code, "io");
    lines_release(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_joined_are_the_text),
        cmocka_unit_test(a_line_at_the_limit_passes),
        cmocka_unit_test(idle_is_called_only_before_waiting),
        cmocka_unit_test(a_descriptor_that_does_not_block_is_waited_for),
        cmocka_unit_test(a_read_error_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
