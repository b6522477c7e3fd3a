#include "sink/same.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 64 << 10 };

static void give_up(struct same *s)
{
    if (s->fd != -1)
        close(s->fd);
    s->fd = -1;
}

void same_open(struct same *s, const char *path)
{
    struct stat st;
    s->exists = stat(path, &st) == 0 && S_ISREG(st.st_mode);
    s->fd = s->exists ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

/* At most N bytes; fewer than are there only at the end of the file. */
static size_t read_block(int fd, char *block, size_t n)
{
    size_t have = 0;
    while (have < n) {
        ssize_t got = read(fd, block + have, n - have);
        if (got == 0 || (got == -1 && errno != EINTR))
            break;
        have += got > 0 ? (size_t)got : 0;
    }
    return have;
}

void same_next(struct same *s, struct str bytes)
{
    char block[BLOCK];
    while (s->fd != -1 && bytes.n > 0) {
        size_t n = bytes.n < BLOCK ? bytes.n : BLOCK;
        if (read_block(s->fd, block, n) != n || memcmp(block, bytes.p, n) != 0)
            give_up(s);
        bytes = str_slice(bytes, n, bytes.n);
    }
}

bool same_end(struct same *s)
{
    char byte;
    bool same = s->fd != -1 && read_block(s->fd, &byte, 1) == 0;
    give_up(s);
    return same;
}
