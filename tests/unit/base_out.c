#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/out.h"

/* A process that counts what it reads from the pipe; its status is whether that was WANT bytes. */
static pid_t reader_of(int ends[2], size_t want)
{
    assert_int_equal(pipe(ends), 0);
    pid_t reader = fork();
    assert_true(reader != -1);
    if (reader > 0) {
        close(ends[0]);
        return reader;
    }
    close(ends[1]);
    char block[5000];
    size_t total = 0;
    ssize_t got;
    while ((got = read(ends[0], block, sizeof block)) > 0)
        total += (size_t)got;
    _exit(total == want ? 0 : 1);
}

static void write_records(int flags, uint64_t behind_from)
{
    enum { RECORDS = 20000, SIZE = 100 };
    int ends[2], status;
    pid_t reader = reader_of(ends, RECORDS * SIZE);
    assert_int_equal(fcntl(ends[1], F_SETFL, flags), 0);
    struct out out;
    struct err e = {0};
    out_init(&out, ends[1]);
    out.behind_from = behind_from;
    char record[SIZE] = {0};
    for (int i = 0; i < RECORDS; i++) {
        buf_put(&out.buf, (struct str){record, SIZE});
        assert_int_equal(out_commit(&out, &e), 0);
        assert_true(out.buf.n < OUT_BLOCK);
    }
    assert_int_equal(out_flush(&out, &e), 0);
    assert_int_equal(out.bytes, RECORDS * SIZE);
    out_release(&out);
    close(ends[1]);
    assert_int_equal(waitpid(reader, &status, 0), reader);
    assert_int_equal(status, 0);
}

static void all_that_is_put_arrives(void **state)
{
    (void)state;
    write_records(0, UINT64_MAX);
    write_records(O_NONBLOCK, UINT64_MAX); /* short writes and EAGAIN */
    write_records(0, 0);
    write_records(O_NONBLOCK, 500000);
}

static void a_closed_pipe_is_told_as_pipe(void **state)
{
    (void)state;
    int ends[2];
    struct out out;
    struct err e = {0};
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    out_init(&out, ends[1]);
    buf_put(&out.buf, STR("x"));
    assert_int_equal(out_flush(&out, &e), -1);
    assert_string_equal(e.code, "pipe");
    assert_int_equal(out_flush(&out, &e), 0); /* no second try */
    out_release(&out);
    close(ends[1]);
}

static void a_full_disk_is_told_as_io(void **state)
{
    (void)state;
    struct out out;
    struct err e = {0};
    out_init(&out, open("/dev/full", O_WRONLY));
    assert_int_equal(out_flush(&out, &e), 0);
    buf_put(&out.buf, STR("x"));
    assert_int_equal(out_flush(&out, &e), -1);
    assert_string_equal(e.code, "io");
    assert_int_equal(out.bytes, 0);
    close(out.fd);
    out_release(&out);
}

static void what_is_written_behind_fails_one_block_later(void **state)
{
    (void)state;
    struct out out;
    struct err e = {0};
    out_init(&out, open("/dev/full", O_WRONLY));
    out.behind_from = 0;
    for (int i = 0; i < OUT_BLOCK; i++)
        buf_byte(&out.buf, 'x');
    assert_int_equal(out_commit(&out, &e), 0);
    assert_int_equal(out.buf.n, 0);
    buf_put(&out.buf, STR("y"));
    assert_int_equal(out_flush(&out, &e), -1);
    assert_string_equal(e.code, "io");
    assert_int_equal(out_flush(&out, &e), 0); /* no second try */
    close(out.fd);
    out_release(&out);
}

static void a_failed_buffer_is_not_written(void **state)
{
    (void)state;
    int ends[2];
    struct out out;
    struct err e = {0};
    assert_int_equal(pipe(ends), 0);
    out_init(&out, ends[1]);
    buf_put(&out.buf, STR("half a rec"));
    out.buf.failed = true;
    assert_int_equal(out_commit(&out, &e), -1);
    assert_string_equal(e.code, "memory");
    close(ends[1]);
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 0);
    close(ends[0]);
    out_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_is_put_arrives),
        cmocka_unit_test(a_closed_pipe_is_told_as_pipe),
        cmocka_unit_test(a_full_disk_is_told_as_io),
        cmocka_unit_test(what_is_written_behind_fails_one_block_later),
        cmocka_unit_test(a_failed_buffer_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
