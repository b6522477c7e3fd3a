#include "hub/runs.h"

#include <stdio.h>
#include <time.h>

#include "hub/open.h"
#include "hub/refused.h"
#include "io/sqlite_change.h"

/* ---- beginning and end ---- */

static int64_t flow_id(struct hub *h, struct str name, struct err *e)
{
    if (sqlite_change(h->db, "INSERT OR IGNORE INTO flow (name) VALUES (?1)",
                      SQLITE_VALUES(sqlite_text(name)), e) == -1)
        return -1;
    struct sqlite_statement *s = sqlite_cached(h->db, "SELECT id FROM flow WHERE name = ?1", e);
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, name);
    int64_t id = sqlite_step(s, e) == 1 ? sqlite_column_int(s, 0) : -1;
    sqlite_reset(s);
    return id;
}

static int64_t put_run(struct hub *h, const struct runs_start *start, struct err *e)
{
    int64_t flow = flow_id(h, start->flow, e);
    if (flow <= 0)
        return -1;
    int put =
        sqlite_change(h->db, "INSERT INTO run (flow, name, pid, at, folder) VALUES (?1, ?2, ?3, ?4, ?5)",
                      SQLITE_VALUES(sqlite_int(flow), sqlite_text(start->name), sqlite_int(start->pid),
                                    sqlite_int(start->at), sqlite_text(start->folder)),
                      e);
    return put == 0 ? sqlite_last_rowid(h->db) : -1;
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
    return sqlite_change(
        h->db, "UPDATE run SET ended = ?2, status = ?3, why = ?4, said = ?5, folder = NULL WHERE id = ?1",
        SQLITE_VALUES(sqlite_int(run), sqlite_int(time(NULL)), sqlite_int(status), sqlite_text(why),
                      sqlite_text(said)),
        e);
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
        if (sqlite_change(m->h->db, forget[i], SQLITE_VALUES(sqlite_int(m->run), sqlite_int(m->attempt)),
                          e) == -1)
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
    if (entity == -1 || source == -1)
        return -1;
    return sqlite_change(m->h->db,
                         "INSERT OR REPLACE INTO warning (run, attempt, at, tool, \"check\", place,"
                         " entity, source, name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, 0),"
                         " nullif(?8, 0), ?9)",
                         SQLITE_VALUES(sqlite_int(m->run), sqlite_int(m->attempt), sqlite_int(w->at),
                                       sqlite_text(w->tool), sqlite_text(w->check), sqlite_text(w->from),
                                       sqlite_int(entity), sqlite_int(source), sqlite_text(w->id)),
                         e);
}

static struct sqlite_value count_of(bool known, uint64_t count)
{
    return known ? sqlite_int((int64_t)count) : sqlite_null();
}

static int put_stage(struct import *m, const struct stage *g, struct err *e)
{
    bool ended = g->status != STAGE_KILLED;
    if (next_row(m, e) == -1)
        return -1;
    return sqlite_change(
        m->h->db,
        "INSERT INTO stage (run, attempt, rule, tool, pid, input, output, hub, at, ended,"
        " status, read, taken, refused, left_out, written) VALUES"
        " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        SQLITE_VALUES(sqlite_int(m->run), sqlite_int(g->attempt), sqlite_text(g->rule), sqlite_text(g->tool),
                      sqlite_int((int64_t)g->pid), count_of(g->input != 0, g->input),
                      count_of(g->output != 0, g->output), sqlite_int(g->hub), sqlite_int(g->at),
                      count_of(ended, (uint64_t)g->ended), count_of(ended, (uint64_t)g->status),
                      count_of(ended, g->counts.read), count_of(ended, g->counts.taken),
                      count_of(ended, g->counts.refused), count_of(ended, g->counts.left_out),
                      count_of(ended, g->counts.written)),
        e);
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
