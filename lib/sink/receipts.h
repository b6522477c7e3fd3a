/*
 * Receipts that wait until it is known whether they are true: in memory, and beyond some MiB in an unlinked
 * file in $TMPDIR.
 *
 *     struct receipts r;
 *     receipts_init(&r, "orders.csv");
 *     receipts_add(&r, &record, &e) …
 *     receipts_rewind(&r, &e);
 *     while ((got = receipts_next(&r, STR("applied"), &receipt, &e)) > 0)
 *         record_write(&out, &receipt);
 *     receipts_release(&r);
 */
#ifndef HUB_SINK_RECEIPTS_H
#define HUB_SINK_RECEIPTS_H

#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"

struct receipts {
    struct str target;
    struct buf buf; /* written: what is not in the file yet; read: what was read of it */
    int fd;         /* -1: all is in buf */
    size_t at;      /* in buf, when read */
    char version[65];
    struct record_work work;
};

void receipts_init(struct receipts *r, const char *target);
void receipts_release(struct receipts *r);

/* What a receipt of R says, but for its status. 1; 0: a record without entity and id has none; -1. Good until
 * the next one. */
int receipts_make(struct receipts *r, const struct record *of, struct record *receipt, struct err *e);

int receipts_add(struct receipts *r, const struct record *of, struct err *e);

/* All were added: they are given from the first one on. */
int receipts_rewind(struct receipts *r, struct err *e);

/* 1 and *RECEIPT, good until the next call; 0: there are no more; -1. */
int receipts_next(struct receipts *r, struct str status, struct record *receipt, struct err *e);

#endif
