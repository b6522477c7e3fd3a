/*
 * What the hub need no longer keep.
 *
 *     struct hub_pruned gone;
 *     hub_prune(hub, now - 90 * 86400, false, &gone, &e);
 *
 * A state goes when another took its place before that time, and nothing points to it: no target has settled
 * it last, was delivered its version, or has it on its way or set aside. The newest state of a record stays,
 * however old. A refusal goes when it was closed before that time: never one that is open. A run goes, with
 * its stages and warnings, when it ended before and has no refusal left: never the last one of its flow.
 */
#ifndef HUB_HUB_PRUNE_H
#define HUB_HUB_PRUNE_H

#include <stdbool.h>

#include "hub/hub.h"

struct hub_pruned {
    int64_t revisions, rejects, runs, stages, warnings;
    int64_t free; /* bytes of the file that are used for what comes next */
};

/* In short transactions: others write between them. Ended in the middle, it has removed a part of what it
 * would have, and each of that wholly. BEFORE: seconds since 1970. COUNTS: nothing is removed, and *GONE says
 * what would be; a hub that was opened for reading will do. Not between hub_begin and hub_commit. -1: E, and
 * what *GONE says is gone nevertheless. */
int hub_prune(struct hub *h, int64_t before, bool counts, struct hub_pruned *gone, struct err *e);

#endif
