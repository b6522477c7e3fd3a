/*
 * For unit tests that ask another program: a command of the test's own words, run by sh.
 *
 *     char said[100];
 *     assert_int_equal(shell("wc -c < /dev/fd/3", said, sizeof said), 0);
 */
#ifndef HUB_TESTS_SHELL_H
#define HUB_TESTS_SHELL_H

#include <sys/wait.h>
#include <unistd.h>

/* What it prints goes to OUT, NUL behind it (NULL: nowhere). Its status, as waitpid gives it; -1. */
static inline int shell(const char *command, char *out, size_t n)
{
    int ends[2], status = -1;
    size_t got = 0;
    ssize_t more = 1;
    if (pipe(ends) == -1)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    }
    close(ends[1]);
    char rest[512];
    while (more > 0) {
        bool room = out != NULL && got + 1 < n;
        more = room ? read(ends[0], out + got, n - got - 1) : read(ends[0], rest, sizeof rest);
        got += room && more > 0 ? (size_t)more : 0;
    }
    if (out != NULL)
        out[got] = '\0';
    close(ends[0]);
    return child != -1 && waitpid(child, &status, 0) == child ? status : -1;
}

#endif
