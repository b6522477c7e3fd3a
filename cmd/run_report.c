#include "run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"

static int hand_over(struct run *t, struct str text, struct err *e)
{
    static char shell[] = "/bin/sh", option[] = "-c";
    struct child_end end;
    int fd = file_unlinked(e);
    if (fd == -1)
        return -1;
    char *command = strdup(t->on_fail);
    char *argv[] = {shell, option, command, NULL};
    const struct child_options child = {argv, fd, -1, 0};
    int done = command == NULL ? err_memory(e) : 0;
    if (done == 0 && (write(fd, text.p, text.n) != (ssize_t)text.n || lseek(fd, 0, SEEK_SET) == -1))
        done = err_errno(e, "cannot keep the report");
    if (done == 0 && (done = child_run(&child, &end, e)) == 0 && end.status != 0)
        cmd_say(&t->cmd, "the command of --on-fail ended with %d", end.status);
    free(command);
    close(fd);
    return done;
}

/* Of the run; the tool itself reads no records. */
static int say_counts(void *arg, const struct runs_run *r, struct err *e)
{
    struct run *t = arg;
    (void)e;
    if (r->id == t->run)
        cmd_say(&t->cmd, "%.*s: run %" PRId64 ": %" PRId64 " in, %" PRId64 " out, %" PRId64 " refused",
                (int)t->flow.n, t->flow.p, r->id, r->in, r->out, r->refused);
    t->cmd.verbose = false;
    return 0;
}

int run_tell(struct run *t, int status, struct err *e)
{
    struct buf text;
    struct str said_file = run_said_path(t, t->folder), said = {0};
    struct err ignored = {0};
    if (said_file.p != NULL && file_read(&said, said_file.p, REPORT_SAID_MOST, &t->arena, &ignored) == 0)
        said = report_clean(&t->report, said);
    struct str why = buf_str(&t->report.why);
    if (runs_end(t->hub, t->run, status, why.n > 0 ? why : (struct str){0}, said, e) == -1)
        return -1;
    run_remove_folder(t, t->folder);
    if (t->cmd.verbose && runs_last(t->hub, say_counts, t, e) == -1)
        return -1;
    if (status == CMD_OK)
        return 0;
    buf_init(&text, 2 * RUN_TEXT_MOST);
    const struct report_about about = {t->flow,     t->name, said, t->run, (int64_t)time(NULL) - t->began,
                                       t->attempts, status};
    int done = report_write(&t->report, &text, t->hub, &about, &t->stages, e);
    if (done == 0 && write(STDERR_FILENO, text.p, text.n) == -1)
        done = err_errno(e, "cannot write the report");
    if (done == 0 && t->on_fail != NULL)
        done = hand_over(t, buf_str(&text), e);
    buf_release(&text);
    return done;
}
