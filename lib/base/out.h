/*
 * Buffered output to a file descriptor: append to out.buf, then out_commit() once per record.
 *
 *     struct out out;
 *     out_init(&out, STDOUT_FILENO);
 *     buf_put(&out.buf, line);
 *     if (out_commit(&out, &e) == -1) ...
 *     if (out_flush(&out, &e) == -1) ...           always at the end: /dev/full fails here
 *
 * out_commit writes once OUT_BLOCK bytes have gathered; after `behind_from` bytes it does so on a second
 * thread, and tells of a failure one block later.
 */
#ifndef HUB_BASE_OUT_H
#define HUB_BASE_OUT_H

#include <stdint.h>

#include "base/behind.h"
#include "base/buf.h"
#include "base/err.h"

enum { OUT_BLOCK = 512 << 10 };

struct out {
    int fd;
    struct buf buf;
    uint64_t bytes;       /* written so far, or being written */
    uint64_t behind_from; /* of them, from which on a second thread writes; UINT64_MAX (out_init): never */
    struct behind *behind;
};

void out_init(struct out *o, int fd);
void out_release(struct out *o); /* does not close fd; what is being written is waited for */

/* Writes all that is buffered, and waits for it. Code `pipe` where the reader is gone, `memory` where the
 * buffer had failed (then nothing of it is written), else `io`. What could not be written is dropped: there
 * is no second try.
 */
int out_flush(struct out *o, struct err *e);

/* The same, without the wait where a second thread writes. */
int out_push(struct out *o, struct err *e);

static inline int out_commit(struct out *o, struct err *e)
{
    if (__builtin_expect(o->buf.n < OUT_BLOCK && !o->buf.failed, 1))
        return 0;
    return out_push(o, e);
}

/* Writes all of S to FD, whatever number of write(2) it takes. */
int write_all(int fd, struct str s, struct err *e);

#endif
