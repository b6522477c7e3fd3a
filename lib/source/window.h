/*
 * The stretches of time that a stream is read in (`window`): cut beforehand by `span`, or moved on where a
 * search gives no more than `cap` records.
 *
 *     while (window_next(&w, &since, &e) == 1) {
 *         for each list of the stretch: window_again(&w);
 *         do
 *             window_bind(&w, session), read it
 *         while (window_full(&w, &since, read, &e) == 1);
 *     }
 */
#ifndef HUB_SOURCE_WINDOW_H
#define HUB_SOURCE_WINDOW_H

#include "source/since.h"
#include "system/session.h"

struct window {
    int64_t cap;                     /* records; 0: none */
    int64_t span;                    /* milliseconds; 0: all at once */
    struct instant start, to;        /* of the present stretch; */
    struct instant from;             /* of the search in it that was moved on; */
    struct instant end;              /* and where the last one ends */
    bool begun, has_start, has_from; /* without a time to start from all there is is asked for */
    bool bounded;                    /* `to` and `end` mean something */
    bool latest;                     /* without a time to start from the last stretch alone is asked for */
};

void window_init(struct window *w, const struct json_node *stream);

/* Goes to the next stretch. 1; 0: there are no more; -1: E. */
int window_next(struct window *w, const struct since *since, struct err *e);

/* To the start of the present stretch, for another list of it. */
void window_again(struct window *w);

/* Binds `since` and `until`. */
void window_bind(const struct window *w, struct session *s);

/* READ records of the present list were read: 1 where the search must be made again from the latest time on
 * that was seen; 0; -1: it cannot be. */
int window_full(struct window *w, const struct since *since, uint64_t read, struct err *e);

#endif
