#include "hub/withheld.h"

#include <time.h>

#include "base/hex.h"
#include "hub/ledger.h"
#include "hub/open.h"
#include "io/sqlite_change.h"

int withheld_put(struct hub *h, const struct withheld *w, struct err *e)
{
    char text[65], version[LEDGER_VERSION];
    struct sqlite_value had = sqlite_null();
    if (w->before != NULL) {
        if (record_version(text, w->before, &h->work, e) == -1)
            return -1;
        hex_read(version, str_of(text));
        had = sqlite_blob((struct str){version, sizeof version});
    }
    return sqlite_change(
        h->db,
        "INSERT INTO withheld (target, record, revision, reject) SELECT ?1, id,"
        " coalesce((SELECT max(number) FROM revision WHERE record = id AND version = ?2), 0), ?3 FROM record"
        " WHERE name = ?4 AND entity = ?5 AND source = ?6"
        " ON CONFLICT DO UPDATE SET revision = excluded.revision, reject = excluded.reject",
        SQLITE_VALUES(sqlite_int(w->target), had, sqlite_int(w->reject), sqlite_text(w->id),
                      sqlite_int(w->entity), sqlite_int(w->source)),
        e);
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
        "DELETE FROM withheld WHERE target = ?1 AND record IN " TOLD};
    const struct sqlite_value values[] = {sqlite_int(target), sqlite_int(entity), sqlite_int(was),
                                          sqlite_int(to),     sqlite_int(anew),   sqlite_int(time(NULL))};
    for (size_t i = 0; i < sizeof closes / sizeof *closes; i++)
        if (sqlite_change(h->db, closes[i], values, i == 0 ? 6 : 5, e) == -1)
            return -1;
    return 0;
}
