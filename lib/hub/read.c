#include "hub/hub.h"
#include "hub/open.h"

int hub_checkpoint(struct hub *h, struct str source, struct str stream, struct str *checkpoint, struct err *e)
{
    *checkpoint = (struct str){0};
    int64_t id = hub_name_id(h, HUB_SOURCE, source, false, e);
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

int hub_select(struct hub *h, struct str entity, struct str target, struct err *e)
{
    int64_t id = hub_name_id(h, HUB_ENTITY, entity, false, e);
    h->for_target = target.p != NULL;
    h->settled = id > 0 && h->for_target ? hub_settled(h, entity, target, e) : 0;
    if (id == -1 || h->settled == -1)
        return -1;
    h->read_up_to = h->settled;
    h->reading = sqlite_cached(h->db,
                               "SELECT record.revision, record.name, source.name, data, of, v, record.id"
                               " FROM record JOIN source ON source.id = record.source"
                               " JOIN revision ON number = record.revision"
                               " WHERE entity = ?1 AND record.revision > ?2 ORDER BY record.revision",
                               e);
    h->state_before = sqlite_cached(
        h->db, "SELECT data FROM revision WHERE record = ?1 AND number <= ?2 ORDER BY number DESC LIMIT 1",
        e);
    if (h->reading == NULL || h->state_before == NULL)
        return -1;
    sqlite_bind_int(h->reading, 1, id);
    sqlite_bind_int(h->reading, 2, h->settled);
    return 0;
}

static int find_before(struct hub *h, int64_t record, struct str *before, struct err *e)
{
    sqlite_reset(h->state_before);
    sqlite_bind_int(h->state_before, 1, record);
    sqlite_bind_int(h->state_before, 2, h->settled);
    int got = h->settled > 0 ? sqlite_step(h->state_before, e) : 0;
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

int hub_next(struct hub *h, struct hub_record *r, struct err *e)
{
    int got;
    while ((got = sqlite_step(h->reading, e)) == 1) {
        *r = (struct hub_record){.revision = sqlite_column_int(h->reading, 0),
                                 .id = sqlite_column_text(h->reading, 1),
                                 .source = sqlite_column_text(h->reading, 2),
                                 .data = sqlite_column_text(h->reading, 3),
                                 .of = sqlite_column_text(h->reading, 4),
                                 .v = sqlite_column_int(h->reading, 5)};
        h->read_up_to = r->revision;
        if (h->for_target && find_before(h, sqlite_column_int(h->reading, 6), &r->before, e) == -1)
            return -1;
        if (h->for_target ? !is_same(r->before, r->data) : r->data.p != NULL)
            return 1;
    }
    return got;
}
