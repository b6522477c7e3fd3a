#include <stdio.h>
#include <stdlib.h>

#include "base/search.h"
#include "canon/expr.h"
#include "canon/map.h"
#include "canon/template.h"
#include "canon/unread.h"
#include "cmd.h"
#include "compare/roundtrip.h"
#include "compare/through.h"
#include "compare/where.h"
#include "system/given.h"
#include "system/system.h"

/* hub-canon: native records to canonical ones, and back; and canonical ones to their one spelling. */

enum { LIST = 64, CHECKS = 64, WARNINGS_SHOWN = 5, UNREAD_SHOWN = 20 };

static const struct cmd_option options[] = {
    {'m', "map", "MAP|FOLDER", CMD_FILE, "a map, or all maps of a folder (may be repeated)", NULL},
    {'R', "reverse", NULL, CMD_NONE, "from canonical to native records (needs -s)", NULL},
    {'s', "stream", "CONNECTION:STREAM", CMD_TEXT, "whose maps to use; with -R, the stream to write", NULL},
    {'e', "entity", "ENTITY", CMD_TEXT, "only records of this entity (may be repeated)", NULL},
    {'T', "template", "FILE", CMD_FILE, "write each record by a template, instead of records", NULL},
    {'t', "test", NULL, CMD_NONE, "say what of native records the maps keep, both ways", NULL},
    {0, "explain", NULL, CMD_NONE, "say what the maps do, rule by rule, and read nothing", NULL},
    {0, "json", NULL, CMD_NONE, "with -t and --explain, say it in JSON", NULL},
    {0, "strict", NULL, CMD_NONE, "refuse native records with a value that no rule reads or skips", NULL},
    {0, "keep-unmapped", NULL, CMD_NONE, "keep such values in ext of the canonical record", NULL},
    {'w', "where", "EXPR", CMD_TEXT, "leave out the canonical records that do not satisfy EXPR", NULL},
    {'D', "define", "NAME=VALUE", CMD_TEXT, "give a parameter of maps or templates its value", NULL},
    {'l', "lookup", "TABLE=FILE", CMD_TEXT, "read a table from another file", NULL},
    {0},
};

static const struct cmd_spec spec = {
    .name = "hub-canon",
    .purpose = "translate records to the canonical contract and back",
    .operands = "[FILE...]",
    .options = options,
    .common = CMD_HAS_REJECTS | CMD_HAS_MARKS,
};

struct check {
    const char *name;
    uint64_t count;
};

struct tool {
    struct arena arena;
    struct diag_list diags; /* what is wrong with the description of the stream */
    const char *map[LIST];
    struct str entity[LIST];
    size_t nmaps, nentities;
    struct given given;
    bool reverse, test, explain, json;
    enum map_unread unread;
    const char *stream_name, *where_text, *template_name;
    struct system_stream stream;
    struct contract *contract;
    struct map_set *maps;
    struct template *template;
    struct expr *where;
    struct through *through; /* made at the first change */
    struct roundtrip *roundtrip;
    struct cmd *cmd;
    struct check check[CHECKS];
};

static void take_flag(struct tool *t, const char *name)
{
    if (strcmp(name, "json") == 0)
        t->json = true;
    else if (strcmp(name, "explain") == 0)
        t->explain = true;
    else
        t->unread = strcmp(name, "strict") == 0 ? MAP_UNREAD_REFUSE : MAP_UNREAD_KEEP;
}

static int take_option(void *arg, int letter, const char *name, const char *argument, struct err *e)
{
    struct tool *t = arg;
    if (t->nmaps == LIST || t->nentities == LIST)
        return err_set(e, "usage", "--%s stands here more than %d times", name, LIST);
    switch (letter) {
    case 'm': t->map[t->nmaps++] = argument; break;
    case 'R': t->reverse = true; break;
    case 't': t->test = true; break;
    case 0: take_flag(t, name); break;
    case 's': t->stream_name = argument; break;
    case 'e': t->entity[t->nentities++] = str_of(argument); break;
    case 'T': t->template_name = argument; break;
    case 'w':
        if (t->where_text != NULL)
            return err_set(e, "usage", "-w stands here twice: join the two by &&");
        t->where_text = argument;
        break;
    case 'D': return given_param(&t->given, argument, e);
    case 'l': return given_table(&t->given, argument, e);
    }
    return 0;
}

/* The first few are shown, all are counted. */
static void warn(void *arg, const struct record *canonical, const char *check, const char *message)
{
    struct tool *t = arg;
    size_t i = 0;
    while (i < CHECKS - 1 && t->check[i].name != NULL && strcmp(t->check[i].name, check) != 0)
        i++;
    if (t->check[i].name == NULL)
        t->check[i].name = check;
    cmd_warn(t->cmd, canonical, check, message, t->check[i].count++ < WARNINGS_SHOWN);
}

static void say_warnings(const struct tool *t)
{
    for (size_t i = 0; i < CHECKS && t->check[i].name != NULL; i++) {
        if (t->check[i].count > WARNINGS_SHOWN)
            cmd_say(t->cmd, "%llu records in all do not satisfy: %s", (unsigned long long)t->check[i].count,
                    t->check[i].name);
    }
}

/* Once, at the end: what the maps pass over, so that a new column of an export is noticed. */
static void say_unread(const struct tool *t)
{
    struct unread_field field;
    const struct map_unread_stream *s =
        t->unread == MAP_UNREAD_COUNT && !t->cmd->failed ? map_set_unread_streams(t->maps) : NULL;
    for (; s != NULL; s = s->next) {
        uint64_t beyond = unread_beyond(s->unread);
        size_t at = 0, shown = 0;
        for (; unread_next(s->unread, &at, &field) && shown < UNREAD_SHOWN; shown++)
            cmd_say(t->cmd, "%.*s: no rule reads or skips %.*s, which has a value in %llu of %llu records",
                    (int)s->stream.n, s->stream.p, (int)field.path.n, field.path.p,
                    (unsigned long long)field.records, (unsigned long long)s->records);
        size_t more = shown == UNREAD_SHOWN;
        while (more > 0 && unread_next(s->unread, &at, &field))
            more++;
        if (more > 0 || beyond > 0)
            cmd_say(t->cmd, "%.*s: nor %zu more fields%s", (int)s->stream.n, s->stream.p, more,
                    beyond > 0 ? ", and others beyond these" : "");
    }
}

/* ---- set up ---- */

static int load_map(struct tool *t, const char *name, struct err *e)
{
    const char *path = search_locate(name, &t->arena, e);
    return path != NULL ? map_set_load(t->maps, path, e) : -1;
}

/* What a template writes is no record, and has no marks; those of the input are checked, and go no further.
 */
static int drop_mark(void *arg, const struct record_mark *mark, struct err *e)
{
    struct tool *t = arg;
    (void)mark, (void)e;
    t->cmd->write_marks = false;
    return 0;
}

static int load_template(struct tool *t, struct err *e)
{
    t->cmd->on_mark = drop_mark;
    t->cmd->mark_arg = t;
    t->cmd->write_marks = false;
    const char *path = search_locate(t->template_name, &t->arena, e);
    t->template = path != NULL ? template_load(t->maps, path, e) : NULL;
    if (t->template == NULL)
        return -1;
    for (size_t i = 0; i < t->nentities; i++) {
        if (template_check(t->template, t->entity[i], e) == -1)
            return -1;
    }
    return 0;
}

static int check_entity(struct tool *t, struct str name, struct err *e)
{
    if (contract_entity(t->contract, name, e) != NULL)
        return 0;
    struct str near = contract_near(name, &t->arena);
    if (near.p == NULL || str_eq(near, name))
        return -1;
    return err_set(e, "usage", "no entity is called %s; did you mean %.*s?", err_quote(name), (int)near.n,
                   near.p);
}

/* What the options name must be there: a word that nobody knows would be without effect. */
static int check_names(struct tool *t, struct err *e)
{
    bool none = t->nmaps == 0 && t->template_name == NULL;
    if (none && t->given.nparams + t->given.ntables > 0)
        return err_set(e, "usage", "-%c is for maps, and none is named", t->given.nparams > 0 ? 'D' : 'l');
    if (given_check(&t->given, t->maps, e) == -1)
        return -1;
    for (size_t i = 0; i < t->nentities && t->template_name == NULL; i++) {
        if (t->nmaps > 0 ? map_set_knows(t->maps, MAP_ENTITY, t->entity[i], e) == -1
                         : check_entity(t, t->entity[i], e) == -1)
            return -1;
    }
    return 0;
}

/* Options that have no meaning together: none is passed over in silence. */
static int check_usage(const struct tool *t, struct err *e)
{
    bool maps = t->nmaps > 0 || t->stream_name != NULL;
    if (t->template_name != NULL && (maps || t->reverse))
        return err_set(e, "usage",
                       "-T takes records as they are: run maps (-m, -s, -R) before it in the pipe");
    if (t->reverse && t->stream_name == NULL)
        return err_set(e, "usage", "-R needs -s CONNECTION:STREAM");
    if (t->explain && (!maps || t->test || t->reverse || t->where_text != NULL))
        return err_set(e, "usage",
                       "--explain is of maps, both ways: name them by -m or -s, without -t, -R and -w");
    if (t->test && (t->reverse || t->where_text != NULL || !maps))
        return err_set(e, "usage", "-t tests maps, both ways: name them by -m or -s, without -R, -w and -T");
    if (t->json && !t->test && !t->explain)
        return err_set(e, "usage", "--json is for -t and --explain");
    if (t->unread != MAP_UNREAD_COUNT && (t->test || t->reverse || !maps))
        return err_set(e, "usage", "--%s is for maps that read: name them by -m or -s, without -R and -t",
                       t->unread == MAP_UNREAD_REFUSE ? "strict" : "keep-unmapped");
    return 0;
}

static int load(struct tool *t, struct err *e)
{
    struct map_env env = {.contract = t->contract, .warn = warn, .warn_arg = t};
    given_env(&t->given, &env);
    if (t->explain)
        env.rows = NULL; /* what maps do is said without their tables */
    t->maps = map_set_new(&env);
    if (t->maps == NULL)
        return err_memory(e);
    if (check_usage(t, e) == -1)
        return -1;
    t->diags.arena = &t->arena;
    if (t->stream_name != NULL &&
        system_stream_find(&t->stream, str_of(t->stream_name), &t->arena, &t->diags, e) == -1)
        return -1;
    if (t->stream_name != NULL && t->nmaps == 0)
        t->map[t->nmaps++] = t->stream.folder.p;
    for (size_t i = 0; i < t->nmaps; i++) {
        if (load_map(t, t->map[i], e) == -1)
            return -1;
    }
    map_set_entities(t->maps, t->entity, t->nentities);
    if (t->template_name != NULL && load_template(t, e) == -1)
        return -1;
    if (t->where_text != NULL &&
        (t->where = expr_compile(str_of(t->where_text), "-w", EXPR_CANONICAL, e)) == NULL)
        return -1;
    bool both = t->test || t->explain;
    unsigned directions = both ? MAP_READ | MAP_WRITE : t->reverse ? MAP_WRITE : MAP_READ;
    map_set_unread(t->maps, t->test ? MAP_UNREAD_IGNORE : t->unread);
    if (map_set_compile(t->maps, directions, e) == -1)
        return -1;
    if (t->test && (t->roundtrip = roundtrip_new(t->maps, e)) == NULL)
        return -1;
    return check_names(t, e);
}

/* ---- work ---- */

static int translate(struct tool *t, const struct record *r, struct err *e)
{
    if (r->kind == RECORD_RECEIPT)
        return err_set(e, "record", "a receipt has no place here");
    if (t->reverse && r->kind == RECORD_NATIVE)
        return err_set(e, "record", "a native record where -R wants a canonical one");
    if (t->reverse)
        return map_write(t->maps, r, t->stream.stream, e);
    if (t->nmaps > 0)
        return map_read(t->maps, r, e);
    if (r->kind == RECORD_NATIVE)
        return err_set(e, "record", "a native record, and no map was given: -m or -s");
    return map_respell(t->maps, r, e);
}

static bool is_wanted(const struct tool *t, const struct record *r)
{
    for (size_t i = 0; i < t->nentities; i++) {
        if (str_eq(t->entity[i], r->entity))
            return true;
    }
    return t->nentities == 0;
}

/* A change: of what the maps make of both states. How many records were written, or -1. */
static int change(struct tool *t, const struct record *given, struct err *e)
{
    struct record r = *given;
    enum through_way way = t->reverse ? THROUGH_WRITE : t->nmaps > 0 ? THROUGH_READ : THROUGH_RESPELL;
    struct record out;
    int written = 0, got;
    if (t->through == NULL && (t->through = through_new(t->maps, e)) == NULL)
        return -1;
    if (way == THROUGH_READ && map_set_groups(t->maps))
        return err_set(e, "record", "a change, and a map with group reads whole records");
    int pass = t->reverse ? where_narrow(t->where, &r, e) : 1;
    if (pass != 1)
        return pass;
    if (through_change(t->through, way, &r, t->stream.stream, e) == -1)
        return -1;
    while ((got = through_next(t->through, &out, e)) == 1) {
        pass = t->reverse ? 1 : where_narrow(t->where, &out, e);
        if (pass == -1)
            return -1;
        if (pass == 1)
            record_write(&t->cmd->out.buf, &out);
        written += pass;
    }
    return got == -1 ? -1 : written;
}

/* ---- groups ---- */

/* A group that is refused is so with all of its records, which were taken when they came. */
static bool refuse_group(struct tool *t, uint64_t lines, const struct err *why)
{
    bool stop = false;
    for (uint64_t i = 0; i < lines && !stop; i++)
        stop = cmd_refuse_taken(t->cmd, map_group_line(t->maps, i), why);
    return stop;
}

/* Appends the N results that pass: how many, or -1. */
static int write_results(struct tool *t, int n, struct err *e)
{
    struct buf *out = &t->cmd->out.buf;
    size_t before = out->n;
    int written = 0;
    for (int i = 0; i < n; i++) {
        int pass = t->reverse ? 1 : where_passes(t->where, map_result(t->maps, i), e);
        if (pass == -1) {
            out->n = before;
            return -1;
        }
        if (pass == 1)
            record_write(out, map_result(t->maps, i));
        written += pass;
    }
    return written;
}

/* What the groups that have ended give. Returns true to stop. */
static bool write_groups(struct tool *t)
{
    struct err e;
    uint64_t lines;
    int n;
    for (err_clear(&e); (n = map_group(t->maps, &lines, &e)) != 0; err_clear(&e)) {
        int written = n > 0 ? write_results(t, n, &e) : -1;
        if (written == -1 ? refuse_group(t, lines, &e) : cmd_wrote(t->cmd, (uint64_t)written))
            return true;
    }
    return false;
}

/* A mark may stand in the midst of a group; that of the end waits until all were written. */
static int mark_groups(void *arg, const struct record_mark *mark, struct err *e)
{
    struct tool *t = arg;
    return mark->end ? cmd_mark(t->cmd, mark, e) : 0;
}

/* Books one record. Returns true to stop. */
static bool work(struct tool *t, const struct record *r)
{
    struct cmd *c = t->cmd;
    struct err e;
    err_clear(&e);
    int wanted = t->reverse ? where_passes(t->where, r, &e) : 1;
    if (r->kind == RECORD_CANONICAL && (t->reverse || t->nmaps == 0) && !is_wanted(t, r))
        wanted = 0;
    int n = wanted == 1 ? translate(t, r, &e) : wanted;
    int written = n > 0 ? write_results(t, n, &e) : n;
    if (written == -1)
        return cmd_refuse(c, r, &e);
    bool took = written > 0 || (!t->reverse && map_held(t->maps));
    return (took ? cmd_took(c, (uint64_t)written) : cmd_left_out(c)) || write_groups(t);
}

/* The same of a change. */
static bool work_change(struct tool *t, const struct record *r)
{
    struct cmd *c = t->cmd;
    struct err e;
    size_t before = c->out.buf.n;
    err_clear(&e);
    int asked = t->reverse || t->nmaps == 0 ? is_wanted(t, r) : 1;
    int written = asked == 1 ? change(t, r, &e) : asked;
    if (written == -1) {
        c->out.buf.n = before;
        return cmd_refuse(c, r, &e);
    }
    return written > 0 ? cmd_took(c, (uint64_t)written) : cmd_left_out(c);
}

/* A record there and back: nothing is written until all were seen. */
static bool work_test(struct tool *t, const struct record *r)
{
    enum roundtrip_verdict verdict;
    struct err e;
    err_clear(&e);
    if (r->kind != RECORD_NATIVE) {
        err_set(&e, "record", "no native record: -t wants those");
        return cmd_refuse(t->cmd, r, &e);
    }
    if (roundtrip_take(t->roundtrip, r, &verdict, &e) == -1)
        return cmd_refuse(t->cmd, r, &e);
    if (verdict == ROUNDTRIP_LOST)
        cmd_worse(t->cmd, CMD_NO);
    return cmd_took(t->cmd, 0);
}

/* Instead of work. */
static int explain(struct tool *t, struct err *e)
{
    struct cmd *c = t->cmd;
    uint64_t lines = 0;
    c->write_marks = false;
    size_t from = c->out.buf.n;
    if (map_set_explain(t->maps, t->json, &c->out.buf, e) == -1)
        return -1;
    for (size_t i = from; i < c->out.buf.n; i++)
        lines += c->out.buf.p[i] == '\n';
    cmd_wrote(c, lines);
    return 0;
}

static void say_test(struct tool *t)
{
    struct buf *out = &t->cmd->out.buf;
    if (t->roundtrip == NULL || t->cmd->failed)
        return;
    t->cmd->write_marks = false;
    cmd_wrote(t->cmd, t->json ? roundtrip_json(t->roundtrip, out) : roundtrip_table(t->roundtrip, out));
}

/* What the contract does not have is wrong in the template, not in the record: the work ends. */
static bool wrong_template(struct tool *t)
{
    cmd_say_diags(t->cmd, map_set_diags(t->maps));
    t->cmd->failed = true;
    cmd_worse(t->cmd, CMD_FAILED);
    return true;
}

/* The same of a template's output, which is text. */
static bool work_template(struct tool *t, const struct record *r)
{
    struct cmd *c = t->cmd;
    struct err e;
    struct record seen = *r;
    size_t before = c->out.buf.n;
    err_clear(&e);
    int pass = is_wanted(t, r) ? where_narrow(t->where, &seen, &e) : 0;
    if (pass == 0)
        return cmd_left_out(c);
    if (pass == 1 && r->kind != RECORD_NATIVE && template_check(t->template, r->entity, &e) == -1)
        return map_set_diags(t->maps)->n > 0 ? wrong_template(t) : cmd_refuse(c, r, &e);
    if (pass == -1 || template_write(t->template, &seen, &c->out.buf, &e) == -1)
        return cmd_refuse(c, r, &e);
    return c->out.buf.n > before ? cmd_took(c, 1) : cmd_left_out(c);
}

/* How a record is dealt with. */
static bool (*work_of(const struct tool *t, const struct record *r))(struct tool *, const struct record *)
{
    if (t->template != NULL)
        return work_template;
    if (t->roundtrip != NULL)
        return work_test;
    return r->kind == RECORD_CHANGE ? work_change : work;
}

static void release(struct tool *t)
{
    expr_free(t->where);
    template_free(t->template);
    through_free(t->through);
    roundtrip_free(t->roundtrip);
    map_set_free(t->maps);
    contract_free(t->contract);
    given_release(&t->given);
    arena_release(&t->arena);
}

/* What is wrong with what the user wrote, all of it; or E. */
static int fail(struct tool *t, const struct err *e)
{
    const struct diag_list *diags = t->maps != NULL ? map_set_diags(t->maps) : &t->diags;
    if (diags->n == 0)
        diags = &t->diags;
    if (diags->n == 0)
        return cmd_fail(t->cmd, e);
    cmd_say_diags(t->cmd, diags);
    cmd_worse(t->cmd, CMD_FAILED);
    return cmd_finish(t->cmd);
}

static int run(struct tool *t)
{
    struct record record;
    struct err e = {0};
    t->contract = contract_new();
    if (t->contract == NULL)
        err_memory(&e);
    if (t->contract == NULL || load(t, &e) == -1 || (t->explain && explain(t, &e) == -1))
        return fail(t, &e);
    t->cmd->rejects.map = map_set_hash(t->maps);
    if (map_set_groups(t->maps)) {
        t->cmd->on_mark = mark_groups;
        t->cmd->mark_arg = t;
    }
    if (t->reverse)
        record_in_versions(&t->cmd->in);
    while (!t->explain && cmd_read(t->cmd, &record)) {
        if (work_of(t, &record)(t, &record))
            break;
    }
    map_end(t->maps);
    if (!t->cmd->failed)
        write_groups(t);
    say_test(t);
    say_warnings(t);
    say_unread(t);
    return cmd_finish(t->cmd);
}

int main(int argc, char **argv)
{
    static struct tool tool;
    struct cmd cmd;
    arena_init(&tool.arena, (size_t)1 << 30);
    given_init(&tool.given);
    tool.cmd = &cmd;
    tool.unread = MAP_UNREAD_COUNT;
    cmd_start(&cmd, argc, argv, &spec, take_option, &tool);
    int status = run(&tool);
    release(&tool);
    return status;
}
