/*
 * What was refused or set aside, by its causes; and what passed with a warning.
 *
 *     hub_failed(hub, row, arg, &e)                      row(arg, &cause) for each, the most frequent first
 *     hub_failed_in(hub, run, row, arg, &e)              likewise
 *     hub_warned(hub, row, arg, &e)                      likewise
 *
 * Messages that differ in numbers and in quoted values only are one cause: 500 orders with 500 amounts that
 * are no decimals are one mistake. The oldest error is its example.
 */
#ifndef HUB_HUB_FAILED_H
#define HUB_HUB_FAILED_H

#include <stdbool.h>

#include "hub/hub.h"

struct hub_cause {
    struct str by;              /* the tool that refused, or the target that did not take */
    bool parked;                /* by a target */
    int64_t count, first, last; /* how many; when the oldest and the newest failed, seconds since 1970 */
    /* Of the oldest; absent where not known: */
    struct str code, field, message, entity, name, source, stream, place; /* name: as people call it */
};

/* All that is open. Texts are good during the call. -1: E. */
int hub_failed(struct hub *h, void (*row)(void *arg, const struct hub_cause *c), void *arg, struct err *e);

/* What was refused in a run, open or closed. */
int hub_failed_in(struct hub *h, int64_t run, void (*row)(void *arg, const struct hub_cause *c), void *arg,
                  struct err *e);

/* Records that passed although a check of level warn does not hold of their newest state, by checks: BY is
 * the tool, MESSAGE the check; there is no code and no field. */
int hub_warned(struct hub *h, void (*row)(void *arg, const struct hub_cause *c), void *arg, struct err *e);

#endif
