/*
 * Files for tests, which nobody has to remove.
 */
#ifndef HUB_TESTS_SCRATCH_H
#define HUB_TESTS_SCRATCH_H

#include <stdlib.h>
#include <unistd.h>

#include "base/out.h"

/* A file with TEXT in it, that has no name any more; read from its start. */
static inline int scratch_file(struct str text)
{
    char name[] = "/tmp/scratch.XXXXXX";
    int fd = mkstemp(name);
    struct err e = {0};
    assert_true(fd != -1);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(write_all(fd, text, &e), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

#endif
