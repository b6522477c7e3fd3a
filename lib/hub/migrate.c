#include <stdio.h>

#include "hub/open.h"

/* "hubd": what PRAGMA application_id says of our files. */
enum { APPLICATION = 0x68756264 };

/* Each brings the file one form further (PRAGMA user_version). They are never changed: others follow. */
static const char *const steps[] = {
    /* ---- 1: records, their revisions, how far targets and readings are ---- */
    "CREATE TABLE entity (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE target (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    /* What is known, by the id that its source gave it; `revision` is its newest. */
    "CREATE TABLE record (id INTEGER PRIMARY KEY, entity INTEGER NOT NULL REFERENCES entity,"
    " source INTEGER NOT NULL REFERENCES source, name TEXT NOT NULL, revision INTEGER NOT NULL,"
    " UNIQUE (name, entity, source));"
    "CREATE INDEX record_revision ON record (entity, revision);"
    /* data: RFC 8785, NULL where it was deleted; version: SHA-256 of it; at: seconds since 1970. */
    "CREATE TABLE revision (number INTEGER PRIMARY KEY, record INTEGER NOT NULL REFERENCES record,"
    " at INTEGER NOT NULL, v INTEGER NOT NULL, version BLOB NOT NULL, data TEXT, of TEXT);"
    "CREATE INDEX revision_record ON revision (record, number);"
    /* A target has settled all records of an entity up to a revision. */
    "CREATE TABLE settled (target INTEGER NOT NULL REFERENCES target, entity INTEGER NOT NULL REFERENCES "
    "entity,"
    " revision INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (target, entity)) WITHOUT ROWID;"
    /* Where the reading of a stream goes on. */
    "CREATE TABLE bookmark (source INTEGER NOT NULL REFERENCES source, stream TEXT NOT NULL,"
    " checkpoint TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (source, stream)) WITHOUT ROWID;"
    /* What a record was made from. */
    "CREATE TABLE made (part INTEGER NOT NULL REFERENCES record, record INTEGER NOT NULL REFERENCES record,"
    " PRIMARY KEY (part, record)) WITHOUT ROWID;"
    /* What people call a record beside its id: the number of an order. */
    "CREATE TABLE identity (name TEXT NOT NULL, record INTEGER NOT NULL REFERENCES record,"
    " PRIMARY KEY (name, record)) WITHOUT ROWID;",

    /* ---- 2: what each target was given ---- */
    /* ledger: 1 where deliveries are kept for each of its records. */
    "ALTER TABLE target ADD COLUMN ledger INTEGER NOT NULL DEFAULT 0;"
    /* What was settled last: version of the canonical record, n: how often something was sent; state:
       applied, left_out, deleted; target_id: the target's own. part: of several native records of one. */
    "CREATE TABLE delivery (record INTEGER NOT NULL REFERENCES record, target INTEGER NOT NULL REFERENCES "
    "target,"
    " part INTEGER NOT NULL, version BLOB NOT NULL, n INTEGER NOT NULL, state TEXT NOT NULL, target_id TEXT,"
    " at INTEGER NOT NULL, PRIMARY KEY (record, target, part)) WITHOUT ROWID;"
    /* Given to a target, and not known yet what came of it. line: the record as it was given; batch: those of
       one call; step, kept: of a chain, how many steps are done, and what they kept. */
    "CREATE TABLE pending (id INTEGER PRIMARY KEY, target INTEGER NOT NULL REFERENCES target,"
    " record INTEGER NOT NULL REFERENCES record, part INTEGER NOT NULL, op TEXT NOT NULL,"
    " version BLOB NOT NULL, n INTEGER NOT NULL, batch INTEGER NOT NULL, step INTEGER NOT NULL,"
    " kept TEXT, line TEXT NOT NULL, at INTEGER NOT NULL, UNIQUE (record, target, part));"
    "CREATE INDEX pending_target ON pending (target, id);"
    /* Not taken by a target, and set aside with its reason, until a newer version or a person settles it. */
    "CREATE TABLE parked (record INTEGER NOT NULL REFERENCES record, target INTEGER NOT NULL REFERENCES "
    "target,"
    " part INTEGER NOT NULL, op TEXT NOT NULL, version BLOB NOT NULL, n INTEGER NOT NULL, code TEXT NOT NULL,"
    " field TEXT, message TEXT NOT NULL, line TEXT NOT NULL, at INTEGER NOT NULL,"
    " PRIMARY KEY (record, target, part)) WITHOUT ROWID;"
    "CREATE INDEX parked_target ON parked (target);"
    /* Told to a target anew, although it has settled beyond their revision. */
    "CREATE TABLE due (target INTEGER NOT NULL REFERENCES target, record INTEGER NOT NULL REFERENCES record,"
    " PRIMARY KEY (target, record)) WITHOUT ROWID;",

    /* ---- 3: what was run, and what was refused ---- */
    "CREATE TABLE flow (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    /* name: what HUB_RUN said; ended, status: NULL while it runs; why: what ended it, where that was not its
       stages; said: what was written to standard error; folder: where its books lie until they are here. */
    "CREATE TABLE run (id INTEGER PRIMARY KEY, flow INTEGER NOT NULL REFERENCES flow, name TEXT NOT NULL,"
    " pid INTEGER NOT NULL, at INTEGER NOT NULL, ended INTEGER, status INTEGER, why TEXT, said TEXT,"
    " folder TEXT);"
    "CREATE INDEX run_flow ON run (flow, id);"
    /* A tool that ran. attempt: from 1; rule: which of the flow's; input, output: its pipes, alike at both
       ends of one; hub: it read from the hub, or wrote to it; status: NULL, it was killed. */
    "CREATE TABLE stage (id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run,"
    " attempt INTEGER NOT NULL, rule TEXT, tool TEXT NOT NULL, pid INTEGER NOT NULL, input INTEGER,"
    " output INTEGER, hub INTEGER NOT NULL, at INTEGER NOT NULL, ended INTEGER, status INTEGER,"
    " read INTEGER, taken INTEGER, refused INTEGER, left_out INTEGER, written INTEGER);"
    "CREATE INDEX stage_run ON stage (run);"
    /* line: the whole reject, as a file for rejects has it. held: what was refused is a state that the hub
       holds. closed: since when it is no longer open; how: newer, revision, or what a person did. */
    "CREATE TABLE reject (id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run,"
    " attempt INTEGER NOT NULL, at INTEGER NOT NULL, tool TEXT NOT NULL, code TEXT NOT NULL, field TEXT,"
    " message TEXT NOT NULL, place TEXT, entity INTEGER REFERENCES entity, source INTEGER REFERENCES source,"
    " name TEXT, label TEXT, stream TEXT, map TEXT, held INTEGER NOT NULL, line TEXT NOT NULL,"
    " closed INTEGER, how TEXT);"
    "CREATE INDEX reject_run ON reject (run);"
    "CREATE INDEX reject_name ON reject (name, source) WHERE closed IS NULL;"
    "CREATE INDEX reject_label ON reject (label) WHERE closed IS NULL;"
    "CREATE INDEX reject_place ON reject (place) WHERE closed IS NULL AND name IS NULL;"
    /* A record passed although a check of level warn does not hold of it; its next state takes this away. */
    "CREATE TABLE warning (id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run,"
    " attempt INTEGER NOT NULL, at INTEGER NOT NULL, tool TEXT NOT NULL, \"check\" TEXT NOT NULL,"
    " place TEXT, entity INTEGER REFERENCES entity, source INTEGER REFERENCES source, name TEXT,"
    " UNIQUE (name, source, entity, \"check\"));"
    "CREATE INDEX warning_run ON warning (run);",

    /* ---- 4: what was refused on its way to a target ---- */
    /* target: it was read for that one. */
    "ALTER TABLE reject ADD COLUMN target INTEGER REFERENCES target;"
    /* A target has settled a state of the record that was refused on the way (reject): it still has that of
       `revision`; 0: none. */
    "CREATE TABLE withheld (target INTEGER NOT NULL REFERENCES target, record INTEGER NOT NULL REFERENCES "
    "record,"
    " revision INTEGER NOT NULL, reject INTEGER NOT NULL, PRIMARY KEY (target, record)) WITHOUT ROWID;"
    /* Numbered, so that one that comes while others are told is not taken for one of them. */
    "ALTER TABLE due RENAME TO due_before;"
    "CREATE TABLE due (id INTEGER PRIMARY KEY AUTOINCREMENT, target INTEGER NOT NULL REFERENCES target,"
    " record INTEGER NOT NULL REFERENCES record, UNIQUE (target, record));"
    "INSERT INTO due (target, record) SELECT target, record FROM due_before;"
    "DROP TABLE due_before;",

    /* ---- 5: what is no longer kept ---- */
    /* Of the states that were removed of a record: how many, and when the first of them came. */
    ("CREATE TABLE pruned (record INTEGER PRIMARY KEY REFERENCES record, states INTEGER NOT NULL,"
     " first INTEGER NOT NULL);"),

    /* ---- 6: where a chain that was set aside goes on ---- */
    ("ALTER TABLE parked ADD COLUMN step INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE parked ADD COLUMN kept TEXT;"),
};

enum { FORMS = sizeof steps / sizeof *steps };

static int pragma(struct hub *h, const char *sql, int64_t *value, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, sql, e);
    int got = s != NULL ? sqlite_step(s, e) : -1;
    *value = got == 1 ? sqlite_column_int(s, 0) : 0;
    if (s != NULL)
        sqlite_reset(s);
    return got == -1 ? -1 : 0;
}

/* The form of the file; 0: it is empty. -1: E. */
static int64_t form_of(struct hub *h, struct err *e)
{
    int64_t application, form, tables;
    if (pragma(h, "PRAGMA application_id", &application, e) == -1 ||
        pragma(h, "PRAGMA user_version", &form, e) == -1 ||
        pragma(h, "SELECT count(*) FROM sqlite_schema", &tables, e) == -1)
        return -1;
    err_place(e, "%s", h->path);
    if (application != APPLICATION && tables > 0)
        return err_set(e, "config", "a database, but not of a hub");
    if (form > FORMS)
        return err_set(e, "config",
                       "a hub of form %lld, made by a newer version: this one knows forms up to %d",
                       (long long)form, FORMS);
    return form;
}

int hub_check_form(struct hub *h, struct err *e)
{
    int64_t form = form_of(h, e);
    if (form > 0 && form < FORMS)
        return err_set(e, "config", "a hub of form %lld: a tool that writes brings it to form %d",
                       (long long)form, FORMS);
    return form < 0 ? -1 : form > 0;
}

static int mark_form(struct hub *h, struct err *e)
{
    char sql[96];
    int n =
        snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION, FORMS);
    return n > 0 ? sqlite_exec(h->db, sql, e) : err_memory(e);
}

static int migrate(struct hub *h, struct err *e)
{
    int64_t form = form_of(h, e);
    for (; form >= 0 && form < FORMS; form++) {
        if (sqlite_exec(h->db, steps[form], e) == -1)
            return -1;
    }
    return form < 0 ? -1 : mark_form(h, e);
}

int hub_migrate(struct hub *h, struct err *e)
{
    int64_t form = form_of(h, e);
    if (form < 0 || form == FORMS)
        return form < 0 ? -1 : 0;
    /* Another may have done it while we waited for our turn. */
    if (hub_begin(h, e) == -1)
        return -1;
    if (migrate(h, e) == 0)
        return hub_commit(h, e);
    hub_rollback(h);
    return -1;
}
