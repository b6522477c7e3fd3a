#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/temporaries.h"
#include "options.h"
#include "progress.h"
#include "work.h"

enum { TEXT_MOST = 1 << 20, END_MARK_MOST = JSON_BYTES };

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
    if (cmd_write_out(c, out_flush, &c->err) == -1)
        cmd_stop(c, &c->err);
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

enum { WORTH_A_THREAD = 2 << 20 /* bytes */, FEW = 1, MANY = 4 /* makers, beside the first thread */ };

/* Large inputs are read ahead on a second thread, and large outputs written behind on a third, with more in
 * between that make the one of the other; small ones are done before that would be of use. */
static int set_threads(struct cmd *c, struct err *e)
{
    const char *threads = getenv("HUB_THREADS");
    uint64_t from = UINT64_MAX;
    c->in.makers = sysconf(_SC_NPROCESSORS_ONLN) >= MANY ? MANY : FEW;
    if (threads == NULL || threads[0] == '\0')
        from = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? WORTH_A_THREAD : UINT64_MAX;
    else if (strcmp(threads, "many") == 0)
        from = 0;
    else if (strcmp(threads, "1") != 0)
        return err_set(e, "usage", "HUB_THREADS must be 1 or many, not %s", err_quote(str_of(threads)));
    c->in.ahead_from = c->out.behind_from = from;
    return 0;
}

/* Beside few others, the thread that takes what was made has the time to write it. */
void cmd_make_ahead(struct cmd *c, const struct record_maker *maker)
{
    c->in.maker = maker;
    if (c->in.makers == FEW)
        c->out.behind_from = UINT64_MAX;
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
