/*
 * measure FILE COMMAND [ARGUMENT...]: runs it, and writes one line into FILE: microseconds that passed,
 * microseconds of processor time, the most memory in KiB, exit status. A program of its own, since the memory
 * of who starts a command counts as the command's: this one is small.
 */
#define _GNU_SOURCE /* wait4 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t microseconds(struct timeval t)
{
    return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: measure FILE COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    int status = 0;
    struct rusage used = {0};
    int64_t started = now();
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (child == -1 || wait4(child, &status, 0, &used) == -1) {
        perror("measure");
        return 2;
    }
    int64_t passed = now() - started;
    FILE *f = fopen(argv[1], "w");
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (f == NULL ||
        fprintf(f, "%" PRId64 " %" PRId64 " %ld %d\n", passed,
                microseconds(used.ru_utime) + microseconds(used.ru_stime), used.ru_maxrss, code) < 0 ||
        fclose(f) != 0) {
        perror(argv[1]);
        return 2;
    }
    return code;
}
