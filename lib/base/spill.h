/*
 * Memory that lies in a file without a name in $TMPDIR, for tables that grow with the input: the system keeps
 * of it in memory what there is room for, and the process what it has touched since spill_rest.
 *
 *     struct spill s;
 *     spill_init(&s);
 *     if (spill_grow(&s, n * sizeof *node, &e) == -1) ...
 *     struct node *node = s.p;               moves when it grows, and at no other time
 *     spill_rest(&s);                        now and then
 *     spill_release(&s);
 */
#ifndef HUB_BASE_SPILL_H
#define HUB_BASE_SPILL_H

#include <stddef.h>

#include "base/err.h"

struct spill {
    int fd; /* -1: nothing yet */
    void *p;
    size_t bytes;
};

void spill_init(struct spill *s);
void spill_release(struct spill *s);

/* At least BYTES; what is new is 0. -1: there is no room for it, in the file or for addresses. */
int spill_grow(struct spill *s, size_t bytes, struct err *e);

/* Gives back the memory of all that was touched; its content and its address stay. */
void spill_rest(struct spill *s);

#endif
