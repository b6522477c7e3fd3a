#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"

struct arena_chunk {
    struct arena_chunk *next;
    char *end;
    alignas(16) char bytes[];
};

enum { CHUNK_LEAST = 4096, CHUNK_MOST = 1 << 20 };

void arena_init(struct arena *a, size_t max)
{
    *a = (struct arena){.max = max};
}

void arena_release(struct arena *a)
{
    struct arena_chunk *next;
    for (struct arena_chunk *c = a->first; c != NULL; c = next) {
        next = c->next;
        free(c);
    }
    arena_init(a, a->max);
}

static void use_chunk(struct arena *a, struct arena_chunk *c)
{
    a->now = c;
    a->at = c != NULL ? c->bytes : NULL;
    a->end = c != NULL ? c->end : NULL;
}

void arena_reset(struct arena *a)
{
    use_chunk(a, a->first);
    a->full = a->failed = false;
}

struct arena_mark arena_mark(const struct arena *a)
{
    return (struct arena_mark){a->now, a->at};
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
    if (mark.now == NULL) {
        arena_reset(a);
        return;
    }
    a->now = mark.now;
    a->at = mark.at;
    a->end = mark.now->end;
}

static void *none(bool *why)
{
    *why = true;
    return NULL;
}

void *arena_more(struct arena *a, size_t n)
{
    if (n > SIZE_MAX / 2)
        return none(&a->full);
    size_t want = ((n | 1) + 15) & ~(size_t)15;
    /* Chunks kept by a reset come first; one that is too small for this is passed over until the next. */
    while (a->now != NULL && a->now->next != NULL) {
        use_chunk(a, a->now->next);
        if ((size_t)(a->end - a->at) >= want)
            return arena_raw(a, n);
    }
    size_t size = a->total < CHUNK_LEAST ? CHUNK_LEAST : a->total > CHUNK_MOST ? CHUNK_MOST : a->total;
    if (size < want)
        size = want;
    if (size > a->max || a->total > a->max - size)
        size = want;
    if (size > a->max || a->total > a->max - size)
        return none(&a->full);
    struct arena_chunk *c = malloc(sizeof *c + size);
    if (c == NULL)
        return none(&a->failed);
    c->next = NULL;
    c->end = c->bytes + size;
    if (a->now != NULL)
        a->now->next = c;
    else
        a->first = c;
    a->total += size;
    use_chunk(a, c);
    return arena_raw(a, n);
}

int arena_why(const struct arena *a, struct err *e)
{
    return a->full ? err_set(e, "limit", "needs more than %zu MB of memory", a->max >> 20) : err_memory(e);
}

void *arena_alloc(struct arena *a, size_t n)
{
    void *p = arena_raw(a, n);
    return p != NULL ? memset(p, 0, n) : NULL;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        return NULL;
    return arena_alloc(a, n);
}

struct str arena_str(struct arena *a, struct str s)
{
    char *p = arena_raw(a, s.n + 1);
    if (p == NULL)
        return (struct str){0};
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (struct str){p, s.n};
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *p = n >= 0 ? arena_raw(a, (size_t)n + 1) : NULL;
    struct str out = {0};
    if (p != NULL && vsnprintf(p, (size_t)n + 1, fmt, again) == n)
        out = (struct str){p, (size_t)n};
    va_end(again);
    return out;
}
