/*
 * What this run has brought to the target of earlier runs (recover.c), and changes that do not know of it
 * yet: who reads what a target lacks (hub-extract --for) reads it while that is still on its way, so that
 * such a change starts from the state before.
 *
 *     moved_add(&moved, key, &had, &pending, &e);          delivered; the target had HAD before
 *     moved_rebase(&moved, key, &change, &e);              the change, from what the target has now on
 *
 * What became of the record in all is the same; only where it starts from is another state.
 */
#ifndef HUB_DELIVER_MOVED_H
#define HUB_DELIVER_MOVED_H

#include "deliver/decide.h"
#include "record/record.h"

struct moved {
    struct arena arena;
    struct moved_record {
        struct str key, line; /* line: what was delivered */
        struct ledger_entry had;
        char version[LEDGER_VERSION]; /* that was delivered */
    } * record;
    size_t n, cap;
    bool sorted;         /* by key */
    struct record_in in; /* takes lines apart */
    struct buf text;     /* of the change that was made last */
};

int moved_init(struct moved *m, struct err *e);
void moved_release(struct moved *m);

/* KEY is copied, and of PENDING what is needed. */
int moved_add(struct moved *m, struct str key, const struct ledger_entry *had,
              const struct ledger_pending *pending, struct err *e);

/* A change of the record KEY. */
struct moved_change {
    const struct record *record;
    const struct ledger_entry *has; /* what the target has */
    struct given given;
    struct str line; /* of the record */
};

/* 1: CHANGE started from what the target had before this run, and its line (good until the next call) and
 * what was given of it start from what it has now; 0: it stays as it is. */
int moved_rebase(struct moved *m, struct str key, struct moved_change *change, struct err *e);

#endif
