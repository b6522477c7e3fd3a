/*
 * hub-run: a flow under make, with everything that becomes of it kept in the hub.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/duration.h"
#include "base/size.h"
#include "run.h"

enum { RETRIES_MOST = 1000 };

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
    struct run *t = arg;
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

static int run(struct run *t, struct err *e)
{
    int status = CMD_FAILED;
    const char *named = cmd_database(t->database);
    char database[PATH_MAX];
    if (named == NULL)
        return err_set(e, "usage", "no hub database, where runs are kept: name it by -d or HUB_DB");
    t->began = (int64_t)time(NULL);
    if (run_find_flow(t, t->cmd.operands[0], e) == -1 || (t->hub = hub_open(named, HUB_WRITES, e)) == NULL)
        return -1;
    if (realpath(named, database) == NULL)
        return err_errno(e, named);
    if (run_lock(t, database, e) == -1 || run_book_left(t, e) == -1 || run_begin(t, database, e) == -1 ||
        run_attempts(t, database, &status, e) == -1)
        return -1;
    cmd_worse(&t->cmd, status);
    return run_tell(t, status, e);
}

int main(int argc, char **argv)
{
    static struct run tool;
    struct run *t = &tool;
    struct err e = {0};
    cmd_start(&t->cmd, argc, argv, &spec, take_option, t);
    arena_init(&t->arena, 64 * (size_t)RUN_TEXT_MOST);
    stages_init(&t->stages);
    report_init(&t->report);
    int status = run(t, &e) == -1 ? cmd_fail(&t->cmd, &e) : cmd_finish(&t->cmd);
    hub_close(t->hub);
    report_release(&t->report);
    stages_release(&t->stages);
    arena_release(&t->arena);
    return status;
}
