/*
 * What a tool leaves in $HUB_RUN_LOG: that it began, how it ended, and which records passed with a warning.
 * One JSON object a line, appended with one write (O_APPEND, 0600), so that the tools of a pipe share the
 * file.
 *
 *     {"event":"begin","pid":4711,"run":"…","time":"2026-05-01T09:58:12Z","tool":"hub-canon"}
 *     {"event":"end","left_out":0,"pid":4711,"read":205,"refused":2,"run":"…","status":1,"taken":203,"time":…,"tool":…,"written":203}
 */
#ifndef HUB_RECORD_RUNLOG_H
#define HUB_RECORD_RUNLOG_H

#include <stdint.h>

#include "base/err.h"

struct record;

struct runlog {
    const char *path; /* NULL: nothing is written */
    const char *tool;
    const char *run; /* $HUB_RUN, which run of a flow this is; NULL: not said */
};

struct runlog_counts {
    uint64_t read, taken, refused, left_out, written;
};

int runlog_begin(const struct runlog *log, struct err *e);

/* STATUS: the exit status; 128 + the number of the signal where it dies of one. */
int runlog_end(const struct runlog *log, const struct runlog_counts *counts, int status, struct err *e);

/* {"check":…,"entity":…,"event":"warn","from":"NAME:LINE","id":…,…}: R passed although CHECK does not hold.
 */
int runlog_warn(const struct runlog *log, const char *check, const struct record *r, struct err *e);

#endif
