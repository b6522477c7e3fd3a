/*
 * Inside of lib/deliver: the records that are on their way at once, and the state of a delivery.
 */
#ifndef HUB_DELIVER_WINDOW_H
#define HUB_DELIVER_WINDOW_H

#include "base/seen.h"
#include "deliver/decide.h"
#include "deliver/deliver.h"
#include "deliver/moved.h"

/* A parcel, and what was decided of it. */
struct item {
    struct parcel parcel;
    struct decision decision;
    struct ledger_entry had; /* by the target, before; its target_id is the parcel's */
};

struct deliver {
    struct hub *hub;
    struct carrier *carrier;
    struct deliver_options options;
    struct deliver_counts counts;
    int64_t target;     /* its number in the hub; 0: none yet (of a plan) */
    int lock;           /* of the target; -1: none */
    int answers;        /* file; -1: none */
    bool unsynced;      /* answers */
    struct arena arena; /* of the window */
    struct item *item;
    size_t n, cap;
    size_t bytes;         /* of their lines */
    size_t due, due_most; /* of the items: those that are to be sent, and how many there may be at once */
    struct parcel **sent; /* those, in order */
    struct seen seen;     /* the records of the window */
    struct seen held;     /* those that the target did not take now: what comes of them later waits, too */
    uint64_t nheld;
    struct err why_held; /* of the first */
    unsigned in_a_row;   /* slots that failed since one was done */
    int64_t batch;       /* the number of the batch that was made last */
    struct record_in in; /* takes lines apart that were kept */
    struct record_work work;
    struct buf text;
    struct json_tape error;
    struct deletions deletions;
    bool recovering;    /* what earlier runs left */
    struct moved moved; /* what came of that */
};

/* Room for one more item, zeroed; NULL: memory. */
struct item *window_add(struct deliver *d, struct err *e);

/* Sends what is due, settles all, gives the receipts, and empties the window. -1: the run must end. */
int window_flush(struct deliver *d, struct err *e);

/* Counts what came of an item, and gives its receipt. */
int window_receipt(struct deliver *d, const struct item *item, struct err *e);

/* Appends the text of a record's key, for sets. */
struct str window_key(struct deliver *d, const struct ledger_key *key);

/* Into ITEM of the window: what is kept of a record. */
int deliver_fill(struct deliver *d, struct item *item, const struct ledger_key *key, const char *version,
                 struct str line, struct err *e);

/* A line that was kept, as deliver_put takes a record. RESEND: whatever is decided of it, it is sent. */
int deliver_put_line(struct deliver *d, struct str line, bool resend, struct err *e);

/* recover.c: what earlier runs left on its way, what waits for another record, what a person wants again. */
int deliver_recover(struct deliver *d, struct err *e);

/* The same of a plan: what is on its way is counted, since nobody knows what came of it. */
int deliver_recover_plan(struct deliver *d, struct err *e);

#endif
