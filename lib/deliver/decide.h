/*
 * What is to be done with a record for a target, by what the target has of it: without any effect, so that a
 * plan and a delivery cannot differ.
 *
 *     struct decision d;
 *     decide(&d, carrier, &entry, &given);
 *     if (d.what == DECIDED_SEND) ...                    d.op says what
 */
#ifndef HUB_DELIVER_DECIDE_H
#define HUB_DELIVER_DECIDE_H

#include "deliver/carrier.h"

/* What was given: a state (upsert), its end (delete), or a change. */
enum given_op { GIVEN_UPSERT, GIVEN_CREATE, GIVEN_UPDATE, GIVEN_DELETE };

struct given {
    enum given_op op;
    char version[LEDGER_VERSION];
    char was[LEDGER_VERSION]; /* what a change starts from, where has_was */
    bool change, has_was;
};

enum decided { DECIDED_SEND, DECIDED_UNCHANGED, DECIDED_LEFT_OUT, DECIDED_PARK };

struct decision {
    enum decided what;
    unsigned op;             /* CARRIER_CREATE …: what it comes to, for each of them */
    enum ledger_state state; /* of what is not sent: how it is settled */
    const char *code, *why;  /* of DECIDED_PARK and DECIDED_LEFT_OUT */
};

void decide(struct decision *d, const struct carrier *c, const struct ledger_entry *has,
            const struct given *given);

/* Whether a change starts from what the target has, as far as that is known. */
bool decide_fits(const struct ledger_entry *has, const struct given *given);

#endif
