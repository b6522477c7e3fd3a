/*
 * Runs of flows, their stages, and what was refused (hub-db.5: flow, run, stage, reject, warning).
 *
 *     int64_t run = runs_begin(hub, &(struct runs_start){STR("orders"), name, getpid(), now, folder}, &e);
 *     runs_import(hub, run, log, 1, &stages, &e);           what the run log of its first attempt tells
 *     runs_end(hub, run, status, why, said, &e);
 *
 * Each is a transaction of its own, or several short ones: others write meanwhile. Reading is by the
 * functions below, with rows as log.h has them.
 */
#ifndef HUB_HUB_RUNS_H
#define HUB_HUB_RUNS_H

#include "hub/hub.h"
#include "record/stages.h"

struct runs_start {
    struct str flow, name; /* name: HUB_RUN of its tools */
    int64_t pid, at;
    struct str folder; /* where its books lie until they are here */
};

/* The number of the run; -1: E. */
int64_t runs_begin(struct hub *h, const struct runs_start *start, struct err *e);

/* What an attempt left: its stages (added to ALL, too), its warnings, and its rejects: those that stand in
 * the files that its stages name, from where they began. Done again, it takes the place of what was there. */
int runs_import(struct hub *h, int64_t run, const char *log, int64_t attempt, struct stages *all,
                struct err *e);

/* WHY, SAID: absent where there is nothing to say. */
int runs_end(struct hub *h, int64_t run, int status, struct str why, struct str said, struct err *e);

/* ---- reading ---- */

struct runs_run {
    int64_t id, pid, at, ended; /* ended: 0 while it runs */
    int status;                 /* -1 while it runs */
    struct str flow, name, why, said, folder;
    int64_t in, out, refused; /* records that came from outside, that went outside, that were refused */
};

/* The last run of each flow; or all of FLOW (absent: of all flows), the oldest first. Texts are good during
 * the call; -1 of ROW ends it with E. */
int runs_last(struct hub *h, int (*row)(void *arg, const struct runs_run *r, struct err *e), void *arg,
              struct err *e);
int runs_each(struct hub *h, struct str flow, int (*row)(void *arg, const struct runs_run *r, struct err *e),
              void *arg, struct err *e);

/* The runs of a flow that began on one day (UTC). */
struct runs_day {
    struct str flow;
    int64_t at, runs, failed; /* at: when the day began; failed: those that ended with more than 1 */
    int64_t in, out, refused; /* as of runs_run, together */
};

/* Of each flow, the days FROM one BEFORE another on which it ran: by flows, the oldest day first. */
int runs_days(struct hub *h, int64_t from, int64_t before, void (*row)(void *arg, const struct runs_day *d),
              void *arg, struct err *e);

/* Adds the stages of a run to ALL. */
int runs_stages(struct hub *h, int64_t run, struct stages *all, struct err *e);

#endif
