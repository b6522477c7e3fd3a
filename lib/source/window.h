/*
 * The stretches of time that a stream is read in (`window`): cut beforehand by `span`, or moved on where a
 * search gives no more than `cap` records.
 */
#ifndef HUB_SOURCE_WINDOW_H
#define HUB_SOURCE_WINDOW_H

#include "source/since.h"
#include "system/session.h"

struct window {
    int64_t cap;                  /* records; 0: none */
    int64_t span;                 /* milliseconds; 0: all at once */
    struct instant from, to, end; /* of the present one, and where the last one ends */
    bool begun, bounded;          /* bounded: `to` and `end` mean something */
};

void window_init(struct window *w, const struct json_node *stream);

/* Binds `since` and `until` for the next stretch. 1; 0: there are no more; -1: E. */
int window_next(struct window *w, struct session *s, struct since *since, struct err *e);

/* READ records of the present stretch were read: 1 where the search must be started again from the latest
 * time that was seen, which is bound; 0; -1: that time is where it started from. */
int window_full(struct window *w, struct session *s, struct since *since, uint64_t read, struct err *e);

#endif
