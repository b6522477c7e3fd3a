#include "source/repeat.h"

enum { PAGE_MOST = 64 << 20 };

void repeat_init(struct repeat *r)
{
    buf_init(&r->now, PAGE_MOST);
    buf_init(&r->last, PAGE_MOST);
}

void repeat_release(struct repeat *r)
{
    buf_release(&r->now);
    buf_release(&r->last);
}

void repeat_begin(struct repeat *r)
{
    buf_reset(&r->now);
    buf_reset(&r->last);
}

void repeat_id(struct repeat *r, struct str id)
{
    buf_printf(&r->now, "%zu:", id.n);
    buf_put(&r->now, id);
}

bool repeat_page(struct repeat *r, size_t count)
{
    bool same = count > 1 && r->now.n > 0 && buf_ok(&r->now) && str_eq(buf_str(&r->now), buf_str(&r->last));
    struct buf last = r->last;
    r->last = r->now;
    r->now = last;
    buf_reset(&r->now);
    return same;
}
