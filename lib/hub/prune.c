#include "hub/prune.h"

#include <stddef.h>

#include "hub/open.h"

enum { AT_ONCE = 500, STEPS_MOST = 3 };

/* What is removed with a thing: ?1 is its number, ?2 the time. */
struct removal {
    const char *removes, *counts;
    size_t sum; /* where in struct hub_pruned */
};

#define REMOVAL(rest, member)                                                                                \
    {                                                                                                        \
        "DELETE FROM " rest, "SELECT count(*) FROM " rest, offsetof(struct hub_pruned, member)               \
    }

/* Things that go: found in their order, from behind ?1 and ?2 on, and looked at once more when they are
 * removed, since others write meanwhile. */
struct kind {
    const char *finds;
    const char *remembers; /* what is to be known when it is gone (its number may be used anew); or NULL */
    struct removal removal[STEPS_MOST];
};

/* A state that was in force after the time stays: a run that read it may be about to settle it. Of states
 * that are alike, a target is taken to have the newest (delivered_state in read.c). */
#define REVISIONS                                                                                            \
    "revision AS r CROSS JOIN record ON record.id = r.record CROSS JOIN revision AS next ON next.number ="   \
    " (SELECT min(number) FROM revision WHERE record = r.record AND number > r.number)"
#define REVISION_GOES(before)                                                                                \
    "next.at < " before " AND NOT EXISTS (SELECT 1 FROM settled WHERE settled.entity = record.entity"        \
    " AND settled.revision >= r.number AND settled.revision < next.number)"                                  \
    " AND NOT EXISTS (SELECT 1 FROM withheld WHERE withheld.record = r.record AND revision = r.number)"      \
    " AND (r.version NOT IN (SELECT version FROM delivery WHERE record = r.record"                           \
    "  UNION ALL SELECT version FROM pending WHERE record = r.record"                                        \
    "  UNION ALL SELECT version FROM parked WHERE record = r.record)"                                        \
    " OR EXISTS (SELECT 1 FROM revision AS later WHERE later.record = r.record"                              \
    "  AND later.number > r.number AND later.version = r.version))"
#define RUN_GOES(before)                                                                                     \
    "run.ended < " before " AND run.id < (SELECT max(id) FROM run AS last WHERE last.flow = run.flow)"       \
    " AND NOT EXISTS (SELECT 1 FROM reject WHERE reject.run = run.id"                                        \
    " AND (closed IS NULL OR closed >= " before "))"
#define THIS_REVISION REVISIONS " WHERE r.number = ?1 AND " REVISION_GOES("?2")
#define THIS_RUN      "SELECT run.id FROM run WHERE run.id = ?1 AND " RUN_GOES("?2")
#define LIMIT         " LIMIT ?4"

static const struct kind kinds[] = {
    {"SELECT r.record, r.number FROM " REVISIONS
     " WHERE (r.record, r.number) > (?1, ?2) AND " REVISION_GOES("?3") " ORDER BY r.record, r.number" LIMIT,
     "INSERT INTO pruned (record, states, first) SELECT r.record, 1, r.at FROM " THIS_REVISION
     " ON CONFLICT DO UPDATE SET states = states + 1, first = min(first, excluded.first)",
     {REMOVAL("revision WHERE number IN (SELECT r.number FROM " THIS_REVISION ")", revisions)}},
    {"SELECT 0, id FROM reject WHERE id > ?2 AND closed < ?3 ORDER BY id" LIMIT,
     "UPDATE withheld SET reject = 0 WHERE reject = (SELECT id FROM reject WHERE id = ?1 AND closed < ?2)",
     {REMOVAL("reject WHERE id = ?1 AND closed < ?2", rejects)}},
    {"SELECT 0, id FROM run WHERE id > ?2 AND " RUN_GOES("?3") " ORDER BY id" LIMIT,
     NULL,
     {REMOVAL("stage WHERE run IN (" THIS_RUN ")", stages),
      REMOVAL("warning WHERE run IN (" THIS_RUN ")", warnings),
      REMOVAL("run WHERE id IN (" THIS_RUN ")", runs)}}};

struct found {
    int64_t group, number; /* of the last one */
    int64_t list[AT_ONCE];
    int n;
};

/* The next ones, without the lock of the writers. */
static int find(struct hub *h, const struct kind *k, int64_t before, struct found *found, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, k->finds, e);
    int got;
    found->n = 0;
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, found->group);
    sqlite_bind_int(s, 2, found->number);
    sqlite_bind_int(s, 3, before);
    sqlite_bind_int(s, 4, AT_ONCE);
    while ((got = sqlite_step(s, e)) == 1) {
        found->group = sqlite_column_int(s, 0);
        found->number = found->list[found->n++] = sqlite_column_int(s, 1);
    }
    return got;
}

static struct sqlite_statement *about(struct hub *h, const char *sql, int64_t number, int64_t before,
                                      struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, sql, e);
    if (s == NULL)
        return NULL;
    sqlite_bind_int(s, 1, number);
    sqlite_bind_int(s, 2, before);
    return s;
}

static int remember_one(struct hub *h, const struct kind *k, int64_t number, int64_t before, struct err *e)
{
    struct sqlite_statement *s = about(h, k->remembers, number, before, e);
    return s != NULL ? sqlite_run(s, e) : -1;
}

static int remove_one(struct hub *h, const struct removal *r, int64_t number, int64_t before, bool counts,
                      struct hub_pruned *gone, struct err *e)
{
    int64_t *sum = (int64_t *)((char *)gone + r->sum);
    struct sqlite_statement *s = about(h, counts ? r->counts : r->removes, number, before, e);
    if (s == NULL || sqlite_step(s, e) == -1)
        return -1;
    *sum += counts ? sqlite_column_int(s, 0) : (int64_t)sqlite_changes(h->db);
    sqlite_reset(s);
    return 0;
}

static int remove_found(struct hub *h, const struct kind *k, const struct found *found, int64_t before,
                        bool counts, struct hub_pruned *gone, struct err *e)
{
    for (int i = 0; i < found->n; i++) {
        if (!counts && k->remembers != NULL && remember_one(h, k, found->list[i], before, e) == -1)
            return -1;
        for (int step = 0; step < STEPS_MOST && k->removal[step].removes != NULL; step++)
            if (remove_one(h, &k->removal[step], found->list[i], before, counts, gone, e) == -1)
                return -1;
    }
    return 0;
}

/* What is found becomes one transaction. */
static int prune_found(struct hub *h, const struct kind *k, const struct found *found, int64_t before,
                       struct hub_pruned *gone, struct err *e)
{
    struct hub_pruned with = *gone;
    if (found->n == 0)
        return 0;
    if (hub_begin(h, e) == -1)
        return -1;
    if (remove_found(h, k, found, before, false, &with, e) == -1) {
        hub_rollback(h);
        return -1;
    }
    if (hub_commit(h, e) == -1)
        return -1;
    *gone = with;
    return 0;
}

static int prune_kind(struct hub *h, const struct kind *k, int64_t before, bool counts,
                      struct hub_pruned *gone, struct err *e)
{
    struct found found = {0};
    do {
        if (find(h, k, before, &found, e) == -1)
            return -1;
        int done = counts ? remove_found(h, k, &found, before, true, gone, e)
                          : prune_found(h, k, &found, before, gone, e);
        if (done == -1)
            return -1;
    } while (found.n == AT_ONCE);
    return 0;
}

static int ask_free(struct hub *h, int64_t *bytes, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(
        h->db, "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size", e);
    if (s == NULL || sqlite_step(s, e) != 1)
        return -1;
    *bytes = sqlite_column_int(s, 0);
    sqlite_reset(s);
    return 0;
}

int hub_prune(struct hub *h, int64_t before, bool counts, struct hub_pruned *gone, struct err *e)
{
    *gone = (struct hub_pruned){0};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (prune_kind(h, &kinds[i], before, counts, gone, e) == -1)
            return -1;
    return ask_free(h, &gone->free, e);
}
