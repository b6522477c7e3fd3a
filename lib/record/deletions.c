#include "record/deletions.h"

#include <stdlib.h>

#include "base/list.h"
#include "record/write.h"

enum { HELD_MOST = 512 << 20, SLOTS_FIRST = 256 };

void deletions_init(struct deletions *d)
{
    *d = (struct deletions){.secret = siphash_random_key()};
    buf_init(&d->lines, HELD_MOST);
    buf_init(&d->marks, HELD_MOST);
}

void deletions_release(struct deletions *d)
{
    buf_release(&d->lines);
    buf_release(&d->marks);
    free(d->list);
    free(d->slot);
    d->list = NULL;
    d->slot = NULL;
}

/* ---- the newest of each record ---- */

/* Where the deletion with KEY is, or the free slot where it would be. */
static size_t *find(const struct deletions *d, struct siphash key)
{
    for (size_t i = (size_t)key.low;; i++) {
        size_t *slot = &d->slot[i & (d->slots - 1)];
        const struct deletion *has = *slot > 0 ? &d->list[*slot - 1] : NULL;
        if (has == NULL || (has->key.low == key.low && has->key.high == key.high))
            return slot;
    }
}

static int grow_slots(struct deletions *d)
{
    size_t slots = d->slots > 0 ? 2 * d->slots : SLOTS_FIRST;
    size_t *slot = calloc(slots, sizeof *slot);
    if (slot == NULL)
        return -1;
    free(d->slot);
    d->slot = slot;
    d->slots = slots;
    for (size_t i = 0; i < d->n; i++)
        *find(d, d->list[i].key) = i + 1;
    return 0;
}

static int make_room(struct deletions *d, struct err *e)
{
    struct deletion *list = list_room(d->list, d->n, &d->room, sizeof *list);
    if (list == NULL)
        return err_memory(e);
    d->list = list;
    return d->n >= d->slots / 2 && grow_slots(d) == -1 ? err_memory(e) : 0;
}

static void revoke(struct deletions *d, struct siphash key)
{
    size_t newest = *find(d, key);
    if (newest == 0 || d->list[newest - 1].revoked)
        return;
    d->list[newest - 1].revoked = true;
    d->due--;
}

/* ---- as they come ---- */

static int hold_line(struct buf *held, struct str line, struct err *e)
{
    buf_put(held, line);
    return buf_ok(held) ? 0 : err_set(e, "limit", "more deletions than memory may hold");
}

int deletions_hold(struct deletions *d, struct str key, struct str line, struct err *e)
{
    struct deletion new = {.key = siphash_128(d->secret, key), .at = d->lines.n, .n = line.n};
    if (make_room(d, e) == -1 || hold_line(&d->lines, line, e) == -1)
        return -1;
    revoke(d, new.key);
    d->list[d->n++] = new;
    d->due++;
    *find(d, new.key) = d->n;
    return 0;
}

void deletions_revoke(struct deletions *d, struct str key)
{
    if (d->n > 0)
        revoke(d, siphash_128(d->secret, key));
}

bool deletions_wait(const struct deletions *d)
{
    return d->n > 0;
}

int deletions_hold_mark(struct deletions *d, const struct record_mark *mark, struct err *e)
{
    record_write_mark(&d->marks, mark);
    return hold_line(&d->marks, (struct str){0}, e);
}

/* ---- at the end ---- */

int deletions_check(const struct deletions *d, const struct deletions_limit *limit, int64_t held,
                    struct err *e)
{
    int64_t most =
        limit->number >= 0 ? limit->number : held / 100 * limit->percent + held % 100 * limit->percent / 100;
    if (d->due <= (uint64_t)most)
        return 0;
    return err_set(e, "brake",
                   "%llu deletions of %lld records, and %lld are allowed: none was made; where it is right, "
                   "say --delete %llu",
                   (unsigned long long)d->due, (long long)held, (long long)most, (unsigned long long)d->due);
}

int deletions_each(const struct deletions *d, int (*make)(void *arg, struct str line, struct err *e),
                   void *arg, struct err *e)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct deletion *of = &d->list[i];
        if (!of->revoked && make(arg, str_slice(buf_str(&d->lines), of->at, of->at + of->n), e) == -1)
            return -1;
    }
    return 0;
}

int deletions_each_mark(const struct deletions *d, struct record_in *in,
                        int (*settle)(void *arg, const struct record_mark *mark, struct err *e), void *arg,
                        struct err *e)
{
    struct str all = buf_str(&d->marks);
    for (size_t at = 0; at < all.n;) {
        struct str line = str_slice(all, at, at + str_find(str_slice(all, at, all.n), '\n'));
        struct record r = {0};
        struct record_mark mark;
        if (record_of_line(in, line, &r, e) != RECORD_OK || record_mark_of(in, &r, &mark, e) == -1 ||
            settle(arg, &mark, e) == -1)
            return -1;
        at += line.n + 1;
    }
    return 0;
}
