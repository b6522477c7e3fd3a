/*
 * hub-extract: a source to native records.
 */
#include "extract.h"

#include "base/duration.h"
#include "base/size.h"
#include "io/csv.h"
#include "options.h"

enum { DESCRIPTION_MOST = 64 << 20, NAME_MOST = 1 << 20 };

/* The last one takes what no other knows. */
static const struct extract_kind *const kinds[] = {&extract_hub, &extract_api, &extract_database,
                                                   &extract_spool, &extract_file};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const struct cmd_option options[] = {
    {'s', "stream", "CONNECTION:STREAM", CMD_TEXT, "what the files are, as system.json describes it", NULL},
    {'f', "format", "FORMAT", CMD_WORD, "format of the files (default: by their suffix)",
     "csv tsv ndjson json singer airbyte"},
    {'g', "group", "COLUMN", CMD_TEXT, "fold consecutive rows with an equal value into one record", NULL},
    {'m', "members", "GLOB", CMD_TEXT, "read these members of an archive (default: all)", NULL},
    {'M', "memory", "SIZE", CMD_TEXT, "most memory for keys of groups (default: 256M)", NULL},
    {'d', "database", "FILE", CMD_FILE, "hub.db, for hub:ENTITY and bookmarks (default: $HUB_DB)", NULL},
    {0, "for", "TARGET", CMD_TEXT, "of hub:ENTITY: the changes that TARGET has not settled yet", NULL},
    {0, "records", "POINTER", CMD_TEXT, "JSON Pointer of the list of records in a json file", NULL},
    {0, "parent", "KEY", CMD_TEXT, "fold lines into the one whose id this key of theirs has", NULL},
    {0, "delimiter", "CHARACTER", CMD_TEXT, "what stands between the cells of csv and tsv", NULL},
    {0, "encoding", "NAME", CMD_TEXT, "of the text of the files, as iconv(1) names it (default: UTF-8)",
     NULL},
    {0, "skip", "LINES", CMD_TEXT, "lines before the header to pass over", NULL},
    {0, "footer", "PATTERN", CMD_TEXT, "leave out the rows at the end whose first text is like this (Total*)",
     NULL},
    {0, "unpivot", "PATTERN", CMD_TEXT, "one record for each column like this (\"Location *\")", NULL},
    {0, "table", "NAME", CMD_TEXT, "of a database: this table", NULL},
    {0, "query", "SQL", CMD_TEXT, "of a database: what this SELECT gives", NULL},
    {0, "cursor", "COLUMN", CMD_TEXT, "of a database: only rows from where --state stands in this column",
     NULL},
    {0, "since", "TIME", CMD_TEXT, "of an API: what changed from then on, whatever was read before", NULL},
    {0, "until", "TIME", CMD_TEXT, "and before then", NULL},
    {0, "full", NULL, CMD_NONE, "all, whatever was read before", NULL},
    {0, "id", "ID", CMD_TEXT, "of an API: this record alone", NULL},
    {0, "state", "FILE", CMD_FILE, "go on from the checkpoint in FILE, and keep it there", NULL},
    {0, "settle", "TIME", CMD_TEXT, "of a folder: files that have not changed for so long (10s)", NULL},
    {0, "take", "FOLDER", CMD_TEXT, "of a folder: move the files that are settled there", NULL},
    {0, "check", "CONNECTION", CMD_TEXT,
     "try each stream of a connection with one page, and show how it went", NULL},
    {0, "record", "FOLDER", CMD_FOLDER, "keep the answers of an API, without secrets", NULL},
    {0, "replay", "FOLDER", CMD_FOLDER, "take the answers from there, without a network", NULL},
    {0}};

static const struct cmd_spec spec = {.name = "hub-extract",
                                     .purpose = "read files, archives and databases as native records",
                                     .operands = "[SOURCE...]",
                                     .options = options,
                                     .common = CMD_HAS_REJECTS | CMD_HAS_MARKS};

/* ---- options ---- */

static int set_memory(struct extract *x, struct str argument, struct err *e)
{
    if (!size_parse(argument, &x->memory) || x->memory == 0)
        return err_set(e, "usage", "a size is a number with K, M or G: %s", err_quote(argument));
    return 0;
}

static int set_skip(struct extract *x, struct str argument, struct err *e)
{
    if (!count_parse(argument, &x->options.skip))
        return err_set(e, "usage", "not a number of lines: %s", err_quote(argument));
    return 0;
}

static int set_records(struct extract *x, struct str pointer, struct err *e)
{
    if (pointer.n > 0 && pointer.p[0] != '/')
        return err_set(e, "usage", "a JSON Pointer starts with a slash: %s", err_quote(pointer));
    x->options.records = pointer;
    return 0;
}

static int set_encoding(struct extract *x, struct str name, struct err *e)
{
    x->input.encoding = name;
    if (encoding_is_known(name))
        return 0;
    return err_set(e, "usage", "the encoding %s is not known (iconv -l lists those that are)",
                   err_quote(name));
}

static int add_pattern(struct str list[EXTRACT_PATTERNS_MOST], size_t *n, struct str pattern, struct err *e)
{
    if (*n == EXTRACT_PATTERNS_MOST)
        return err_set(e, "usage", "more than %d patterns", EXTRACT_PATTERNS_MOST);
    list[(*n)++] = pattern;
    return 0;
}

static int add_unpivot(struct extract *x, struct str pattern, struct err *e)
{
    if (!csv_is_unpivot(pattern))
        return err_set(e, "usage", "must have one \"*\", for what the names of columns differ in: %s",
                       err_quote(pattern));
    return add_pattern(x->unpivot, &x->options.nunpivot, pattern, e);
}

static int set_settle(struct extract *x, struct str argument, struct err *e)
{
    if (!duration_parse(argument, &x->spool.settle))
        return err_set(e, "usage", "not a length of time (10s, 5m): %s", err_quote(argument));
    return 0;
}

static void note_given(struct extract *x, const char *name)
{
    for (size_t i = 0; options[i].name != NULL; i++)
        if (strcmp(options[i].name, name) == 0)
            x->given |= UINT64_C(1) << i;
}

static int take_option(void *arg, int letter, const char *name, const char *argument, struct err *e)
{
    struct extract *x = arg;
    const struct {
        const char *name;
        const char **to;
    } texts[] = {{"members", &x->input.members}, {"database", &x->database},     {"since", &x->api.since.p},
                 {"until", &x->api.until.p},     {"id", &x->api.one.p},          {"state", &x->state_path},
                 {"check", &x->check},           {"record", &x->session.record}, {"for", &x->target},
                 {"replay", &x->session.replay}};
    (void)letter;
    note_given(x, name);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].to = argument;
            return 0;
        }
    struct str text = argument != NULL ? str_of(argument) : (struct str){0};
    if (strcmp(name, "stream") == 0)
        x->described_by = text;
    else if (strcmp(name, "format") == 0)
        x->options.format = text;
    else if (strcmp(name, "group") == 0)
        x->options.group = text;
    else if (strcmp(name, "parent") == 0)
        x->options.parent = text;
    else if (strcmp(name, "table") == 0)
        x->rows.table = text;
    else if (strcmp(name, "query") == 0)
        x->rows.query = text;
    else if (strcmp(name, "cursor") == 0)
        x->rows.cursor = text;
    else if (strcmp(name, "full") == 0)
        x->full = true;
    else if (strcmp(name, "take") == 0)
        x->spool.take = text;
    else if (strcmp(name, "settle") == 0)
        return set_settle(x, text, e);
    else if (strcmp(name, "memory") == 0)
        return set_memory(x, text, e);
    else if (strcmp(name, "records") == 0)
        return set_records(x, text, e);
    else if (strcmp(name, "delimiter") == 0)
        return source_set_delimiter(&x->options, text, e);
    else if (strcmp(name, "encoding") == 0)
        return set_encoding(x, text, e);
    else if (strcmp(name, "footer") == 0)
        return add_pattern(x->footer, &x->options.nfooters, text, e);
    else if (strcmp(name, "unpivot") == 0)
        return add_unpivot(x, text, e);
    else
        return set_skip(x, text, e);
    return 0;
}

/* What was not said by options, as system.json says it. */
static int describe(struct extract *x, struct err *e)
{
    struct system_stream *d = &x->described;
    if (x->described_by.p == NULL)
        return 0;
    if (system_stream_find(d, x->described_by, &x->arena, &x->diags, e) == -1 ||
        source_options_of_stream(&x->options, &x->input, d, e) == -1)
        return -1;
    x->options.pick = str_slice(x->described_by, str_find(x->described_by, ':') + 1, x->described_by.n);
    struct str place = arena_printf(&x->arena, "%.*s/system.json", (int)d->folder.n, d->folder.p);
    return place.p != NULL ? native_name_by(&x->native, d->id, d->label, place.p, e) : err_memory(e);
}

static void release(struct extract *x)
{
    extract_close_state(x);
    buf_release(&x->record_stream);
    buf_release(&x->checkpoint);
    buf_release(&x->after);
    json_tape_release(&x->bookmark);
    native_release(&x->native);
    fold_release(&x->fold);
    buf_release(&x->row);
    buf_release(&x->stream);
    buf_release(&x->next_stream);
    arena_release(&x->arena);
}

/* ---- sources ---- */

static const struct extract_kind *kind_of(const char *operand)
{
    size_t i = 0;
    while (kinds[i]->is != NULL && !kinds[i]->is(operand))
        i++;
    return kinds[i];
}

/* The kinds that OPTION has a meaning for, into TO; none where it has one for all. */
static void put_takers(struct buf *to, const char *option)
{
    for (size_t i = 0; i < KINDS; i++)
        if (options_has_word(kinds[i]->takes, option))
            buf_printf(to, "%s%s", to->n > 0 ? ", " : "", kinds[i]->what);
}

static int check_option(const struct extract_kind *kind, const char *name, struct err *e)
{
    struct buf takers;
    buf_init(&takers, NAME_MOST);
    put_takers(&takers, name);
    int done = takers.n == 0 || options_has_word(kind->takes, name)
                   ? 0
                   : err_set(e, "usage", "--%s is for %.*s", name, (int)takers.n, takers.p);
    buf_release(&takers);
    return done;
}

/* What has no meaning together is refused, before anything is read. */
static int check_operand(const struct extract *x, const struct extract_kind *kind, struct err *e)
{
    if (kind->alone && x->cmd.noperands > 1)
        return err_set(e, "usage", "%s is read alone", kind->what);
    for (size_t i = 0; options[i].name != NULL; i++)
        if ((x->given >> i & 1) != 0 && check_option(kind, options[i].name, e) == -1)
            return -1;
    return 0;
}

static void run(struct extract *x)
{
    struct err e = {0};
    x->diags.arena = &x->arena;
    if (describe(x, &e) == -1) {
        extract_fail_description(x, &e);
        return;
    }
    x->source = x->described.source.p != NULL ? x->described.source : STR("file");
    if (x->check != NULL) {
        extract_check(x);
        return;
    }
    for (int i = 0; i < x->cmd.noperands; i++)
        if (check_operand(x, kind_of(x->cmd.operands[i]), &e) == -1) {
            extract_fail(x, &e);
            return;
        }
    for (int i = 0; i < x->cmd.noperands; i++) {
        const struct extract_kind *kind = kind_of(x->cmd.operands[i]);
        if (kind->take(x, x->cmd.operands[i]) || kind->alone)
            return;
    }
    extract_end_stream(x, true);
}

int main(int argc, char **argv)
{
    static struct extract extract;
    struct extract *x = &extract;
    x->memory = UINT64_C(256) << 20;
    x->input.idle = x->session.idle = extract_flush;
    x->session.idle_arg = x;
    x->input.idle_arg = x;
    x->options.footer = x->footer;
    x->options.unpivot = x->unpivot;
    arena_init(&x->arena, DESCRIPTION_MOST);
    native_init(&x->native);
    json_tape_init(&x->bookmark);
    cmd_start(&x->cmd, argc, argv, &spec, take_option, x);
    if (x->database != NULL && x->cmd.marks == RECORD_MARKS_AS_FOUND)
        x->cmd.write_marks = true;
    x->options.memory = x->memory;
    x->options.guess_delimiter = x->described_by.p == NULL;
    fold_init(&x->fold, x->memory);
    buf_init(&x->row, FOLD_GROUP_MOST);
    buf_init(&x->record_stream, NAME_MOST);
    buf_init(&x->checkpoint, JSON_BYTES);
    buf_init(&x->after, JSON_BYTES);
    buf_init(&x->stream, NAME_MOST);
    buf_init(&x->next_stream, NAME_MOST);
    run(x);
    int status = cmd_finish(&x->cmd);
    release(x);
    return status;
}
