/*
 * A target of an API, as its system describes it (hub-system.5, targets): single calls, chains of steps,
 * look-ups, batches.
 *
 *     struct carrier *c = caller_open(&system, STR("journals"), &options, &e);
 *     ... deliver_open(hub, c, …) ...
 *     caller_close(c);
 */
#ifndef HUB_DELIVER_CALLER_H
#define HUB_DELIVER_CALLER_H

#include "deliver/carrier.h"
#include "system/session.h"

struct caller_options {
    struct session_options session;
    unsigned parallel; /* slots at most; 0: as `parallel` of the limits says, else 1 */
};

/* SYSTEM stays the caller's. NULL: no such target, or none of an API (code `config`), or the session could
 * not be opened. */
struct carrier *caller_open(struct system *system, struct str target, const struct caller_options *o,
                            struct err *e);
void caller_close(struct carrier *c);

#endif
