#include "hub/open.h"
#include "hub/runs.h"

/* What comes from outside is what the first tool of a pipe reads, and what goes there is what the last one
 * takes, where that is not the hub. Only a rule's last attempt counts. */
#define LAST_ATTEMPT                                                                                         \
    " AND NOT EXISTS (SELECT 1 FROM stage AS later WHERE later.run = s.run AND later.rule IS s.rule"         \
    " AND later.attempt > s.attempt)"
#define RUN_COUNTS                                                                                           \
    " (SELECT coalesce(sum(read), 0) FROM stage AS s WHERE s.run = run.id AND hub = 0 AND NOT EXISTS"        \
    " (SELECT 1 FROM stage AS up WHERE up.run = s.run AND up.output = s.input)" LAST_ATTEMPT "),"            \
    " (SELECT coalesce(sum(taken), 0) FROM stage AS s WHERE s.run = run.id AND hub = 0 AND NOT EXISTS"       \
    " (SELECT 1 FROM stage AS down WHERE down.run = s.run AND down.input = s.output)" LAST_ATTEMPT "),"      \
    " (SELECT coalesce(sum(refused), 0) FROM stage AS s WHERE s.run = run.id" LAST_ATTEMPT ")"
#define RUN_COLUMNS                                                                                          \
    "SELECT run.id, run.pid, run.at, run.ended, run.status, flow.name, run.name, why, said, "                \
    "folder," RUN_COUNTS " FROM run JOIN flow ON flow.id = flow "

static int rows(struct sqlite_statement *s, int (*row)(void *arg, const struct runs_run *r, struct err *e),
                void *arg, struct err *e)
{
    int got = 1;
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct runs_run r = {.id = sqlite_column_int(s, 0),
                                   .pid = sqlite_column_int(s, 1),
                                   .at = sqlite_column_int(s, 2),
                                   .ended = sqlite_column_int(s, 3),
                                   .status =
                                       sqlite_column_text(s, 4).p != NULL ? (int)sqlite_column_int(s, 4) : -1,
                                   .flow = sqlite_column_text(s, 5),
                                   .name = sqlite_column_text(s, 6),
                                   .why = sqlite_column_text(s, 7),
                                   .said = sqlite_column_text(s, 8),
                                   .folder = sqlite_column_text(s, 9),
                                   .in = sqlite_column_int(s, 10),
                                   .out = sqlite_column_int(s, 11),
                                   .refused = sqlite_column_int(s, 12)};
        got = row(arg, &r, e) == -1 ? -1 : 1;
    }
    return got;
}

int runs_last(struct hub *h, int (*row)(void *arg, const struct runs_run *r, struct err *e), void *arg,
              struct err *e)
{
    struct sqlite_statement *s =
        sqlite_prepare(h->db,
                       STR(RUN_COLUMNS "WHERE run.id = (SELECT max(id) FROM run AS r WHERE r.flow = flow.id)"
                                       " ORDER BY flow.name"),
                       e);
    int got = s != NULL ? rows(s, row, arg, e) : -1;
    sqlite_finish(s);
    return got;
}

int runs_each(struct hub *h, struct str flow, int (*row)(void *arg, const struct runs_run *r, struct err *e),
              void *arg, struct err *e)
{
    struct sqlite_statement *s =
        sqlite_prepare(h->db, STR(RUN_COLUMNS "WHERE ?1 IS NULL OR flow.name = ?1 ORDER BY run.id"), e);
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, flow);
    int got = rows(s, row, arg, e);
    sqlite_finish(s);
    return got;
}

int runs_days(struct hub *h, int64_t from, int64_t before, void (*row)(void *arg, const struct runs_day *d),
              void *arg, struct err *e)
{
    struct sqlite_statement *s =
        sqlite_cached(h->db,
                      "WITH counted (flow, day, status, came, went, refused) AS (SELECT flow, at / 86400,"
                      " status," RUN_COUNTS " FROM run WHERE at >= ?1 AND at < ?2) SELECT name, day * 86400, "
                      "count(*), coalesce(sum(status > 1), 0),"
                      " sum(came), sum(went), sum(refused) FROM counted JOIN flow ON flow.id = flow"
                      " GROUP BY name, day ORDER BY name, day",
                      e);
    int got = 1;
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, from);
    sqlite_bind_int(s, 2, before);
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct runs_day d = {sqlite_column_text(s, 0), sqlite_column_int(s, 1), sqlite_column_int(s, 2),
                                   sqlite_column_int(s, 3),  sqlite_column_int(s, 4), sqlite_column_int(s, 5),
                                   sqlite_column_int(s, 6)};
        row(arg, &d);
    }
    return got;
}

static int add_stage(struct sqlite_statement *s, struct stages *all, struct err *e)
{
    const struct stage stage = {
        .attempt = sqlite_column_int(s, 0),
        .rule = sqlite_column_text(s, 1),
        .tool = sqlite_column_text(s, 2),
        .pid = (uint64_t)sqlite_column_int(s, 3),
        .input = (uint64_t)sqlite_column_int(s, 4),
        .output = (uint64_t)sqlite_column_int(s, 5),
        .hub = sqlite_column_int(s, 6) != 0,
        .at = sqlite_column_int(s, 7),
        .ended = sqlite_column_int(s, 8),
        .status = sqlite_column_text(s, 9).p != NULL ? (int)sqlite_column_int(s, 9) : STAGE_KILLED,
        .counts = {(uint64_t)sqlite_column_int(s, 10), (uint64_t)sqlite_column_int(s, 11),
                   (uint64_t)sqlite_column_int(s, 12), (uint64_t)sqlite_column_int(s, 13),
                   (uint64_t)sqlite_column_int(s, 14)}};
    return stages_add(all, &stage, e);
}

int runs_stages(struct hub *h, int64_t run, struct stages *all, struct err *e)
{
    struct sqlite_statement *s =
        sqlite_cached(h->db,
                      "SELECT attempt, rule, tool, pid, input, output, hub, at, ended, status, read, taken,"
                      " refused, left_out, written FROM stage WHERE run = ?1 ORDER BY id",
                      e);
    int got = s != NULL ? 1 : -1;
    if (s != NULL)
        sqlite_bind_int(s, 1, run);
    while (got == 1 && (got = sqlite_step(s, e)) == 1)
        got = add_stage(s, all, e) == 0 ? 1 : -1;
    if (s != NULL)
        sqlite_reset(s);
    return got;
}
