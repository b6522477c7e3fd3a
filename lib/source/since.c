#include "source/since.h"

#include <stdlib.h>

void since_init(struct since *s, uint64_t memory)
{
    *s = (struct since){.in_order = true};
    seen_init(&s->seen, (size_t)memory);
    seen_init(&s->before, (size_t)memory);
}

void since_release(struct since *s)
{
    seen_release(&s->seen);
    seen_release(&s->before);
    free(s->kept);
    s->kept = NULL;
}

static int compare(const struct instant *a, const struct instant *b)
{
    if (a->seconds != b->seconds)
        return a->seconds < b->seconds ? -1 : 1;
    return a->nanoseconds == b->nanoseconds ? 0 : a->nanoseconds < b->nanoseconds ? -1 : 1;
}

static struct instant before(const struct instant *t, int64_t milliseconds)
{
    int64_t nanoseconds = (int64_t)t->nanoseconds - milliseconds % 1000 * 1000000;
    struct instant out = {.seconds = t->seconds - milliseconds / 1000};
    if (nanoseconds < 0) {
        nanoseconds += 1000000000;
        out.seconds--;
    }
    out.nanoseconds = (uint32_t)nanoseconds;
    return out;
}

static int parse(struct instant *out, const struct json_node *text, struct err *e)
{
    struct str why = STR("no text");
    if (json_is(text, JSON_STRING) && instant_parse_rfc3339(out, json_text(text), &why))
        return 0;
    return err_set(e, "config", "the checkpoint of the run before: %.*s", (int)why.n, why.p);
}

static const char hex[] = "0123456789abcdef";

static void put_hash(struct buf *out, struct siphash h)
{
    for (int i = 60; i >= 0; i -= 4)
        buf_byte(out, hex[h.low >> i & 15]);
    for (int i = 60; i >= 0; i -= 4)
        buf_byte(out, hex[h.high >> i & 15]);
}

static bool read_hash(struct siphash *h, struct str text)
{
    *h = (struct siphash){0};
    for (size_t i = 0; i < text.n && text.n == 32; i++) {
        const char *digit = memchr(hex, text.p[i], 16);
        uint64_t *half = i < 16 ? &h->low : &h->high;
        if (digit == NULL)
            return false;
        *half = *half << 4 | (uint64_t)(digit - hex);
    }
    return text.n == 32;
}

static struct str bytes_of(const struct siphash *h)
{
    return (struct str){(const char *)h, sizeof *h};
}

/* What lies before the overlap will not be read again. */
static void drop_old(struct since *s)
{
    struct instant from = before(&s->high, s->overlap);
    size_t n = 0;
    for (size_t i = 0; i < s->nkept; i++)
        if (compare(&s->kept[i].at, &from) >= 0)
            s->kept[n++] = s->kept[i];
    s->nkept = n;
}

static int keep(struct since *s, struct siphash hash, const struct instant *at, struct err *e)
{
    if (s->kept == NULL && (s->kept = calloc(SINCE_KEPT, sizeof *s->kept)) == NULL)
        return err_memory(e);
    if (s->nkept == SINCE_KEPT)
        drop_old(s);
    if (s->nkept < SINCE_KEPT)
        s->kept[s->nkept++] = (struct since_kept){hash, *at};
    return 0;
}

int since_load(struct since *s, const struct json_node *checkpoint, struct err *e)
{
    const struct json_node *from = json_get(checkpoint, STR("since")),
                           *high = json_get(checkpoint, STR("high")),
                           *until = json_get(checkpoint, STR("until"));
    const struct json_node *list = json_get(checkpoint, STR("seen"));
    if (from != NULL && parse(&s->from, from, e) == -1)
        return -1;
    s->has_from = from != NULL;
    s->has_high = high != NULL || from != NULL;
    s->high = s->from;
    if (high != NULL && parse(&s->high, high, e) == -1)
        return -1;
    if (until != NULL && parse(&s->until, until, e) == -1)
        return -1;
    s->has_until = until != NULL;
    s->given = json_is(json_get(checkpoint, STR("given")), JSON_TRUE);
    s->unfinished = json_get(checkpoint, STR("next")) != NULL;
    const struct json_node *end = list != NULL ? json_next(list) : NULL;
    for (const struct json_node *one = list != NULL ? list + 1 : NULL; one < end; one = json_next(one)) {
        struct siphash hash;
        if (read_hash(&hash, json_text(one)) &&
            (seen_add(&s->before, bytes_of(&hash)) == -1 || keep(s, hash, &s->high, e) == -1))
            return err_memory(e);
    }
    return 0;
}

/* The time of an option; false where it is not given, or is none (E). */
static bool is_asked(struct instant *out, const char *option, struct str text, struct err *e)
{
    struct str why;
    if (text.p == NULL)
        return false;
    if (instant_parse_rfc3339(out, text, &why))
        return true;
    err_set(e, "usage", "%s: not a time: %s: %.*s", option, err_quote(text), (int)why.n, why.p);
    return false;
}

int since_ask(struct since *s, struct str from, struct str until, struct err *e)
{
    struct instant first, end;
    bool asks_from = is_asked(&first, "--since", from, e), asks_until = is_asked(&end, "--until", until, e);
    if (e->code != NULL)
        return -1;
    if (asks_from && asks_until && compare(&first, &end) >= 0)
        return err_set(e, "usage", "--until is no later than --since");
    s->goes_on = s->unfinished && (!asks_from || (s->given && compare(&first, &s->from) == 0)) &&
                 (!asks_until || (s->has_until && compare(&end, &s->until) == 0));
    if (s->goes_on)
        return 0;
    if (s->unfinished) { /* what it has seen beyond `from` is not all that there is */
        s->high = s->from;
        s->has_high = s->has_from;
    }
    s->stays = asks_from && (s->has_from ? compare(&first, &s->from) > 0 : s->unfinished);
    s->given = asks_from;
    if (asks_from)
        s->from = first;
    s->has_from |= asks_from;
    s->has_until = asks_until;
    if (asks_until)
        s->until = end;
    return 0;
}

bool since_from(const struct since *s, struct instant *out)
{
    if (s->has_from)
        *out = s->given ? s->from : before(&s->from, s->overlap);
    return s->has_from;
}

/* The hash that stands in checkpoints has no secret: no one gains by a record that is taken for another one
 * of his. */
static struct siphash hash_of(struct str record)
{
    static const struct siphash_key key = {0x68756220, 0x73696E6365};
    return siphash_128(key, record);
}

void since_begin_list(struct since *s)
{
    s->has_last = false;
}

int since_take(struct since *s, struct str time, struct str record, struct err *e)
{
    struct instant at;
    struct str why;
    s->timed |= time.p != NULL;
    s->untimed |= time.p == NULL;
    if (!s->described || time.p == NULL)
        return 1;
    if (!instant_parse_rfc3339(&at, time, &why))
        return err_set(e, "since", "the field of `since` is no time: %s: %.*s", err_quote(time), (int)why.n,
                       why.p);
    if (s->has_last && compare(&at, &s->last) < 0)
        s->in_order = false;
    s->last = at;
    s->has_last = true;
    if (s->has_until && compare(&at, &s->until) >= 0)
        return 0;
    if (!s->has_high || compare(&at, &s->high) > 0)
        s->high = at;
    s->has_high = true;
    if (s->overlap == 0)
        return 1;
    struct siphash hash = hash_of(record);
    int added = seen_add(&s->seen, bytes_of(&hash));
    if (added == -1)
        return err_memory(e);
    if (added == 1 && seen_has(&s->before, bytes_of(&hash))) /* it is kept already */
        return s->given;
    return added == 0 ? 0 : keep(s, hash, &at, e) == 0 ? 1 : -1;
}

static void put_time(struct buf *out, const char *name, const struct instant *t)
{
    buf_printf(out, "\"%s\":\"", name);
    instant_rfc3339(t, out);
    buf_byte(out, '"');
}

void since_put(const struct since *s, bool high, struct buf *out)
{
    struct instant from = before(&s->high, s->overlap);
    if (high && s->has_high)
        put_time(out, "since", &s->high);
    else if (s->has_from)
        put_time(out, "since", &s->from);
    if (!high && s->has_high) {
        buf_put(out, s->has_from ? STR(",") : STR(""));
        put_time(out, "high", &s->high);
    }
    if (!high && s->has_until) {
        buf_put(out, s->has_from || s->has_high ? STR(",") : STR(""));
        put_time(out, "until", &s->until);
    }
    if (!high && s->given)
        buf_put(out, STR(",\"given\":true"));
    bool first = true;
    for (size_t i = 0; i < s->nkept; i++) {
        if (compare(&s->kept[i].at, &from) < 0)
            continue;
        buf_put(out, first ? STR(",\"seen\":[\"") : STR(",\""));
        put_hash(out, s->kept[i].hash);
        buf_byte(out, '"');
        first = false;
    }
    buf_put(out, first ? STR("") : STR("]"));
}
