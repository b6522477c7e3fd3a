#include "deliver/window.h"

enum { PARKED_MOST = 512 << 20 };

static bool may_repeat(const struct deliver *d, const struct parcel *p)
{
    const struct carrier *c = d->carrier;
    return (c->kind->repeat != NULL ? c->kind->repeat(c, p) : c->repeat) != CARRIER_NEVER;
}

/* It is sent again, from what is kept of it; or a person decides. */
static int take_pending(void *arg, const struct ledger_pending *p, struct err *e)
{
    struct deliver *d = arg;
    struct item *item = window_add(d, e);
    if (item == NULL)
        return -1;
    item->decision = (struct decision){.what = DECIDED_SEND, .op = carrier_op_of(p->op)};
    item->parcel.pending = *p;
    if (deliver_fill(d, item, &p->key, p->version, p->line, e) == -1)
        return -1;
    struct ledger_pending *own = &item->parcel.pending;
    own->kept = p->kept.p != NULL ? arena_str(&d->arena, p->kept) : (struct str){0};
    if (p->kept.p != NULL && own->kept.p == NULL)
        return err_memory(e);
    if (p->batch > d->batch)
        d->batch = p->batch;
    item->parcel.again = true;
    d->due++;
    return 0;
}

/* What the target calls those that it was given before. */
static int know_ids(struct deliver *d, struct err *e)
{
    for (size_t i = 0; i < d->n; i++) {
        struct parcel *p = &d->item[i].parcel;
        struct ledger_entry *had = &d->item[i].had;
        if (ledger_find(d->hub, d->target, &p->pending.key, had, e) == -1)
            return -1;
        if (had->target_id.p != NULL && (p->target_id = arena_str(&d->arena, had->target_id)).p == NULL)
            return err_memory(e);
        if (!may_repeat(d, p)) {
            struct err why = {0};
            err_set(
                &why, LEDGER_UNCERTAIN,
                "a run was ended before its answer was known: look there, and --resend it where it is not");
            parcel_end(p, PARCEL_UNCERTAIN, &why, &d->arena);
        }
    }
    return 0;
}

static int keep_parked(void *arg, const struct ledger_pending *p, struct err *e)
{
    struct buf *lines = arg;
    buf_put(lines, p->line);
    buf_byte(lines, '\n');
    return buf_ok(lines) ? 0 : err_set(e, "limit", "more is set aside than memory may hold");
}

/* Those that wait for another record's id, or that a person wants to be sent again. */
static int take_parked(struct deliver *d, struct str name, struct err *e)
{
    struct buf lines;
    buf_init(&lines, PARKED_MOST);
    int done = ledger_parked(d->hub, d->target, name, keep_parked, &lines, e);
    if (done == 0 && name.p != NULL && lines.n == 0)
        done = err_set(e, "usage", "%.*s has set nothing aside that is called %s", (int)d->carrier->name.n,
                       d->carrier->name.p, err_quote(name));
    for (size_t at = 0; done == 0 && at < lines.n;) {
        struct str line = str_slice(buf_str(&lines), at, lines.n);
        line.n = str_find(line, '\n');
        done = deliver_put_line(d, line, name.p != NULL, e);
        at += line.n + 1;
    }
    buf_release(&lines);
    return done == 0 ? window_flush(d, e) : -1;
}

static int resend_all(struct deliver *d, struct err *e)
{
    for (size_t i = 0; i < d->options.nresend; i++)
        if (take_parked(d, str_of(d->options.resend[i]), e) == -1)
            return -1;
    return 0;
}

static int recover_all(struct deliver *d, struct err *e)
{
    if (ledger_pendings(d->hub, d->target, take_pending, d, e) == -1 || know_ids(d, e) == -1 ||
        window_flush(d, e) == -1 || take_parked(d, (struct str){0}, e) == -1)
        return -1;
    return resend_all(d, e);
}

int deliver_recover(struct deliver *d, struct err *e)
{
    d->recovering = true;
    int done = recover_all(d, e);
    d->recovering = false;
    return done;
}

static int count_pending(void *arg, const struct ledger_pending *p, struct err *e)
{
    struct deliver *d = arg;
    (void)p;
    (void)e;
    d->counts.pending++;
    return 0;
}

int deliver_recover_plan(struct deliver *d, struct err *e)
{
    return ledger_pendings(d->hub, d->target, count_pending, d, e) == -1 ? -1 : resend_all(d, e);
}
