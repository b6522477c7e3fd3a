/*
 * Changes through maps: a map runs on the state before and on the state after, and what it makes of the two
 * is compared. So canon(diff(a, b)) = diff(canon(a), canon(b)), also where one record gives many.
 *
 *     struct through *t = through_new(maps, &e);
 *     if (through_change(t, THROUGH_READ, &change, stream, &e) == -1) ...          refused
 *     while ((got = through_next(t, &record, &e)) > 0)
 *         record_write(&out, &record);                                            none: nothing that the map
 * makes changed through_free(t);
 *
 * Nothing is allocated per record once warm.
 */
#ifndef HUB_COMPARE_THROUGH_H
#define HUB_COMPARE_THROUGH_H

#include "canon/map.h"

enum through_way {
    THROUGH_RESPELL, /* canonical as it is: changes in their one spelling */
    THROUGH_READ,    /* maps from hub:ENTITY: changes of what they make */
    THROUGH_WRITE    /* backwards: native records with op, before and after */
};

struct through;

/* MAPS stays the caller's, and must live longer. NULL: memory. */
struct through *through_new(struct map_set *maps, struct err *e);
void through_free(struct through *t);

/* STREAM: what THROUGH_WRITE writes. 0; -1: refused, as E says (`memory`: no more can be done). */
int through_change(struct through *t, enum through_way way, const struct record *change, struct str stream,
                   struct err *e);

/* The next record that it gives: 1, good until the next call; 0: there are no more; -1: memory. */
int through_next(struct through *t, struct record *out, struct err *e);

#endif
