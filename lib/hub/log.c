#include "hub/log.h"

#include "hub/ledger.h"
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

/*
 * How a target (t) stands to a record, whose newest state has the number REVISION: 0 where the hub holds
 * none, and only targets with a ledger can know the record. Of such a target counts what it was given of the
 * record; of any other, what was when it settled last. What a target has settled beyond the newest state is
 * the same to it, unless that was refused on its way, is to be told anew, or was set aside.
 */
#define STANDING(record_, revision_, entity_)                                                                \
    " LEFT JOIN revision AS now ON now.number = " revision_                                                  \
    " LEFT JOIN settled AS s ON s.target = t.id AND s.entity = " entity_                                     \
    " LEFT JOIN delivery AS d ON d.record = " record_ " AND d.target = t.id AND d.part = 0"                  \
    " LEFT JOIN parked AS p ON p.record = " record_ " AND p.target = t.id AND p.part = (SELECT min(part)"    \
    "  FROM parked WHERE record = " record_ " AND target = t.id)"                                            \
    " LEFT JOIN pending AS q ON q.record = " record_ " AND q.target = t.id AND q.part = (SELECT min(part)"   \
    "  FROM pending WHERE record = " record_ " AND target = t.id)"                                           \
    " LEFT JOIN withheld AS w ON w.record = " record_ " AND w.target = t.id"                                 \
    " LEFT JOIN reject AS j ON j.id = w.reject AND j.closed IS NULL"                                         \
    " LEFT JOIN due ON due.record = " record_ " AND due.target = t.id"                                       \
    " LEFT JOIN revision AS was ON was.number = CASE WHEN t.ledger THEN (SELECT max(number) FROM revision"   \
    "  WHERE record = " record_ " AND version = d.version) ELSE (SELECT max(number) FROM revision"           \
    "  WHERE record = " record_ " AND number <= coalesce(w.revision, s.revision)) END"
#define SENT "CASE WHEN t.ledger THEN d.record IS NOT NULL ELSE was.number IS NOT NULL END"
#define SAME(revision_)                                                                                      \
    "CASE WHEN t.ledger THEN d.record IS NOT NULL AND (" revision_ " = 0 OR d.version = now.version"         \
    " OR (s.revision >= " revision_ " AND w.record IS NULL AND due.id IS NULL))"                             \
    " ELSE was.number IS NOT NULL AND was.data IS now.data END"
#define LACKS(revision_)                                                                                     \
    "(p.record IS NOT NULL OR j.id IS NOT NULL OR q.id IS NOT NULL OR (NOT coalesce(" SAME(                  \
        revision_) ", 0) AND (" SENT " OR now.data IS NOT NULL)))"

/* Of the records that are looked at for each target; and of the one that is asked for. */
#define STANDING_OPEN  STANDING("r.id", "r.revision", "r.entity")
#define LACKS_OPEN     LACKS("r.revision")
#define STANDING_ASKED STANDING("?1", "?2", "(SELECT id FROM entity WHERE name = ?3)")
#define SAME_ASKED     SAME("?2")
#define LACKS_ASKED    LACKS("?2")

/* Of each target and entity that it takes, those that hub_log_lacking gives, by what hub_log_states says of
 * them. What went there and back again is not lacking. */
static const char targets[] =
    "WITH touched (target, record) AS (SELECT target, record FROM parked UNION SELECT target, record FROM"
    "  pending UNION SELECT target, record FROM withheld UNION SELECT target, record FROM due),"
    " taken (target, entity) AS (SELECT target, entity FROM settled"
    "  UNION SELECT target, entity FROM touched JOIN record ON record.id = touched.record),"
    " open (target, entity, record) AS (SELECT target, r.entity, r.id FROM settled JOIN record AS r"
    "  ON r.entity = settled.entity AND r.revision > settled.revision"
    "  UNION SELECT target, entity, record FROM touched JOIN record ON record.id = touched.record),"
    " told (target, entity, lacks, code, refused, pending) AS (SELECT t.id, r.entity, " LACKS_OPEN
    ", p.code, p.record IS NULL AND j.id IS NOT NULL, p.record IS NULL AND j.id IS NULL AND q.id IS NOT NULL"
    "  FROM open JOIN target AS t ON t.id = open.target JOIN record AS r ON r.id = open.record" STANDING_OPEN
    ")"
    " SELECT target.name, entity.name, coalesce(sum(lacks), 0), coalesce(sum(refused), 0),"
    " coalesce(sum(pending), 0), coalesce(sum(code = '" LEDGER_REFERENCE "'), 0),"
    " coalesce(sum(code <> '" LEDGER_REFERENCE "'), 0), settled.at"
    " FROM taken JOIN target ON target.id = taken.target JOIN entity ON entity.id = taken.entity"
    " LEFT JOIN settled ON settled.target = taken.target AND settled.entity = taken.entity"
    " LEFT JOIN told ON told.target = taken.target AND told.entity = taken.entity"
    " GROUP BY taken.target, taken.entity ORDER BY target.name, entity.name";

int hub_log_targets(struct hub *h, void (*row)(void *arg, const struct hub_log_target *r), void *arg,
                    struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, targets, e);
    int got = s != NULL ? 1 : -1;
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct hub_log_target r = {
            .target = sqlite_column_text(s, 0),
            .entity = sqlite_column_text(s, 1),
            .lacks = sqlite_column_int(s, 2),
            .refused = sqlite_column_int(s, 3),
            .pending = sqlite_column_int(s, 4),
            .held = sqlite_column_int(s, 5),
            .parked = sqlite_column_int(s, 6),
            .at = sqlite_column_int(s, 7),
        };
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

/* Not by way of their entity (+): that would be all records of it. */
#define RECORD_COLUMNS                                                                                       \
    "SELECT record.id, entity.name, record.name, source.name, data, record.revision,"                        \
    " (SELECT count(*) FROM revision WHERE record = record.id) + coalesce((SELECT states FROM pruned WHERE"  \
    "  record = record.id), 0),"                                                                             \
    " (SELECT min(t) FROM (SELECT min(at) AS t FROM revision WHERE record = record.id UNION ALL"             \
    "  SELECT first FROM pruned WHERE record = record.id)), at FROM record"                                  \
    " JOIN entity ON entity.id = +entity JOIN source ON source.id = source LEFT JOIN revision ON number = "  \
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
    struct sqlite_statement *s =
        sqlite_prepare(h->db,
                       STR(RECORD_COLUMNS "WHERE entity.name = ?1 AND record.id IN " HUB_CALLED(
                           "?2") " ORDER BY source.name, record.name"),
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

static const char states_of[] =
    "SELECT t.name, " SENT ", " SAME_ASKED ", was.data, coalesce(p.at, j.at, q.at, d.at, s.at),"
    " d.state = 'left_out', q.id IS NOT NULL, coalesce(p.code, j.code),"
    " CASE WHEN p.record IS NULL THEN j.field ELSE p.field END, coalesce(p.message, j.message), d.target_id,"
    " p.record IS NULL AND j.id IS NOT NULL, due.id IS NOT NULL, d.state = 'deleted', " LACKS_ASKED
    " FROM target AS t" STANDING_ASKED " WHERE (?4 IS NULL OR t.name = ?4)"
    " AND ((s.target IS NOT NULL AND ?2 > 0) OR d.record IS NOT NULL OR p.record IS NOT NULL OR q.id IS NOT"
    "  NULL OR w.record IS NOT NULL)"
    " ORDER BY t.name";

int hub_log_states(struct hub *h, const struct hub_log_record *r, struct str target,
                   void (*row)(void *arg, const struct hub_log_state *s), void *arg, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, states_of, e);
    int got = s != NULL ? 1 : -1;
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, r->record);
    sqlite_bind_int(s, 2, r->revision);
    sqlite_bind_text(s, 3, r->entity);
    sqlite_bind_text(s, 4, target);
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct hub_log_state state = {.target = sqlite_column_text(s, 0),
                                            .sent = sqlite_column_int(s, 1) != 0,
                                            .same = sqlite_column_int(s, 2) != 0,
                                            .before = sqlite_column_text(s, 3),
                                            .at = sqlite_column_int(s, 4),
                                            .left_out = sqlite_column_int(s, 5) != 0,
                                            .pending = sqlite_column_int(s, 6) != 0,
                                            .code = sqlite_column_text(s, 7),
                                            .field = sqlite_column_text(s, 8),
                                            .message = sqlite_column_text(s, 9),
                                            .target_id = sqlite_column_text(s, 10),
                                            .refused = sqlite_column_int(s, 11) != 0,
                                            .again = sqlite_column_int(s, 12) != 0,
                                            .deleted = sqlite_column_int(s, 13) != 0,
                                            .lacks = sqlite_column_int(s, 14) != 0};
        row(arg, &state);
    }
    return got;
}

/* ---- lists of a target ---- */

int hub_log_lacking(struct hub *h, struct str target, void (*row)(void *arg, const struct hub_log_record *r),
                    void *arg, struct err *e)
{
    int64_t id = hub_name_id(h, HUB_TARGET, target, false, e);
    struct sqlite_statement *s =
        id > 0
            ? sqlite_prepare(h->db,
                             STR(RECORD_COLUMNS
                                 "WHERE record.id IN (SELECT r.id FROM settled JOIN record AS r ON r.entity ="
                                 " settled.entity AND r.revision > settled.revision WHERE target = ?1"
                                 " UNION SELECT record FROM parked WHERE target = ?1"
                                 " UNION SELECT record FROM pending WHERE target = ?1"
                                 " UNION SELECT record FROM withheld WHERE target = ?1"
                                 " UNION SELECT record FROM due WHERE target = ?1)"
                                 " ORDER BY entity.name, source.name, record.name"),
                             e)
            : NULL;
    if (s == NULL)
        return id > 0 ? -1 : (int)id;
    sqlite_bind_int(s, 1, id);
    int done = records(s, row, arg, e);
    sqlite_finish(s);
    return done == -1 ? -1 : 1;
}

int hub_log_ids(struct hub *h, struct str target, struct str entity,
                void (*row)(void *arg, const struct hub_log_id *r), void *arg, struct err *e)
{
    int64_t id = hub_name_id(h, HUB_TARGET, target, false, e);
    struct sqlite_statement *s =
        id > 0 ? sqlite_cached(h->db,
                               "SELECT record.name, source.name, target_id, delivery.at FROM delivery"
                               " JOIN record ON record.id = record JOIN source ON source.id = source"
                               " WHERE target = ?1 AND target_id IS NOT NULL AND state <> 'deleted'"
                               " AND entity = (SELECT id FROM entity WHERE name = ?2)"
                               " ORDER BY source.name, record.name, part",
                               e)
               : NULL;
    if (s == NULL)
        return id > 0 ? -1 : (int)id;
    sqlite_bind_int(s, 1, id);
    sqlite_bind_text(s, 2, entity);
    int got = 1;
    while ((got = sqlite_step(s, e)) == 1) {
        const struct hub_log_id r = {sqlite_column_text(s, 0), sqlite_column_text(s, 1),
                                     sqlite_column_text(s, 2), sqlite_column_int(s, 3)};
        row(arg, &r);
    }
    return got == -1 ? -1 : 1;
}
