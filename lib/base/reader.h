/*
 * Where bytes come from: a file descriptor, or whatever else gives them (a member of an archive).
 *
 *     struct fd_reader file = {.fd = fd, .polls = true, .idle = flush, .idle_arg = &out};
 *     struct reader from = {fd_reader_read, &file};
 *     ssize_t got = from.read(from.arg, p, n, &e);
 */
#ifndef HUB_BASE_READER_H
#define HUB_BASE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct reader {
    /* At most N bytes (more than 0) into P: how many, 0 at the end, -1 with E filled. */
    ssize_t (*read)(void *arg, char *p, size_t n, struct err *e);
    void *arg;
};

struct fd_reader {
    int fd;
    bool polls; /* may block: no regular file (fd_blocks) */
    /* Called before a read that would block, so that what was written so far can be seen; may be NULL.
     * Returns -1 to end the reading (it filled E). */
    int (*idle)(void *arg, struct err *e);
    void *idle_arg;
    uint64_t bytes; /* read so far */
};

/* ARG is a struct fd_reader. Interrupted reads go on; one without data on a non-blocking descriptor waits. A
 * regular file that was cut below where it was read ends in an error. */
ssize_t fd_reader_read(void *arg, char *p, size_t n, struct err *e);

bool fd_blocks(int fd);

#endif
