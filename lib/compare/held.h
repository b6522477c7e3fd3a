/*
 * What the hub holds, as records; or, for a target, as the changes from what it last settled to what the hub
 * holds now.
 *
 *     struct held *held = held_new(hub, STR("order"), STR("books:journals"), &e);       or no target: all
 *     while ((got = held_next(held, &record, &e)) == 1)
 *         record_write(&out, &record);
 *     held_mark(held, &mark, &e);                   what settles them
 *     held_free(held);
 */
#ifndef HUB_COMPARE_HELD_H
#define HUB_COMPARE_HELD_H

#include "hub/hub.h"

struct held;

/* HUB and the texts stay the caller's, and must live longer. NULL: E. */
struct held *held_new(struct hub *hub, struct str entity, struct str target, struct err *e);
void held_free(struct held *h);

/* 1: *R is a canonical record, or a change for the target, good until the next call; 0: no more; -1. */
int held_next(struct held *h, struct record *r, struct err *e);

/* The mark behind the record that was given last. For a target its checkpoint says that all up to there is
 * settled once it is loaded; good until the next call. */
int held_mark(struct held *h, struct record_mark *mark, struct err *e);

#endif
