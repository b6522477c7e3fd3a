/*
 * What was refused or set aside is sent through again, with the maps and targets of today.
 *
 *     hub_retry(hub, &(struct retry_what){.target = STR("books:customers")}, row, arg, &e)
 *                                                            row(arg, &r) for each target that has any
 *     hub_refused(hub, STR("shop:orders"), line, arg, &e)    line(arg, text) for each open reject of a stream
 *
 * Only what is still open: a newer state has closed what was refused of an older one.
 */
#ifndef HUB_HUB_RETRY_H
#define HUB_HUB_RETRY_H

#include "hub/hub.h"

struct retry_what {
    struct str target;       /* absent: all of them */
    struct str entity, name; /* of one record, called NAME by any system; absent: all of them */
};

struct retry_row {
    struct str target;
    int64_t again;     /* records that it is told anew by the next reading for it (hub_select) */
    int64_t uncertain; /* that it may have already: a person is to look */
    int64_t direct;    /* that did not come to it from the hub, which cannot tell it anew */
};

/* Those to be told anew are written down, in a transaction of its own. Texts are good during the call. -1: E.
 */
int hub_retry(struct hub *h, const struct retry_what *what, void (*row)(void *arg, const struct retry_row *r),
              void *arg, struct err *e);

/* The whole lines (record/reject.h) of the native records of a stream that were refused, the oldest first.
 * OF: a source, a stream, or both, as in shop:orders. LINE returns -1 to end with E. */
int hub_refused(struct hub *h, struct str of, int (*line)(void *arg, struct str text, struct err *e),
                void *arg, struct err *e);

/* A person has dealt with what was refused of OF (as above; or a file, or a line of it, which have no stream
 * where not even a record was read), or with that of it which is called NAME, by its id or label; absent:
 * all. Returns how many were open, in a transaction of its own; -1: E. */
int64_t hub_close_refused(struct hub *h, struct str of, struct str name, struct err *e);

#endif
