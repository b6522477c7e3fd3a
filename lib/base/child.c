#define _GNU_SOURCE /* environ */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    GRACE = 5000, /* milliseconds between SIGTERM and SIGKILL */
    LOOK = 50     /* between two looks for what is left of a group */
};

/* Those that end what we do, and those that say that a child has ended. */
static void fill_set(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
    sigaddset(set, SIGCHLD);
}

/* The next signal of SET, or 0 when the time is over; without end where MILLISECONDS is negative. */
static int next_signal(const sigset_t *set, int64_t milliseconds)
{
    const struct timespec most = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    int got = milliseconds < 0 ? sigwaitinfo(set, NULL) : sigtimedwait(set, NULL, &most);
    return got > 0 ? got : 0;
}

int child_sleep(int64_t milliseconds)
{
    sigset_t set, before;
    fill_set(&set);
    sigdelset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, &before);
    int64_t until = clock_now() + milliseconds;
    int got = 0;
    for (int64_t left = milliseconds; got == 0 && left > 0; left = until - clock_now())
        got = next_signal(&set, left);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return got;
}

static int describe(const struct child_options *o, const sigset_t *mask, posix_spawnattr_t *how,
                    posix_spawn_file_actions_t *files)
{
    sigset_t ends;
    fill_set(&ends);
    sigaddset(&ends, SIGPIPE); /* which the tools ignore, as */
    sigaddset(&ends, SIGXFSZ);
    int failed =
        posix_spawnattr_setflags(how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    failed |= posix_spawnattr_setpgroup(how, 0) | posix_spawnattr_setsigmask(how, mask);
    failed |= posix_spawnattr_setsigdefault(how, &ends);
    failed |= o->input != -1
                  ? posix_spawn_file_actions_adddup2(files, o->input, STDIN_FILENO)
                  : posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (o->output != -1)
        failed |= posix_spawn_file_actions_adddup2(files, o->output, STDOUT_FILENO) |
                  posix_spawn_file_actions_adddup2(files, o->output, STDERR_FILENO);
    return failed;
}

/* In a group of its own. */
static int start(const struct child_options *o, const sigset_t *mask, pid_t *pid, struct err *e)
{
    posix_spawnattr_t how;
    posix_spawn_file_actions_t files;
    if (posix_spawnattr_init(&how) != 0)
        return err_memory(e);
    if (posix_spawn_file_actions_init(&files) != 0) {
        posix_spawnattr_destroy(&how);
        return err_memory(e);
    }
    int failed = describe(o, mask, &how, &files) != 0
                     ? ENOMEM
                     : posix_spawnp(pid, o->argv[0], &files, &how, o->argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    if (failed == 0)
        return 0;
    errno = failed;
    err_place(e, "%s", o->argv[0]);
    return err_errno(e, "cannot be started");
}

static int status_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The group is told to end; when it was told before, or does not, it is killed. */
static void end_group(pid_t group, int with, int64_t *kill_at)
{
    kill(-group, *kill_at >= 0 ? SIGKILL : with);
    if (*kill_at < 0)
        *kill_at = clock_now() + GRACE;
}

static bool is_left(pid_t group)
{
    return kill(-group, 0) == 0 || errno == EPERM;
}

static int64_t time_left(int64_t until)
{
    int64_t left = until - clock_now();
    return left > 0 ? left : 0;
}

/* Until the program has ended. */
static void wait_for(pid_t pid, const sigset_t *set, int64_t limit_at, int64_t *kill_at,
                     struct child_end *end)
{
    int status;
    while (waitpid(pid, &status, WNOHANG) != pid) {
        int64_t until = *kill_at >= 0 ? *kill_at : limit_at;
        int got = next_signal(set, until >= 0 ? time_left(until) : -1);
        if (got != 0 && got != SIGCHLD) {
            end->how = CHILD_STOPPED;
            end->signal = got;
            end_group(pid, got, kill_at);
        } else if (until >= 0 && time_left(until) == 0) {
            end->how = *kill_at >= 0 ? end->how : CHILD_TIMED_OUT;
            end_group(pid, SIGTERM, kill_at);
            *kill_at = end->how != CHILD_ENDED ? clock_now() + GRACE : *kill_at;
        }
    }
    end->status = status_of(status);
}

/* What it has started may outlive it, where it was told to end. */
static void wait_for_group(pid_t group, const sigset_t *set, int64_t kill_at)
{
    while (kill_at >= 0 && is_left(group)) {
        if (time_left(kill_at) == 0) {
            kill(-group, SIGKILL);
            return;
        }
        next_signal(set, LOOK);
    }
}

int child_run(const struct child_options *o, struct child_end *end, struct err *e)
{
    sigset_t set, before;
    int64_t limit_at = o->limit > 0 ? clock_now() + o->limit : -1, kill_at = -1;
    *end = (struct child_end){.how = CHILD_ENDED};
    fill_set(&set);
    sigprocmask(SIG_BLOCK, &set, &before);
    pid_t pid = 0;
    int done = start(o, &before, &pid, e);
    if (done == 0) {
        wait_for(pid, &set, limit_at, &kill_at, end);
        wait_for_group(pid, &set, kill_at);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return done;
}
