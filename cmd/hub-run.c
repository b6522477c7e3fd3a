/*
 * hub-run: a flow under make, with everything that becomes of it kept in the hub.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/duration.h"
#include "base/file.h"
#include "base/instant.h"
#include "base/search.h"
#include "base/size.h"
#include "cmd.h"
#include "hub/report.h"

enum {
    TEXT_MOST = 1 << 20,
    WORDS_MOST = 4096,
    FIRST_WAIT = 10000,        /* milliseconds, doubled with each attempt */
    LONGEST_WAIT = 10 * 60000, /* likewise */
    RETRIES_MOST = 1000
};

struct tool {
    struct cmd cmd;
    const char *database, *on_fail;
    uint64_t retries, jobs;
    int64_t limit, wait; /* milliseconds */
    struct arena arena;
    struct hub *hub;
    struct str flow, file, name, folder; /* of the flow; of this run */
    int64_t run, began;
    struct stages stages;
    struct report report;
};

static const struct cmd_option options[] = {
    {'d', "database", "FILE", CMD_FILE, "hub.db (default: $HUB_DB)", NULL},
    {'j', "jobs", "N", CMD_TEXT, "run up to N rules at once", NULL},
    {0, "limit", "TIME", CMD_TEXT, "end it when it takes longer: 90s, 10m, 2h", NULL},
    {0, "retry", "N", CMD_TEXT, "what ended as temporary (75) is tried up to N times more", NULL},
    {0, "wait", "TIME", CMD_TEXT, "before the first of these; each next wait is twice as long (default: 10s)",
     NULL},
    {0, "on-fail", "COMMAND", CMD_TEXT, "run it by the shell where not all is well, the report on its input",
     NULL},
    {0}};

static const struct cmd_spec spec = {.name = "hub-run",
                                     .purpose = "run a flow under make, and keep what becomes of it",
                                     .operands = "FLOW [TARGET...]",
                                     .options = options,
                                     .common = 0};

static int take_count(const char *name, const char *argument, uint64_t most, uint64_t *out, struct err *e)
{
    if (count_parse(str_of(argument), out) && *out <= most)
        return 0;
    return err_set(e, "usage", "--%s: not a number up to %" PRIu64 ": %s", name, most,
                   err_quote(str_of(argument)));
}

static int take_time(const char *name, const char *argument, int64_t *out, struct err *e)
{
    if (duration_parse(str_of(argument), out) && *out > 0)
        return 0;
    return err_set(e, "usage", "--%s: not a time such as 90s, 10m or 2h: %s", name,
                   err_quote(str_of(argument)));
}

static int take_option(void *arg, int letter, const char *name, const char *argument, struct err *e)
{
    struct tool *t = arg;
    if (letter == 'd')
        t->database = argument;
    else if (letter == 'j')
        return take_count(name, argument, 1024, &t->jobs, e);
    else if (strcmp(name, "limit") == 0)
        return take_time(name, argument, &t->limit, e);
    else if (strcmp(name, "wait") == 0)
        return take_time(name, argument, &t->wait, e);
    else if (strcmp(name, "retry") == 0)
        return take_count(name, argument, RETRIES_MOST, &t->retries, e);
    else
        t->on_fail = argument;
    return 0;
}

/* ---- the flow, and the lock ---- */

/* A path, or the name of one of pipelines/flows/. */
static int find_flow(struct tool *t, const char *operand, struct err *e)
{
    struct str name = str_of(operand);
    bool is_path = str_find(name, '/') < name.n || str_ends(name, STR(".mk"));
    if (is_path) {
        t->file = name;
        if (access(operand, R_OK) == -1) {
            err_place(e, "%s", operand);
            return err_errno(e, "cannot read the flow");
        }
    } else {
        struct str relative = arena_printf(&t->arena, "flows/%s.mk", operand);
        if (relative.p == NULL || search_find(&t->file, relative, &t->arena, e) == -1)
            return relative.p == NULL ? err_memory(e) : -1;
    }
    const char *slash = strrchr(operand, '/');
    name = str_of(slash != NULL ? slash + 1 : operand);
    t->flow = arena_str(&t->arena, str_slice(name, 0, name.n - (str_ends(name, STR(".mk")) ? 3 : 0)));
    return t->flow.p != NULL ? 0 : err_memory(e);
}

/* Who has it says so in the file itself. */
static int held_by_another(struct tool *t, const char *path, struct err *e)
{
    struct str said = {0};
    struct err ignored = {0};
    e->temporary = true;
    err_place(e, "%.*s", (int)t->flow.n, t->flow.p);
    if (file_read(&said, path, 256, &t->arena, &ignored) == -1 || str_trim(said).n == 0)
        return err_set(e, "busy", "another run of it goes on");
    said = str_trim(said);
    return err_set(e, "busy", "another run of it goes on: %.*s", (int)said.n, said.p);
}

/* It is handed on to make and to what that starts: where we are killed, it is held as long as any of them
 * works on. */
static int take_lock(struct tool *t, const char *database, struct err *e)
{
    struct str path = arena_printf(&t->arena, "%s-run-%s", database, t->flow.p);
    int fd = path.p != NULL ? file_lock(path.p, false, e) : err_memory(e);
    if (fd == -1)
        return path.p != NULL && e->temporary ? held_by_another(t, path.p, e) : -1;
    struct buf text;
    buf_init(&text, TEXT_MOST);
    buf_printf(&text, "process %ld, since ", (long)getpid());
    instant_rfc3339(&(struct instant){.seconds = t->began}, &text);
    buf_byte(&text, '\n');
    bool wrote = buf_ok(&text) && fcntl(fd, F_SETFD, 0) != -1 && ftruncate(fd, 0) == 0 &&
                 write(fd, text.p, text.n) == (ssize_t)text.n;
    buf_release(&text);
    return wrote ? 0 : err_errno(e, path.p);
}

/* ---- books ---- */

static struct str log_of(struct tool *t, struct str folder, int64_t attempt)
{
    return arena_printf(&t->arena, "%.*s/log.%" PRId64, (int)folder.n, folder.p, attempt);
}

static struct str said_of(struct tool *t, struct str folder)
{
    return arena_printf(&t->arena, "%.*s/said", (int)folder.n, folder.p);
}

static void remove_folder(struct tool *t, struct str folder)
{
    struct str path;
    for (int64_t attempt = 1; (path = log_of(t, folder, attempt)).p != NULL && unlink(path.p) == 0; attempt++)
        ;
    path = said_of(t, folder);
    if (path.p != NULL)
        unlink(path.p);
    rmdir(folder.p);
}

/* A run whose hub-run was killed: what it left is booked now. */
struct left {
    struct tool *t;
    int64_t run;
    struct str folder;
};

static int note_left(void *arg, const struct runs_run *r, struct err *e)
{
    struct left *left = arg;
    if (r->status != -1 || r->folder.p == NULL || left->run != 0)
        return 0;
    left->run = r->id;
    left->folder = arena_str(&left->t->arena, r->folder);
    return left->folder.p != NULL ? 0 : err_memory(e);
}

static int book_left(struct tool *t, struct err *e)
{
    for (;;) {
        struct left left = {.t = t};
        struct stages stages;
        if (runs_each(t->hub, t->flow, note_left, &left, e) == -1)
            return -1;
        if (left.run == 0)
            return 0;
        stages_init(&stages);
        struct str path;
        int done = 0;
        for (int64_t n = 1; done == 0 && access((path = log_of(t, left.folder, n)).p, F_OK) == 0; n++)
            done = runs_import(t->hub, left.run, path.p, n, &stages, e);
        struct str said = said_of(t, left.folder), text = {0};
        struct err ignored = {0};
        if (done == 0 && file_read(&text, said.p, REPORT_SAID_MOST, &t->arena, &ignored) == 0)
            text = report_clean(&t->report, text);
        if (done == 0)
            done = runs_end(t->hub, left.run, CMD_FAILED, STR("hub-run was killed"), text, e);
        stages_release(&stages);
        if (done == -1)
            return -1;
        remove_folder(t, left.folder);
    }
}

static int begin(struct tool *t, const char *database, struct err *e)
{
    struct buf when;
    buf_init(&when, TEXT_MOST);
    instant_rfc3339(&(struct instant){.seconds = t->began}, &when);
    t->name = arena_printf(&t->arena, "%s-%.*s-%ld", t->flow.p, (int)when.n, when.p, (long)getpid());
    buf_release(&when);
    struct str runs = arena_printf(&t->arena, "%s-runs", database);
    t->folder = arena_printf(&t->arena, "%s/%s", runs.p, t->name.p);
    if (t->name.p == NULL || runs.p == NULL || t->folder.p == NULL)
        return err_memory(e);
    const struct runs_start start = {t->flow, t->name, getpid(), t->began, t->folder};
    if ((t->run = runs_begin(t->hub, &start, e)) == -1)
        return -1;
    if ((mkdir(runs.p, 0700) == -1 && errno != EEXIST) || mkdir(t->folder.p, 0700) == -1)
        return err_errno(e, t->folder.p);
    return 0;
}

/* ---- one attempt ---- */

static int set_environment(struct tool *t, const char *database, struct str log, struct err *e)
{
    static const char *const not_ours[] = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "HUB_RULE"};
    for (size_t i = 0; i < sizeof not_ours / sizeof *not_ours; i++)
        unsetenv(not_ours[i]);
    return setenv("HUB_DB", database, 1) == 0 && setenv("HUB_RUN", t->name.p, 1) == 0 &&
                   setenv("HUB_RUN_LOG", log.p, 1) == 0
               ? 0
               : err_memory(e);
}

static int start_make(struct tool *t, int output, struct child_end *end, struct err *e)
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

static int attempt(struct tool *t, const char *database, int64_t n, struct child_end *end, struct err *e)
{
    struct str log = log_of(t, t->folder, n), said = said_of(t, t->folder);
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
static int judge(struct tool *t, const struct child_end *end)
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

/* Waits between them get longer. */
static int run_attempts(struct tool *t, const char *database, int *status, struct err *e)
{
    struct child_end end = {0};
    int64_t wait = t->wait > 0 ? t->wait : FIRST_WAIT;
    for (uint64_t n = 0;; n++) {
        if (attempt(t, database, (int64_t)n + 1, &end, e) == -1)
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

/* ---- the report ---- */

static int hand_over(struct tool *t, struct str text, struct err *e)
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

static int tell(struct tool *t, int status, struct err *e)
{
    struct buf text;
    struct str said_file = said_of(t, t->folder), said = {0};
    struct err ignored = {0};
    if (said_file.p != NULL && file_read(&said, said_file.p, REPORT_SAID_MOST, &t->arena, &ignored) == 0)
        said = report_clean(&t->report, said);
    struct str why = buf_str(&t->report.why);
    if (runs_end(t->hub, t->run, status, why.n > 0 ? why : (struct str){0}, said, e) == -1)
        return -1;
    remove_folder(t, t->folder);
    if (status == CMD_OK)
        return 0;
    buf_init(&text, 2 * TEXT_MOST);
    const struct report_about about = {t->flow, t->name, said, t->run, (int64_t)time(NULL) - t->began,
                                       status};
    int done = report_write(&t->report, &text, t->hub, &about, &t->stages, e);
    if (done == 0 && write(STDERR_FILENO, text.p, text.n) == -1)
        done = err_errno(e, "cannot write the report");
    if (done == 0 && t->on_fail != NULL)
        done = hand_over(t, buf_str(&text), e);
    buf_release(&text);
    return done;
}

static int run(struct tool *t, struct err *e)
{
    int status = CMD_FAILED;
    const char *named = cmd_database(t->database);
    char database[PATH_MAX];
    if (named == NULL)
        return err_set(e, "usage", "no hub database, where runs are kept: name it by -d or HUB_DB");
    t->began = (int64_t)time(NULL);
    if (find_flow(t, t->cmd.operands[0], e) == -1 || (t->hub = hub_open(named, HUB_WRITES, e)) == NULL)
        return -1;
    if (realpath(named, database) == NULL)
        return err_errno(e, named);
    if (take_lock(t, database, e) == -1 || book_left(t, e) == -1 || begin(t, database, e) == -1 ||
        run_attempts(t, database, &status, e) == -1)
        return -1;
    cmd_worse(&t->cmd, status);
    return tell(t, status, e);
}

int main(int argc, char **argv)
{
    static struct tool tool;
    struct tool *t = &tool;
    struct err e = {0};
    cmd_start(&t->cmd, argc, argv, &spec, take_option, t);
    arena_init(&t->arena, 64 * (size_t)TEXT_MOST);
    stages_init(&t->stages);
    report_init(&t->report);
    int status = run(t, &e) == -1 ? cmd_fail(&t->cmd, &e) : cmd_finish(&t->cmd);
    hub_close(t->hub);
    report_release(&t->report);
    stages_release(&t->stages);
    arena_release(&t->arena);
    return status;
}
