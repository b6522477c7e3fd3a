#include "base/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

void spill_init(struct spill *s)
{
    *s = (struct spill){.fd = -1};
}

void spill_release(struct spill *s)
{
    if (s->p != NULL)
        munmap(s->p, s->bytes);
    if (s->fd != -1)
        close(s->fd);
    spill_init(s);
}

int spill_grow(struct spill *s, size_t bytes, struct err *e)
{
    if (bytes <= s->bytes)
        return 0;
    if (s->fd == -1 && (s->fd = file_unlinked(e)) == -1)
        return -1;
    /* The blocks are there before they are touched: a full disk is an error here, and no signal later. */
    int failed = bytes <= INT64_MAX ? posix_fallocate(s->fd, 0, (off_t)bytes) : EFBIG;
    if (failed != 0) {
        errno = failed;
        return err_errno(e, "cannot make room in TMPDIR");
    }
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
    if (p == MAP_FAILED)
        return err_errno(e, "cannot make room in TMPDIR");
    if (s->p != NULL)
        munmap(s->p, s->bytes);
    s->p = p;
    s->bytes = bytes;
    return 0;
}

void spill_rest(struct spill *s)
{
    /* Mapped anew in the place of itself. Where that fails, the old mapping stands. */
    if (s->p != NULL)
        (void)mmap(s->p, s->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, s->fd, 0);
}
