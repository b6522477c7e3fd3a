/*
 * Memory that is given back all at once. arena_reset() keeps the chunks, so that work that repeats (a record
 * after the other) allocates nothing from the system once it is warm.
 *
 *     struct arena a;
 *     arena_init(&a, 256 << 20);
 *     struct rule *r = arena_alloc(&a, sizeof *r);     zeroed, aligned for any type; NULL: over the maximum
 *     ...
 *     arena_release(&a);
 *
 * What it gave is good until the next arena_reset, arena_rewind past it, or arena_release.
 */
#ifndef HUB_BASE_ARENA_H
#define HUB_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena_chunk;
struct err;

struct arena {
    struct arena_chunk *first; /* all chunks, in the order of their use */
    struct arena_chunk *now;
    char *at, *end; /* what is free in `now` */
    size_t total;   /* bytes taken from the system */
    size_t max;
    /* Since the last reset, memory was asked for that there was not: */
    bool full;   /* more than `max` */
    bool failed; /* the system had none */
};

/* A place to come back to. */
struct arena_mark {
    struct arena_chunk *now;
    char *at;
};

void arena_init(struct arena *a, size_t max);
void arena_release(struct arena *a);
void arena_reset(struct arena *a);

struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark mark);

/* The slow path of arena_raw. */
void *arena_more(struct arena *a, size_t n);

/* N bytes, not zeroed, aligned to 16. */
static inline void *arena_raw(struct arena *a, size_t n)
{
    size_t want = ((n | 1) + 15) & ~(size_t)15;
    if (__builtin_expect((size_t)(a->end - a->at) < want || want < n, 0))
        return arena_more(a, n);
    void *p = a->at;
    a->at += want;
    return p;
}

/* After a NULL, why: code `limit` where A is full, so that what was at hand takes too much; else `memory`.
 * Returns -1. */
int arena_why(const struct arena *a, struct err *e);

void *arena_alloc(struct arena *a, size_t n);

/* COUNT * SIZE bytes, zeroed; NULL also where the product overflows. */
void *arena_array(struct arena *a, size_t count, size_t size);

/* A copy of S, followed by a NUL that is not counted; .p is NULL where memory ran out. */
struct str arena_str(struct arena *a, struct str s);

/* Like sprintf into the arena. */
struct str arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
