#include "base/lines.h"

#include <stdlib.h>
#include <unistd.h>

enum { BLOCK = 256 << 10 };

void lines_init(struct lines *in, int fd, size_t max)
{
    *in = (struct lines){.fd = fd, .max = max};
    in->polls = fd_blocks(fd);
}

void lines_init_reader(struct lines *in, struct reader from, size_t max)
{
    *in = (struct lines){.fd = -1, .from = from, .max = max};
}

void lines_release(struct lines *in)
{
    if (in->fd != -1)
        close(in->fd);
    free(in->p);
    *in = (struct lines){.fd = -1, .max = in->max, .eof = true};
}

static int grow(struct lines *in, struct err *e)
{
    size_t most = in->max + BLOCK;
    size_t cap = in->cap == 0 ? BLOCK : in->cap > most / 2 ? most : in->cap * 2;
    char *p = realloc(in->p, cap + LINES_PAD);
    if (p == NULL)
        return err_memory(e);
    in->p = p;
    in->cap = cap;
    return 0;
}

static ssize_t read_some(struct lines *in, char *p, size_t n, struct err *e)
{
    if (in->from.read != NULL)
        return in->from.read(in->from.arg, p, n, e);
    struct fd_reader file = {in->fd, in->polls, in->idle, in->idle_arg, 0};
    return fd_reader_read(&file, p, n, e);
}

/* Reads once into p[end..cap), which must not be empty; sets eof at the end. */
static int fill(struct lines *in, struct err *e)
{
    ssize_t got = read_some(in, in->p + in->end, in->cap - in->end, e);
    if (got == -1)
        return -1;
    in->eof = got == 0;
    in->end += (size_t)got;
    in->bytes += (uint64_t)got;
    memset(in->p + in->end, 0, LINES_PAD);
    return 0;
}

/* The line begins at p[0] and is longer than max: keeps that much of it, and reads on behind that to its end.
 */
static enum lines_got pass_over(struct lines *in, struct str *line, struct err *e)
{
    size_t from = in->max;
    for (;;) {
        char *newline = memchr(in->p + from, '\n', in->end - from);
        if (newline != NULL) {
            in->at = (size_t)(newline - in->p) + 1;
            break;
        }
        from = in->end = in->max;
        if (fill(in, e) == -1)
            return LINES_FATAL;
        if (in->eof) {
            in->at = in->end;
            in->unfinished = true;
            break;
        }
    }
    *line = (struct str){in->p, in->max};
    in->number++;
    return LINES_TOO_LONG;
}

/* Room for more of the line that begins at p[at]: moves it to the front, or grows. */
static int make_room(struct lines *in, struct err *e)
{
    if (in->at > 0) {
        memmove(in->p, in->p + in->at, in->end - in->at);
        in->end -= in->at;
        in->at = 0;
    }
    return in->end < in->cap ? 0 : grow(in, e);
}

static enum lines_got give(struct lines *in, struct str *line, size_t n, size_t newline)
{
    *line = (struct str){in->p + in->at, n < in->max ? n : in->max};
    in->at += n + newline;
    in->number++;
    in->unfinished = newline == 0;
    return n <= in->max ? LINES_OK : LINES_TOO_LONG;
}

enum lines_got lines_next(struct lines *in, struct str *line, struct err *e)
{
    size_t seen = 0; /* bytes of this line that were searched */
    for (;;) {
        size_t have = in->end - in->at;
        if (have > seen) {
            const char *start = in->p + in->at;
            const char *newline = memchr(start + seen, '\n', have - seen);
            if (newline != NULL)
                return give(in, line, (size_t)(newline - start), 1);
        }
        seen = have;
        if (in->eof)
            return seen > 0 ? give(in, line, seen, 0) : LINES_END;
        if (in->holds)
            return LINES_HELD;
        if (make_room(in, e) == -1)
            return LINES_FATAL;
        if (seen > in->max)
            return pass_over(in, line, e);
        if (fill(in, e) == -1)
            return LINES_FATAL;
    }
}

int lines_renew(struct lines *in, struct lines_block *block, struct err *e)
{
    size_t rest = in->end - in->at;
    if (block->cap < in->cap) {
        char *p = realloc(block->p, in->cap + LINES_PAD);
        if (p == NULL)
            return err_memory(e);
        *block = (struct lines_block){p, in->cap};
    }
    if (rest > 0)
        memcpy(block->p, in->p + in->at, rest);
    if (block->p != NULL)
        memset(block->p + rest, 0, LINES_PAD);
    struct lines_block full = {in->p, in->cap};
    in->p = block->p;
    in->cap = block->cap;
    in->at = 0;
    in->end = rest;
    *block = full;
    return 0;
}
