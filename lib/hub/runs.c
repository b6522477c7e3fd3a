#include "hub/runs.h"

#include <stdio.h>
#include <time.h>

#include "hub/open.h"
#include "hub/refused.h"

/* ---- beginning and end ---- */

static int64_t flow_id(struct hub *h, struct str name, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, "INSERT OR IGNORE INTO flow (name) VALUES (?1)", e);
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, name);
    if (sqlite_run(s, e) == -1 ||
        (s = sqlite_cached(h->db, "SELECT id FROM flow WHERE name = ?1", e)) == NULL)
        return -1;
    sqlite_bind_text(s, 1, name);
    int64_t id = sqlite_step(s, e) == 1 ? sqlite_column_int(s, 0) : -1;
    sqlite_reset(s);
    return id;
}

static int64_t put_run(struct hub *h, const struct runs_start *start, struct err *e)
{
    int64_t flow = flow_id(h, start->flow, e);
    struct sqlite_statement *s =
        flow > 0 ? sqlite_cached(
                       h->db, "INSERT INTO run (flow, name, pid, at, folder) VALUES (?1, ?2, ?3, ?4, ?5)", e)
                 : NULL;
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, flow);
    sqlite_bind_text(s, 2, start->name);
    sqlite_bind_int(s, 3, start->pid);
    sqlite_bind_int(s, 4, start->at);
    sqlite_bind_text(s, 5, start->folder);
    return sqlite_run(s, e) == 0 ? sqlite_last_rowid(h->db) : -1;
}

int64_t runs_begin(struct hub *h, const struct runs_start *start, struct err *e)
{
    if (hub_begin(h, e) == -1)
        return -1;
    int64_t id = put_run(h, start, e);
    if (id > 0)
        return hub_commit(h, e) == 0 ? id : -1;
    hub_rollback(h);
    return -1;
}

static int put_end(struct hub *h, int64_t run, int status, struct str why, struct str said, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(
        h->db, "UPDATE run SET ended = ?2, status = ?3, why = ?4, said = ?5, folder = NULL WHERE id = ?1", e);
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, run);
    sqlite_bind_int(s, 2, (int64_t)time(NULL));
    sqlite_bind_int(s, 3, status);
    sqlite_bind_text(s, 4, why);
    sqlite_bind_text(s, 5, said);
    return sqlite_run(s, e);
}

int runs_end(struct hub *h, int64_t run, int status, struct str why, struct str said, struct err *e)
{
    if (hub_begin(h, e) == -1)
        return -1;
    if (put_end(h, run, status, why, said, e) == 0)
        return hub_commit(h, e);
    hub_rollback(h);
    return -1;
}

/* ---- import ---- */

enum { ROWS_AT_ONCE = 1000 };

struct import {
    struct hub *h;
    int64_t run, attempt;
    unsigned rows; /* of this transaction */
};

/* A transaction is kept short: others wait. */
static int next_row(struct import *m, struct err *e)
{
    if (++m->rows % ROWS_AT_ONCE == 0 && hub_commit(m->h, e) == -1)
        return -1;
    return hub_begin(m->h, e);
}

static int forget_attempt(struct import *m, struct err *e)
{
    static const char *const forget[] = {"DELETE FROM stage WHERE run = ?1 AND attempt = ?2",
                                         "DELETE FROM reject WHERE run = ?1 AND attempt = ?2",
                                         "DELETE FROM warning WHERE run = ?1 AND attempt = ?2"};
    for (size_t i = 0; i < sizeof forget / sizeof *forget; i++) {
        struct sqlite_statement *s = sqlite_cached(m->h->db, forget[i], e);
        if (s == NULL)
            return -1;
        sqlite_bind_int(s, 1, m->run);
        sqlite_bind_int(s, 2, m->attempt);
        if (sqlite_run(s, e) == -1)
            return -1;
    }
    return 0;
}

static int put_warning(void *arg, const struct stages_warning *w, struct err *e)
{
    struct import *m = arg;
    if (next_row(m, e) == -1)
        return -1;
    int64_t entity = w->entity.p != NULL ? hub_name_id(m->h, HUB_ENTITY, w->entity, true, e) : 0;
    int64_t source = w->source.p != NULL ? hub_name_id(m->h, HUB_SOURCE, w->source, true, e) : 0;
    struct sqlite_statement *s =
        entity != -1 && source != -1
            ? sqlite_cached(m->h->db,
                            "INSERT OR REPLACE INTO warning (run, attempt, at, tool, \"check\", place,"
                            " entity, source, name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, 0),"
                            " nullif(?8, 0), ?9)",
                            e)
            : NULL;
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, m->run);
    sqlite_bind_int(s, 2, m->attempt);
    sqlite_bind_int(s, 3, w->at);
    sqlite_bind_text(s, 4, w->tool);
    sqlite_bind_text(s, 5, w->check);
    sqlite_bind_text(s, 6, w->from);
    sqlite_bind_int(s, 7, entity);
    sqlite_bind_int(s, 8, source);
    sqlite_bind_text(s, 9, w->id);
    return sqlite_run(s, e);
}

static void bind_count(struct sqlite_statement *s, int index, bool known, uint64_t count)
{
    if (known)
        sqlite_bind_int(s, index, (int64_t)count);
    else
        sqlite_bind_null(s, index);
}

static int put_stage(struct import *m, const struct stage *g, struct err *e)
{
    bool ended = g->status != STAGE_KILLED;
    struct sqlite_statement *s =
        next_row(m, e) == 0
            ? sqlite_cached(m->h->db,
                            "INSERT INTO stage (run, attempt, rule, tool, pid, input, output, hub, at, ended,"
                            " status, read, taken, refused, left_out, written) VALUES"
                            " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
                            e)
            : NULL;
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, m->run);
    sqlite_bind_int(s, 2, g->attempt);
    sqlite_bind_text(s, 3, g->rule);
    sqlite_bind_text(s, 4, g->tool);
    sqlite_bind_int(s, 5, (int64_t)g->pid);
    bind_count(s, 6, g->input != 0, g->input);
    bind_count(s, 7, g->output != 0, g->output);
    sqlite_bind_int(s, 8, g->hub);
    sqlite_bind_int(s, 9, g->at);
    bind_count(s, 10, ended, (uint64_t)g->ended);
    bind_count(s, 11, ended, (uint64_t)g->status);
    bind_count(s, 12, ended, g->counts.read);
    bind_count(s, 13, ended, g->counts.taken);
    bind_count(s, 14, ended, g->counts.refused);
    bind_count(s, 15, ended, g->counts.left_out);
    bind_count(s, 16, ended, g->counts.written);
    return sqlite_run(s, e);
}

/* Several tools share a file: it is read once, from where the first of them found it to end. */
static int import_rejects(struct import *m, const struct stages *all, size_t from, struct err *e)
{
    for (size_t i = from; i < all->n; i++) {
        const struct stage *g = &all->stage[i];
        uint64_t at = g->rejects_at;
        bool first = g->rejects.p != NULL;
        for (size_t j = from; first && j < all->n; j++) {
            if (all->stage[j].rejects.p == NULL || !str_eq(all->stage[j].rejects, g->rejects))
                continue;
            first = j >= i;
            at = all->stage[j].rejects_at < at ? all->stage[j].rejects_at : at;
        }
        const struct refused_file file = {m->run, m->attempt, g->rejects.p, at};
        if (first && refused_import(m->h, &file, e) == -1)
            return -1;
    }
    return 0;
}

static int import(struct import *m, const char *log, struct stages *all, struct err *e)
{
    size_t from = all->n;
    if (hub_begin(m->h, e) == -1 || forget_attempt(m, e) == -1 ||
        stages_read(all, log, m->attempt, put_warning, m, e) == -1)
        return -1;
    for (size_t i = from; i < all->n; i++)
        if (put_stage(m, &all->stage[i], e) == -1)
            return -1;
    return hub_commit(m->h, e) == 0 ? import_rejects(m, all, from, e) : -1;
}

int runs_import(struct hub *h, int64_t run, const char *log, int64_t attempt, struct stages *all,
                struct err *e)
{
    struct import m = {.h = h, .run = run, .attempt = attempt};
    int done = import(&m, log, all, e);
    if (done == -1)
        hub_rollback(h);
    return done;
}
