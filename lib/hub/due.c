#include "hub/due.h"

#include "hub/open.h"
#include "io/sqlite_change.h"

int due_put(struct hub *h, int64_t target, int64_t record, const char version[LEDGER_VERSION], struct err *e)
{
    const struct str had = {version, LEDGER_VERSION};
    return sqlite_change(h->db,
                         "INSERT OR REPLACE INTO due (target, record) SELECT ?1, record.id FROM record"
                         " JOIN revision ON number = revision WHERE record.id = ?2 AND version <> ?3",
                         SQLITE_VALUES(sqlite_int(target), sqlite_int(record), sqlite_blob(had)), e);
}

int due_any(struct hub *h, int64_t target, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, "SELECT 1 FROM due WHERE target = ?1 LIMIT 1", e);
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, target);
    int got = sqlite_step(s, e);
    sqlite_reset(s);
    return got;
}

int due_told(struct hub *h, int64_t target, int64_t entity, int64_t anew, struct err *e)
{
    return sqlite_change(h->db,
                         "DELETE FROM due WHERE target = ?1 AND id <= ?2"
                         " AND record IN (SELECT id FROM record WHERE entity = ?3)",
                         SQLITE_VALUES(sqlite_int(target), sqlite_int(anew), sqlite_int(entity)), e);
}

int due_close(struct hub *h, int64_t target, struct err *e)
{
    return sqlite_change(
        h->db,
        "DELETE FROM due WHERE target = ?1 AND EXISTS (SELECT 1 FROM record JOIN revision ON number = "
        "revision"
        " JOIN delivery AS d ON d.record = record.id AND d.target = ?1 AND d.part = 0"
        " WHERE record.id = due.record AND d.version = revision.version)"
        " AND NOT EXISTS (SELECT 1 FROM parked AS p WHERE p.target = ?1 AND p.record = due.record)"
        " AND NOT EXISTS (SELECT 1 FROM pending AS p WHERE p.target = ?1 AND p.record = due.record)"
        " AND NOT EXISTS (SELECT 1 FROM withheld AS w WHERE w.target = ?1 AND w.record = due.record)",
        SQLITE_VALUES(sqlite_int(target)), e);
}
