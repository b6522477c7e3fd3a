/*
 * Whether maps keep what they read: each native record is read, what it gives is written back to its stream,
 * and that is read again. The law is that the second reading gives the same as the first:
 * read(write(read(n))) = read(n).
 *
 *     struct roundtrip *t = roundtrip_new(maps, &e);           compiled for both directions
 *     for each native record:
 *         roundtrip_take(t, &native, &verdict, &e)
 *     roundtrip_table(t, &out);                                for a person; roundtrip_json for a machine
 *     roundtrip_free(t);
 */
#ifndef HUB_COMPARE_ROUNDTRIP_H
#define HUB_COMPARE_ROUNDTRIP_H

#include "base/buf.h"
#include "canon/map.h"

enum roundtrip_verdict {
    ROUNDTRIP_KEPT,      /* the same bytes come back for each native value */
    ROUNDTRIP_RESPELLED, /* some come back otherwise, or not at all, and mean the same to the maps */
    ROUNDTRIP_LOST,      /* the law does not hold */
    ROUNDTRIP_ONE_WAY,   /* no map writes what it gives, or it gives nothing */
    ROUNDTRIP_VERDICTS
};

struct roundtrip;

/* MAPS stays the caller's, and must live longer. NULL: memory. */
struct roundtrip *roundtrip_new(struct map_set *maps, struct err *e);
void roundtrip_free(struct roundtrip *t);

/* -1: the record is refused by the maps (or `memory`), and counts as nothing. */
int roundtrip_take(struct roundtrip *t, const struct record *native, enum roundtrip_verdict *verdict,
                   struct err *e);

/* How often each native field was kept, respelled, or not written; each canonical one lost, with the first
 * case; and the records. Returns the number of lines. */
uint64_t roundtrip_table(const struct roundtrip *t, struct buf *out);
uint64_t roundtrip_json(const struct roundtrip *t, struct buf *out);

#endif
