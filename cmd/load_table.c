#include "load.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/file.h"

enum { STATEMENT_MOST = 1 << 20 };

static bool fail(struct load_table *l, const struct err *e)
{
    cmd_fail(l->cmd, e);
    return true;
}

/* ---- what came of records ---- */

static int give(struct load_table *l, const struct table_result *r, struct str status)
{
    if (r->entity.p == NULL)
        return 0;
    const struct record receipt = {.kind = RECORD_RECEIPT,
                                   .entity = r->entity,
                                   .id = r->id,
                                   .source = r->source,
                                   .target = str_of(l->target),
                                   .op = r->op,
                                   .version = r->version,
                                   .status = status};
    if (l->cmd->dry)
        return 0;
    record_write(&l->cmd->out.buf, &receipt);
    return cmd_wrote(l->cmd, 1) ? -1 : 0;
}

static int done(void *arg, const struct table_result *r, struct err *e)
{
    struct load_table *l = arg;
    (void)e;
    switch (r->status) {
    case TABLE_APPLIED: l->applied++; return give(l, r, STR("applied"));
    case TABLE_UNCHANGED: l->unchanged++; return give(l, r, STR("unchanged"));
    case TABLE_LEFT_OUT:
        l->left_out++;
        cmd_left_out_taken(l->cmd);
        return give(l, r, STR("left_out"));
    case TABLE_REFUSED_BY_IT: break;
    }
    l->refused++;
    /* Its line is behind us, and the database alone would tell nobody which it was. */
    struct err why = *r->why;
    err_place(&why, "%.*s %.*s", (int)r->entity.n, r->entity.p != NULL ? r->entity.p : "", (int)r->id.n,
              r->id.p);
    return cmd_refuse_taken(l->cmd, r->line, &why) ? -1 : 0;
}

/* -1 with an error that was said already, or is. */
static bool stop(struct load_table *l, const struct err *e)
{
    struct err ignored = {0};
    if (!l->cmd->failed)
        table_wait(l->table, &ignored);
    return l->cmd->failed || fail(l, e);
}

static bool take(struct load_table *l, const struct record *r)
{
    struct err e = {0};
    switch (table_put(l->table, r, &e)) {
    case TABLE_TAKEN: return cmd_took(l->cmd, 0);
    case TABLE_REFUSED: return cmd_refuse(l->cmd, r, &e);
    case TABLE_FATAL: break;
    }
    return stop(l, &e);
}

static int settle(void *arg, const struct record_mark *mark, struct err *e)
{
    struct load_table *l = arg;
    if (l->hub == NULL)
        return 0;
    if (hub_begin(l->hub, e) == -1 || hub_bookmark(l->hub, mark, e) == -1)
        return -1;
    return hub_commit(l->hub, e);
}

static int take_mark(void *arg, const struct record_mark *mark, struct err *e)
{
    struct load_table *l = arg;
    return l->cmd->marks == RECORD_MARKS_IGNORED ? 0 : table_mark(l->table, mark, e);
}

/* ---- all of it ---- */

static void load_all(struct load_table *l)
{
    struct record r;
    struct err e = {0};
    l->cmd->on_mark = take_mark;
    l->cmd->mark_arg = l;
    while (cmd_read(l->cmd, &r))
        if (take(l, &r))
            break;
    if (l->cmd->failed)
        table_wait(l->table, &e);
    else if (table_finish(l->table, &e) == -1)
        stop(l, &e);
    if (!l->cmd->dry || l->cmd->failed)
        return;
    l->cmd->write_marks = false;
    cmd_say(l->cmd,
            "%s would apply %" PRIu64 ", leave %" PRIu64 " unchanged and %" PRIu64
            " out, and refuse %" PRIu64,
            l->options.name.p, l->applied, l->unchanged, l->left_out, l->refused);
}

/* What a statement is called in the books: its file. */
static int read_statement(struct load_table *l, struct arena *a, struct err *e)
{
    const char *slash = strrchr(l->sql, '/');
    if (file_read(&l->options.statement, l->sql, STATEMENT_MOST, a, e) == -1)
        return -1;
    if (l->options.name.p == NULL)
        l->options.name = str_of(slash != NULL ? slash + 1 : l->sql);
    return 0;
}

static int open_all(struct load_table *l, struct arena *a, struct err *e)
{
    bool table = l->options.table.p != NULL;
    if (table == (l->sql != NULL))
        return err_set(e, "usage", "of a database one of --table and --sql says where to");
    if (!table && (l->options.create || l->options.nkeys > 0 || l->options.column != NULL))
        return err_set(e, "usage", "--create, --key and --columns are for --table");
    if (l->deletions != NULL && load_deletions(l->deletions, &l->options.deletions, e) == -1)
        return -1;
    if (!table && read_statement(l, a, e) == -1)
        return -1;
    if (table)
        l->options.name = l->options.table;
    if (l->database != NULL && !l->cmd->dry && (l->hub = hub_open(l->database, HUB_WRITES, e)) == NULL)
        return -1;
    l->options.dry = l->cmd->dry;
    l->options.beside = l->cmd->in.ahead_from != UINT64_MAX;
    l->options.done = done;
    l->options.settle = settle;
    l->options.arg = l;
    l->table = table_open(l->url != NULL ? l->url : l->target, &l->options, e);
    if (l->table == NULL && !table && e->place[0] == '\0')
        err_place(e, "%s", l->sql);
    return l->table != NULL ? 0 : -1;
}

void load_table(struct load_table *l)
{
    struct arena arena;
    struct err e = {0};
    arena_init(&arena, 4 * (size_t)STATEMENT_MOST);
    if (open_all(l, &arena, &e) == -1)
        fail(l, &e);
    else
        load_all(l);
    table_close(l->table);
    hub_close(l->hub);
    arena_release(&arena);
}
