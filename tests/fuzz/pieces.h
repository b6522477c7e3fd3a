/*
 * Bytes in memory that come a few at a time: how they are cut into reads must change nothing.
 *
 *     struct pieces pieces = {.left = text, .step = 3};
 *     struct reader from = {pieces_read, &pieces};
 */
#ifndef HUB_TESTS_PIECES_H
#define HUB_TESTS_PIECES_H

#include "base/reader.h"
#include "base/str.h"

struct pieces {
    struct str left;
    size_t step;
};

static inline ssize_t pieces_read(void *arg, char *p, size_t n, struct err *e)
{
    (void)e;
    struct pieces *b = arg;
    if (n > b->step)
        n = b->step;
    if (n > b->left.n)
        n = b->left.n;
    if (n > 0)
        memcpy(p, b->left.p, n);
    b->left = str_slice(b->left, n, b->left.n);
    return (ssize_t)n;
}

#endif
