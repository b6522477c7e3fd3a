#include "deliver/window.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/list.h"
#include "hub/due.h"

struct item *window_add(struct deliver *d, struct err *e)
{
    struct item *list = list_room(d->item, d->n, &d->cap, sizeof *list);
    if (list == NULL) {
        err_memory(e);
        return NULL;
    }
    d->item = list;
    struct item *item = &d->item[d->n++];
    *item = (struct item){0};
    return item;
}

struct str window_key(struct deliver *d, const struct ledger_key *key)
{
    enum { NO_BYTE_OF_TEXT = '\xFF' }; /* UTF-8 has none such */
    const struct str texts[] = {key->entity, key->id, key->source};
    buf_reset(&d->text);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buf_put(&d->text, texts[i]);
        buf_byte(&d->text, NO_BYTE_OF_TEXT);
    }
    buf_u64(&d->text, (uint64_t)key->part);
    return buf_str(&d->text);
}

/* ---- before the call ---- */

/* The name of a delivery: SHA-256 of [TARGET,SOURCE,ENTITY,ID,N], and the part where it is not the first. */
static int name_delivery(struct deliver *d, struct parcel *p, struct err *e)
{
    const struct ledger_pending *of = &p->pending;
    const struct str texts[] = {d->carrier->name, of->key.source, of->key.entity, of->key.id};
    buf_reset(&d->text);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buf_byte(&d->text, i == 0 ? '[' : ',');
        json_write_string(&d->text, texts[i]);
    }
    buf_printf(&d->text, ",%lld", (long long)of->n);
    if (of->key.part > 0)
        buf_printf(&d->text, ",%lld", (long long)of->key.part);
    buf_byte(&d->text, ']');
    return buf_ok(&d->text) ? digest_sha256(p->key, buf_str(&d->text), e) : err_memory(e);
}

static bool is_deletion(const struct parcel *p)
{
    return str_eq(p->pending.op, STR("delete"));
}

/* Those that are to be sent, in order; and which of them are one batch. */
static int collect(struct deliver *d, struct err *e)
{
    size_t n = 0, in_batch = 0;
    struct parcel **sent = realloc(d->sent, (d->due + 1) * sizeof *sent);
    if (sent == NULL)
        return err_memory(e);
    d->sent = sent;
    for (size_t i = 0; i < d->n; i++) {
        struct parcel *p = &d->item[i].parcel, *before = n > 0 ? sent[n - 1] : NULL;
        if (d->item[i].decision.what != DECIDED_SEND || p->outcome != PARCEL_WAITS)
            continue;
        if (name_delivery(d, p, e) == -1)
            return -1;
        sent[n++] = p;
        if (p->again || d->carrier->batch == 1)
            continue;
        bool follows = before != NULL && before->pending.batch == d->batch && in_batch < d->carrier->batch &&
                       !before->again && is_deletion(before) == is_deletion(p);
        in_batch = follows ? in_batch + 1 : 1;
        d->batch += !follows;
        p->pending.batch = d->batch;
    }
    d->due = n;
    return 0;
}

static int write_pendings(struct deliver *d, struct err *e)
{
    if (hub_begin(d->hub, e) == -1)
        return -1;
    for (size_t i = 0; i < d->due; i++)
        if (d->sent[i]->pending.id == 0 && ledger_pend(d->hub, d->target, &d->sent[i]->pending, e) == -1)
            return -1;
    return hub_commit(d->hub, e);
}

/* ---- the calls ---- */

/* How many from the I-th on go together. */
static size_t together(const struct deliver *d, size_t i)
{
    size_t n = 1;
    int64_t batch = d->sent[i]->pending.batch;
    while (batch != 0 && i + n < d->due && d->sent[i + n]->pending.batch == batch)
        n++;
    return n;
}

struct sending {
    size_t next;            /* of those to be sent */
    unsigned first, flying; /* slots that are taken: FLYING from FIRST on, around */
    struct flight {
        size_t first, n; /* of those that were sent */
    } flight[CARRIER_SLOTS];
    bool stop;
    struct err why; /* of the stop */
};

static void stop(struct sending *s, const struct err *why)
{
    if (!s->stop)
        s->why = *why;
    s->stop = true;
}

static void start_some(struct deliver *d, struct sending *s)
{
    struct carrier *c = d->carrier;
    while (!s->stop && s->flying < c->slots && s->next < d->due) {
        struct err e = {0};
        size_t n = together(d, s->next);
        unsigned slot = (s->first + s->flying) % c->slots;
        s->flight[slot] = (struct flight){s->next, n};
        s->next += n;
        if (c->kind->start(c, slot, d->sent + s->flight[slot].first, n, &e) == -1)
            stop(s, &e);
        else
            s->flying++;
    }
}

static bool is_held(const struct parcel *p)
{
    return p->outcome == PARCEL_UNHEARD || p->outcome == PARCEL_LOST;
}

/* One record that is not taken now holds up no other; but too many in a row say that the target is down. */
static void watch(struct deliver *d, struct sending *s, struct flight flight)
{
    bool failed = true;
    for (size_t i = flight.first; i < flight.first + flight.n; i++)
        failed &= is_held(d->sent[i]) || d->sent[i]->outcome == PARCEL_UNCERTAIN;
    d->in_a_row = failed ? d->in_a_row + 1 : 0;
    if (d->carrier->patience == 0 || d->in_a_row < d->carrier->patience)
        return;
    const struct parcel *last = d->sent[flight.first];
    struct err e = {.temporary = true};
    err_set(&e, last->why.code != NULL ? last->why.code : "http", "%.*s (%u in a row: it seems to be down)",
            (int)last->why.message.n, last->why.message.p != NULL ? last->why.message.p : "", d->in_a_row);
    stop(s, &e);
}

/* The slot that has been on its way for longest: it is done, or takes its turn behind the others. */
static void finish_one(struct deliver *d, struct sending *s)
{
    struct err e = {0};
    unsigned slot = s->first;
    int done = d->carrier->kind->finish(d->carrier, slot, &e);
    if (done == -1)
        stop(s, &e);
    if (done == 0)
        return; /* its next step is on its way */
    s->first = (s->first + 1) % d->carrier->slots;
    s->flying--;
    watch(d, s, s->flight[slot]);
}

static void send_due(struct deliver *d, struct sending *s)
{
    while (s->flying > 0 || (!s->stop && s->next < d->due)) {
        start_some(d, s);
        if (s->flying > 0)
            finish_one(d, s);
    }
}

/* Those whose batch was refused as a whole. */
static void send_alone(struct deliver *d, struct sending *s)
{
    for (size_t i = 0; i < d->due && !s->stop; i++) {
        struct parcel *p = d->sent[i];
        struct err e = {0};
        if (p->outcome != PARCEL_ALONE)
            continue;
        p->outcome = PARCEL_WAITS;
        int done = d->carrier->kind->start(d->carrier, 0, &p, 1, &e);
        while (done == 0 && (done = d->carrier->kind->finish(d->carrier, 0, &e)) == 0)
            ;
        if (done == -1)
            stop(s, &e);
        watch(d, s, (struct flight){i, 1});
    }
}

/* ---- after the calls ---- */

static int settle_sent(struct deliver *d, struct item *item, struct err *e)
{
    struct parcel *p = &item->parcel;
    struct err why = {.code = p->why.code};
    switch (p->outcome) {
    case PARCEL_APPLIED:
        if (ledger_settle(d->hub, d->target, &p->pending, is_deletion(p) ? LEDGER_DELETED : LEDGER_APPLIED,
                          p->target_id, e) == -1)
            return -1;
        /* Where the hub has gone back to what the target had before, nobody else would tell it. */
        return d->recovering ? due_put(d->hub, d->target, p->pending.record, p->pending.version, e) : 0;
    case PARCEL_REFUSED:
    case PARCEL_UNCERTAIN:
        err_field(&why, p->why.field.p != NULL ? p->why.field : STR(""));
        err_set(&why, p->outcome == PARCEL_UNCERTAIN ? LEDGER_UNCERTAIN : why.code, "%.*s",
                (int)p->why.message.n, p->why.message.p != NULL ? p->why.message.p : "");
        return ledger_park(d->hub, d->target, &p->pending, &why, e);
    case PARCEL_WAITS:
    case PARCEL_ALONE:
    case PARCEL_UNHEARD:
        /* What a killed run sent was perhaps heard then; and steps that are done stay so. */
        return p->again || p->pending.step > 0 ? 0 : ledger_forget(d->hub, &p->pending, e);
    case PARCEL_LOST: break;
    }
    return 0;
}

static int settle_item(struct deliver *d, struct item *item, struct err *e)
{
    struct ledger_pending *p = &item->parcel.pending;
    switch (item->decision.what) {
    case DECIDED_SEND:
        if (!d->options.settle)
            return settle_sent(d, item, e);
        return ledger_settle(d->hub, d->target, p,
                             is_deletion(&item->parcel) ? LEDGER_DELETED : LEDGER_APPLIED, (struct str){0},
                             e);
    case DECIDED_LEFT_OUT:
    case DECIDED_UNCHANGED: /* what was parked of it is closed */
        return item->decision.state == LEDGER_NONE
                   ? 0
                   : ledger_settle(d->hub, d->target, p, item->decision.state, (struct str){0}, e);
    case DECIDED_PARK: {
        struct err why = {0};
        err_set(&why, item->decision.code, "%s", item->decision.why);
        return ledger_park(d->hub, d->target, p, &why, e);
    }
    }
    return 0;
}

/* Whether there is anything to be written of it. */
static bool is_news(const struct item *item)
{
    return item->decision.what != DECIDED_UNCHANGED || item->decision.state != LEDGER_NONE;
}

static int sync_answers(struct deliver *d, struct err *e)
{
    if (d->unsynced && fdatasync(d->answers) == -1)
        return err_errno(e, d->options.answers);
    d->unsynced = false;
    return 0;
}

static int settle(struct deliver *d, struct err *e)
{
    bool news = false;
    for (size_t i = 0; i < d->n; i++)
        news |= is_news(&d->item[i]);
    if (!news)
        return 0;
    if (sync_answers(d, e) == -1 || hub_begin(d->hub, e) == -1)
        return -1;
    for (size_t i = 0; i < d->n; i++)
        if (is_news(&d->item[i]) && settle_item(d, &d->item[i], e) == -1)
            return -1;
    return hub_commit(d->hub, e);
}

/* ---- what is held ---- */

static int hold(struct deliver *d, const struct parcel *p, struct err *e)
{
    if (d->nheld++ == 0) {
        d->why_held = (struct err){.temporary = true};
        err_set(&d->why_held, p->why.code != NULL ? p->why.code : "http", "%.*s", (int)p->why.message.n,
                p->why.message.p != NULL ? p->why.message.p : "");
    }
    return seen_add(&d->held, window_key(d, &p->pending.key)) != -1 ? 0 : err_memory(e);
}

/* ---- all of it ---- */

/* Changes that were read before it was delivered start from what was then. */
static int note_moved(struct deliver *d, const struct item *item, struct err *e)
{
    const struct parcel *p = &item->parcel;
    if (item->decision.what != DECIDED_SEND || p->outcome != PARCEL_APPLIED)
        return 0;
    return moved_add(&d->moved, window_key(d, &p->pending.key), &item->had, &p->pending, e);
}

static void clear(struct deliver *d)
{
    d->n = d->due = d->bytes = 0;
    arena_reset(&d->arena);
    seen_clear(&d->seen);
}

int window_flush(struct deliver *d, struct err *e)
{
    struct sending s = {0};
    int done = 0;
    hub_look_end(d->hub);
    if (d->n == 0)
        return 0;
    if (d->due > 0 && !d->options.settle) {
        if (collect(d, e) == -1 || write_pendings(d, e) == -1)
            return -1;
        send_due(d, &s);
        send_alone(d, &s);
    }
    done = settle(d, e);
    for (size_t i = 0; i < d->n && done == 0; i++) {
        done = window_receipt(d, &d->item[i], e);
        if (done == 0 && d->recovering)
            done = note_moved(d, &d->item[i], e);
        if (done == 0 && d->item[i].decision.what == DECIDED_SEND && is_held(&d->item[i].parcel))
            done = hold(d, &d->item[i].parcel, e);
    }
    clear(d);
    if (done == 0 && s.stop) {
        *e = s.why;
        return -1;
    }
    return done;
}
