/*
 * Pages that repeat, told by the ids of their records: those of some systems differ in each answer, as links
 * do that are signed anew.
 *
 *     repeat_begin(&r);                    a list
 *     repeat_id(&r, id);                   each record
 *     repeat_page(&r, 250)                 behind a page of so many: true where it is the one before
 */
#ifndef HUB_SOURCE_REPEAT_H
#define HUB_SOURCE_REPEAT_H

#include "base/buf.h"

struct repeat {
    struct buf now, last; /* the ids of a page, each behind its length */
};

void repeat_init(struct repeat *r);
void repeat_release(struct repeat *r);
void repeat_begin(struct repeat *r);
void repeat_id(struct repeat *r, struct str id);

/* A page of one record never repeats: that may have been changed, and come behind itself. */
bool repeat_page(struct repeat *r, size_t count);

#endif
