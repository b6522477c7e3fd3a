/*
 * hub-run, and its parts: a flow is found and locked, what a killed run left is booked, make is run until its
 * stages are well or no further attempt is left, and what came of it is kept and told.
 */
#ifndef HUB_CMD_RUN_H
#define HUB_CMD_RUN_H

#include "cmd.h"
#include "hub/report.h"

enum { RUN_TEXT_MOST = 1 << 20 };

struct run {
    struct cmd cmd;
    const char *database, *on_fail;
    uint64_t retries, jobs;
    int64_t limit, wait; /* milliseconds */
    struct arena arena;
    struct hub *hub;
    struct str flow, file, name, folder; /* of the flow; of this run */
    int64_t run, began, attempts;
    struct stages stages;
    struct report report;
};

/* ---- run_flow.c ---- */

/* OPERAND is a path, or the name of one of pipelines/flows/. */
int run_find_flow(struct run *t, const char *operand, struct err *e);

/* One run of a flow at a time, beside DATABASE; code `busy`: another one goes on. Kept until the process
 * ends. */
int run_lock(struct run *t, const char *database, struct err *e);

/* ---- run_books.c ---- */

/* What FOLDER of a run holds: what the tools of an attempt (from 1) logged, and what was said on stderr. .p
 * NULL: memory. */
struct str run_log_path(struct run *t, struct str folder, int64_t attempt);
struct str run_said_path(struct run *t, struct str folder);
void run_remove_folder(struct run *t, struct str folder);

/* Of runs of the flow whose hub-run was killed: what they left is booked. */
int run_book_left(struct run *t, struct err *e);

/* The run is booked as one that goes on, and has a folder. */
int run_begin(struct run *t, const char *database, struct err *e);

/* ---- run_attempt.c ---- */

/* Until it is well, failed for good, or was tried often enough; waits between them get longer. */
int run_attempts(struct run *t, const char *database, int *status, struct err *e);

/* ---- run_report.c ---- */

/* Books how it ended; where not all is well, says it on stderr and to the command of --on-fail. */
int run_tell(struct run *t, int status, struct err *e);

#endif
