#include "hub/withheld.h"

#include <time.h>

#include "base/hex.h"
#include "hub/ledger.h"
#include "hub/open.h"

int withheld_put(struct hub *h, const struct withheld *w, struct err *e)
{
    char text[65], version[LEDGER_VERSION];
    struct sqlite_statement *s = sqlite_cached(
        h->db,
        "INSERT INTO withheld (target, record, revision, reject) SELECT ?1, id,"
        " coalesce((SELECT max(number) FROM revision WHERE record = id AND version = ?2), 0), ?3 FROM record"
        " WHERE name = ?4 AND entity = ?5 AND source = ?6"
        " ON CONFLICT DO UPDATE SET revision = excluded.revision, reject = excluded.reject",
        e);
    if (s == NULL || (w->before != NULL && record_version(text, w->before, &h->work, e) == -1))
        return -1;
    sqlite_bind_int(s, 1, w->target);
    sqlite_bind_null(s, 2);
    if (w->before != NULL) {
        hex_read(version, str_of(text));
        sqlite_bind_blob(s, 2, (struct str){version, sizeof version});
    }
    sqlite_bind_int(s, 3, w->reject);
    sqlite_bind_text(s, 4, w->id);
    sqlite_bind_int(s, 5, w->entity);
    sqlite_bind_int(s, 6, w->source);
    return sqlite_run(s, e);
}

#define TOLD                                                                                                 \
    "(SELECT w.record FROM withheld AS w JOIN record ON id = w.record WHERE w.target = ?1 AND entity = ?2"   \
    " AND (EXISTS (SELECT 1 FROM revision AS v WHERE v.record = w.record AND number > ?3 AND number <= ?4)"  \
    " OR EXISTS (SELECT 1 FROM due WHERE due.record = w.record AND due.target = ?1 AND due.id <= ?5)))"

int withheld_close(struct hub *h, int64_t target, int64_t entity, int64_t was, int64_t to, int64_t anew,
                   struct err *e)
{
    static const char *const closes[] = {
        "UPDATE reject SET closed = ?6, how = 'told' WHERE closed IS NULL AND id IN"
        " (SELECT reject FROM withheld WHERE target = ?1 AND record IN " TOLD ")",
        "DELETE FROM withheld WHERE target = ?1 AND record IN " TOLD,
        ("DELETE FROM due WHERE target = ?1 AND id <= ?5"
         " AND record IN (SELECT id FROM record WHERE entity = ?2)")};
    for (size_t i = 0; i < sizeof closes / sizeof *closes; i++) {
        struct sqlite_statement *s = sqlite_cached(h->db, closes[i], e);
        if (s == NULL)
            return -1;
        const int64_t values[] = {target, entity, was, to, anew};
        for (int n = 0; n < 5; n++)
            sqlite_bind_int(s, n + 1, values[n]);
        if (i == 0)
            sqlite_bind_int(s, 6, (int64_t)time(NULL));
        if (sqlite_run(s, e) == -1)
            return -1;
    }
    return 0;
}
