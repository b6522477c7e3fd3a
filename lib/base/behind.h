/*
 * Inside of out.h: writes one block after the other on a second thread, while the first one fills the next.
 *
 *     struct behind *behind = behind_start(fd);
 *     if (behind_put(behind, &block, &e) == -1) ...        the block before this one could not be written
 *     if (behind_wait(behind, &e) == -1) ...               all that was put is written, or this says why not
 *     behind_stop(behind);
 */
#ifndef HUB_BASE_BEHIND_H
#define HUB_BASE_BEHIND_H

#include "base/buf.h"
#include "base/err.h"

struct behind;

/* Does not take FD. NULL: neither memory nor a thread was to be had. */
struct behind *behind_start(int fd);

/* Waits until the block before it is written, then takes the bytes of BLOCK, which is empty thereafter (its
 * memory is that of the block before). -1: the one before failed, as E says, and this one is dropped. */
int behind_put(struct behind *b, struct buf *block, struct err *e);

/* A failure is told once. */
int behind_wait(struct behind *b, struct err *e);

/* Waits, too. May be NULL. */
void behind_stop(struct behind *b);

#endif
