#define _GNU_SOURCE
#include "base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* One record of the longest kind, every byte of it respelled as \uXXXX, and some. */
enum {
    MOST = 512 << 20,
    /* Two blocks, and as much as most systems allow: who reads and who writes wait for each other less often;
     * and what those allow that are meaner, or whose pipes are many. */
    PIPE = 1024 << 10,
    PIPE_LEAST = 256 << 10
};

void out_init(struct out *o, int fd)
{
    *o = (struct out){.fd = fd, .behind_from = UINT64_MAX};
    buf_init(&o->buf, MOST);
}

void out_release(struct out *o)
{
    behind_stop(o->behind);
    o->behind = NULL;
    buf_release(&o->buf);
}

int write_all(int fd, struct str s, struct err *e)
{
    while (s.n > 0) {
        ssize_t wrote = write(fd, s.p, s.n);
        if (wrote >= 0) {
            s = str_slice(s, (size_t)wrote, s.n);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            if (poll(&p, 1, -1) == -1 && errno != EINTR)
                return err_errno(e, "cannot write");
        } else if (errno != EINTR) {
            return err_errno(e, "cannot write");
        }
    }
    return 0;
}

int out_flush(struct out *o, struct err *e)
{
    int done = o->buf.failed ? err_memory(e) : 0;
    if (done == 0 && o->behind != NULL)
        done = behind_wait(o->behind, e);
    if (done == 0)
        done = write_all(o->fd, buf_str(&o->buf), e);
    if (done == 0)
        o->bytes += o->buf.n;
    buf_reset(&o->buf);
    return done;
}

static void start_behind(struct out *o)
{
#ifdef F_SETPIPE_SZ
    if (fcntl(o->fd, F_SETPIPE_SZ, PIPE) == -1) /* where it is no pipe, that does no harm */
        fcntl(o->fd, F_SETPIPE_SZ, PIPE_LEAST);
#endif
    o->behind = behind_start(o->fd);
    if (o->behind == NULL)
        o->behind_from = UINT64_MAX;
}

int out_push(struct out *o, struct err *e)
{
    if (o->behind == NULL && o->bytes >= o->behind_from)
        start_behind(o);
    if (o->behind == NULL || o->buf.failed)
        return out_flush(o, e);
    size_t n = o->buf.n;
    int done = behind_put(o->behind, &o->buf, e);
    if (done == 0)
        o->bytes += n;
    return done;
}
