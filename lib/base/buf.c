#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_release(struct buf *b)
{
    free(b->p);
    *b = (struct buf){.max = b->max};
}

bool buf_grow(struct buf *b, size_t extra)
{
    if (b->failed)
        return false;
    if (extra <= b->cap - b->n && b->p != NULL)
        return true;
    if (extra > b->max || b->n > b->max - extra) {
        b->failed = true;
        return false;
    }
    size_t cap = b->cap > 128 ? b->cap : 128;
    while (cap < b->n + extra)
        cap += cap / 2;
    if (cap > b->max)
        cap = b->max;
    char *p = realloc(b->p, cap + BUF_PAD);
    if (p == NULL) {
        b->failed = true;
        return false;
    }
    memset(p + cap, 0, BUF_PAD);
    b->p = p;
    b->cap = cap;
    return true;
}

void buf_u64(struct buf *b, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    buf_put(b, (struct str){digits + at, sizeof digits - at});
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *room = n >= 0 ? buf_room(b, (size_t)n + 1) : NULL;
    if (room != NULL && vsnprintf(room, (size_t)n + 1, fmt, again) == n)
        b->n += (size_t)n;
    va_end(again);
}
