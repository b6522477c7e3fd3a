#include "base/reader.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

bool fd_blocks(int fd)
{
    struct stat st;
    return fstat(fd, &st) == -1 || !S_ISREG(st.st_mode);
}

/* Returns once there is something to read, or the time is over; tells the owner where it was. */
static int await(const struct fd_reader *r, int timeout, struct err *e)
{
    struct pollfd p = {.fd = r->fd, .events = POLLIN};
    int ready;
    while ((ready = poll(&p, 1, timeout)) == -1)
        if (errno != EINTR)
            return err_errno(e, "poll");
    if (ready > 0 || r->idle == NULL)
        return 0;
    return r->idle(r->idle_arg, e);
}

/* At the end of a file: -1 where it ends before where it was read up to already, so that what stood between
 * may be missing. */
static int check_end(const struct fd_reader *r, struct err *e)
{
    struct stat st;
    off_t at = r->polls ? -1 : lseek(r->fd, 0, SEEK_CUR);
    if (at == -1 || fstat(r->fd, &st) == -1 || st.st_size >= at)
        return 0;
    return err_set(e, "cut_off", "became shorter while it was read: %lld bytes, of which %lld are left",
                   (long long)at, (long long)st.st_size);
}

ssize_t fd_reader_read(void *arg, char *p, size_t n, struct err *e)
{
    struct fd_reader *r = arg;
    if (r->polls && r->idle != NULL && await(r, 0, e) == -1)
        return -1;
    ssize_t got;
    while ((got = read(r->fd, p, n)) == -1) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (await(r, -1, e) == -1)
                return -1;
        } else if (errno != EINTR) {
            return err_errno(e, "cannot read");
        }
    }
    r->bytes += (uint64_t)got;
    return got > 0 || check_end(r, e) == 0 ? got : -1;
}
