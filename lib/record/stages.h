/*
 * The tools that a run log tells of (runlog.h), which of them fed which, and whether in = taken + refused +
 * left out held from end to end.
 *
 *     struct stages all;
 *     stages_init(&all);
 *     if (stages_read(&all, path, NULL, NULL, &e) == -1) ...
 *     stages_check(&all, fault, arg);                        a call for each law that was violated
 *     stages_release(&all);
 *
 * Texts are good as long as the stages.
 */
#ifndef HUB_RECORD_STAGES_H
#define HUB_RECORD_STAGES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "record/runlog.h"

enum { STAGE_KILLED = -1 }; /* a status: it began, and nobody knows of its end */

struct stage {
    struct str rule, tool, rejects; /* absent: none */
    uint64_t pid, input, output, rejects_at;
    bool hub;
    int64_t attempt, at, ended; /* seconds since 1970; ended: 0 where killed */
    int status;
    struct runlog_counts counts;
};

/* How the shell of a rule says that it ended: with the worst status of all in its pipe, tools of ours or not.
 */
struct stages_rule {
    struct str rule;
    int64_t attempt;
    int status;
};

struct stages {
    struct stage *stage; /* in the order of their beginnings */
    struct stages_rule *rule;
    size_t n, room, nrules, rules_room;
    struct arena arena;
};

/* A record passed with a warning. */
struct stages_warning {
    struct str tool, check, from, entity, id, source;
    int64_t at;
};

void stages_init(struct stages *s);
void stages_release(struct stages *s);

/* Adds a copy. */
int stages_add(struct stages *s, const struct stage *stage, struct err *e);

/* Adds what PATH tells of ATTEMPT, and gives each warning to ROW (may be NULL; -1 ends the reading). A line
 * that was cut off, as a full disk does, is passed over: its stage has no end. No file: no stages. */
int stages_read(struct stages *s, const char *path, int64_t attempt,
                int (*row)(void *arg, const struct stages_warning *w, struct err *e), void *arg,
                struct err *e);

/* What stages say of their run: the worst of 0, 1, 75 and 2, which a killed one is, too. Of each rule its
 * last attempt counts. A tool whose reader was gone (SIGPIPE) has said nothing wrong: its reader tells. */
int stages_status(const struct stages *s);

/* Whether a later attempt has taken the place of STAGE. */
bool stages_is_past(const struct stages *s, const struct stage *stage);

/* Of tools that ended well: what was read was taken, refused or left out; what was written to a pipe was read
 * from it, also where a program stands between them that is none of ours; what came from a tool that did not
 * end well was not taken for whole. FAULT is called for each violation. */
void stages_check(const struct stages *s,
                  void (*fault)(void *arg, const struct stage *stage, struct str text), void *arg);

#endif
