/*
 * The one growable byte buffer. Every buffer has a maximum. Failure is sticky: once an append did not fit
 * (or memory ran out) `failed` is set, what was there stays, and further appends do nothing; so a hot path
 * appends freely and asks buf_ok() once.
 *
 *     struct buf b;
 *     buf_init(&b, 64 << 20);
 *     buf_put(&b, STR("total="));
 *     buf_put(&b, value);
 *     if (!buf_ok(&b)) ...
 *     buf_release(&b);
 *
 * b.p[0 .. b.n) is good until the next append. BUF_PAD bytes behind b.n may be read (not relied upon).
 */
#ifndef HUB_BASE_BUF_H
#define HUB_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { BUF_PAD = 64 };

struct buf {
    char *p;
    size_t n;   /* bytes in use */
    size_t cap; /* bytes that can be in use without growing; BUF_PAD more are allocated */
    size_t max;
    bool failed;
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);

/* Makes room for EXTRA more bytes; false (and `failed`) where that passes the maximum. */
bool buf_grow(struct buf *b, size_t extra);

static inline bool buf_ok(const struct buf *b)
{
    return !b->failed;
}

static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->p, b->n};
}

/* Empties, keeps the memory, forgets a failure. */
static inline void buf_reset(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

/* A pointer to room for at least EXTRA bytes behind b->n (add what was used to b->n), or NULL. */
static inline char *buf_room(struct buf *b, size_t extra)
{
    if (__builtin_expect(b->failed || b->cap - b->n <= extra, 0) && !buf_grow(b, extra))
        return NULL;
    return b->p + b->n;
}

static inline void buf_put(struct buf *b, struct str s)
{
    char *room = buf_room(b, s.n);
    if (room != NULL && s.n > 0) { /* an absent slice has no bytes, and no pointer */
        memcpy(room, s.p, s.n);
        b->n += s.n;
    }
}

static inline void buf_byte(struct buf *b, char c)
{
    char *room = buf_room(b, 1);
    if (room != NULL) {
        *room = c;
        b->n++;
    }
}

void buf_u64(struct buf *b, uint64_t value);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
