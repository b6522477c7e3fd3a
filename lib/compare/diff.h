/*
 * Two states to the changes between them. All of OLD is read, then all of NEW, in any order of their records;
 * then the changes are given: creations and updates in NEW's order, then deletions in OLD's order.
 *
 *     struct diff *d = diff_new(&options, &e);
 *     diff_take(d, DIFF_OLD, &record, &e) …                for each record of OLD
 *     diff_take(d, DIFF_NEW, &record, &e) …                for each record of NEW
 *     while ((got = diff_next(d, &change, &e)) > 0)
 *         record_write(&out, &change);
 *     diff_free(d);
 *
 * What is compared is `data`, in its canonical form; the rest of the envelope of a change is that of NEW (of
 * OLD in a deletion). A tombstone is a record that is not there; in NEW it deletes what OLD has, also where
 * NEW is partial.
 *
 * Memory: the canonical text of each record of OLD, and of those in NEW that are new or changed, with some 60
 * bytes for each.
 */
#ifndef HUB_COMPARE_DIFF_H
#define HUB_COMPARE_DIFF_H

#include "base/err.h"
#include "record/record.h"

enum diff_side { DIFF_OLD, DIFF_NEW };

struct diff_options {
    const struct str
        *keys; /* JSON Pointers into data that with the entity tell a record; none: source, entity, id */
    size_t nkeys;
    const struct str *ignored; /* JSON Pointers of what makes no difference, see changed.h */
    size_t nignored;
};

struct diff;

/* OPTIONS and what they point to stay the caller's, and must live longer. NULL: memory. */
struct diff *diff_new(const struct diff_options *options, struct err *e);
void diff_free(struct diff *d);

/* Empty again, with the memory that it has. */
void diff_reset(struct diff *d);

enum diff_took {
    DIFF_FATAL = -1, /* memory */
    DIFF_TAKEN = 0,
    DIFF_AGAIN = 1, /* the same record came before, on the same side, and was taken */
    DIFF_REFUSED =
        2 /* no canonical record, one without its key, or (code `duplicate`) another one with the same key */
};

enum diff_took diff_take(struct diff *d, enum diff_side side, const struct record *r, struct err *e);

/* NEW is not whole: what it does not mention stays. Before the first diff_next. */
void diff_keep_absent(struct diff *d);

/* 1 and *CHANGE, which is good until the next call; 0: there are no more; -1: memory. Nothing may be taken
 * after the first call. */
int diff_next(struct diff *d, struct record *change, struct err *e);

#endif
