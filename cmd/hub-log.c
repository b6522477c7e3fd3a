/*
 * hub-log: what the hub knows, and how each target stands to it.
 */
#include <inttypes.h>
#include <unistd.h>

#include "base/clean.h"
#include "hub/log.h"
#include "log.h"

/* What is asked for; without one: the hub as a whole, or a record. */
enum question {
    OF_ALL,
    OF_CONSERVATION,
    OF_FAILED,
    OF_MISSING,
    OF_IDS,
    OF_REFUSED,
    OF_PRUNING,
    OF_PAGE,
    OF_RETRY,
    OF_CLOSING
};

enum { NAMES_MOST = 1 << 20 };

struct tool {
    struct cmd cmd;
    const char *database; /* -d */
    enum question question;
    const char
        *of; /* of --missing, --ids: the target; --refused: the stream; --prune: the time; --html: the file */
    int64_t span; /* of --prune, seconds */
    struct log_out out;
};

static const struct cmd_option options[] = {
    {'d', "database", "FILE", CMD_FILE, "hub.db (default: $HUB_DB)", NULL},
    {0, "failed", NULL, CMD_NONE, "what is refused or set aside, and still open, by its causes", NULL},
    {0, "missing", "TARGET", CMD_TEXT, "what a target lacks, a line for each record", NULL},
    {0, "ids", "TARGET", CMD_TEXT, "what a target calls the records of ENTITY", NULL},
    {0, "refused", "STREAM", CMD_TEXT, "the rejects of a stream that are still open, to be piped", NULL},
    {0, "conservation", NULL, CMD_NONE, "whether what each run read was taken, refused or left out", NULL},
    {0, "html", "FILE", CMD_FILE, "all of it as a page to look at", NULL},
    {0, "prune", "TIME", CMD_TEXT, "remove what has been over for so long, and nothing needs: 90d", NULL},
    {'n', "dry-run", NULL, CMD_NONE, "with --prune: say what would be removed, and touch nothing", NULL},
    {0, "json", NULL, CMD_NONE, "say it in lines of JSON", NULL},
    {0}};

static const struct cmd_spec spec = {
    .name = "hub-log",
    .purpose = "say what the hub knows, and what targets lack",
    .operands = "[ENTITY [NAME] | retry [TARGET [ENTITY NAME]] | close STREAM [NAME]]",
    .options = options,
    .common = 0};

static int take_option(void *arg, int letter, const char *name, const char *argument, struct err *e)
{
    static const char *const questions[] = {[OF_CONSERVATION] = "conservation",
                                            [OF_FAILED] = "failed",
                                            [OF_MISSING] = "missing",
                                            [OF_IDS] = "ids",
                                            [OF_REFUSED] = "refused",
                                            [OF_PRUNING] = "prune",
                                            [OF_PAGE] = "html"};
    struct tool *t = arg;
    if (letter == 'd')
        t->database = argument;
    else if (letter == 'n')
        t->cmd.dry = true;
    else if (strcmp(name, "json") == 0)
        t->out.json = true;
    else if (t->question != OF_ALL)
        return err_set(e, "usage", "--%s and --%s are two questions", questions[t->question], name);
    else
        for (size_t i = OF_CONSERVATION; i < sizeof questions / sizeof *questions; i++)
            if (strcmp(name, questions[i]) == 0) {
                t->question = (enum question)i;
                t->of = argument;
            }
    return t->question == OF_PRUNING && t->span == 0 ? log_span(str_of(t->of), &t->span, e) : 0;
}

/* ---- the hub as a whole ---- */

static void show_entity(void *arg, const struct hub_log_entity *r)
{
    struct log_out *o = arg;
    struct buf *out = &o->cmd->out.buf;
    if (o->json) {
        buf_byte(out, '{');
        log_when(out, "at", r->at);
        log_number(out, "deleted", r->deleted);
        log_text(out, "entity", r->entity);
        log_number(out, "records", r->records - r->deleted);
    } else {
        buf_put_clean(out, r->entity);
        buf_printf(out, ": %" PRId64 " records", r->records - r->deleted);
        if (r->deleted > 0)
            buf_printf(out, ", %" PRId64 " deleted", r->deleted);
        buf_put(out, STR(", last changed "));
        log_time(out, r->at);
    }
    log_end_line(o);
}

static void show_target(void *arg, const struct hub_log_target *r)
{
    struct log_out *o = arg;
    struct buf *out = &o->cmd->out.buf;
    o->bad += (uint64_t)r->lacks;
    if (o->json) {
        buf_byte(out, '{');
        if (r->at > 0)
            log_when(out, "at", r->at);
        log_text(out, "entity", r->entity);
        log_number(out, "held", r->held);
        log_number(out, "lacks", r->lacks);
        log_number(out, "parked", r->parked);
        log_number(out, "pending", r->pending);
        log_number(out, "refused", r->refused);
        log_text(out, "target", r->target);
    } else {
        buf_put_clean(out, r->target);
        if (r->lacks > 0)
            buf_printf(out, ": lacks %" PRId64 " of ", r->lacks);
        else
            buf_put(out, STR(": in sync with "));
        buf_put_clean(out, r->entity);
        log_part(out, r->refused, "refused on the way");
        log_part(out, r->parked, "set aside");
        log_part(out, r->held, "waiting for another record");
        log_part(out, r->pending, "on its way");
        buf_put(out, r->at > 0 ? STR(", last settled ") : STR(", never settled"));
        if (r->at > 0)
            log_time(out, r->at);
    }
    log_end_line(o);
}

static void show_bookmark(void *arg, const struct hub_log_bookmark *r)
{
    struct log_out *o = arg;
    struct buf *out = &o->cmd->out.buf;
    if (o->json) {
        buf_byte(out, '{');
        log_when(out, "at", r->at);
        buf_printf(out, ",\"checkpoint\":%.*s", (int)r->checkpoint.n, r->checkpoint.p);
        log_text(out, "source", r->source);
        log_text(out, "stream", r->stream);
    } else {
        buf_put_clean(out, r->source);
        buf_put(out, STR(": "));
        buf_put_clean(out, r->stream);
        buf_put(out, STR(" read up to "));
        buf_put_clean(out, r->checkpoint);
        buf_put(out, STR(" on "));
        log_time(out, r->at);
    }
    log_end_line(o);
}

static int show_all(struct log_out *o, struct err *e)
{
    if (log_flows(o, e) == -1 || log_days(o, e) == -1 || hub_log_entities(o->hub, show_entity, o, e) == -1 ||
        hub_log_targets(o->hub, show_target, o, e) == -1)
        return -1;
    if (hub_log_bookmarks(o->hub, show_bookmark, o, e) == -1 || log_open(o, e) == -1)
        return -1;
    return log_warned(o, e);
}

/* ---- the run ---- */

/* The entities that the hub holds, and whether one of them is meant. */
struct entities {
    struct str wanted;
    struct buf names;
    bool known;
};

static void note_entity(void *arg, const struct hub_log_entity *r)
{
    struct entities *all = arg;
    all->known |= str_eq(r->entity, all->wanted);
    buf_put(&all->names, all->names.n > 0 ? STR(", ") : STR(""));
    buf_put(&all->names, r->entity);
}

static int show_one(struct tool *t, struct str entity, struct str name, struct err *e)
{
    struct entities all = {.wanted = entity};
    int found = log_record(&t->out, entity, name, e);
    if (found != 0)
        return found == -1 ? -1 : 0;
    buf_init(&all.names, NAMES_MOST);
    found = hub_log_entities(t->out.hub, note_entity, &all, e);
    if (found == 0 && !all.known && all.names.n > 0)
        cmd_say(&t->cmd, "the hub holds nothing that is called %s; there are: %.*s", err_quote(entity),
                (int)all.names.n, all.names.p);
    else if (found == 0)
        cmd_say(&t->cmd, "the hub knows no %.*s that is called %s", (int)entity.n, entity.p, err_quote(name));
    buf_release(&all.names);
    cmd_worse(&t->cmd, CMD_NO);
    return found;
}

/* KNOWN: 1; 0: there is no such target; -1: E. */
static int of_target(struct tool *t, int known)
{
    if (known != 0)
        return known == -1 ? -1 : 0;
    cmd_say(&t->cmd, "the hub knows no target that is called %s", err_quote(str_of(t->of)));
    cmd_worse(&t->cmd, CMD_NO);
    return 0;
}

/* ANY: 1; 0: there was nothing of it; -1: E. */
static int of_open(struct tool *t, int any, const char *nothing)
{
    if (any != 0)
        return any == -1 ? -1 : 0;
    cmd_say(&t->cmd, "%s", nothing);
    cmd_worse(&t->cmd, CMD_NO);
    return 0;
}

static int retry(struct tool *t, struct err *e)
{
    return of_open(t, log_retry(&t->out, t->cmd.operands + 1, t->cmd.noperands - 1, e),
                   "nothing of it is refused on the way to a target, or set aside by one"
                   " (--refused STREAM gives what was refused on its way in)");
}

static int close_refused(struct tool *t, struct err *e)
{
    return of_open(t, log_close(&t->out, t->cmd.operands + 1, t->cmd.noperands - 1, e),
                   "nothing of it is refused on its way in, and still open");
}

static int check_operands(const struct tool *t, struct err *e)
{
    int n = t->cmd.noperands;
    if (t->cmd.dry && t->question != OF_PRUNING)
        return err_set(e, "usage", "-n is for --prune: nothing else is written");
    if (t->question == OF_RETRY)
        return n == 1 || n == 2 || n == 4
                   ? 0
                   : err_set(e, "usage",
                             "a target, or one record of it: hub-log retry books:sales order 1001");
    if (t->question == OF_CLOSING)
        return n == 2 || n == 3
                   ? 0
                   : err_set(e, "usage", "a stream, or one record of it: hub-log close shop:orders 1001");
    if (t->question == OF_IDS)
        return n == 1 ? 0 : err_set(e, "usage", "an entity: hub-log --ids books:customers customer");
    if (t->question == OF_PAGE && t->out.json)
        return err_set(e, "usage", "--html and --json are two ways to say it");
    if (t->question != OF_ALL && n != 0)
        return err_set(e, "usage", "an entity and a name are another question");
    return n == 0 || n == 2 ? 0 : err_set(e, "usage", "an entity and a name: hub-log order 1001");
}

static int answer(struct tool *t, struct err *e)
{
    char **operand = t->cmd.operands;
    switch (t->question) {
    case OF_CONSERVATION: return log_conservation(&t->out, e);
    case OF_FAILED: return log_failed(&t->out, e);
    case OF_MISSING: return of_target(t, log_missing(&t->out, str_of(t->of), e));
    case OF_IDS: return of_target(t, log_ids(&t->out, str_of(t->of), str_of(operand[0]), e));
    case OF_REFUSED: return log_refused(&t->out, str_of(t->of), e);
    case OF_PRUNING: return log_prune(&t->out, t->span, t->cmd.dry, e);
    case OF_PAGE: return log_page(&t->out, cmd_database(t->database), t->of, e);
    case OF_RETRY: return retry(t, e);
    case OF_CLOSING: return close_refused(t, e);
    case OF_ALL: break;
    }
    return t->cmd.noperands > 0 ? show_one(t, str_of(operand[0]), str_of(operand[1]), e)
                                : show_all(&t->out, e);
}

/* OF_ALL: an entity. */
static enum question asked_by_word(const char *word)
{
    return strcmp(word, "retry") == 0 ? OF_RETRY : strcmp(word, "close") == 0 ? OF_CLOSING : OF_ALL;
}

static int run(struct tool *t, struct err *e)
{
    const char *path = cmd_database(t->database);
    if (t->question == OF_ALL && t->cmd.noperands > 0)
        t->question = asked_by_word(t->cmd.operands[0]);
    if (check_operands(t, e) == -1)
        return -1;
    if (path == NULL)
        return err_set(e, "usage", "no hub database: name it by -d or HUB_DB");
    bool writes =
        t->question == OF_RETRY || t->question == OF_CLOSING || (t->question == OF_PRUNING && !t->cmd.dry);
    if (writes && access(path, F_OK) == -1)
        return err_errno(e, path); /* none is made */
    if ((t->out.hub = hub_open(path, writes ? HUB_WRITES : HUB_READS, e)) == NULL)
        return -1;
    t->cmd.write_marks = t->question == OF_REFUSED;
    int done = answer(t, e);
    if (done == 0)
        cmd_wrote(&t->cmd, t->out.lines);
    if (t->out.bad > 0)
        cmd_worse(&t->cmd, CMD_NO);
    return done;
}

int main(int argc, char **argv)
{
    static struct tool tool;
    struct tool *t = &tool;
    struct err e = {0};
    t->out.cmd = &t->cmd;
    cmd_start(&t->cmd, argc, argv, &spec, take_option, t);
    int status = run(t, &e) == -1 ? cmd_fail(&t->cmd, &e) : cmd_finish(&t->cmd);
    hub_close(t->out.hub);
    return status;
}
