/*
 * A file that grows: each version of a record is added to it once (hub-load --append).
 *
 *     struct carrier *c = appender_open("journal.csv", &options, &e);
 *     ... deliver_open(hub, c, …) ...
 *     c->kind->close(c);
 *
 * How long the file was before a batch is recorded, then the batch is added and synced: what a killed run
 * left of it is cut off, and written anew. What others add to the file behind a batch that was settled stays.
 */
#ifndef HUB_DELIVER_APPENDER_H
#define HUB_DELIVER_APPENDER_H

#include "deliver/carrier.h"

struct appender_options {
    /* The text of a record, appended to OUT, with what stands before the first one of a file (a header) where
     * FIRST. 1; 0: refused (E); -1: E. */
    int (*encode)(void *arg, const struct record *r, bool first, struct buf *out, struct err *e);
    void *arg;
};

/* PATH, which is made where it is not there, stays the caller's, as what OPTIONS points to. NULL: E. */
struct carrier *appender_open(const char *path, const struct appender_options *o, struct err *e);

#endif
