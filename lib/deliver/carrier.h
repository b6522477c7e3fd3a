/*
 * How records reach a target: one carrier for each kind of target (caller.h). The loop (deliver.h) decides
 * what is to be sent, keeps the ledger, and hands parcels to the carrier, which makes their effect and says
 * what came of it.
 *
 *     carrier->kind->start(carrier, slot, parcels, n, &e)        on its way; the slot is taken
 *     carrier->kind->finish(carrier, slot, &e)                   waits; each parcel has its outcome
 *
 * Several slots may be on their way at once; no two of them hold the same record.
 */
#ifndef HUB_DELIVER_CARRIER_H
#define HUB_DELIVER_CARRIER_H

#include <stdbool.h>

#include "hub/ledger.h"

/* What may be done with what was sent, when the answer was lost. */
enum carrier_repeat {
    CARRIER_SAFE, /* send it again: twice is as once */
    CARRIER_KEY,  /* send it again with the same key, by which the target knows it */
    CARRIER_LOOK, /* look whether it is there first */
    CARRIER_NEVER /* nothing: a person decides */
};

/* What is done with a newer version of a record that the target was given before. */
enum carrier_changed {
    CARRIER_APPLY,  /* the newest wins */
    CARRIER_IGNORE, /* it is told once */
    CARRIER_REFUSE  /* only a change from what it has */
};

/* Operations, as bits; their words, "create", "update", "delete"; and back: any other is a deletion. */
enum { CARRIER_CREATE = 1, CARRIER_UPDATE = 2, CARRIER_DELETE = 4 };
struct str carrier_op_word(unsigned op);
unsigned carrier_op_of(struct str word);

enum parcel_outcome {
    PARCEL_WAITS,     /* it was not sent */
    PARCEL_APPLIED,   /* done */
    PARCEL_REFUSED,   /* the target does not take it, as `why` says */
    PARCEL_UNHEARD,   /* not taken now, without an effect: held, to be sent another time */
    PARCEL_LOST,      /* sent, and what came of it is not known: held, and it stays pending */
    PARCEL_UNCERTAIN, /* the same, and to be decided by a person */
    PARCEL_ALONE      /* a batch was refused: each of it is to be sent alone */
};

struct parcel {
    /* The record, and where its chain stands; record_of_line may take pending.line. */
    struct ledger_pending pending;
    bool again;           /* it was sent before, and its answer was lost */
    char key[65];         /* names this delivery for the target (hex of a SHA-256) */
    struct str target_id; /* what the target calls it: before the call, and after it; absent: not known */
    enum parcel_outcome outcome;
    struct {
        const char *code; /* NULL: no reason */
        struct str field, message;
    } why;
};

struct carrier;

enum {
    CARRIER_SLOTS = 64,  /* at most */
    CARRIER_PATIENCE = 8 /* a usual one */
};

struct carrier_kind {
    /* -1: no others can be sent now, either (E), and the outcomes are set as far as they are known. */
    int (*start)(struct carrier *c, unsigned slot, struct parcel **parcels, size_t n, struct err *e);
    /* 1: all outcomes of the slot are set; 0: it goes on, and is to be called again; -1: the run must end
     * (E); the outcomes are set. */
    int (*finish)(struct carrier *c, unsigned slot, struct err *e);
    /* What may be done with one that a killed run left; NULL: as carrier.repeat says. */
    enum carrier_repeat (*repeat)(const struct carrier *c, const struct parcel *p);
    void (*close)(struct carrier *c);
};

struct carrier {
    const struct carrier_kind *kind;
    struct str name;   /* of the target: "books:journals" */
    struct str system; /* what goes before the colon: targets of one system share the ids that it gave */
    enum carrier_repeat repeat;
    enum carrier_changed changed;
    unsigned ops;   /* that it has a way for */
    unsigned only;  /* that are told at all; 0: all */
    bool looks;     /* what the target has already is found before it is made */
    unsigned slots; /* at least 1, at most CARRIER_SLOTS */
    /* So many in a row that are held, or given up as lost, say that the target is down; 0: it says so itself
     * by -1. */
    unsigned patience;
    size_t batch; /* parcels of one start; at least 1 */
    /* The loop's, for the carrier to call. */
    struct carrier_host {
        /* A step of a chain is done: pending.step and kept are on disk when it returns. */
        int (*keep)(void *arg, struct parcel *p, struct err *e);
        /* What the target answered, as a native record; on disk before the delivery is settled. */
        int (*answer)(void *arg, const struct record *native, struct err *e);
        /* What targets of the same system call a record; absent: not known. */
        int (*reference)(void *arg, const struct ledger_key *key, struct str *target_id, struct err *e);
        struct arena *arena; /* for texts of parcels */
        void *arg;
    } host;
};

/* Sets the outcome, and the reason from E (NULL: none). */
void parcel_end(struct parcel *p, enum parcel_outcome outcome, const struct err *e, struct arena *a);

#endif
