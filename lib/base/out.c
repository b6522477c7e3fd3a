#include "base/out.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* One record of the longest kind, every byte of it respelled as \uXXXX, and some. */
enum { MOST = 512 << 20 };

void out_init(struct out *o, int fd)
{
    *o = (struct out){.fd = fd};
    buf_init(&o->buf, MOST);
}

void out_release(struct out *o)
{
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
    int done = o->buf.failed ? err_memory(e) : write_all(o->fd, buf_str(&o->buf), e);
    if (done == 0)
        o->bytes += o->buf.n;
    buf_reset(&o->buf);
    return done;
}
