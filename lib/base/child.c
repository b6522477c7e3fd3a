#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    GRACE = 5000, /* milliseconds between SIGTERM and SIGKILL */
    LOOK = 50,    /* between two looks for what is left of a group */
    NOT_STARTED = 127
};

int64_t child_clock(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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
    int64_t until = child_clock() + milliseconds;
    int got = 0;
    for (int64_t left = milliseconds; got == 0 && left > 0; left = until - child_clock())
        got = next_signal(&set, left);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return got;
}

/* Between fork and exec. */
static void become(const struct child_options *o, const sigset_t *mask)
{
    int input = o->input != -1 ? o->input : open("/dev/null", O_RDONLY);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    setpgid(0, 0);
    sigprocmask(SIG_SETMASK, mask, NULL);
    if (dup2(input, STDIN_FILENO) != -1 &&
        (o->output == -1 || (dup2(o->output, STDOUT_FILENO) != -1 && dup2(o->output, STDERR_FILENO) != -1)))
        execvp(o->argv[0], o->argv);
    _exit(NOT_STARTED);
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
        *kill_at = child_clock() + GRACE;
}

static bool is_left(pid_t group)
{
    return kill(-group, 0) == 0 || errno == EPERM;
}

static int64_t time_left(int64_t until)
{
    int64_t left = until - child_clock();
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
            *kill_at = end->how != CHILD_ENDED ? child_clock() + GRACE : *kill_at;
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
    int64_t limit_at = o->limit > 0 ? child_clock() + o->limit : -1, kill_at = -1;
    *end = (struct child_end){.how = CHILD_ENDED};
    fill_set(&set);
    sigprocmask(SIG_BLOCK, &set, &before);
    pid_t pid = fork();
    if (pid == 0)
        become(o, &before);
    if (pid != -1) {
        setpgid(pid, pid);
        wait_for(pid, &set, limit_at, &kill_at, end);
        wait_for_group(pid, &set, kill_at);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid == -1)
        return err_errno(e, "cannot start a process");
    if (end->status == NOT_STARTED && end->how == CHILD_ENDED)
        return err_set(e, "config", "%s cannot be started: is it installed, and in PATH?", o->argv[0]);
    return 0;
}
