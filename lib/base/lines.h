/*
 * Lines of a file descriptor, as slices of one large buffer.
 *
 *     struct lines in;
 *     lines_init(&in, fd, LINES_MOST);
 *     while ((got = lines_next(&in, &line, &e)) > 0)
 *         ...                                     in.number is the number of this line, from 1
 *
 * A line is good until the next call, without its "\n" (a "\r" before it stays), and LINES_PAD bytes behind
 * it may be read. The last line may lack its newline (then `unfinished` is set).
 */
#ifndef HUB_BASE_LINES_H
#define HUB_BASE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/reader.h"
#include "base/str.h"

enum { LINES_MOST = 64 << 20, LINES_PAD = 64 };

struct lines {
    int fd;
    struct reader from; /* read instead of fd, where .read is not NULL: see lines_init_reader */
    char *p;
    size_t cap, at, end; /* p[at..end) is read and not given yet */
    size_t max;          /* longest line, bytes */
    uint64_t number;
    uint64_t bytes; /* read so far */
    bool eof;
    bool unfinished;
    bool polls; /* fd may block: no regular file */
    /* Called before a read that would block, so that what was written so far can be seen; may be NULL.
     * Returns -1 to end the reading (it filled E). */
    int (*idle)(void *arg, struct err *e);
    void *idle_arg;
};

enum lines_got { LINES_FATAL = -1, LINES_END = 0, LINES_OK = 1, LINES_TOO_LONG = 2 };

/* Takes FD, and closes it in lines_release. Allocates at the first read. */
void lines_init(struct lines *in, int fd, size_t max);
void lines_release(struct lines *in);

/* The same for bytes that come from elsewhere (a member of an archive); nothing is closed. */
void lines_init_reader(struct lines *in, struct reader from, size_t max);

/* LINES_TOO_LONG: *LINE holds its first max bytes, the rest was passed over. LINES_FATAL: a read error (code
 * `io`) or memory. */
enum lines_got lines_next(struct lines *in, struct str *line, struct err *e);

#endif
