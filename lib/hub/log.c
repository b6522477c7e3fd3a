#include "hub/log.h"

#include "hub/open.h"

int hub_log_entities(struct hub *h, void (*row)(void *arg, const struct hub_log_entity *r), void *arg,
                     struct err *e)
{
    struct sqlite_statement *s =
        sqlite_cached(h->db,
                      "SELECT entity.name, count(*), sum(data IS NULL), max(at) FROM record"
                      " JOIN entity ON entity.id = entity JOIN revision ON number = revision"
                      " GROUP BY entity ORDER BY entity.name",
                      e);
    int got = s != NULL ? 1 : -1;
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct hub_log_entity r = {sqlite_column_text(s, 0), sqlite_column_int(s, 1),
                                         sqlite_column_int(s, 2), sqlite_column_int(s, 3)};
        row(arg, &r);
    }
    return got;
}

int hub_log_targets(struct hub *h, void (*row)(void *arg, const struct hub_log_target *r), void *arg,
                    struct err *e)
{
    /* What went there and back again is not lacking. */
    struct sqlite_statement *s = sqlite_cached(
        h->db,
        "SELECT target.name, entity.name, (SELECT count(*) FROM record JOIN revision AS now ON now.number = "
        "record.revision"
        " LEFT JOIN revision AS was ON was.number = (SELECT max(number) FROM revision WHERE record = "
        "record.id"
        " AND number <= settled.revision)"
        " WHERE record.entity = settled.entity AND record.revision > settled.revision AND now.data IS NOT "
        "was.data),"
        " settled.at FROM settled JOIN target ON target.id = target JOIN entity ON entity.id = entity"
        " ORDER BY target.name, entity.name",
        e);
    int got = s != NULL ? 1 : -1;
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct hub_log_target r = {sqlite_column_text(s, 0), sqlite_column_text(s, 1),
                                         sqlite_column_int(s, 2), sqlite_column_int(s, 3)};
        row(arg, &r);
    }
    return got;
}

int hub_log_bookmarks(struct hub *h, void (*row)(void *arg, const struct hub_log_bookmark *r), void *arg,
                      struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db,
                                               "SELECT name, stream, checkpoint, at FROM bookmark"
                                               " JOIN source ON id = source ORDER BY name, stream",
                                               e);
    int got = s != NULL ? 1 : -1;
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct hub_log_bookmark r = {sqlite_column_text(s, 0), sqlite_column_text(s, 1),
                                           sqlite_column_text(s, 2), sqlite_column_int(s, 3)};
        row(arg, &r);
    }
    return got;
}

#define RECORD_COLUMNS                                                                                       \
    "SELECT record.id, entity.name, record.name, source.name, data, record.revision,"                        \
    " (SELECT count(*) FROM revision WHERE record = record.id),"                                             \
    " (SELECT min(at) FROM revision WHERE record = record.id), at FROM record"                               \
    " JOIN entity ON entity.id = entity JOIN source ON source.id = source JOIN revision ON number = "        \
    "record.revision "

static int records(struct sqlite_statement *s, void (*row)(void *arg, const struct hub_log_record *r),
                   void *arg, struct err *e)
{
    int got = 1;
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct hub_log_record r = {
            sqlite_column_int(s, 0),  sqlite_column_text(s, 1), sqlite_column_text(s, 2),
            sqlite_column_text(s, 3), sqlite_column_text(s, 4), sqlite_column_int(s, 5),
            sqlite_column_int(s, 6),  sqlite_column_int(s, 7),  sqlite_column_int(s, 8)};
        row(arg, &r);
    }
    return got;
}

int hub_log_find(struct hub *h, struct str entity, struct str name,
                 void (*row)(void *arg, const struct hub_log_record *r), void *arg, struct err *e)
{
    struct sqlite_statement *s = sqlite_prepare(
        h->db,
        STR(RECORD_COLUMNS "WHERE entity.name = ?1 AND record.id IN (SELECT id FROM record"
                           " WHERE name = ?2 UNION SELECT record FROM identity WHERE name = ?2)"
                           " ORDER BY source.name, record.name"),
        e);
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, entity);
    sqlite_bind_text(s, 2, name);
    int done = records(s, row, arg, e);
    sqlite_finish(s);
    return done;
}

int hub_log_made(struct hub *h, int64_t record, void (*row)(void *arg, const struct hub_log_record *r),
                 void *arg, struct err *e)
{
    /* Not kept by the connection: what was made has things made from it in turn. */
    struct sqlite_statement *s = sqlite_prepare(
        h->db,
        STR(RECORD_COLUMNS
            "WHERE record.id IN (SELECT record FROM made WHERE part = ?1) ORDER BY entity.name, record.name"),
        e);
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, record);
    int done = records(s, row, arg, e);
    sqlite_finish(s);
    return done;
}

int hub_log_states(struct hub *h, const struct hub_log_record *r,
                   void (*row)(void *arg, const struct hub_log_state *s), void *arg, struct err *e)
{
    struct sqlite_statement *s = sqlite_prepare(
        h->db,
        STR("SELECT target.name, was.number IS NOT NULL, was.data IS (SELECT data FROM revision WHERE number "
            "= ?2),"
            " was.data, settled.at FROM settled JOIN target ON target.id = target JOIN entity ON entity.id = "
            "entity"
            " LEFT JOIN revision AS was ON was.number = (SELECT max(number) FROM revision WHERE record = ?1"
            " AND number <= settled.revision) WHERE entity.name = ?3 ORDER BY target.name"),
        e);
    int got = s != NULL ? 1 : -1;
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, r->record);
    sqlite_bind_int(s, 2, r->revision);
    sqlite_bind_text(s, 3, r->entity);
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct hub_log_state state = {sqlite_column_text(s, 0), sqlite_column_int(s, 1) != 0,
                                            sqlite_column_int(s, 1) != 0 && sqlite_column_int(s, 2) != 0,
                                            sqlite_column_text(s, 3), sqlite_column_int(s, 4)};
        row(arg, &state);
    }
    sqlite_finish(s);
    return got;
}
