#include "hub/ledger.h"

#include <time.h>

#include "hub/open.h"

static const struct str states[] = {[LEDGER_NONE] = STR(""),
                                    [LEDGER_APPLIED] = STR("applied"),
                                    [LEDGER_LEFT_OUT] = STR("left_out"),
                                    [LEDGER_DELETED] = STR("deleted")};

static struct str bytes_of(const char version[LEDGER_VERSION])
{
    return (struct str){version, LEDGER_VERSION};
}

static void take_version(char out[LEDGER_VERSION], struct str bytes)
{
    if (bytes.n == LEDGER_VERSION)
        memcpy(out, bytes.p, LEDGER_VERSION);
}

/* ---- targets ---- */

int64_t ledger_target(struct hub *h, struct str name, struct err *e)
{
    int64_t id = hub_name_id(h, HUB_TARGET, name, true, e);
    struct sqlite_statement *s =
        id > 0 ? sqlite_cached(h->db, "UPDATE target SET ledger = 1 WHERE id = ?1 AND ledger = 0", e) : NULL;
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, id);
    return sqlite_run(s, e) == 0 ? id : -1;
}

int64_t ledger_target_known(struct hub *h, struct str name, struct err *e)
{
    return hub_name_id(h, HUB_TARGET, name, false, e);
}

int64_t ledger_held(struct hub *h, int64_t target, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(
        h->db, "SELECT count(*) FROM delivery WHERE target = ?1 AND state = 'applied' AND part = 0", e);
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, target);
    int got = sqlite_step(s, e);
    int64_t held = got == 1 ? sqlite_column_int(s, 0) : -1;
    sqlite_reset(s);
    return held;
}

/* ---- one record ---- */

/* 1: SQL, with name, entity and source bound to ?1, ?2 and ?3; 0: the hub knows no such entity or source. */
static int by_key(struct hub *h, const char *sql, const struct ledger_key *key, struct sqlite_statement **s,
                  struct err *e)
{
    int64_t entity = hub_name_id(h, HUB_ENTITY, key->entity, false, e);
    int64_t source = entity > 0 ? hub_name_id(h, HUB_SOURCE, key->source, false, e) : entity;
    if (source <= 0)
        return (int)source;
    *s = sqlite_cached(h->db, sql, e);
    if (*s == NULL)
        return -1;
    sqlite_bind_text(*s, 1, key->id);
    sqlite_bind_int(*s, 2, entity);
    sqlite_bind_int(*s, 3, source);
    return 1;
}

/* The number of a record; 0: the hub does not know it. */
static int64_t record_id(struct hub *h, const struct ledger_key *key, struct err *e)
{
    struct sqlite_statement *s = NULL;
    int got = by_key(h, "SELECT id FROM record WHERE name = ?1 AND entity = ?2 AND source = ?3", key, &s, e);
    if (got != 1)
        return got;
    got = sqlite_step(s, e);
    int64_t id = got == 1 ? sqlite_column_int(s, 0) : got;
    sqlite_reset(s);
    return id;
}

static enum ledger_state state_of(struct str word)
{
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (str_eq(states[i], word))
            return (enum ledger_state)i;
    return LEDGER_NONE;
}

static struct sqlite_statement *of_record(struct hub *h, const char *sql, int64_t record, int64_t target,
                                          int64_t part, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, sql, e);
    if (s == NULL)
        return NULL;
    sqlite_bind_int(s, 1, record);
    sqlite_bind_int(s, 2, target);
    sqlite_bind_int(s, 3, part);
    return s;
}

/* Where the chain that is set aside stands. */
static int take_chain(struct hub *h, struct sqlite_statement *s, struct ledger_entry *out)
{
    struct str kept = sqlite_column_text(s, 9);
    take_version(out->parked_version, sqlite_column_blob(s, 8));
    return kept.p == NULL || (out->kept = arena_str(&h->scratch, kept)).p != NULL ? 0 : -1;
}

int ledger_find(struct hub *h, int64_t target, const struct ledger_key *key, struct ledger_entry *out,
                struct err *e)
{
    *out = (struct ledger_entry){0};
    struct sqlite_statement *s = NULL;
    int got = by_key(h,
                     "SELECT d.state, max(coalesce(d.n, 0), coalesce(p.n, 0)), d.version, d.target_id,"
                     " p.n IS NOT NULL, p.code = '" LEDGER_UNCERTAIN
                     "', r.id, p.step, p.version, p.kept FROM record AS r"
                     " LEFT JOIN delivery AS d ON d.record = r.id AND d.target = ?4 AND d.part = ?5"
                     " LEFT JOIN parked AS p ON p.record = r.id AND p.target = ?4 AND p.part = ?5"
                     " WHERE r.name = ?1 AND r.entity = ?2 AND r.source = ?3",
                     key, &s, e);
    if (got != 1)
        return got;
    sqlite_bind_int(s, 4, target);
    sqlite_bind_int(s, 5, key->part);
    got = sqlite_step(s, e);
    arena_reset(&h->scratch);
    if (got == 1) {
        struct str target_id = sqlite_column_text(s, 3);
        out->record = sqlite_column_int(s, 6);
        out->state = state_of(sqlite_column_text(s, 0));
        out->n = sqlite_column_int(s, 1);
        out->parked = sqlite_column_int(s, 4) != 0;
        out->uncertain = sqlite_column_int(s, 5) != 0;
        take_version(out->version, sqlite_column_blob(s, 2));
        if (target_id.p != NULL && (out->target_id = arena_str(&h->scratch, target_id)).p == NULL)
            got = err_memory(e);
        out->step = sqlite_column_int(s, 7);
        if (out->step > 0 && take_chain(h, s, out) == -1)
            got = err_memory(e);
    }
    sqlite_reset(s);
    return got == -1 ? -1 : 0;
}

int ledger_reference(struct hub *h, struct str system, const struct ledger_key *key, struct str *target_id,
                     struct err *e)
{
    *target_id = (struct str){0};
    int64_t record = record_id(h, key, e);
    struct sqlite_statement *s =
        record > 0
            ? sqlite_cached(h->db,
                            "SELECT target_id FROM delivery JOIN target ON id = target WHERE record = ?1"
                            " AND state = 'applied' AND target_id IS NOT NULL AND"
                            " substr(name, 1, length(?2) + 1) = ?2 || ':' ORDER BY part LIMIT 1",
                            e)
            : NULL;
    if (s == NULL)
        return record > 0 ? -1 : (int)record;
    sqlite_bind_int(s, 1, record);
    sqlite_bind_text(s, 2, system);
    int got = sqlite_step(s, e);
    arena_reset(&h->scratch);
    if (got == 1 && (*target_id = arena_str(&h->scratch, sqlite_column_text(s, 0))).p == NULL)
        got = err_memory(e);
    sqlite_reset(s);
    return got == -1 ? -1 : 0;
}

/* ---- writing ---- */

/* A record that the hub holds no state of is known by its name alone: its revision is 0. */
static int64_t make_record(struct hub *h, const struct ledger_key *key, struct err *e)
{
    int64_t id = record_id(h, key, e);
    if (id != 0)
        return id;
    int64_t entity = hub_name_id(h, HUB_ENTITY, key->entity, true, e);
    int64_t source = entity > 0 ? hub_name_id(h, HUB_SOURCE, key->source, true, e) : -1;
    struct sqlite_statement *s =
        source > 0
            ? sqlite_cached(h->db,
                            "INSERT INTO record (revision, name, entity, source) VALUES (0, ?1, ?2, ?3)", e)
            : NULL;
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, key->id);
    sqlite_bind_int(s, 2, entity);
    sqlite_bind_int(s, 3, source);
    return sqlite_run(s, e) == 0 ? sqlite_last_rowid(h->db) : -1;
}

static int know_record(struct hub *h, struct ledger_pending *p, struct err *e)
{
    if (p->record == 0)
        p->record = make_record(h, &p->key, e);
    return p->record > 0 ? 0 : -1;
}

int ledger_pend(struct hub *h, int64_t target, struct ledger_pending *p, struct err *e)
{
    struct sqlite_statement *s =
        know_record(h, p, e) == 0
            ? of_record(
                  h,
                  "INSERT INTO pending (record, target, part, op, version, n, batch, step, kept, line, at)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                  p->record, target, p->key.part, e)
            : NULL;
    if (s == NULL)
        return -1;
    p->at = (int64_t)time(NULL);
    sqlite_bind_text(s, 4, p->op);
    sqlite_bind_blob(s, 5, bytes_of(p->version));
    sqlite_bind_int(s, 6, p->n);
    sqlite_bind_int(s, 7, p->batch);
    sqlite_bind_int(s, 8, p->step);
    sqlite_bind_text(s, 9, p->kept);
    sqlite_bind_text(s, 10, p->line);
    sqlite_bind_int(s, 11, p->at);
    if (sqlite_run(s, e) == -1)
        return -1;
    p->id = sqlite_last_rowid(h->db);
    return 0;
}

int ledger_step(struct hub *h, const struct ledger_pending *p, struct err *e)
{
    struct sqlite_statement *s =
        sqlite_cached(h->db, "UPDATE pending SET step = ?2, kept = ?3 WHERE id = ?1", e);
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, p->id);
    sqlite_bind_int(s, 2, p->step);
    sqlite_bind_text(s, 3, p->kept);
    return sqlite_run(s, e);
}

int ledger_forget(struct hub *h, const struct ledger_pending *p, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, "DELETE FROM pending WHERE id = ?1", e);
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, p->id);
    return sqlite_run(s, e);
}

/* It is neither pending nor set aside. */
static int close_record(struct hub *h, int64_t target, struct ledger_pending *p, struct err *e)
{
    if (know_record(h, p, e) == -1 || (p->id > 0 && ledger_forget(h, p, e) == -1))
        return -1;
    struct sqlite_statement *s =
        of_record(h, "DELETE FROM parked WHERE record = ?1 AND target = ?2 AND part = ?3", p->record, target,
                  p->key.part, e);
    return s != NULL ? sqlite_run(s, e) : -1;
}

int ledger_settle(struct hub *h, int64_t target, struct ledger_pending *p, enum ledger_state state,
                  struct str target_id, struct err *e)
{
    if (close_record(h, target, p, e) == -1 || hub_put_identity(h, p->record, target_id, p->key.id, e) == -1)
        return -1;
    struct sqlite_statement *s =
        of_record(h,
                  "INSERT INTO delivery (record, target, part, version, n, state, target_id, at) VALUES (?1, "
                  "?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET version = ?4, n = ?5, state = ?6,"
                  " target_id = CASE WHEN ?6 <> 'deleted' THEN coalesce(?7, target_id) END, at = ?8",
                  p->record, target, p->key.part, e);
    if (s == NULL)
        return -1;
    sqlite_bind_blob(s, 4, bytes_of(p->version));
    sqlite_bind_int(s, 5, p->n);
    sqlite_bind_text(s, 6, states[state]);
    sqlite_bind_text(s, 7, target_id.n > 0 ? target_id : (struct str){0});
    sqlite_bind_int(s, 8, (int64_t)time(NULL));
    return sqlite_run(s, e);
}

int ledger_park(struct hub *h, int64_t target, struct ledger_pending *p, const struct err *why, struct err *e)
{
    if (close_record(h, target, p, e) == -1)
        return -1;
    struct sqlite_statement *s = of_record(
        h,
        "INSERT INTO parked (record, target, part, op, version, n, code, field, message, line, at, step,"
        " kept) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        p->record, target, p->key.part, e);
    if (s == NULL)
        return -1;
    struct str field = str_of(why->field);
    sqlite_bind_text(s, 4, p->op);
    sqlite_bind_blob(s, 5, bytes_of(p->version));
    sqlite_bind_int(s, 6, p->n);
    sqlite_bind_text(s, 7, str_of(why->code));
    sqlite_bind_text(s, 8, field.n > 0 ? field : (struct str){0});
    sqlite_bind_text(s, 9, str_of(why->message));
    sqlite_bind_text(s, 10, p->line);
    sqlite_bind_int(s, 11, (int64_t)time(NULL));
    sqlite_bind_int(s, 12, p->step);
    sqlite_bind_text(s, 13, p->kept);
    return sqlite_run(s, e);
}

/* ---- lists ---- */

#define OF_LEDGER(columns, table)                                                                            \
    "SELECT " columns ", l.record, part, op, version, n, line, at, record.name, entity.name, source.name"    \
    " FROM " table " AS l JOIN record ON record.id = l.record JOIN entity ON entity.id = entity"             \
    " JOIN source ON source.id = source WHERE target = ?1 "

typedef int take_row(void *arg, const struct ledger_pending *p, struct err *e);

static int each_row(struct sqlite_statement *s, take_row *row, void *arg, struct err *e)
{
    int got = 0;
    while ((got = sqlite_step(s, e)) == 1) {
        struct ledger_pending p = {.id = sqlite_column_int(s, 0),
                                   .batch = sqlite_column_int(s, 1),
                                   .step = sqlite_column_int(s, 2),
                                   .kept = sqlite_column_text(s, 3),
                                   .record = sqlite_column_int(s, 4),
                                   .op = sqlite_column_text(s, 6),
                                   .n = sqlite_column_int(s, 8),
                                   .line = sqlite_column_text(s, 9),
                                   .at = sqlite_column_int(s, 10)};
        p.key = (struct ledger_key){.part = sqlite_column_int(s, 5),
                                    .id = sqlite_column_text(s, 11),
                                    .entity = sqlite_column_text(s, 12),
                                    .source = sqlite_column_text(s, 13)};
        take_version(p.version, sqlite_column_blob(s, 7));
        if (row(arg, &p, e) == -1)
            break;
    }
    sqlite_reset(s);
    return got == 0 ? 0 : -1;
}

int ledger_pendings(struct hub *h, int64_t target, take_row *row, void *arg, struct err *e)
{
    struct sqlite_statement *s =
        sqlite_cached(h->db, OF_LEDGER("l.id, batch, step, kept", "pending") "ORDER BY l.id", e);
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, target);
    return each_row(s, row, arg, e);
}

int ledger_parked(struct hub *h, int64_t target, struct str name, take_row *row, void *arg, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(
        h->db,
        OF_LEDGER("0, 0, 0, NULL",
                  "parked") "AND CASE WHEN ?2 IS NULL THEN code = '" LEDGER_REFERENCE
                            "' ELSE l.record IN " HUB_CALLED("?2") " END"
                                                                   " ORDER BY at, l.record, part",
        e);
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, target);
    sqlite_bind_text(s, 2, name);
    return each_row(s, row, arg, e);
}
