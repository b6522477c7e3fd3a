#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static char folder[] = "/tmp/file.XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static size_t names_in_folder(void)
{
    DIR *dir = opendir(".");
    assert_non_null(dir);
    size_t n = 0;
    for (struct dirent *d; (d = readdir(dir)) != NULL;)
        n += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
    closedir(dir);
    return n;
}

static void write_file(const char *path, struct str text, mode_t mode)
{
    struct file_write w;
    struct err e = {0};
    assert_int_equal(file_write_open(&w, path, mode, &e), 0);
    buf_put(&w.out.buf, text);
    assert_int_equal(out_commit(&w.out, &e), 0);
    assert_int_equal(file_write_commit(&w, &e), 0);
    file_write_abort(&w);
}

static void assert_holds(const char *path, struct str text)
{
    struct arena a;
    struct str got;
    struct err e = {0};
    arena_init(&a, 64 << 20);
    assert_int_equal(file_read(&got, path, 32 << 20, &a, &e), 0);
    assert_true(str_eq(got, text));
    for (size_t i = 0; i < BUF_PAD; i++)
        assert_int_equal(got.p[got.n + i], 0);
    arena_release(&a);
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    static char large[3 << 20];
    memset(large, 'x', sizeof large);
    write_file("a", STR(""), 0644);
    assert_holds("a", STR(""));
    write_file("a", (struct str){large, sizeof large}, 0644);
    assert_holds("a", (struct str){large, sizeof large});
    assert_int_equal(names_in_folder(), 1);
    unlink("a");
}

static void the_old_stays_until_the_commit(void **state)
{
    (void)state;
    struct file_write w;
    struct err e = {0};
    write_file("a", STR("old"), 0600);
    assert_int_equal(file_write_open(&w, "a", 0644, &e), 0);
    buf_put(&w.out.buf, STR("new"));
    assert_int_equal(out_flush(&w.out, &e), 0);
    assert_holds("a", STR("old"));
    file_write_abort(&w);
    file_write_abort(&w);
    assert_holds("a", STR("old"));
    assert_int_equal(names_in_folder(), 1);
    write_file("a", STR("new"), 0644);
    assert_holds("a", STR("new"));
    struct stat st;
    assert_int_equal(stat("a", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    unlink("a");
}

static void several_writers_do_not_meet(void **state)
{
    (void)state;
    struct file_write one, two;
    struct err e = {0};
    assert_int_equal(file_write_open(&one, "a", 0644, &e), 0);
    assert_int_equal(file_write_open(&two, "a", 0644, &e), 0);
    buf_put(&one.out.buf, STR("one"));
    buf_put(&two.out.buf, STR("two"));
    assert_int_equal(file_write_commit(&two, &e), 0);
    assert_int_equal(file_write_commit(&one, &e), 0);
    assert_holds("a", STR("one"));
    assert_int_equal(names_in_folder(), 1);
    unlink("a");
}

static void a_link_keeps_pointing(void **state)
{
    (void)state;
    write_file("real", STR("old"), 0644);
    assert_int_equal(symlink("real", "link"), 0);
    write_file("link", STR("new"), 0644);
    assert_holds("real", STR("new"));
    struct stat st;
    assert_int_equal(lstat("link", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    unlink("link");
    unlink("real");
}

static void a_long_name_fits(void **state)
{
    (void)state;
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    write_file(name, STR("x"), 0644);
    assert_holds(name, STR("x"));
    unlink(name);
}

static void refuses(const char *path, const char *why)
{
    struct file_write w;
    struct err e = {0};
    assert_int_equal(file_write_open(&w, path, 0644, &e), -1);
    assert_string_equal(e.code, "io");
    assert_string_equal(e.place, path);
    assert_non_null(strstr(e.message, why));
    file_write_abort(&w);
}

static void what_cannot_be_written_is_refused_at_once(void **state)
{
    (void)state;
    refuses("/tmp", "directory");
    refuses("/dev/null", "not a regular file");
    refuses("no/such/folder", "No such file");
    refuses("", "No such file");
    refuses("a/", "directory");
    write_file("a", STR("x"), 0400);
    if (geteuid() != 0)
        refuses("a", "Permission");
    unlink("a");
    assert_int_equal(names_in_folder(), 0);
}

static void a_failing_write_leaves_nothing(void **state)
{
    (void)state;
    struct file_write w;
    struct err e = {0};
    assert_int_equal(file_write_open(&w, "a", 0644, &e), 0);
    int full = open("/dev/full", O_WRONLY);
    assert_int_equal(dup2(full, w.out.fd), w.out.fd);
    close(full);
    buf_put(&w.out.buf, STR("x"));
    assert_int_equal(file_write_commit(&w, &e), -1);
    assert_string_equal(e.code, "io");
    assert_string_equal(e.place, "a");
    assert_int_equal(names_in_folder(), 0);
}

static void cannot_read(const char *path, const char *code, const char *place, const char *why)
{
    struct arena a;
    struct str got;
    struct err e = {0};
    arena_init(&a, 1 << 20);
    assert_int_equal(file_read(&got, path, 2, &a, &e), -1);
    assert_string_equal(e.code, code);
    assert_string_equal(e.place, place);
    assert_non_null(strstr(e.message, why));
    arena_release(&a);
}

static void what_cannot_be_read_is_told(void **state)
{
    (void)state;
    cannot_read("/tmp", "io", "/tmp", "directory");
    cannot_read("none", "io", "none", "No such file");
    write_file("a", STR("12"), 0644);
    assert_holds("a", STR("12"));
    write_file("a", STR("123"), 0644);
    cannot_read("a", "limit", "a", "longer than 2 bytes");
    unlink("a");
    int kept = dup(STDIN_FILENO);
    close(STDIN_FILENO);
    cannot_read("-", "io", "stdin", "Bad file descriptor");
    if (kept != -1) {
        dup2(kept, STDIN_FILENO);
        close(kept);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(the_old_stays_until_the_commit),
        cmocka_unit_test(several_writers_do_not_meet),
        cmocka_unit_test(a_link_keeps_pointing),
        cmocka_unit_test(a_long_name_fits),
        cmocka_unit_test(what_cannot_be_written_is_refused_at_once),
        cmocka_unit_test(a_failing_write_leaves_nothing),
        cmocka_unit_test(what_cannot_be_read_is_told),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
