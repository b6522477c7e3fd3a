#include "system/secrets.h"

#include <stdio.h>

#include "system/text.h"
#include "json/json.h"

static int add(struct secrets *s, struct str value)
{
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->value[i], value))
            return 0;
    if (value.n < SECRET_LEAST)
        return 0;
    struct str copy = arena_str(s->arena, value);
    if (copy.p == NULL)
        return -1;
    if (s->n == SECRETS_MOST)
        memmove(s->value, s->value + 1, --s->n * sizeof *s->value);
    s->value[s->n++] = copy;
    return 0;
}

int secrets_add(struct secrets *s, struct str value)
{
    struct buf spelled;
    buf_init(&spelled, 64 << 20);
    int done = add(s, value);
    put_percent(&spelled, value);
    if (done == 0 && buf_ok(&spelled) && spelled.n > 0)
        done = add(s, buf_str(&spelled));
    buf_reset(&spelled);
    json_write_string(&spelled, value);
    if (done == 0 && buf_ok(&spelled) && spelled.n > 2)
        done = add(s, str_slice(buf_str(&spelled), 1, spelled.n - 1));
    done = buf_ok(&spelled) ? done : -1;
    buf_release(&spelled);
    return done;
}

/* How many bytes at the start of TEXT are a secret: the longest that fits. */
static size_t secret_at(const struct secrets *s, struct str text)
{
    size_t longest = 0;
    for (size_t i = 0; i < s->n; i++)
        if (s->value[i].n > longest && str_starts(text, s->value[i]))
            longest = s->value[i].n;
    return longest;
}

void secrets_hide(const struct secrets *s, struct buf *out, struct str text)
{
    size_t from = 0;
    for (size_t at = 0; s->n > 0 && at < text.n;) {
        size_t n = secret_at(s, str_slice(text, at, text.n));
        if (n > 0) {
            buf_put(out, str_slice(text, from, at));
            buf_put(out, STR("***"));
            from = at + n;
        }
        at += n > 0 ? n : 1;
    }
    if (from < text.n)
        buf_put(out, str_slice(text, from, text.n));
}

void secrets_hide_err(const struct secrets *s, struct err *e)
{
    struct buf out;
    buf_init(&out, 16 * sizeof e->message);
    secrets_hide(s, &out, str_of(e->message));
    if (buf_ok(&out))
        snprintf(e->message, sizeof e->message, "%.*s", (int)out.n, out.p != NULL ? out.p : "");
    buf_release(&out);
}
