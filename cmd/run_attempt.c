#include "run.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"

enum {
    WORDS_MOST = 4096,
    FIRST_WAIT = 10000,       /* milliseconds, doubled with each attempt */
    LONGEST_WAIT = 10 * 60000 /* likewise */
};

static int set_environment(struct run *t, const char *database, struct str log, struct err *e)
{
    static const char *const not_ours[] = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "HUB_RULE"};
    for (size_t i = 0; i < sizeof not_ours / sizeof *not_ours; i++)
        unsetenv(not_ours[i]);
    return setenv("HUB_DB", database, 1) == 0 && setenv("HUB_RUN", t->name.p, 1) == 0 &&
                   setenv("HUB_RUN_LOG", log.p, 1) == 0
               ? 0
               : err_memory(e);
}

static int start_make(struct run *t, int output, struct child_end *end, struct err *e)
{
    static char make[] = "make", quiet[] = "-s", keep_going[] = "-k", plain[] = "--no-print-directory",
                file[] = "-f", jobs[] = "-j";
    char *argv[WORDS_MOST + 16], number[32];
    size_t n = 0;
    if (t->cmd.noperands > WORDS_MOST)
        return err_set(e, "usage", "more than %d targets", WORDS_MOST);
    struct str flow = arena_str(&t->arena, t->file);
    if (flow.p == NULL || snprintf(number, sizeof number, "%" PRIu64, t->jobs) < 0)
        return err_memory(e);
    argv[n++] = make;
    argv[n++] = quiet;
    argv[n++] = keep_going;
    argv[n++] = plain;
    argv[n++] = file;
    argv[n++] = arena_raw(&t->arena, t->file.n + 1);
    if (argv[n - 1] == NULL)
        return err_memory(e);
    memcpy(argv[n - 1], flow.p, flow.n + 1);
    if (t->jobs > 0) {
        argv[n++] = jobs;
        argv[n++] = number;
    }
    for (int i = 1; i < t->cmd.noperands; i++)
        argv[n++] = t->cmd.operands[i];
    argv[n] = NULL;
    const struct child_options child = {argv, -1, output, t->limit};
    return child_run(&child, end, e);
}

static int attempt(struct run *t, const char *database, int64_t n, struct child_end *end, struct err *e)
{
    struct str log = run_log_path(t, t->folder, n), said = run_said_path(t, t->folder);
    if (log.p == NULL || said.p == NULL || set_environment(t, database, log, e) == -1)
        return log.p == NULL || said.p == NULL ? err_memory(e) : -1;
    int fd = open(said.p, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd == -1)
        return err_errno(e, said.p);
    int done = start_make(t, fd, end, e);
    close(fd);
    int imported = runs_import(t->hub, t->run, log.p, n, &t->stages, e);
    return done == 0 ? imported : -1;
}

/* The status of the run, and why, where its stages do not say it. */
static int judge(struct run *t, const struct child_end *end)
{
    int status = stages_status(&t->stages);
    if (end->how == CHILD_TIMED_OUT)
        return report_why(&t->report, CMD_FAILED, "it took longer than its limit, and was ended");
    if (end->how == CHILD_STOPPED)
        return report_why(&t->report, CMD_FAILED, "stopped by the signal %s", strsignal(end->signal));
    if (end->status != 0 && status <= CMD_NO)
        return report_why(&t->report, CMD_FAILED, "make ended with %d, and no stage did", end->status);
    return status;
}

int run_attempts(struct run *t, const char *database, int *status, struct err *e)
{
    struct child_end end = {0};
    int64_t wait = t->wait > 0 ? t->wait : FIRST_WAIT;
    for (uint64_t n = 0;; n++) {
        t->attempts = (int64_t)n + 1;
        if (attempt(t, database, t->attempts, &end, e) == -1)
            return -1;
        *status = judge(t, &end);
        if (*status != CMD_TEMPORARY || n == t->retries)
            return 0;
        int signal = child_sleep(wait);
        if (signal != 0) {
            *status = report_why(&t->report, CMD_FAILED, "stopped by the signal %s", strsignal(signal));
            return 0;
        }
        wait = 2 * wait < LONGEST_WAIT ? 2 * wait : LONGEST_WAIT;
    }
}
