/* A format and a text, a line each. As RFC 3339: canonical is what reads and is written the same. As a
 * format: what is written of what was read reads the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/instant.h"

static void must(bool held)
{
    if (!held)
        abort();
}

static void check_rfc3339(struct str text)
{
    struct instant t, back;
    struct buf out;
    buf_init(&out, 64);
    bool canonical = false;
    if (instant_parse_rfc3339(&t, text, NULL)) {
        instant_rfc3339(&t, &out);
        must(buf_ok(&out) && instant_is_canonical(buf_str(&out)));
        must(instant_parse_rfc3339(&back, buf_str(&out), NULL));
        must(back.seconds == t.seconds && back.nanoseconds == t.nanoseconds);
        canonical = str_eq(buf_str(&out), text);
    }
    must(instant_is_canonical(text) == canonical);
    must(!canonical || date_is_canonical(str_slice(text, 0, 10)));
    buf_release(&out);
}

/* What is written with digits side by side may be taken apart otherwise: the padded day has one or two. */
static bool has_ends(struct str format)
{
    return str_find(format, 'f') == format.n && str_find(format, 's') == format.n &&
           str_search(format, STR("%e%"), 0) == format.n;
}

/* Date, second and fraction all come back only from formats that hold them; here: what is written is taken.
 */
static void check_format(struct str format, struct str text)
{
    struct arena a;
    struct buf out;
    struct instant t, back;
    struct str why = {0};
    arena_init(&a, 1 << 20);
    buf_init(&out, 1 << 20);
    const struct time_format *f = time_format_compile(format, &a, &why);
    must(f != NULL || why.n > 0);
    if (f != NULL && time_format_read(f, text, zone_utc(), &t, &why)) {
        must(instant_is_valid(&t));
        time_format_write(f, &t, zone_utc(), &out);
        if (has_ends(format))
            must(time_format_read(f, buf_str(&out), zone_utc(), &back, NULL));
    } else if (f != NULL) {
        t = (struct instant){1777640882, 500000000};
        time_format_write(f, &t, zone_utc(), &out);
        must(!time_format_has_date(f) || why.n > 0);
    }
    buf_release(&out);
    arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    if (size == 0)
        return 0;
    size_t line = str_find(text, '\n');
    check_rfc3339(str_slice(text, line + 1, size));
    check_format(str_slice(text, 0, line), str_slice(text, line + 1, size));
    return 0;
}
