/*
 * What a tool leaves in $HUB_RUN_LOG: that it began, how it ended, and which records passed with a warning.
 * One JSON object a line, appended with one write (O_APPEND, 0600), so that the tools of a pipe share the
 * file.
 *
 *     {"event":"begin","input":90,"output":91,"pid":4711,"rejects":"/…/bad.ndjson","rejects_at":0,"rule":"books","run":"…",
 *      "time":"2026-05-01T09:58:12Z","tool":"hub-canon"}
 *     {"event":"end","left_out":0,"pid":4711,"read":205,"refused":2,"run":"…","status":1,"taken":203,"time":…,"tool":…,"written":203}
 */
#ifndef HUB_RECORD_RUNLOG_H
#define HUB_RECORD_RUNLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct record;

struct runlog {
    const char *path; /* NULL: nothing is written */
    const char *tool;
    const char *run; /* $HUB_RUN, which run of a flow this is; NULL: not said */
    /* The rest stands in the line of the beginning only. */
    const char *rule;       /* $HUB_RULE, which rule of the flow; NULL: not said */
    uint64_t input, output; /* the pipes that are read and written, by their inodes, which are the same at
                               both ends of one; 0: no pipe */
    const char *rejects;    /* the file for them, absolute; NULL: none */
    uint64_t rejects_at;    /* its size then: where those of this run begin */
    bool hub;               /* an operand is in the hub: these records come from outside or go there */
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
