/*
 * hub-load: records into a target, with a receipt for each.
 */
#include <inttypes.h>

#include "cmd.h"
#include "sink/receipts.h"
#include "sink/sink.h"

enum { COLUMNS_MOST = 4096 };

struct tool {
    struct cmd cmd;
    struct sink_options options;
    struct str columns[COLUMNS_MOST];
    const char *target;
    struct sink *sink;
    struct receipts receipts;
};

static const struct cmd_option options[] = {
    {'f', "format", "FORMAT", CMD_WORD, "format of what is written (default: by the suffix of TARGET)",
     "csv tsv ndjson json"},
    {'n', "dry-run", NULL, CMD_NONE, "say what would happen, and touch nothing", NULL},
    {0, "columns", "NAME,...", CMD_TEXT, "write these columns, in this order, and no others", NULL},
    {0, "safe-cells", NULL, CMD_NONE, "put an apostrophe before what a spreadsheet would take for a formula",
     NULL},
    {0}};

static const struct cmd_spec spec = {.name = "hub-load",
                                     .purpose = "write records into a file or a folder",
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
    if (letter == 'f')
        t->options.format = format_named(str_of(argument));
    else if (letter == 'n')
        t->options.dry = t->cmd.dry = true;
    else if (strcmp(name, "columns") == 0)
        return set_columns(t, str_of(argument), e);
    else
        t->options.encoding.safe_cells = true;
    return 0;
}

/* ---- records ---- */

/* The functions below return true to stop the work: cmd_finish knows why. */

static bool fail(struct tool *t, const struct err *e)
{
    cmd_fail(&t->cmd, e);
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
    return cmd_took(&t->cmd, (uint64_t)made);
}

static bool take(struct tool *t, const struct record *r)
{
    struct err e = {0};
    switch (sink_put(t->sink, r, &e)) {
    case SINK_HELD: return hold(t, r);
    case SINK_APPLIED: return give(t, r, STR("applied"));
    case SINK_UNCHANGED: return give(t, r, STR("unchanged"));
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
    if (strcmp(t->target, "-") == 0) {
        err_set(&e, "usage", "the receipts go to standard output: name a file or a folder as the target");
        fail(t, &e);
        return;
    }
    if (cmd_check_target(&t->cmd, t->target, &e) == -1) {
        fail(t, &e);
        return;
    }
    t->sink = sink_open(t->target, &t->options, &e);
    if (t->sink == NULL) {
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
    cmd_start(c, argc, argv, &spec, take_option, t);
    c->on_mark = ignore_mark;
    t->target = *c->operands++;
    c->noperands--;
    receipts_init(&t->receipts, t->target);
    run(t);
    sink_close(t->sink);
    receipts_release(&t->receipts);
    return cmd_finish(c);
}
