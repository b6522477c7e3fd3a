#include "cmd.h"

#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temporaries.h"
#include "options.h"
#include "progress.h"

enum {
    TEXT_MOST = 1 << 20,
    END_MARK_MOST = JSON_BYTES,
    TICK = 4096 /* records between two looks at the clock */
};

/* ---- status ---- */

/* How grave a status is: a run that failed for good is not worth another try, whatever else was temporary. */
static int gravity(int status)
{
    return status == CMD_OK ? 0 : status == CMD_NO ? 1 : status == CMD_TEMPORARY ? 2 : 3;
}

void cmd_worse(struct cmd *c, int status)
{
    if (gravity(status) > gravity(c->status))
        c->status = status;
}

/* What was appended for the record in hand is dropped; what did not fit can only have been part of it. */
static void take_back(struct cmd *c)
{
    if (c->out.buf.n > c->kept)
        c->out.buf.n = c->kept;
    c->out.buf.failed = false;
}

/* The work ends: what is whole of the output goes out, and then the message. Always true. */
static bool stop(struct cmd *c, const struct err *why)
{
    struct err e = *why; /* WHY may be c->err */
    c->failed = true;
    if (c->broken_pipe)
        return true;
    if (c->input_open)
        take_back(c);
    struct err second = {0};
    if (out_flush(&c->out, &second) == -1 && strcmp(second.code, "pipe") == 0)
        c->broken_pipe = true;
    cmd_say_err(c, &e);
    cmd_worse(c, e.temporary ? CMD_TEMPORARY : CMD_FAILED);
    return true;
}

/* out_commit or out_flush of standard output, and its name for the message. */
static int write_out(struct cmd *c, int how(struct out *, struct err *), struct err *e)
{
    if (how(&c->out, e) == 0)
        return 0;
    /* Of standard output alone: a pipe that breaks elsewhere is an error like any other. */
    c->broken_pipe = strcmp(e->code, "pipe") == 0;
    err_place(e, "stdout");
    e->field[0] = '\0';
    return -1;
}

/* ---- starting ---- */

struct start {
    struct cmd *c;
    cmd_take *take; /* of the tool */
    void *tool;
    const char *rejects, *completions;
    bool help, version;
};

static int take_common(void *arg, int letter, const char *name, const char *argument, struct err *e)
{
    struct start *s = arg;
    unsigned common = s->c->spec->common;
    if (letter == OPTION_MARKS)
        s->c->marks = RECORD_MARKS_REQUIRED;
    else if (letter == OPTION_NO_MARKS)
        s->c->marks = RECORD_MARKS_IGNORED;
    else if (letter == OPTION_VERSION)
        s->version = true;
    else if (letter == OPTION_COMPLETIONS)
        s->completions = argument;
    else if (letter == 'h')
        s->help = true;
    else if (letter == 'v')
        s->c->verbose = true;
    else if (letter == 'r' && (common & CMD_HAS_REJECTS) != 0)
        s->rejects = argument;
    else
        return s->take(s->tool, letter, name, argument, e);
    return 0;
}

static void wrong_usage(const struct cmd *c, const struct err *e)
{
    struct buf usage;
    buf_init(&usage, TEXT_MOST);
    options_usage(&usage, c->spec);
    cmd_say_err(c, e);
    cmd_say(c, "usage: %.*s", (int)usage.n, usage.p);
    buf_release(&usage);
    exit(CMD_FAILED);
}

/* A file that is opened must not come to stand where standard input or output should be. */
static void check_descriptors(const struct cmd *c)
{
    static const char *const names[] = {"standard input", "standard output"};
    if (fcntl(STDERR_FILENO, F_GETFD) == -1)
        exit(CMD_FAILED);
    for (int fd = 0; fd < 2; fd++)
        if (fcntl(fd, F_GETFD) == -1) {
            cmd_say(c, "%s is not open", names[fd]);
            exit(CMD_FAILED);
        }
}

/* --help and the like: all of it on standard output, and out. */
static void print_and_exit(struct cmd *c, const struct start *s)
{
    if (s->help)
        options_help(&c->out.buf, c->spec);
    else if (s->version)
        buf_printf(&c->out.buf, "%s " HUB_VERSION "\n", c->spec->name);
    else if (options_completions(&c->out.buf, c->spec, s->completions, &c->err) == -1)
        wrong_usage(c, &c->err);
    if (write_out(c, out_flush, &c->err) == -1)
        stop(c, &c->err);
    out_release(&c->out);
    exit(c->status);
}

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* Standard input may be a pipe that is not for us: it is ours where it is named, or where no file is. */
static bool reads_standard_input(const struct cmd *c)
{
    int targets = str_starts(str_of(c->spec->operands), STR("TARGET")) ? 1 : 0;
    for (int i = targets; i < c->noperands; i++)
        if (strcmp(c->operands[i], "-") == 0)
            return true;
    return c->noperands <= targets && str_ends(str_of(c->spec->operands), STR("...]"));
}

static uint64_t pipe_of(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) ? (uint64_t)st.st_ino : 0;
}

/* What the run log says of the surroundings: who feeds whom, and where rejects are to be found. */
static void describe_run(struct cmd *c)
{
    struct stat st;
    c->log.rule = setting("HUB_RULE");
    c->log.input = reads_standard_input(c) ? pipe_of(STDIN_FILENO) : 0;
    c->log.output = pipe_of(STDOUT_FILENO);
    for (int i = 0; i < c->noperands; i++)
        c->log.hub |= str_starts(str_of(c->operands[i]), STR("hub:"));
    if (c->rejects.fd == -1 || fstat(c->rejects.fd, &st) == -1 || !S_ISREG(st.st_mode))
        return;
    c->log.rejects = realpath(c->rejects.path, c->rejects_path);
    c->log.rejects_at = (uint64_t)st.st_size;
}

static int open_books(struct cmd *c, const char *rejects, struct err *e)
{
    c->log =
        (struct runlog){.path = setting("HUB_RUN_LOG"), .tool = c->spec->name, .run = setting("HUB_RUN")};
    if (c->dry)
        c->would_set_aside = rejects;
    if (rejects_open(&c->rejects, c->dry ? NULL : rejects, c->spec->name, e) == -1)
        return -1;
    if (c->log.path != NULL)
        describe_run(c);
    int begun = runlog_begin(&c->log, e);
    if (begun == -1)
        c->log.path = NULL; /* said once: its end has no place either */
    return begun;
}

/* Large inputs are read ahead on a second thread, and large outputs written behind on a third; small ones are
 * done before that would be of use. */
static int set_threads(struct cmd *c, struct err *e)
{
    enum { WORTH_A_THREAD = 2 << 20 };
    const char *threads = getenv("HUB_THREADS");
    uint64_t from = UINT64_MAX;
    if (threads == NULL || threads[0] == '\0')
        from = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? WORTH_A_THREAD : UINT64_MAX;
    else if (strcmp(threads, "many") == 0)
        from = 0;
    else if (strcmp(threads, "1") != 0)
        return err_set(e, "usage", "HUB_THREADS must be 1 or many, not %s", err_quote(str_of(threads)));
    c->in.ahead_from = c->out.behind_from = from;
    return 0;
}

static void set_operands(struct cmd *c, int argc, char **argv)
{
    static char dash[] = "-";
    static char *standard_input[] = {dash, NULL};
    c->operands = argv + optind;
    c->noperands = argc - optind;
    if (c->noperands > 0 && c->spec->operands[0] == '\0')
        err_set(&c->err, "usage", "no operand is taken: %s", err_quote(str_of(c->operands[0])));
    else if (c->noperands == 0 && c->spec->operands[0] == '[' &&
             str_ends(str_of(c->spec->operands), STR("...]")))
        c->operands = standard_input, c->noperands = 1;
    else if (c->noperands == 0 && c->spec->operands[0] != '\0' && c->spec->operands[0] != '[')
        err_set(&c->err, "usage", "an operand is missing");
    if (c->err.code != NULL)
        wrong_usage(c, &c->err);
}

const char *cmd_database(const char *said)
{
    const char *path = said != NULL ? said : getenv("HUB_DB");
    return path != NULL && path[0] != '\0' ? path : NULL;
}

void cmd_start(struct cmd *c, int argc, char **argv, const struct cmd_spec *spec, cmd_take *take, void *tool)
{
    *c = (struct cmd){.spec = spec, .rejects.fd = -1};
    c->marks = cmd_database(NULL) != NULL && (spec->common & CMD_HAS_MARKS) != 0 ? RECORD_MARKS_REQUIRED
                                                                                 : RECORD_MARKS_AS_FOUND;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files fails the write, which says so */
    temporaries_guard();
    check_descriptors(c);
    out_init(&c->out, STDOUT_FILENO);
    buf_init(&c->end_mark, END_MARK_MOST);
    struct start s = {.c = c, .take = take, .tool = tool};
    if (options_parse(spec, argc, argv, take_common, &s, &c->err) == -1)
        wrong_usage(c, &c->err);
    if (s.help || s.version || s.completions != NULL)
        print_and_exit(c, &s);
    set_operands(c, argc, argv);
    c->write_marks = c->marks == RECORD_MARKS_REQUIRED;
    if (open_books(c, s.rejects, &c->err) == -1 || record_in_init(&c->in, c->marks, &c->err) == -1 ||
        set_threads(c, &c->err) == -1)
        exit(cmd_fail(c, &c->err));
    progress_start(c);
}

/* ---- reading ---- */

static int flush(void *arg, struct err *e)
{
    struct cmd *c = arg;
    if (c->on_idle != NULL)
        c->on_idle(c->mark_arg);
    return write_out(c, out_flush, e);
}

static int on_mark(void *arg, const struct record_mark *mark, struct err *e)
{
    struct cmd *c = arg;
    struct record_mark passed = *mark;
    if (c->unmarked != NULL && c->marks != RECORD_MARKS_IGNORED)
        return err_set(e, "cut_off",
                       "has marks, and %s had none: it may have been cut off (--no-marks takes it as it is)",
                       c->unmarked);
    if ((c->spec->common & CMD_HAS_MARKS) != 0)
        c->write_marks = true;
    passed.end = mark->end && c->next_operand >= c->noperands;
    if (c->on_mark != NULL)
        return c->on_mark(c->mark_arg, &passed, e);
    if (mark->end && !passed.end && mark->checkpoint == NULL)
        return 0;
    return cmd_mark(c, &passed, e);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return S_ISREG(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int cmd_check_input(const struct cmd *c, int fd, const char *name, struct err *e)
{
    struct stat in, other;
    if (fstat(fd, &in) == -1)
        return 0;
    if (c->rejects.fd != -1 && fstat(c->rejects.fd, &other) == 0 && is_same_file(&in, &other)) {
        err_place(e, "%s", name);
        return err_set(e, "usage", "is also the file for rejects: rename it first");
    }
    if (fstat(STDOUT_FILENO, &other) == 0 && is_same_file(&in, &other) && in.st_size > 0) {
        err_place(e, "%s", name);
        return err_set(e, "usage", "is also the standard output: it would never end");
    }
    return 0;
}

int cmd_check_target(const struct cmd *c, const char *path, struct err *e)
{
    struct stat target, rejects;
    if (c->rejects.fd == -1 || stat(path, &target) == -1 || fstat(c->rejects.fd, &rejects) == -1 ||
        !is_same_file(&target, &rejects))
        return 0;
    err_place(e, "%s", path);
    return err_set(e, "usage", "is also the file for rejects: what was refused would be lost");
}

/* 1: an input is open; 0: there is none left. */
static int open_next(struct cmd *c, struct err *e)
{
    const char *operand = "-";
    if (c->next_operand < c->noperands)
        operand = c->operands[c->next_operand];
    else if (c->next_operand > 0)
        return 0;
    int fd = file_open(operand, e);
    if (fd == -1)
        return -1;
    const char *name = strcmp(operand, "-") == 0 ? "stdin" : operand;
    if (cmd_check_input(c, fd, name, e) == -1) {
        close(fd);
        return -1;
    }
    c->next_operand++;
    record_in_open(&c->in, fd, name);
    c->in.lines.idle = flush;
    c->in.lines.idle_arg = c;
    c->in.on_mark = on_mark;
    c->in.mark_arg = c;
    c->input_open = true;
    return 1;
}

/* Where one input has marks, all need them: one that was cut off before its first looks like one without. */
static void end_input(struct cmd *c)
{
    c->input_open = false;
    if (c->in.seen_mark && c->in.marks == RECORD_MARKS_AS_FOUND)
        c->in.marks = RECORD_MARKS_REQUIRED;
    if (!c->in.seen_mark)
        c->unmarked = c->in.name;
}

bool cmd_read(struct cmd *c, struct record *r)
{
    for (;;) {
        if (c->failed)
            return false;
        if (!c->input_open) {
            int opened = open_next(c, &c->err);
            if (opened != 1)
                return opened == -1 && !stop(c, &c->err);
        }
        enum record_got got = record_read(&c->in, r, &c->err);
        c->kept = c->out.buf.n;
        switch (got) {
        case RECORD_OK: c->read++; return true;
        case RECORD_BAD:
            c->read++;
            if (cmd_refuse(c, r, &c->err))
                return false;
            break;
        case RECORD_END: end_input(c); break;
        case RECORD_FATAL: return !stop(c, &c->err);
        }
    }
}

int cmd_mark(struct cmd *c, const struct record_mark *mark, struct err *e)
{
    if (!c->write_marks)
        return 0;
    struct record_mark ours = *mark;
    ours.n = c->out_since_mark;
    if (mark->end) {
        /* All but its count is known; lines may follow that are written at the end of the work. */
        buf_reset(&c->end_mark);
        record_write_mark(&c->end_mark, &ours);
        return buf_ok(&c->end_mark) ? 0 : err_memory(e);
    }
    if (rejects_sync(&c->rejects, e) == -1)
        return -1;
    record_write_mark(&c->out.buf, &ours);
    c->out_since_mark = 0;
    return write_out(c, out_commit, e);
}

/* ---- books ---- */

static void tick(struct cmd *c)
{
    if (c->shows_progress && c->read % TICK == 0)
        progress_show(c);
}

bool cmd_wrote(struct cmd *c, uint64_t out)
{
    c->written += out;
    c->out_since_mark += out;
    int done = write_out(c, out_commit, &c->err);
    c->kept = c->out.buf.n;
    return done == -1 && stop(c, &c->err);
}

bool cmd_took(struct cmd *c, uint64_t out)
{
    c->taken++;
    tick(c);
    return cmd_wrote(c, out);
}

bool cmd_left_out(struct cmd *c)
{
    c->left_out++;
    tick(c);
    return false;
}

void cmd_left_out_taken(struct cmd *c)
{
    c->taken--;
    c->left_out++;
}

/* What is no fault of the record, and would be the same for each that follows. */
static bool ends_all(const struct err *why)
{
    return strcmp(why->code, "config") == 0 || strcmp(why->code, "memory") == 0;
}

/* R may be NULL. */
static bool refuse(struct cmd *c, struct str line, const struct record *r, const struct err *why)
{
    if (ends_all(why))
        return stop(c, why);
    c->refused++;
    tick(c);
    if (c->rejects.fd == -1 && c->would_set_aside == NULL)
        return stop(c, why);
    struct err e = {0};
    if (c->would_set_aside != NULL)
        cmd_say_err(c, why);
    else if (rejects_add(&c->rejects, line, r, why, &e) == -1)
        return stop(c, &e);
    cmd_worse(c, CMD_NO);
    return false;
}

bool cmd_refuse(struct cmd *c, const struct record *r, const struct err *why)
{
    take_back(c);
    struct err placed = *why;
    if (r->from.p != NULL)
        err_place(&placed, "%.*s", (int)r->from.n, r->from.p);
    else if (placed.place[0] == '\0')
        err_place(&placed, "%s:%" PRIu64, r->input, r->number);
    return refuse(c, r->line, r, &placed);
}

bool cmd_refuse_taken(struct cmd *c, struct str line, const struct err *why)
{
    struct record r = {0};
    struct err e;
    c->taken--;
    err_clear(&e);
    bool known = record_of_line(&c->in, line, &r, &e) == RECORD_OK;
    return refuse(c, line, known ? &r : NULL, why);
}

bool cmd_refuse_raw(struct cmd *c, struct str line, const struct err *why)
{
    return refuse(c, line, NULL, why);
}

/* ---- ending ---- */

/* A record that was read and is in none of the books is a fault of the tool, and must not pass for a result.
 */
static void check_books(struct cmd *c)
{
    uint64_t booked = c->taken + c->refused + c->left_out;
    struct err e = {0};
    if (c->failed || c->read == booked)
        return;
    err_set(&e, "record", "the books do not balance: %" PRIu64 " read, %" PRIu64 " accounted for", c->read,
            booked);
    stop(c, &e);
}

static int write_end_mark(struct cmd *c, struct err *e)
{
    struct record r = {0};
    struct record_mark mark = {.end = true};
    bool waits = c->end_mark.n > 0; /* not where the last of several inputs had none */
    if (c->failed || !c->write_marks || (!waits && c->next_operand == 0))
        return 0;
    if (waits && (record_of_line(&c->in, buf_str(&c->end_mark), &r, e) != RECORD_OK ||
                  record_mark_of(&c->in, &r, &mark, e) == -1))
        return -1;
    mark.n = c->out_since_mark;
    record_write_mark(&c->out.buf, &mark);
    return 0;
}

/* Closing tells what some file systems keep back until then. */
static int close_output(struct cmd *c, struct err *e)
{
    if (write_out(c, out_flush, e) == -1)
        return -1;
    if (close(STDOUT_FILENO) == 0)
        return 0;
    err_place(e, "stdout");
    return err_errno(e, "cannot write");
}

static void say_books(const struct cmd *c)
{
    uint64_t booked = c->taken + c->refused + c->left_out;
    char pending[64] = "";
    if (c->read > booked &&
        snprintf(pending, sizeof pending, " + not finished %" PRIu64, c->read - booked) < 0)
        pending[0] = '\0';
    if (c->verbose)
        cmd_say(c,
                "read %" PRIu64 " = taken %" PRIu64 " + refused %" PRIu64 " + left out %" PRIu64
                "%s; wrote %" PRIu64,
                c->read, c->taken, c->refused, c->left_out, pending, c->written);
    if (c->rejects.count > 0)
        cmd_say(c, "%" PRIu64 " refused: the reasons are in %s", c->rejects.count, c->rejects.path);
}

static void release(struct cmd *c)
{
    struct err e = {0};
    if (rejects_close(&c->rejects, &e) == -1)
        stop(c, &e);
    if (c->in.keys != NULL)
        record_in_release(&c->in);
    buf_release(&c->end_mark);
    out_release(&c->out);
}

/* As a filter dies whose reader is gone: `head` was content, and nobody has to be told. */
static void die_of_sigpipe(void)
{
    sigset_t set;
    signal(SIGPIPE, SIG_DFL);
    if (sigemptyset(&set) == 0 && sigaddset(&set, SIGPIPE) == 0)
        sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(SIGPIPE);
}

int cmd_finish(struct cmd *c)
{
    struct err e = {0};
    if (c->finished)
        return c->status;
    c->finished = true;
    progress_erase(c);
    check_books(c);
    /* In this order: what an end mark vouches for is on the disk before it is seen. */
    if (rejects_sync(&c->rejects, &e) == -1 || write_end_mark(c, &e) == -1 || close_output(c, &e) == -1)
        stop(c, &e);
    say_books(c);
    release(c);
    struct runlog_counts counts = {c->read, c->taken, c->refused, c->left_out, c->written};
    if (runlog_end(&c->log, &counts, c->broken_pipe ? 128 + SIGPIPE : c->status, &e) == -1) {
        cmd_say_err(c, &e);
        cmd_worse(c, CMD_FAILED);
    }
    if (c->broken_pipe)
        die_of_sigpipe();
    return c->status;
}

int cmd_fail(struct cmd *c, const struct err *e)
{
    stop(c, e);
    return cmd_finish(c);
}

int cmd_fail_diags(struct cmd *c, const struct diag_list *list, const struct err *e)
{
    if (list->n == 0)
        return cmd_fail(c, e);
    cmd_say_diags(c, list);
    cmd_worse(c, CMD_FAILED);
    c->failed = true;
    return cmd_finish(c);
}
