#include "canon.h"

/* hub-canon: native records to canonical ones, and back; and canonical ones to their one spelling. */

static const struct cmd_option options[] = {
    {'m', "map", "MAP|FOLDER", CMD_FILE, "a map, or all maps of a folder (may be repeated)", NULL},
    {'R', "reverse", NULL, CMD_NONE, "from canonical to native records", NULL},
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

static void take_flag(struct canon *t, const char *name)
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
    struct canon *t = arg;
    if (t->nmaps == CANON_LIST || t->nentities == CANON_LIST)
        return err_set(e, "usage", "--%s stands here more than %d times", name, CANON_LIST);
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
    case 'D': return arguments_param(&t->arguments, argument, e);
    case 'l': return arguments_table(&t->arguments, argument, e);
    }
    return 0;
}

static void release(struct canon *t)
{
    where_free(t->where);
    template_free(t->template);
    through_free(t->through);
    roundtrip_free(t->roundtrip);
    map_set_free(t->maps);
    contract_free(t->contract);
    arguments_release(&t->arguments);
    arena_release(&t->arena);
}

/* What is wrong with what the user wrote, all of it; or E. */
static int fail(struct canon *t, const struct err *e)
{
    const struct diag_list *diags = t->maps != NULL ? map_set_diags(t->maps) : &t->diags;
    return cmd_fail_diags(t->cmd, diags->n > 0 ? diags : &t->diags, e);
}

static void tell_makes(void *arg, const struct record *r, struct buf *out)
{
    const struct canon *t = arg;
    if (r->kind == RECORD_NATIVE && !t->reverse)
        map_set_makes(t->maps, r->stream, out);
}

static int run(struct canon *t)
{
    struct record record;
    struct err e = {0};
    t->contract = contract_new();
    if (t->contract == NULL)
        err_memory(&e);
    if (t->contract == NULL || canon_load(t, &e) == -1 || (t->explain && canon_explain(t, &e) == -1))
        return fail(t, &e);
    if (t->cmd->rejects.fd != -1) /* libcrypto takes as long to load as all else here */
        t->cmd->rejects.by.map = map_set_hash(t->maps);
    t->cmd->rejects.tell_makes = tell_makes;
    t->cmd->rejects.arg = t;
    canon_wait_for_groups(t);
    canon_make_ahead(t);
    if (t->reverse)
        record_in_versions(&t->cmd->in);
    while (!t->explain && cmd_read(t->cmd, &record)) {
        if (canon_take(t, &record))
            break;
    }
    canon_end(t);
    canon_say(t);
    return cmd_finish(t->cmd);
}

int main(int argc, char **argv)
{
    static struct canon tool;
    struct cmd cmd;
    arena_init(&tool.arena, (size_t)1 << 30);
    arguments_init(&tool.arguments);
    tool.cmd = &cmd;
    tool.unread = MAP_UNREAD_COUNT;
    cmd_start(&cmd, argc, argv, &spec, take_option, &tool);
    int status = run(&tool);
    release(&tool);
    return status;
}
