/*
 * Delivery, once: records to a target, by a ledger of what it was given (hub-db.5).
 *
 *     struct deliver *d = deliver_open(hub, carrier, &options, &e);     what a killed run left is settled
 * first deliver_put(d, &record, &e) …                                     taken, left out or refused
 *     deliver_mark(d, &mark, &e) …                                      all before it is settled
 *     deliver_finish(d, &e);                                            deletions, and the rest
 *     deliver_close(d);
 *
 * A window of records is written as pending before any of them is sent, and settled when all of them have
 * been answered; so a run may be killed at any time. One loader a target at a time: the second has code
 * `busy` and is temporary. Order is kept for each record.
 *
 * A record that the target does not take now is held, with its later versions, and no other waits for it:
 * bookmarks stay before it, and deliver_finish fails (temporary). A target that is down ends the run,
 * likewise: all that it was not given stays unsettled.
 */
#ifndef HUB_DELIVER_DELIVER_H
#define HUB_DELIVER_DELIVER_H

#include "deliver/carrier.h"
#include "record/deletions.h"

struct deliver_options {
    const char *database; /* beside which the lock of the target lies */
    bool dry;             /* only counts what would be done */
    bool settle;          /* as delivered, without sending */
    struct deletions_limit deletions;
    const char *const *resend; /* names of parked records to send again */
    size_t nresend;
    const char *answers; /* file to which answers are appended; NULL: they are dropped */
    /* A receipt that is true: what it says is on disk. */
    int (*receipt)(void *arg, const struct record *receipt, struct err *e);
    void *arg;
};

enum deliver_took { DELIVER_FATAL = -1, DELIVER_TAKEN, DELIVER_LEFT_OUT, DELIVER_REFUSED };

struct deliver_counts {
    uint64_t created, updated, deleted, unchanged, left_out, parked;
    /* Of a plan alone: created or updated, as the target, which is asked first, has them; and what earlier
     * runs have left on its way. */
    uint64_t either, pending;
};

struct deliver;

/* HUB (open for writing) and CARRIER stay the caller's. NULL: E. */
struct deliver *deliver_open(struct hub *hub, struct carrier *carrier, const struct deliver_options *o,
                             struct err *e);
void deliver_close(struct deliver *d);

enum deliver_took deliver_put(struct deliver *d, const struct record *r, struct err *e);
int deliver_mark(struct deliver *d, const struct record_mark *mark, struct err *e);

/* To be called before one may have to wait for the next record. */
void deliver_pause(struct deliver *d);

/* The input is whole. Deletions beyond what is allowed: -1, code `brake`, and none is made. */
int deliver_finish(struct deliver *d, struct err *e);

const struct deliver_counts *deliver_counted(const struct deliver *d);

#endif
