/*
 * hub-extract: a source to native records.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/size.h"
#include "cmd.h"
#include "compare/held.h"
#include "source/api.h"
#include "source/fold.h"
#include "source/native.h"
#include "source/source.h"
#include "source/state.h"
#include "system/system.h"

enum { RECORDS_A_MARK = 1024 };
enum { DESCRIPTION_MOST = 64 << 20, NAME_MOST = 1 << 20 };

struct tool {
    struct cmd cmd;
    struct str described_by; /* -s; absent: none */
    struct diag_list diags;  /* what is wrong with its description */
    struct source_options options;
    uint64_t memory; /* -M: bytes for the keys of groups */
    struct input_options input;
    struct api_options api; /* --since, --until, --id */
    struct session_options session;
    const char *database, *target;  /* -d, --for */
    const char *state_path, *check; /* --state, --check; NULL: without */
    bool full;

    struct state state;
    struct buf checkpoint, after; /* the last one, and the one before */

    struct arena arena;
    struct system_stream described; /* all absent without -s */
    struct native native;
    struct fold fold;
    size_t start;                   /* in the output, of the record that is being written; */
    bool begun;                     /* if there is one, and its source may have to wait */
    uint64_t bytes_before;          /* of the sources that are done */
    struct buf row;                 /* one row of a group */
    struct str source;              /* what all records carry */
    struct buf stream, next_stream; /* likewise, until another input has another */
};

static const struct cmd_option options[] = {
    {'s', "stream", "CONNECTION:STREAM", CMD_TEXT, "what the files are, as system.json describes it", NULL},
    {'f', "format", "FORMAT", CMD_WORD, "format of the files (default: by their suffix)",
     "csv tsv ndjson json"},
    {'g', "group", "COLUMN", CMD_TEXT, "fold consecutive rows with an equal value into one record", NULL},
    {'m', "members", "GLOB", CMD_TEXT, "read these members of an archive (default: all)", NULL},
    {'M', "memory", "SIZE", CMD_TEXT, "most memory for the keys of groups (default: 256M)", NULL},
    {'d', "database", "FILE", CMD_FILE, "hub.db, for hub:ENTITY (default: $HUB_DB)", NULL},
    {0, "for", "TARGET", CMD_TEXT, "of hub:ENTITY: the changes that TARGET has not settled yet", NULL},
    {0, "records", "POINTER", CMD_TEXT, "JSON Pointer of the list of records in a json file", NULL},
    {0, "delimiter", "CHARACTER", CMD_TEXT, "what stands between the cells of csv and tsv", NULL},
    {0, "skip", "LINES", CMD_TEXT, "lines before the header to pass over", NULL},
    {0, "since", "TIME", CMD_TEXT, "of an API: what changed from then on, whatever was read before", NULL},
    {0, "until", "TIME", CMD_TEXT, "and before then", NULL},
    {0, "full", NULL, CMD_NONE, "of an API: all, whatever was read before", NULL},
    {0, "id", "ID", CMD_TEXT, "of an API: this record alone", NULL},
    {0, "state", "FILE", CMD_FILE, "go on from the checkpoint in FILE, and keep it there", NULL},
    {0, "check", "CONNECTION", CMD_TEXT,
     "try each stream of a connection with one page, and show how it went", NULL},
    {0, "record", "FOLDER", CMD_FOLDER, "keep the answers of an API, without secrets", NULL},
    {0, "replay", "FOLDER", CMD_FOLDER, "take the answers from there, without a network", NULL},
    {0}};

static const struct cmd_spec spec = {.name = "hub-extract",
                                     .purpose = "read files and archives as native records",
                                     .operands = "[SOURCE...]",
                                     .options = options,
                                     .common = CMD_HAS_REJECTS | CMD_HAS_MARKS};

/* ---- options ---- */

static int set_memory(struct tool *t, struct str argument, struct err *e)
{
    if (!size_parse(argument, &t->memory) || t->memory == 0)
        return err_set(e, "usage", "a size is a number with K, M or G: %s", err_quote(argument));
    return 0;
}

static int set_skip(struct tool *t, struct str argument, struct err *e)
{
    if (!count_parse(argument, &t->options.skip))
        return err_set(e, "usage", "not a number of lines: %s", err_quote(argument));
    return 0;
}

static int set_records(struct tool *t, struct str pointer, struct err *e)
{
    if (pointer.n > 0 && pointer.p[0] != '/')
        return err_set(e, "usage", "a JSON Pointer starts with a slash: %s", err_quote(pointer));
    t->options.records = pointer;
    return 0;
}

static int take_option(void *arg, int letter, const char *name, const char *argument, struct err *e)
{
    struct tool *t = arg;
    switch (letter) {
    case 's': t->described_by = str_of(argument); return 0;
    case 'f': t->options.format = str_of(argument); return 0;
    case 'g': t->options.group = str_of(argument); return 0;
    case 'm': t->input.members = argument; return 0;
    case 'd': t->database = argument; return 0;
    case 'M': return set_memory(t, str_of(argument), e);
    default: break;
    }
    const struct {
        const char *name;
        const char **to;
    } texts[] = {{"since", &t->api.since.p}, {"until", &t->api.until.p},    {"id", &t->api.one.p},
                 {"state", &t->state_path},  {"check", &t->check},          {"record", &t->session.record},
                 {"for", &t->target},        {"replay", &t->session.replay}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(name, texts[i].name) != 0)
            continue;
        *texts[i].to = argument;
        return 0;
    }
    if (strcmp(name, "full") == 0) {
        t->full = true;
        return 0;
    }
    if (strcmp(name, "records") == 0)
        return set_records(t, str_of(argument), e);
    if (strcmp(name, "delimiter") == 0)
        return source_set_delimiter(&t->options, str_of(argument), e);
    return set_skip(t, str_of(argument), e);
}

/* What was not said by options, as system.json says it. */
static int describe(struct tool *t, struct err *e)
{
    struct system_stream *d = &t->described;
    if (t->described_by.p == NULL)
        return 0;
    if (system_stream_find(d, t->described_by, &t->arena, &t->diags, e) == -1 ||
        source_options_of_stream(&t->options, d, e) == -1)
        return -1;
    struct str place = arena_printf(&t->arena, "%.*s/system.json", (int)d->folder.n, d->folder.p);
    return place.p != NULL ? native_name_by(&t->native, d->id, d->label, place.p, e) : err_memory(e);
}

/* ---- records ---- */

/* The functions below return true to stop the work: cmd_finish knows why. */

static bool fail(struct tool *t, const struct err *e)
{
    cmd_fail(&t->cmd, e);
    return true;
}

/* A description is shown with all that is wrong in it. */
static bool fail_description(struct tool *t, const struct err *e)
{
    if (t->diags.n == 0)
        return fail(t, e);
    cmd_say_diags(&t->cmd, &t->diags);
    cmd_worse(&t->cmd, CMD_FAILED);
    t->cmd.failed = true;
    return true;
}

static bool refuse(struct tool *t, struct str raw, struct err *why)
{
    bool stop = strcmp(why->code, "memory") == 0 ? fail(t, why) : cmd_refuse_raw(&t->cmd, raw, why);
    *why = (struct err){0};
    return stop;
}

/* DATA was appended behind START. */
static bool give(struct tool *t, size_t start, const char *name, uint64_t line, struct str raw, struct err *e)
{
    if (native_end(&t->native, &t->cmd.out.buf, start, line, e) == 0)
        return cmd_took(&t->cmd, 1);
    err_place(e, "%s:%" PRIu64, name, line);
    return refuse(t, raw, e);
}

static bool give_group(struct tool *t, struct err *e)
{
    struct fold_group *g = &t->fold.done;
    struct buf *out = &t->cmd.out.buf;
    t->cmd.read++;
    if (g->refused)
        return refuse(t, buf_str(&g->raw), &g->why);
    if (native_set_input(&t->native, str_of(g->name.p), e) == -1)
        return fail(t, e);
    size_t start = native_begin(out);
    buf_put(out, buf_str(&g->json));
    return give(t, start, g->name.p, g->line, buf_str(&g->raw), e);
}

static bool take_items(struct tool *t, const struct source_kind *kind, void *source, const struct input *in)
{
    struct buf *out = &t->cmd.out.buf;
    struct source_item item;
    struct err e = {0};
    for (bool stop = false; !stop;) {
        t->start = native_begin(out);
        t->begun = true;
        enum source_got got = kind->next(source, &item, out, &e);
        t->begun = false;
        t->cmd.raw_bytes = t->bytes_before + input_bytes(in);
        if (got == SOURCE_OK) {
            t->cmd.read++;
            stop = give(t, t->start, in->name, item.line, item.raw, &e);
            continue;
        }
        out->n = t->start;
        if (got != SOURCE_BAD)
            return got == SOURCE_FATAL && fail(t, &e);
        t->cmd.read++;
        stop = refuse(t, item.raw, &e);
    }
    return true;
}

static bool take_rows(struct tool *t, const struct source_kind *kind, void *source, const struct input *in)
{
    struct source_item item;
    struct err e = {0}, why;
    for (;;) {
        buf_reset(&t->row);
        enum source_got got = kind->next(source, &item, &t->row, &e);
        t->cmd.raw_bytes = t->bytes_before + input_bytes(in);
        if (got != SOURCE_OK && got != SOURCE_BAD)
            return got == SOURCE_FATAL && fail(t, &e);
        int closed;
        if (got == SOURCE_OK) {
            closed = fold_row(&t->fold, in->name, &item, buf_str(&t->row), &e);
        } else {
            why = e;
            e = (struct err){0};
            closed = fold_bad(&t->fold, in->name, &item, &why, &e);
        }
        if (closed == -1)
            return fail(t, &e);
        if (closed == 1 && give_group(t, &e))
            return true;
    }
}

/* ---- inputs ---- */

/* The records of a stream are over: its last group, and with marks a mark. */
static bool end_stream(struct tool *t, bool end)
{
    struct cmd *c = &t->cmd;
    struct err e = {0};
    if (fold_end(&t->fold) == 1 && give_group(t, &e))
        return true;
    struct record_mark mark = {.source = t->source, .stream = buf_str(&t->stream), .end = end};
    return cmd_mark(c, &mark, &e) == -1 && fail(t, &e);
}

/* With -s as described, else "file:BASENAME" up to the first dot. A group, and the count of a mark, end with
 * their stream. */
static bool set_stream(struct tool *t, const struct input *in)
{
    struct err e = {0};
    buf_reset(&t->next_stream);
    if (t->described.stream.p != NULL) {
        buf_put(&t->next_stream, t->described.stream);
    } else {
        size_t dot = str_find(in->file, '.');
        buf_put(&t->next_stream, STR("file:"));
        buf_put(&t->next_stream, dot > 0 ? str_slice(in->file, 0, dot) : in->file);
    }
    if (!buf_ok(&t->next_stream)) {
        err_memory(&e);
        return fail(t, &e);
    }
    if (t->stream.n > 0 && !str_eq(buf_str(&t->stream), buf_str(&t->next_stream)) && end_stream(t, false))
        return true;
    struct buf last = t->stream;
    t->stream = t->next_stream;
    t->next_stream = last;
    return native_set_stream(&t->native, t->source, buf_str(&t->stream), &e) == -1 && fail(t, &e);
}

static bool take_member(struct tool *t, const struct input *in)
{
    struct err e = {0};
    const struct source_kind *kind = source_kind_for(in, &t->options, &e);
    if (kind == NULL)
        return fail(t, &e);
    if (set_stream(t, in))
        return true;
    void *source = kind->open(in, &t->options, &e);
    if (source == NULL || native_set_input(&t->native, str_of(in->name), &e) == -1) {
        kind->close(source);
        return fail(t, &e);
    }
    bool stop = t->options.group.p != NULL ? take_rows(t, kind, source, in) : take_items(t, kind, source, in);
    kind->close(source);
    return stop;
}

static bool take_source(struct tool *t, const char *path)
{
    struct err e = {0};
    struct input in;
    if (input_open(&in, path, &t->input, &e) == -1)
        return fail(t, &e);
    int got;
    bool stop = cmd_check_input(&t->cmd, in.fd.fd, path, &e) == -1 && fail(t, &e);
    while (!stop && (got = input_next(&in, &e)) != 0)
        stop = got == -1 ? fail(t, &e) : take_member(t, &in);
    t->bytes_before += input_bytes(&in);
    input_close(&in);
    return stop;
}

/* Before standard input lets us wait: what was written so far is seen, but for the record that has only
 * begun. */
static int flush(void *arg, struct err *e)
{
    struct tool *t = arg;
    struct out *out = &t->cmd.out;
    if (t->begun)
        out->buf.n = t->start;
    int done = out_flush(out, e);
    if (done == -1)
        err_place(e, "stdout");
    if (t->begun)
        t->start = native_begin(&out->buf);
    return done;
}

/* ---- APIs ---- */

/* A mark behind a page: what it covers was flushed before its checkpoint is kept. */
static bool mark_page(struct tool *t, struct api *api, bool end)
{
    struct err e = {0};
    struct cmd *c = &t->cmd;
    struct buf last = t->after;
    t->after = t->checkpoint;
    t->checkpoint = last;
    buf_reset(&t->checkpoint);
    bool some = api_checkpoint(api, &t->checkpoint);
    if (!some) { /* the one before still holds */
        if (t->after.n > 0)
            buf_put(&t->checkpoint, buf_str(&t->after));
        if (!end)
            return false;
    }
    struct json_tape now, before;
    json_tape_init(&now);
    json_tape_init(&before);
    struct record_mark mark = {.source = t->source, .stream = buf_str(&t->stream), .end = end};
    int done = 0;
    if (t->checkpoint.n > 0 && (done = json_parse_made(&now, &t->checkpoint, &e)) == 0)
        mark.checkpoint = now.node;
    if (done == 0 && t->after.n > 0 && (done = json_parse_made(&before, &t->after, &e)) == 0)
        mark.after = before.node;
    if (done == 0)
        done = cmd_mark(c, &mark, &e);
    json_tape_release(&now);
    json_tape_release(&before);
    if (done == 0 && some && t->state_path != NULL && !c->failed && (done = out_flush(&c->out, &e)) == 0)
        done = state_put(&t->state, buf_str(&t->checkpoint), &e);
    return done == -1 && fail(t, &e);
}

static bool take_api_record(struct tool *t, const struct api_record *r, struct str *page, struct err *e)
{
    struct buf *out = &t->cmd.out.buf;
    t->cmd.read++;
    if (page->p != r->page.p || page->n != r->page.n || r->number == 1) {
        *page = r->page;
        if (native_set_input(&t->native, r->page, e) == -1)
            return fail(t, e);
    }
    size_t start = native_begin(out);
    json_write(out, r->data);
    if (native_end_as(&t->native, out, start, r->number, r->id, r->label, e) == 0)
        return cmd_took(&t->cmd, 1);
    return fail(t, e);
}

static bool take_records(struct tool *t, struct api *api)
{
    struct api_record r = {0};
    struct str page = {0};
    struct err e = {0};
    for (;;) {
        bool stop = false;
        switch (api_next(api, &r, &e)) {
        case API_RECORD: stop = take_api_record(t, &r, &page, &e); break;
        case API_PAGE: stop = mark_page(t, api, false); break;
        case API_END: return mark_page(t, api, true);
        case API_FATAL: return fail(t, &e);
        case API_BAD: {
            struct buf raw;
            buf_init(&raw, JSON_BYTES);
            if (r.raw.p != NULL)
                buf_put(&raw, r.raw);
            else
                json_write(&raw, r.data);
            t->cmd.read++;
            stop = refuse(t, buf_str(&raw), &e);
            buf_release(&raw);
            break;
        }
        }
        if (stop)
            return true;
    }
}

static int open_state(struct tool *t, struct err *e)
{
    if (t->state_path == NULL)
        return 0;
    if (state_open(&t->state, t->state_path, e) == -1)
        return -1;
    t->api.checkpoint = t->full ? NULL : t->state.checkpoint;
    if (t->state.checkpoint != NULL)
        json_write(&t->checkpoint, t->state.checkpoint);
    return 0;
}

/* NAME is CONNECTION:STREAM. */
static bool take_api(struct tool *t, struct str name)
{
    struct err e = {0};
    struct system system = {0};
    struct session session = {0};
    struct str connection = str_slice(name, 0, str_find(name, ':'));
    struct str stream = str_slice(name, connection.n + 1, name.n);
    struct api *api = NULL;
    t->api.memory = t->memory;
    t->api.since.n = t->api.since.p != NULL ? strlen(t->api.since.p) : 0;
    t->api.until.n = t->api.until.p != NULL ? strlen(t->api.until.p) : 0;
    t->api.one.n = t->api.one.p != NULL ? strlen(t->api.one.p) : 0;
    bool stop = true, opened = false;
    if (system_open(&system, connection, &t->arena, &t->diags, &e) == -1) {
        fail_description(t, &e);
    } else if (open_state(t, &e) == -1 ||
               (opened = true, session_open(&session, &system, &t->session, &e)) == -1 ||
               (api = api_open(&session, stream, &t->api, &e)) == NULL) {
        fail(t, &e);
    } else {
        t->source = system.source;
        buf_reset(&t->stream);
        buf_printf(&t->stream, "%.*s:%.*s", (int)system.name.n, system.name.p, (int)stream.n, stream.p);
        stop = native_set_stream(&t->native, t->source, buf_str(&t->stream), &e) == -1 ? fail(t, &e)
                                                                                       : take_records(t, api);
    }
    api_close(api);
    if (opened)
        session_close(&session);
    system_release(&system);
    if (t->state_path != NULL)
        state_close(&t->state);
    return stop;
}

/* ---- the hub ---- */

static bool mark_held(struct tool *t, struct held *held, bool end)
{
    struct record_mark mark;
    struct err e = {0};
    int done = held_mark(held, &mark, &e);
    mark.end = end;
    return (done == -1 || cmd_mark(&t->cmd, &mark, &e) == -1) && fail(t, &e);
}

static bool give_held(struct tool *t, struct held *held)
{
    struct record r;
    struct err e = {0};
    int got;
    for (uint64_t n = 1; (got = held_next(held, &r, &e)) == 1; n++) {
        t->cmd.read++;
        record_write(&t->cmd.out.buf, &r);
        if (cmd_took(&t->cmd, 1) || (n % RECORDS_A_MARK == 0 && mark_held(t, held, false)))
            return true;
    }
    return got == -1 ? fail(t, &e) : mark_held(t, held, true);
}

/* hub:ENTITY, whole or what a target lacks. */
static bool take_hub(struct tool *t, struct str entity)
{
    struct err e = {0};
    struct str target = t->target != NULL ? str_of(t->target) : (struct str){0};
    const char *path = t->database != NULL ? t->database : getenv("HUB_DB");
    if (path == NULL || path[0] == '\0') {
        err_set(&e, "usage", "hub:%.*s is in a hub database: name it by -d or HUB_DB", (int)entity.n,
                entity.p);
        return fail(t, &e);
    }
    struct hub *hub = hub_open(path, HUB_READS, &e);
    struct held *held = hub != NULL ? held_new(hub, entity, target, &e) : NULL;
    bool stop = held != NULL ? give_held(t, held) : fail(t, &e);
    held_free(held);
    hub_close(hub);
    return stop;
}

/* CONNECTION:STREAM, and no file and no database. */
static bool is_stream(const char *path)
{
    struct str name = str_of(path);
    size_t colon = str_find(name, ':');
    return colon > 0 && colon + 1 < name.n && !str_starts(name, STR("hub:")) &&
           !str_starts(name, STR("sqlite:")) && str_search(name, STR("/"), 0) >= name.n &&
           access(path, F_OK) == -1;
}

/* What has no meaning together is refused. */
static int check_alone(const struct tool *t, int apis, struct err *e)
{
    bool asked = t->api.since.p != NULL || t->api.until.p != NULL || t->api.one.p != NULL || t->full ||
                 t->state_path != NULL || t->session.record != NULL || t->session.replay != NULL;
    if (apis > 0 && t->cmd.noperands > 1)
        return err_set(e, "usage", "a stream of an API is read alone");
    if (asked && apis == 0)
        return err_set(
            e, "usage",
            "--since, --until, --full, --id, --state, --record and --replay are for a stream of an API "
            "(CONNECTION:STREAM)");
    return 0;
}

/* ---- the first thing with a new system ---- */

static void check_stream(struct tool *t, struct session *s, struct str stream)
{
    struct err e = {0};
    struct api_record r;
    struct api_options asked = t->api;
    uint64_t records = 0;
    asked.first_page = true;
    asked.checkpoint = NULL;
    struct api *api = api_open(s, stream, &asked, &e);
    enum api_got got = api != NULL ? API_RECORD : API_FATAL;
    while (api != NULL && (got = api_next(api, &r, &e)) > API_END)
        records += got == API_RECORD;
    struct buf *out = &t->cmd.out.buf;
    if (got == API_END)
        buf_printf(out, "%-20.*s ok      %llu records on one page\n", (int)stream.n, stream.p,
                   (unsigned long long)records);
    else
        buf_printf(out, "%-20.*s failed  %s%s%s\n", (int)stream.n, stream.p, e.place,
                   e.place[0] != '\0' ? ": " : "", e.message);
    cmd_worse(&t->cmd, got == API_END ? CMD_OK : CMD_NO);
    api_close(api);
}

static bool check_connection(struct tool *t)
{
    struct err e = {0};
    struct system system = {0};
    struct session session = {0};
    bool opened = false;
    if (system_open(&system, str_of(t->check), &t->arena, &t->diags, &e) == -1) {
        fail_description(t, &e);
    } else if (opened = true, session_open(&session, &system, &t->session, &e) == -1) {
        fail(t, &e);
    } else {
        const struct json_node *streams = json_get(description_root(&system.described), STR("streams"));
        const struct json_node *end = streams != NULL ? json_next(streams) : NULL;
        for (const struct json_node *key = streams != NULL ? streams + 1 : NULL; key < end;
             key = json_next_key(key))
            if (request_is_call(json_value_of(key)) || json_get(json_value_of(key), STR("steps")) != NULL)
                check_stream(t, &session, description_string(&system.described, key));
    }
    if (opened)
        session_close(&session);
    system_release(&system);
    return true;
}

static void release(struct tool *t)
{
    buf_release(&t->checkpoint);
    buf_release(&t->after);
    native_release(&t->native);
    fold_release(&t->fold);
    buf_release(&t->row);
    buf_release(&t->stream);
    buf_release(&t->next_stream);
    arena_release(&t->arena);
}

static void run(struct tool *t)
{
    struct err e = {0};
    t->diags.arena = &t->arena;
    if (describe(t, &e) == -1) {
        fail_description(t, &e);
        return;
    }
    t->source = t->described.source.p != NULL ? t->described.source : STR("file");
    if (t->check != NULL) {
        check_connection(t);
        return;
    }
    int apis = 0;
    for (int i = 0; i < t->cmd.noperands; i++)
        apis += is_stream(t->cmd.operands[i]);
    if (check_alone(t, apis, &e) == -1) {
        fail(t, &e);
        return;
    }
    bool stop = false;
    for (int i = 0; i < t->cmd.noperands && !stop; i++) {
        if (str_starts(str_of(t->cmd.operands[i]), STR("hub:"))) {
            take_hub(t, str_of(t->cmd.operands[i] + 4));
            return;
        }
        if (is_stream(t->cmd.operands[i])) {
            take_api(t, str_of(t->cmd.operands[i]));
            return;
        }
        stop = take_source(t, t->cmd.operands[i]);
    }
    if (!stop)
        end_stream(t, true);
}

int main(int argc, char **argv)
{
    static struct tool tool;
    struct tool *t = &tool;
    t->memory = UINT64_C(256) << 20;
    t->input.idle = t->session.idle = flush;
    t->session.idle_arg = t;
    t->input.idle_arg = t;
    arena_init(&t->arena, DESCRIPTION_MOST);
    native_init(&t->native);
    cmd_start(&t->cmd, argc, argv, &spec, take_option, t);
    if (t->database != NULL && t->cmd.marks == RECORD_MARKS_AS_FOUND)
        t->cmd.write_marks = true;
    fold_init(&t->fold, t->memory);
    buf_init(&t->row, FOLD_GROUP_MOST);
    buf_init(&t->checkpoint, JSON_BYTES);
    buf_init(&t->after, JSON_BYTES);
    buf_init(&t->stream, NAME_MOST);
    buf_init(&t->next_stream, NAME_MOST);
    run(t);
    int status = cmd_finish(&t->cmd);
    release(t);
    return status;
}
