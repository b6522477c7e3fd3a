/*
 * hub-load: records into a target, with a receipt for each.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd.h"
#include "hub/hub.h"
#include "sink/receipts.h"
#include "sink/sink.h"

enum { COLUMNS_MOST = 4096 };

struct tool {
    struct cmd cmd;
    struct sink_options options;
    const char *template, *name; /* -T, --name */
    struct given given;
    struct letters *letters; /* NULL: neither of them */
    struct str columns[COLUMNS_MOST];
    const char *target;
    struct sink *sink;
    struct receipts receipts;
    const char *database; /* -d */
    struct hub *hub;      /* of the target hub: */
    bool begun;           /* a transaction */
    struct buf waiting;   /* receipts of it, given when it is on disk */
    uint64_t nwaiting, revised, unchanged;
};

static const struct cmd_option options[] = {
    {'f', "format", "FORMAT", CMD_WORD, "format of what is written (default: by the suffix of TARGET)",
     "csv tsv ndjson json"},
    {'T', "template", "FILE", CMD_FILE, "write each record by a template, instead of in a format", NULL},
    {0, "name", "TEXT", CMD_TEXT, "name the files of a folder by a template: {{number}}", NULL},
    {'D', "define", "NAME=VALUE", CMD_TEXT, "give a parameter of templates its value", NULL},
    {'l', "lookup", "TABLE=FILE", CMD_TEXT, "read a table of templates from another file", NULL},
    {'d', "database", "FILE", CMD_FILE, "hub.db, for the target hub: (default: $HUB_DB)", NULL},
    {'n', "dry-run", NULL, CMD_NONE, "say what would happen, and touch nothing", NULL},
    {0, "columns", "NAME,...", CMD_TEXT, "write these columns, in this order, and no others", NULL},
    {0, "safe-cells", NULL, CMD_NONE, "put an apostrophe before what a spreadsheet would take for a formula",
     NULL},
    {0}};

static const struct cmd_spec spec = {.name = "hub-load",
                                     .purpose = "write records into a file, a folder or the hub",
                                     .operands = "TARGET [FILE...]",
                                     .options = options,
                                     .common = CMD_HAS_REJECTS | CMD_HAS_MARKS};

/* ---- options ---- */

static int set_columns(struct tool *t, struct str list, struct err *e)
{
    size_t n = 0;
    for (size_t at = 0; at <= list.n;) {
        struct str name = str_slice(list, at, at + str_find(str_slice(list, at, list.n), ','));
        if (name.n == 0 || n == COLUMNS_MOST)
            return err_set(e, "usage", "not names of columns with commas between them: %s", err_quote(list));
        for (size_t i = 0; i < n; i++)
            if (str_eq(t->columns[i], name))
                return err_set(e, "usage", "the column %s is named twice", err_quote(name));
        t->columns[n++] = name;
        at += name.n + 1;
    }
    t->options.encoding.columns = t->columns;
    t->options.encoding.ncolumns = n;
    return 0;
}

static int take_option(void *arg, int letter, const char *name, const char *argument, struct err *e)
{
    struct tool *t = arg;
    if (letter == 'D')
        return given_param(&t->given, argument, e);
    if (letter == 'l')
        return given_table(&t->given, argument, e);
    if (letter == 'd')
        t->database = argument;
    else if (letter == 'T')
        t->template = argument;
    else if (letter == 0 && strcmp(name, "name") == 0)
        t->name = argument;
    else if (letter == 'f')
        t->options.format = format_named(str_of(argument));
    else if (letter == 'n')
        t->options.dry = t->cmd.dry = true;
    else if (letter == 0 && strcmp(name, "columns") == 0)
        return set_columns(t, str_of(argument), e);
    else
        t->options.encoding.safe_cells = true;
    return 0;
}

/* ---- templates ---- */

/* Behind the last dot, which every template has. */
static const char *suffix_of(const char *file)
{
    const char *dot = strrchr(file, '.');
    return dot != NULL ? dot + 1 : file;
}

/* What -T, --name, -D and -l say. */
static int load_templates(struct tool *t, struct err *e)
{
    struct sink_options *o = &t->options;
    if (t->template == NULL && t->name == NULL)
        return t->given.nparams + t->given.ntables == 0
                   ? 0
                   : err_set(e, "usage", "-%c is for templates, and none is named",
                             t->given.nparams > 0 ? 'D' : 'l');
    if (t->template != NULL && o->format != NULL)
        return err_set(e, "usage", "-T says the format, too: leave -f away");
    o->encoding.letters = t->letters = letters_new(&t->given, e);
    if (t->letters == NULL)
        return -1;
    if (t->template != NULL) {
        o->encoding.template = letters_load(t->letters, t->template, e);
        if (o->encoding.template == NULL)
            return -1;
        o->format = &format_template;
        o->suffix = suffix_of(t->template);
    }
    if (t->name != NULL) {
        o->name = letters_load_text(t->letters, "--name.txt", str_of(t->name), e);
        if (o->name == NULL)
            return -1;
    }
    return letters_check_given(t->letters, &t->given, e);
}

/* ---- records ---- */

/* The functions below return true to stop the work: cmd_finish knows why. */

/* Of templates, all that is wrong is said. */
static bool fail(struct tool *t, const struct err *e)
{
    const struct diag_list *wrong = t->letters != NULL ? letters_diags(t->letters) : NULL;
    if (wrong == NULL || wrong->n == 0) {
        cmd_fail(&t->cmd, e);
        return true;
    }
    cmd_say_diags(&t->cmd, wrong);
    t->cmd.failed = true;
    cmd_worse(&t->cmd, CMD_FAILED);
    return true;
}

/* The receipt waits until the file is whole. */
static bool hold(struct tool *t, const struct record *r)
{
    struct err e = {0};
    if (!t->options.dry && receipts_add(&t->receipts, r, &e) == -1)
        return fail(t, &e);
    return cmd_took(&t->cmd, 0);
}

static bool give(struct tool *t, const struct record *r, struct str status)
{
    struct record receipt;
    struct err e = {0};
    int made = t->options.dry ? 0 : receipts_make(&t->receipts, r, &receipt, &e);
    if (made == -1)
        return fail(t, &e);
    if (made == 1) {
        receipt.status = status;
        record_write(&t->cmd.out.buf, &receipt);
    }
    if (!str_eq(status, STR("left_out")))
        return cmd_took(&t->cmd, (uint64_t)made);
    return cmd_left_out(&t->cmd) || cmd_wrote(&t->cmd, (uint64_t)made);
}

static bool take(struct tool *t, const struct record *r)
{
    struct err e = {0};
    switch (sink_put(t->sink, r, &e)) {
    case SINK_HELD: return hold(t, r);
    case SINK_APPLIED: return give(t, r, STR("applied"));
    case SINK_UNCHANGED: return give(t, r, STR("unchanged"));
    case SINK_LEFT_OUT: return give(t, r, STR("left_out"));
    case SINK_REFUSED: return cmd_refuse(&t->cmd, r, &e);
    case SINK_FATAL: break;
    }
    return fail(t, &e);
}

/* ---- the end ---- */

static void give_held(struct tool *t, struct str status)
{
    struct record receipt;
    struct err e = {0};
    int got = receipts_rewind(&t->receipts, &e) == 0 ? 1 : -1;
    while (got == 1 && (got = receipts_next(&t->receipts, status, &receipt, &e)) == 1) {
        record_write(&t->cmd.out.buf, &receipt);
        if (cmd_wrote(&t->cmd, 1))
            return;
    }
    if (got == -1)
        fail(t, &e);
}

static void say_plan(const struct tool *t, const struct sink_result *result)
{
    if (t->sink->kind == &sink_folder)
        cmd_say(&t->cmd,
                "%s: of %" PRIu64 " files %" PRIu64 " would be created, %" PRIu64 " replaced, %" PRIu64
                " would stay as they are",
                t->target, result->created + result->replaced + result->unchanged, result->created,
                result->replaced, result->unchanged);
    else
        cmd_say(&t->cmd, "%s would %s; records: %" PRIu64, t->target,
                result->unchanged ? "stay as it is"
                : result->created ? "be created"
                                  : "be replaced",
                t->cmd.taken);
}

/* ---- the hub ---- */

/* Without marks, so many records are one transaction. */
enum { RECORDS_AT_ONCE = 10000, WAITING_MOST = 1 << 30 };

/* The transaction is on disk, and its receipts are given; a plan is taken back. */
static int settle(struct tool *t, struct err *e)
{
    if (!t->begun)
        return 0;
    t->begun = false;
    if (t->options.dry)
        return 0;
    if (hub_commit(t->hub, e) == -1)
        return -1;
    if (!buf_ok(&t->waiting))
        return err_memory(e);
    if (t->nwaiting > 0)
        buf_put(&t->cmd.out.buf, buf_str(&t->waiting));
    cmd_wrote(&t->cmd, t->nwaiting);
    buf_reset(&t->waiting);
    t->nwaiting = 0;
    return 0;
}

static int begin(struct tool *t, struct err *e)
{
    t->begun = true;
    return hub_begin(t->hub, e);
}

static bool take_into_hub(struct tool *t, const struct record *r)
{
    struct err e = {0};
    struct record receipt;
    int made = 0;
    enum hub_put put = begin(t, &e) == 0 ? hub_put(t->hub, r, &e) : HUB_FATAL;
    if (put == HUB_REFUSED)
        return cmd_refuse(&t->cmd, r, &e);
    if (put == HUB_FATAL || (made = receipts_make(&t->receipts, r, &receipt, &e)) == -1)
        return fail(t, &e);
    *(put == HUB_REVISED ? &t->revised : &t->unchanged) += 1;
    if (made == 1 && !t->options.dry) {
        receipt.status = put == HUB_REVISED ? STR("applied") : STR("unchanged");
        record_write(&t->waiting, &receipt);
        t->nwaiting++;
    }
    bool ends =
        t->cmd.marks != RECORD_MARKS_REQUIRED && !t->cmd.in.seen_mark && t->nwaiting >= RECORDS_AT_ONCE;
    if (ends && settle(t, &e) == -1)
        return fail(t, &e);
    return cmd_took(&t->cmd, 0);
}

/* What it covers and where to go on, in one transaction. */
static int settle_mark(void *arg, const struct record_mark *mark, struct err *e)
{
    struct tool *t = arg;
    if (t->cmd.marks == RECORD_MARKS_IGNORED)
        return 0;
    if (begin(t, e) == -1 || hub_bookmark(t->hub, mark, e) == -1)
        return -1;
    return settle(t, e);
}

static void run_hub(struct tool *t)
{
    struct record r;
    struct err e = {0};
    const char *path = t->database != NULL ? t->database : getenv("HUB_DB");
    if (t->template != NULL || t->name != NULL)
        err_set(&e, "usage", "--%s is for files and folders: the hub holds records",
                t->template != NULL ? "template" : "name");
    else if (path == NULL || path[0] == '\0')
        err_set(&e, "usage", "the target hub: is a hub database: name it by -d or HUB_DB");
    else if (t->options.dry && access(path, F_OK) == -1)
        err_errno(&e, path); /* a plan makes no file */
    else
        t->hub = hub_open(path, HUB_WRITES, &e);
    if (t->hub == NULL) {
        fail(t, &e);
        return;
    }
    t->cmd.on_mark = settle_mark;
    t->cmd.mark_arg = t;
    while (cmd_read(&t->cmd, &r))
        if (take_into_hub(t, &r))
            break;
    if (!t->cmd.failed && settle(t, &e) == -1)
        fail(t, &e);
    if (t->options.dry && !t->cmd.failed) {
        t->cmd.write_marks = false;
        cmd_say(&t->cmd, "%s would get %" PRIu64 " revisions, and hold %" PRIu64 " records unchanged", path,
                t->revised, t->unchanged);
    }
}

/* Where an input is cut off, reading it fails; what its marks say else is of no use to those who read
 * receipts. */
static int ignore_mark(void *arg, const struct record_mark *mark, struct err *e)
{
    (void)arg;
    (void)mark;
    (void)e;
    return 0;
}

static void run(struct tool *t)
{
    struct record r;
    struct err e = {0};
    struct sink_result result;
    if (strcmp(t->target, "hub:") == 0) {
        run_hub(t);
        return;
    }
    if (strcmp(t->target, "-") == 0) {
        err_set(&e, "usage", "the receipts go to standard output: name a file or a folder as the target");
        fail(t, &e);
        return;
    }
    if (cmd_check_target(&t->cmd, t->target, &e) == -1) {
        fail(t, &e);
        return;
    }
    if (load_templates(t, &e) == -1 || (t->sink = sink_open(t->target, &t->options, &e)) == NULL) {
        fail(t, &e);
        return;
    }
    while (cmd_read(&t->cmd, &r))
        if (take(t, &r))
            break;
    if (t->cmd.failed)
        return;
    if (t->options.dry)
        t->cmd.write_marks = false;
    if (sink_finish(t->sink, &result, &e) == -1)
        fail(t, &e);
    else if (t->options.dry)
        say_plan(t, &result);
    else
        give_held(t, result.unchanged > 0 ? STR("unchanged") : STR("applied"));
}

int main(int argc, char **argv)
{
    static struct tool tool;
    struct tool *t = &tool;
    struct cmd *c = &t->cmd;
    given_init(&t->given);
    cmd_start(c, argc, argv, &spec, take_option, t);
    c->on_mark = ignore_mark;
    t->target = *c->operands++;
    c->noperands--;
    receipts_init(&t->receipts, t->target);
    buf_init(&t->waiting, WAITING_MOST);
    if (t->database != NULL && c->marks == RECORD_MARKS_AS_FOUND)
        c->marks = c->in.marks = RECORD_MARKS_REQUIRED;
    run(t);
    sink_close(t->sink);
    letters_free(t->letters);
    given_release(&t->given);
    hub_close(t->hub);
    buf_release(&t->waiting);
    receipts_release(&t->receipts);
    return cmd_finish(c);
}
