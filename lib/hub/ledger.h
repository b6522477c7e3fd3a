/*
 * What each target was given: one row for each record (and part of it), what is on its way, what is set aside
 * (hub-db.5: delivery, pending, parked).
 *
 *     int64_t target = ledger_target(hub, STR("books:journals"), &e);          in a transaction
 *     struct ledger_entry entry;
 *     ledger_find(hub, target, &key, &entry, &e);                              what it has
 *     ledger_pend(hub, target, &pending, &e);                                  before the call
 *     ledger_settle(hub, target, &pending, LEDGER_APPLIED, target_id, &e);     after it
 *
 * What writes is to be called between hub_begin and hub_commit. All return -1 with E where the hub cannot be
 * read or written.
 */
#ifndef HUB_HUB_LEDGER_H
#define HUB_HUB_LEDGER_H

#include "hub/hub.h"

enum { LEDGER_VERSION = 32 }; /* bytes of a SHA-256 */

enum ledger_state { LEDGER_NONE, LEDGER_APPLIED, LEDGER_LEFT_OUT, LEDGER_DELETED };

struct ledger_key {
    struct str entity, id, source;
    int64_t part;
};

/* What a target has of a record. */
struct ledger_entry {
    int64_t record; /* its number; 0: the hub does not know it yet */
    enum ledger_state state;
    int64_t n;                    /* how often something was sent */
    char version[LEDGER_VERSION]; /* that was settled; not of LEDGER_NONE */
    struct str target_id;         /* absent: none is known. Good until the next ledger_find */
    bool parked;                  /* a version of it is set aside, */
    bool uncertain;               /* because it is not known whether it was applied */
    /* Of a chain of which a step was not taken: the version that is set aside, the steps that are done, and
     * what those kept, which is good as long as target_id. */
    char parked_version[LEDGER_VERSION];
    int64_t step; /* 0: none */
    struct str kept;
};

struct ledger_pending {
    int64_t id; /* 0: new, and ledger_pend fills it */
    struct ledger_key key;
    int64_t record; /* 0: not known yet, and ledger_pend fills it */
    struct str op;  /* create, update, delete */
    char version[LEDGER_VERSION];
    int64_t n, batch, step;
    struct str kept, line; /* kept: absent where no step is done */
    int64_t at;            /* since when, seconds since 1970 */
};

/* The number of a target, which has a ledger from now on. */
int64_t ledger_target(struct hub *h, struct str name, struct err *e);

/* The number that it has, without writing; 0: it has none. */
int64_t ledger_target_known(struct hub *h, struct str name, struct err *e);

int ledger_find(struct hub *h, int64_t target, const struct ledger_key *key, struct ledger_entry *out,
                struct err *e);

/* What the targets of SYSTEM ("books": books:journals, books:customers) call a record; absent: none was given
 * it, or said so. Good until the next. */
int ledger_reference(struct hub *h, struct str system, const struct ledger_key *key, struct str *target_id,
                     struct err *e);

/* How many records the target has. */
int64_t ledger_held(struct hub *h, int64_t target, struct err *e);

int ledger_pend(struct hub *h, int64_t target, struct ledger_pending *p, struct err *e);

/* Steps of a chain are done up to p->step, and kept p->kept. */
int ledger_step(struct hub *h, const struct ledger_pending *p, struct err *e);

/* What is known to have had no effect: it is as if it had not been given. */
int ledger_forget(struct hub *h, const struct ledger_pending *p, struct err *e);

/* It is done, whether it was pending (p->id) or not; what was parked of it is closed. An absent TARGET_ID
 * leaves the one that there is; NAME of a record in a target is one that hub-log finds it by. */
int ledger_settle(struct hub *h, int64_t target, struct ledger_pending *p, enum ledger_state state,
                  struct str target_id, struct err *e);

/* Set aside, with WHY; one that was set aside before gives way to it. */
int ledger_park(struct hub *h, int64_t target, struct ledger_pending *p, const struct err *why,
                struct err *e);

/* What a killed run left, or what is parked of the records called NAME (absent: all that wait for another
 * record's id), in the order in which it was given. Row returns -1 to end with E. Texts are good during the
 * call. */
int ledger_pendings(struct hub *h, int64_t target,
                    int (*row)(void *arg, const struct ledger_pending *p, struct err *e), void *arg,
                    struct err *e);
int ledger_parked(struct hub *h, int64_t target, struct str name,
                  int (*row)(void *arg, const struct ledger_pending *p, struct err *e), void *arg,
                  struct err *e);

/* The code of what is parked until the target knows another record: each delivery tries it again. */
#define LEDGER_REFERENCE "reference"

/* Of what was perhaps applied: a person decides. */
#define LEDGER_UNCERTAIN "uncertain"

#endif
