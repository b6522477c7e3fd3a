/*
 * hub-load: records into a target, with a receipt for each.
 */

#include "base/url.h"
#include "load.h"
#include "options.h"
#include "sink/sql.h"

static const struct cmd_option options[] = {
    {'f', "format", "FORMAT", CMD_WORD, "format of what is written (default: by the suffix of TARGET)",
     "csv tsv ndjson json"},
    {'T', "template", "FILE", CMD_FILE, "write each record by a template, instead of in a format", NULL},
    {0, "name", "TEXT", CMD_TEXT, "name the files of a folder by a template: {{number}}", NULL},
    {'D', "define", "NAME=VALUE", CMD_TEXT, "give a parameter of templates its value", NULL},
    {'l', "lookup", "TABLE=FILE", CMD_TEXT, "read a table of templates from another file", NULL},
    {'d', "database", "FILE", CMD_FILE, "hub.db, for the target hub: (default: $HUB_DB)", NULL},
    {'n', "dry-run", NULL, CMD_NONE, "say what would happen, and touch nothing", NULL},
    {'j', "parallel", "N", CMD_TEXT,
     "of a system's target: calls at once (default: as the system says, or 1)", NULL},
    {'a', "answers", "FILE", CMD_FILE, "append what the target answers to FILE, as native records", NULL},
    {0, "delete", "N|P%", CMD_TEXT, "allow N deletions, or P percent of what the target holds (default: 0)",
     NULL},
    {0, "append", NULL, CMD_NONE, "add to a file what it was not given yet", NULL},
    {0, "settle", NULL, CMD_NONE, "keep all as delivered, and send nothing", NULL},
    {0, "resend", "ID", CMD_TEXT, "send what was set aside of ID again (may be repeated)", NULL},
    {0, "table", "NAME", CMD_TEXT, "of a database: a row of this table for each record", NULL},
    {0, "key", "NAME,...", CMD_TEXT, "the columns by which a row is known (default: its primary key)", NULL},
    {0, "create", NULL, CMD_NONE, "make the table where it is not there", NULL},
    {0, "sql", "FILE", CMD_FILE, "of a database: run this statement for each record", NULL},
    {0, "columns", "NAME,...", CMD_TEXT, "write these columns, in this order, and no others", NULL},
    {0, "safe-cells", NULL, CMD_NONE, "put an apostrophe before what a spreadsheet would take for a formula",
     NULL},
    {0}};

static const struct cmd_spec spec = {
    .name = "hub-load",
    .purpose = "write records into a file, a folder, the hub, a database or a system",
    .operands = "TARGET [FILE...]",
    .options = options,
    .common = CMD_HAS_REJECTS | CMD_HAS_MARKS};

/* ---- options ---- */

/* Names of columns with commas between them. */
static int take_names(struct str *out, size_t most, size_t *n, struct str list, struct err *e)
{
    *n = 0;
    for (size_t at = 0; at <= list.n;) {
        struct str name = str_slice(list, at, at + str_find(str_slice(list, at, list.n), ','));
        if (name.n == 0 || *n == most)
            return err_set(e, "usage", "not names of columns with commas between them: %s", err_quote(list));
        for (size_t i = 0; i < *n; i++)
            if (str_eq(out[i], name))
                return err_set(e, "usage", "the column %s is named twice", err_quote(name));
        out[(*n)++] = name;
        at += name.n + 1;
    }
    return 0;
}

static int take_table_option(struct load *t, const char *name, const char *argument, struct err *e)
{
    t->tables = true;
    if (strcmp(name, "key") == 0) {
        t->rows.options.key = t->rows.keys;
        return take_names(t->rows.keys, LOAD_KEYS_MOST, &t->rows.options.nkeys, str_of(argument), e);
    }
    if (strcmp(name, "table") == 0)
        t->rows.options.table = str_of(argument);
    else if (strcmp(name, "sql") == 0)
        t->rows.sql = argument;
    else
        t->rows.options.create = true;
    return 0;
}

static int take_flag(struct load *t, const char *name, const char *argument, struct err *e)
{
    if (strcmp(name, "name") == 0) {
        t->name = argument;
        return 0;
    }
    if (strcmp(name, "columns") == 0) {
        t->options.encoding.columns = t->columns;
        return take_names(t->columns, LOAD_COLUMNS_MOST, &t->options.encoding.ncolumns, str_of(argument), e);
    }
    if (strcmp(name, "safe-cells") == 0) {
        t->options.encoding.safe_cells = true;
        return 0;
    }
    if (strcmp(name, "delete") == 0) {
        t->deletions = argument;
        return 0;
    }
    if (options_has_word("table key create sql", name))
        return take_table_option(t, name, argument, e);
    if (strcmp(name, "append") == 0)
        t->append = true;
    else if (strcmp(name, "settle") == 0)
        t->settle = true;
    else if (t->nresend < LOAD_RESEND_MOST)
        t->resend[t->nresend++] = argument;
    else
        return err_set(e, "usage", "--resend stands here more than %d times", LOAD_RESEND_MOST);
    return 0;
}

static int take_option(void *arg, int letter, const char *name, const char *argument, struct err *e)
{
    struct load *t = arg;
    switch (letter) {
    case 'D': return arguments_param(&t->arguments, argument, e);
    case 'l': return arguments_table(&t->arguments, argument, e);
    case 'T': t->template = argument; break;
    case 'd': t->database = argument; break;
    case 'f': t->options.format = format_named(str_of(argument)); break;
    case 'n': t->options.dry = t->cmd.dry = true; break;
    case 'j': t->parallel = argument; break;
    case 'a': t->answers = argument; break;
    default: return take_flag(t, name, argument, e);
    }
    return 0;
}

bool load_fail(struct load *t, const struct err *e)
{
    const struct diag_list *wrong = t->letters != NULL ? letters_diags(t->letters) : NULL;
    if (wrong != NULL)
        cmd_fail_diags(&t->cmd, wrong, e);
    else
        cmd_fail(&t->cmd, e);
    return true;
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

/* An option that has no meaning for the target; NULL: none. */
static const char *out_of_place(const struct load *t, bool described, bool database, bool file)
{
    bool calls = t->parallel != NULL || t->answers != NULL || t->nresend > 0;
    if (calls && !described)
        return "-j, -a and --resend are for the targets of systems and for URLs";
    if (t->append && (!file || str_ends(str_of(t->target), STR("/"))))
        return "--append is for a file";
    if (t->settle && !t->append && !described && !database)
        return "--settle is for the targets of systems, for URLs, for databases and for --append";
    if (t->tables && !database)
        return "--table, --key, --create and --sql are for a database (sqlite:FILE, postgresql://...)";
    if (t->deletions != NULL && !described && !database)
        return "--delete is for the targets of systems, for URLs and for databases";
    return NULL;
}

void load_to_table(struct load *t)
{
    t->rows.cmd = &t->cmd;
    t->rows.target = t->target;
    t->rows.database = cmd_database(t->database);
    t->rows.deletions = t->deletions;
    t->rows.options.as_delivered = t->settle;
    t->rows.options.column = t->options.encoding.columns;
    t->rows.options.ncolumns = t->options.encoding.ncolumns;
    load_table(&t->rows);
}

static void run(struct load *t)
{
    struct err e = {0};
    bool database = sql_is(t->target);
    bool described = !database && (load_is_described(t->target) || url_begins(str_of(t->target)));
    bool file = !database && !described && strcmp(t->target, "hub:") != 0;
    const char *wrong = out_of_place(t, described, database, file);
    if (described && str_starts(str_of(t->target), STR("hub:")))
        wrong = "the hub takes records of any entity: hub:";
    if (strcmp(t->target, "-") == 0)
        wrong = "the receipts go to standard output: name a file or a folder as the target";
    if (wrong != NULL) {
        err_set(&e, "usage", "%s", wrong);
        load_fail(t, &e);
    } else if (database) {
        load_to_table(t);
    } else if (described && load_to_sql(t)) {
        return;
    } else if (described || t->append) {
        load_to_system(t);
    } else if (strcmp(t->target, "hub:") == 0) {
        load_to_hub(t);
    } else {
        load_to_file(t);
    }
}

int main(int argc, char **argv)
{
    static struct load tool;
    struct load *t = &tool;
    struct cmd *c = &t->cmd;
    arguments_init(&t->arguments);
    cmd_start(c, argc, argv, &spec, take_option, t);
    c->on_mark = ignore_mark;
    t->target = *c->operands++;
    c->noperands--;
    receipts_init(&t->receipts, t->target);
    if (t->database != NULL && c->marks == RECORD_MARKS_AS_FOUND)
        c->marks = c->in.marks = RECORD_MARKS_REQUIRED;
    run(t);
    letters_free(t->letters);
    arguments_release(&t->arguments);
    receipts_release(&t->receipts);
    return cmd_finish(c);
}
