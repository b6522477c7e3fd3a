/*
 * Folding (-g): consecutive rows with an equal key become one object, {"rows":[{…},…]}. Rows are pushed in; a
 * group comes out when the next one begins, so that it can go on from one file to the next.
 *
 *     struct fold fold;
 *     fold_init(&fold, 256 << 20);
 *     fold_row(&fold, "orders.csv", &item, json, &e)      a row
 *     fold_bad(&fold, "orders.csv", &item, &why, &e)      a row that cannot be read
 *     fold_end(&fold)                                     the stream is over: another one has keys of its own
 *     fold_release(&fold);
 *
 * All three return 1 where they ended a group, which is in fold.done until the next call, 0 where not, and -1
 * with E filled.
 *
 * A row that cannot be read may belong to the group before it or to the one behind it: both are refused,
 * whole, and its bytes stand with those of the one before. So is a key that comes back after others: its
 * group was given already. Of each key 16 bytes are kept for that.
 */
#ifndef HUB_SOURCE_FOLD_H
#define HUB_SOURCE_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/seen.h"
#include "source/source.h"

enum { FOLD_GROUP_MOST = 64 << 20 /* bytes of a group, as JSON and as it came */ };

struct fold_group {
    struct buf json; /* the text, whole in fold.done */
    struct buf raw;  /* its rows as they came, one behind the other */
    struct buf key;
    struct buf name; /* of the input where it starts, NUL behind it; and the line there */
    uint64_t line;
    bool open;
    bool refused;
    struct err why;
};

struct fold {
    struct fold_group done, now;
    struct seen seen;
    bool torn; /* the last row could not be read: the next group is not whole */
    struct err torn_by;
};

void fold_init(struct fold *f, size_t max);
void fold_release(struct fold *f);

int fold_row(struct fold *f, const char *name, const struct source_item *item, struct str json,
             struct err *e);
int fold_bad(struct fold *f, const char *name, const struct source_item *item, const struct err *why,
             struct err *e);
int fold_end(struct fold *f);

#endif
