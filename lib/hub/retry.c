#include "hub/retry.h"

#include <time.h>

#include "hub/ledger.h"
#include "hub/open.h"

/* What did not get to a target, and whether the hub can tell it anew: of a target that settles its entity. */
static const char waiting[] =
    "CREATE TEMP TABLE waiting AS SELECT w.target, w.record, w.code = '" LEDGER_UNCERTAIN "' AS uncertain,"
    " settled.target IS NOT NULL AND r.revision > 0 AS held"
    " FROM (SELECT target, record, code FROM parked"
    "  UNION SELECT target, record, '' FROM withheld AS l WHERE NOT EXISTS"
    "   (SELECT 1 FROM parked WHERE parked.record = l.record AND parked.target = l.target)) AS w"
    " JOIN record AS r ON r.id = w.record"
    " LEFT JOIN settled ON settled.target = w.target AND settled.entity = r.entity"
    " WHERE (?1 IS NULL OR w.target = (SELECT id FROM target WHERE name = ?1))"
    " AND (?3 IS NULL OR (r.entity = (SELECT id FROM entity WHERE name = ?2) AND r.id IN"
    "  " HUB_CALLED("?3") "))";

static const char again[] = "INSERT OR REPLACE INTO due (target, record)"
                            " SELECT DISTINCT target, record FROM waiting WHERE held AND NOT uncertain";

static const char counts[] = "SELECT name, count(DISTINCT CASE WHEN held AND NOT uncertain THEN record END),"
                             " count(DISTINCT CASE WHEN uncertain THEN record END),"
                             " count(DISTINCT CASE WHEN NOT held AND NOT uncertain THEN record END)"
                             " FROM waiting JOIN target ON id = target GROUP BY name ORDER BY name";

static int collect(struct hub *h, const struct retry_what *what, struct err *e)
{
    struct sqlite_statement *s = sqlite_prepare(h->db, str_of(waiting), e);
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, what->target);
    sqlite_bind_text(s, 2, what->entity);
    sqlite_bind_text(s, 3, what->name);
    int done = sqlite_run(s, e);
    sqlite_finish(s);
    return done == 0 ? sqlite_exec(h->db, again, e) : -1;
}

static int count(struct hub *h, void (*row)(void *arg, const struct retry_row *r), void *arg, struct err *e)
{
    struct sqlite_statement *s = sqlite_prepare(h->db, str_of(counts), e);
    int got = s != NULL ? 1 : -1;
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct retry_row r = {sqlite_column_text(s, 0), sqlite_column_int(s, 1),
                                    sqlite_column_int(s, 2), sqlite_column_int(s, 3)};
        row(arg, &r);
    }
    sqlite_finish(s);
    return got;
}

int hub_retry(struct hub *h, const struct retry_what *what, void (*row)(void *arg, const struct retry_row *r),
              void *arg, struct err *e)
{
    if (hub_begin(h, e) == -1)
        return -1;
    if (collect(h, what, e) == 0 && count(h, row, arg, e) == 0 &&
        sqlite_exec(h->db, "DROP TABLE temp.waiting", e) == 0)
        return hub_commit(h, e);
    hub_rollback(h);
    return -1;
}

/* Of ?1: a source, a stream, or both, as in shop:orders. */
#define OF_STREAM "?1 IN (stream, source.name, source.name || substr(stream, instr(stream, ':')))"

int hub_refused(struct hub *h, struct str of, int (*line)(void *arg, struct str text, struct err *e),
                void *arg, struct err *e)
{
    struct sqlite_statement *s =
        sqlite_cached(h->db,
                      "SELECT line FROM reject LEFT JOIN source ON source.id = source"
                      " WHERE closed IS NULL AND stream IS NOT NULL AND " OF_STREAM " ORDER BY reject.id",
                      e);
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, of);
    int got = 1;
    while (got == 1 && (got = sqlite_step(s, e)) == 1)
        if (line(arg, sqlite_column_text(s, 0), e) == -1)
            got = -1;
    sqlite_reset(s);
    return got;
}

/* What was refused on its way to a target is closed by telling it, or by a newer state. */
static const char close_refused[] =
    "UPDATE reject SET closed = ?3, how = 'person' WHERE id IN"
    " (SELECT reject.id FROM reject LEFT JOIN source ON source.id = source"
    "  WHERE closed IS NULL AND target IS NULL AND (?2 IS NULL OR reject.name IN " HUB_SPELLINGS(
        "?2") "   OR label IN " HUB_SPELLINGS("?2") ")"
                                                    "  AND (" OF_STREAM " OR ?1 = place OR substr(place, 1, "
                                                    "length(?1) + 1) = ?1 || ':'))";

int64_t hub_close_refused(struct hub *h, struct str of, struct str name, struct err *e)
{
    struct sqlite_statement *s = hub_begin(h, e) == 0 ? sqlite_cached(h->db, close_refused, e) : NULL;
    if (s != NULL) {
        sqlite_bind_text(s, 1, of);
        sqlite_bind_text(s, 2, name);
        sqlite_bind_int(s, 3, (int64_t)time(NULL));
        if (sqlite_run(s, e) == 0) {
            int64_t closed = (int64_t)sqlite_changes(h->db);
            return hub_commit(h, e) == 0 ? closed : -1;
        }
    }
    hub_rollback(h);
    return -1;
}
