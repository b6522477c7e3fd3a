#include "hub/open.h"

int hub_checkpoint(struct hub *h, struct str source, struct str stream, struct str *checkpoint, struct err *e)
{
    *checkpoint = (struct str){0};
    int64_t id = h->empty ? 0 : hub_name_id(h, HUB_SOURCE, source, false, e);
    struct sqlite_statement *s =
        id > 0 ? sqlite_cached(h->db, "SELECT checkpoint FROM bookmark WHERE source = ?1 AND stream = ?2", e)
               : NULL;
    if (s == NULL)
        return id > 0 ? -1 : (int)id;
    sqlite_bind_int(s, 1, id);
    sqlite_bind_text(s, 2, stream);
    int got = sqlite_step(s, e);
    if (got == 1) {
        *checkpoint = arena_str(&h->scratch, sqlite_column_text(s, 0));
        got = checkpoint->p != NULL ? 0 : err_memory(e);
    }
    sqlite_reset(s);
    return got;
}

int64_t hub_settled(struct hub *h, struct str entity, struct str target, struct err *e)
{
    int64_t of = hub_name_id(h, HUB_ENTITY, entity, false, e);
    int64_t by = of > 0 ? hub_name_id(h, HUB_TARGET, target, false, e) : of;
    if (by <= 0)
        return by;
    struct sqlite_statement *s =
        sqlite_cached(h->db, "SELECT revision FROM settled WHERE target = ?1 AND entity = ?2", e);
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, by);
    sqlite_bind_int(s, 2, of);
    int got = sqlite_step(s, e);
    int64_t revision = got == 1 ? sqlite_column_int(s, 0) : got;
    sqlite_reset(s);
    return revision;
}

#define RECORDS                                                                                              \
    "SELECT record.revision, record.name, source.name, data, of, v, record.id FROM record"                   \
    " JOIN source ON source.id = record.source JOIN revision ON number = record.revision"                    \
    " WHERE entity = ?1 AND record.revision "

static const char told_anew[] =
    "SELECT record.revision, record.name, source.name, data, of, v, record.id, due.id FROM due"
    " JOIN record ON record.id = due.record JOIN source ON source.id = source"
    " JOIN revision ON number = record.revision WHERE entity = ?1 AND record.revision <= ?2 AND target = ?3"
    " ORDER BY record.revision";

/* The state that a target has: where it has a ledger, what was delivered; else what was when it settled,
 * unless that did not reach it. */
static const char settled_state[] =
    "SELECT data FROM revision WHERE record = ?1 AND number <= coalesce((SELECT revision FROM withheld WHERE"
    " record = ?1 AND target = ?2), ?3) ORDER BY number DESC LIMIT 1";
static const char delivered_state[] =
    "SELECT data FROM revision WHERE record = ?1 AND version = (SELECT version FROM delivery WHERE"
    " record = ?1 AND target = ?2 AND state <> 'deleted' ORDER BY part LIMIT 1) ORDER BY number DESC LIMIT 1";

/* 1: the target has a ledger. */
static int has_ledger(struct hub *h, int64_t target, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, "SELECT ledger FROM target WHERE id = ?1", e);
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, target);
    int got = sqlite_step(s, e);
    int has = got == 1 ? sqlite_column_int(s, 0) != 0 : got;
    sqlite_reset(s);
    return has;
}

static int prepare_target(struct hub *h, int64_t entity, struct str target, struct err *e)
{
    int64_t by = hub_name_id(h, HUB_TARGET, target, false, e);
    int ledger = by > 0 ? has_ledger(h, by, e) : (int)by;
    if (ledger == -1)
        return -1;
    h->state_before = sqlite_cached(h->db, ledger ? delivered_state : settled_state, e);
    h->ledger = ledger != 0;
    h->state_of = ledger || h->settled > 0 ? by : 0;
    h->telling_anew = by > 0 ? sqlite_cached(h->db, told_anew, e) : NULL;
    if (h->state_before == NULL || (by > 0 && h->telling_anew == NULL))
        return -1;
    if (h->telling_anew != NULL) {
        sqlite_bind_int(h->telling_anew, 1, entity);
        sqlite_bind_int(h->telling_anew, 2, h->settled);
        sqlite_bind_int(h->telling_anew, 3, by);
    }
    return 0;
}

int hub_select(struct hub *h, struct str entity, struct str target, struct err *e)
{
    int64_t id = hub_name_id(h, HUB_ENTITY, entity, false, e);
    h->for_target = target.p != NULL;
    h->settled = id > 0 && h->for_target ? hub_settled(h, entity, target, e) : 0;
    h->telling_anew = NULL;
    h->anew = 0;
    h->state_of = 0;
    if (id == -1 || h->settled == -1 || (h->for_target && prepare_target(h, id, target, e) == -1))
        return -1;
    h->read_up_to = h->settled;
    h->reading = sqlite_cached(h->db, RECORDS "> ?2 ORDER BY record.revision", e);
    if (h->reading == NULL)
        return -1;
    sqlite_bind_int(h->reading, 1, id);
    sqlite_bind_int(h->reading, 2, h->settled);
    return 0;
}

static int find_before(struct hub *h, int64_t record, struct str *before, struct err *e)
{
    sqlite_reset(h->state_before);
    sqlite_bind_int(h->state_before, 1, record);
    sqlite_bind_int(h->state_before, 2, h->state_of);
    if (!h->ledger)
        sqlite_bind_int(h->state_before, 3, h->settled);
    int got = sqlite_step(h->state_before, e);
    *before = got == 1 ? sqlite_column_text(h->state_before, 0) : (struct str){0};
    return got;
}

/* The same as it was when the target settled it: nothing to tell. */
static bool is_same(struct str before, struct str data)
{
    return before.p == NULL ? data.p == NULL : data.p != NULL && str_eq(before, data);
}

int64_t hub_read_up_to(const struct hub *h)
{
    return h->read_up_to;
}

int64_t hub_told_anew(const struct hub *h)
{
    return h->telling_anew == NULL ? h->anew : 0;
}

/* 1: *R is the next record, whether it is to be told or not. */
static int step(struct hub *h, struct hub_record *r, int64_t *record, struct err *e)
{
    struct sqlite_statement *s = h->telling_anew != NULL ? h->telling_anew : h->reading;
    int got = sqlite_step(s, e);
    if (got == 0 && s == h->telling_anew) {
        h->telling_anew = NULL;
        return step(h, r, record, e);
    }
    if (got != 1)
        return got;
    *r = (struct hub_record){.revision = sqlite_column_int(s, 0),
                             .id = sqlite_column_text(s, 1),
                             .source = sqlite_column_text(s, 2),
                             .data = sqlite_column_text(s, 3),
                             .of = sqlite_column_text(s, 4),
                             .v = sqlite_column_int(s, 5)};
    *record = sqlite_column_int(s, 6);
    if (s == h->telling_anew && sqlite_column_int(s, 7) > h->anew)
        h->anew = sqlite_column_int(s, 7);
    if (r->revision > h->read_up_to)
        h->read_up_to = r->revision;
    return 1;
}

int hub_next(struct hub *h, struct hub_record *r, struct err *e)
{
    int got;
    int64_t record;
    while ((got = step(h, r, &record, e)) == 1) {
        if (h->state_of > 0 && find_before(h, record, &r->before, e) == -1)
            return -1;
        if (h->for_target ? !is_same(r->before, r->data) : r->data.p != NULL)
            return 1;
    }
    return got;
}
