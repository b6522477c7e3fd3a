/*
 * The deletions of a run, which wait until its input is whole, and the marks behind them, which settle
 * nothing before: a run that is cut off makes no deletion, and one that has more than it may makes none of
 * them.
 *
 *     deletions_init(&d);
 *     deletions_hold(&d, key, line, &e) …                     a deletion
 *     deletions_revoke(&d, key) …                             what comes again behind its deletion is there
 *     deletions_hold_mark(&d, &mark, &e) …                    where deletions_wait(&d)
 *     deletions_check(&d, &limit, held, &e);                  at the end
 *     deletions_each(&d, make, arg, &e);                      in their order
 *     deletions_each_mark(&d, &in, settle, arg, &e);
 *     deletions_release(&d);
 *
 * KEY is any text that tells the record from all others. A later deletion of one record takes the place of
 * the one before.
 */
#ifndef HUB_RECORD_DELETIONS_H
#define HUB_RECORD_DELETIONS_H

#include "base/buf.h"
#include "base/siphash.h"
#include "record/record.h"

struct deletion {
    struct siphash key;
    size_t at, n; /* of its line, in lines */
    bool revoked;
};

struct deletions {
    struct buf lines, marks; /* as they came */
    struct deletion *list;
    size_t n, room;
    size_t *slot; /* open addressing by key: the newest of a record, from 1; 0: free */
    size_t slots; /* 0 or a power of two */
    uint64_t due; /* of the list, not revoked */
    struct siphash_key secret;
};

/* How many a run may make. */
struct deletions_limit {
    int64_t number;  /* -1: percent of what the target holds */
    int64_t percent; /* 0 to 100 */
};

void deletions_init(struct deletions *d);
void deletions_release(struct deletions *d);

/* Whether a mark has to wait. */
bool deletions_wait(const struct deletions *d);

/* -1: memory, or code `limit`: more than memory may hold. */
int deletions_hold(struct deletions *d, struct str key, struct str line, struct err *e);
void deletions_revoke(struct deletions *d, struct str key);
int deletions_hold_mark(struct deletions *d, const struct record_mark *mark, struct err *e);

/* HELD: how many records the target has. -1 with code `brake` where there are too many. */
int deletions_check(const struct deletions *d, const struct deletions_limit *limit, int64_t held,
                    struct err *e);

/* Calls MAKE for the line of each that is not revoked (JSON_PAD readable bytes behind it). */
int deletions_each(const struct deletions *d, int (*make)(void *arg, struct str line, struct err *e),
                   void *arg, struct err *e);

/* IN takes the lines apart. */
int deletions_each_mark(const struct deletions *d, struct record_in *in,
                        int (*settle)(void *arg, const struct record_mark *mark, struct err *e), void *arg,
                        struct err *e);

#endif
