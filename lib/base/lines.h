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
    bool holds; /* the lines that were given stay good: lines_next reads no more, see lines_renew */
    /* Called before a read that would block, so that what was written so far can be seen; may be NULL.
     * Returns -1 to end the reading (it filled E). */
    int (*idle)(void *arg, struct err *e);
    void *idle_arg;
};

enum lines_got { LINES_FATAL = -1, LINES_END = 0, LINES_OK = 1, LINES_TOO_LONG = 2, LINES_HELD = 3 };

/* A buffer for lines_renew, {0} at first; free(p) when nobody needs its lines any more. */
struct lines_block {
    char *p;
    size_t cap;
};

/* Takes FD, and closes it in lines_release. Allocates at the first read. */
void lines_init(struct lines *in, int fd, size_t max);
void lines_release(struct lines *in);

/* The same for bytes that come from elsewhere (a member of an archive); nothing is closed. */
void lines_init_reader(struct lines *in, struct reader from, size_t max);

/* LINES_TOO_LONG: *LINE holds its first max bytes, the rest was passed over. LINES_FATAL: a read error (code
 * `io`) or memory. LINES_HELD, where it `holds`: the next line has to be read first. */
enum lines_got lines_next(struct lines *in, struct str *line, struct err *e);

/*
 * Many lines at a time, good until their block is given again:
 *
 *     in.holds = false;                       the first may read
 *     got = lines_next(&in, &line, &e);
 *     in.holds = true;
 *     while (got == LINES_OK) got = lines_next(…);
 *     lines_renew(&in, &block, &e);           BLOCK has the lines now; reading goes on in what was its buffer
 *
 * -1: memory; then nothing has changed.
 */
int lines_renew(struct lines *in, struct lines_block *block, struct err *e);

#endif
