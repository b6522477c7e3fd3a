#include "system/pace.h"

#include "base/instant.h"

void pace_init(struct pace *p, int64_t calls, int64_t milliseconds, int64_t burst, int64_t now)
{
    *p = (struct pace){.at = now};
    if (calls <= 0)
        return;
    p->cost = milliseconds * 1000 / calls;
    p->most = p->credit = p->cost * (burst > 0 ? burst : calls);
}

int64_t pace_due(struct pace *p, int64_t now)
{
    if (now < p->held)
        return p->held - now;
    if (p->cost == 0)
        return 0;
    p->credit += (now - p->at) * 1000;
    p->at = now;
    if (p->credit > p->most)
        p->credit = p->most;
    if (p->credit < p->cost)
        return (p->cost - p->credit + 999) / 1000;
    p->credit -= p->cost;
    return 0;
}

void pace_hold(struct pace *p, int64_t until)
{
    if (until > p->held)
        p->held = until;
}

int64_t pace_backoff(unsigned n, uint64_t random)
{
    enum { FIRST = 1000, MOST = 60000 };
    int64_t wait = FIRST;
    while (n-- > 1 && wait < MOST)
        wait *= 2;
    if (wait > MOST)
        wait = MOST;
    return wait / 2 + (int64_t)(random % (uint64_t)(wait / 2 + 1));
}

/* "1.5": digits, and perhaps a fraction, whose thousandths count. */
static int64_t seconds_of(struct str text)
{
    int64_t ms = 0, place = 1000;
    bool fraction = false;
    if (text.n == 0 || text.n > 12)
        return -1;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '.' && !fraction && i > 0) {
            fraction = true;
        } else if (c < '0' || c > '9') {
            return -1;
        } else if (fraction) {
            place /= 10;
            ms += place * (c - '0');
        } else {
            ms = ms * 10 + 1000 * (c - '0');
        }
    }
    return ms;
}

/* The three forms of RFC 9110 §5.6.7, of which two are obsolete and still to be read. */
static bool read_date(struct instant *out, struct str text)
{
    static const struct str forms[] = {STR("%a, %d %b %Y %T GMT"), STR("%A, %d-%b-%y %T GMT"),
                                       STR("%a %b %e %T %Y")};
    struct arena a;
    bool read = false;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; !read && i < sizeof forms / sizeof *forms; i++) {
        const struct time_format *format = time_format_compile(forms[i], &a, NULL);
        read = format != NULL && time_format_read(format, text, zone_utc(), out, NULL);
    }
    arena_release(&a);
    return read;
}

int64_t pace_retry_after(struct str text, int64_t now)
{
    struct instant t;
    text = str_trim(text);
    int64_t ms = seconds_of(text);
    if (ms >= 0)
        return ms;
    if (!read_date(&t, text))
        return -1;
    return t.seconds > now ? (t.seconds - now) * 1000 : 0;
}
