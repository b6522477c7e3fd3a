#include "deliver/outbox.h"

#include <stdlib.h>

enum { TEXT_MOST = 512 << 20, NAME_MOST = 1 << 20, KEY_SHOWN = 32 };

/* Steps of a delivery (pending.step). */
enum { WRITTEN = 1 };

struct outbox {
    struct carrier carrier;
    struct outbox_options options;
    struct str folder; /* absent: all have a place of their own */
    struct transfer_account account;
    struct transfer *transfer;
    struct record_in in; /* lines to records */
    struct buf text, name, url;
};

/* ---- names ---- */

static struct str temporary_name(const struct outbox *o, const struct parcel *p, struct arena *a)
{
    return arena_printf(a, ".%.*s.%s.part", KEY_SHOWN, p->key, o->options.suffix);
}

static struct str url_of(struct outbox *o, struct str folder, struct str name)
{
    buf_reset(&o->url);
    buf_put(&o->url, folder);
    url_encode_path(&o->url, name);
    return buf_str(&o->url);
}

static int place_of(struct outbox *o, const struct parcel *p, const struct record *r,
                    struct outbox_place *out, struct err *e)
{
    if (o->options.place != NULL)
        return o->options.place(o->options.place_arg, p, r, out, e);
    buf_reset(&o->name);
    buf_printf(&o->name, "%.*s.%s", KEY_SHOWN, p->key, o->options.suffix);
    *out = (struct outbox_place){o->folder, buf_str(&o->name)};
    return 1;
}

/* ---- one delivery ---- */

/* Writes it under its temporary name, and records that. 1; 0: refused (E); -1. */
static int write_file(struct outbox *o, struct parcel *p, const struct record *r, struct str temporary_url,
                      struct err *e)
{
    struct carrier_host *host = &o->carrier.host;
    buf_reset(&o->text);
    int made = o->options.encode(o->options.arg, r, &o->text, e);
    if (made != 1)
        return made;
    if (transfer_put(o->transfer, temporary_url, buf_str(&o->text), e) == -1)
        return -1;
    p->pending.step = WRITTEN;
    return host->keep(host->arg, p, e) == 0 ? 1 : -1;
}

/* What was recorded as written has its temporary name, or was renamed. */
static int rename_file(struct outbox *o, const struct parcel *p, const struct outbox_place *place,
                       struct str temporary, struct err *e)
{
    int64_t size, changed;
    int there =
        p->again ? transfer_look(o->transfer, url_of(o, place->folder, temporary), &size, &changed, e) : 1;
    if (there != 1)
        return there;
    return o->options.place != NULL ? transfer_replace(o->transfer, place->folder, temporary, place->name, e)
                                    : transfer_rename(o->transfer, place->folder, temporary, place->name, e);
}

/* 1: done; 0: refused (E); -1. */
static int deliver_file(struct outbox *o, struct parcel *p, struct err *e)
{
    struct str temporary = temporary_name(o, p, o->carrier.host.arena);
    struct outbox_place place;
    struct record r = {0};
    if (temporary.p == NULL)
        return err_memory(e);
    if (record_of_line(&o->in, p->pending.line, &r, e) != RECORD_OK)
        return 0;
    int done = place_of(o, p, &r, &place, e);
    if (done == 1 && p->pending.step < WRITTEN)
        done = write_file(o, p, &r, url_of(o, place.folder, temporary), e);
    if (done == 1 && rename_file(o, p, &place, temporary, e) == -1)
        done = -1;
    return done;
}

static int start(struct carrier *c, unsigned slot, struct parcel **parcels, size_t n, struct err *e)
{
    struct outbox *o = (struct outbox *)c;
    struct parcel *p = parcels[0];
    struct err why = {0};
    (void)slot, (void)n;
    int done = deliver_file(o, p, &why);
    enum parcel_outcome outcome = done == 1                   ? PARCEL_APPLIED
                                  : done == 0                 ? PARCEL_REFUSED
                                  : p->pending.step < WRITTEN ? PARCEL_UNHEARD
                                                              : PARCEL_LOST;
    parcel_end(p, outcome, done == 1 ? NULL : &why, c->host.arena);
    if (done == -1)
        *e = why;
    return done == -1 ? -1 : 0;
}

/* All was done when it was started. */
static int finish(struct carrier *c, unsigned slot, struct err *e)
{
    (void)c, (void)slot, (void)e;
    return 1;
}

static void close_outbox(struct carrier *c)
{
    struct outbox *o = (struct outbox *)c;
    transfer_free(o->transfer);
    record_in_release(&o->in);
    buf_release(&o->text);
    buf_release(&o->name);
    buf_release(&o->url);
    free(o);
}

static const struct carrier_kind kind = {.start = start, .finish = finish, .close = close_outbox};

struct carrier *outbox_open(struct str url, const struct outbox_options *options, struct err *e)
{
    if (url.p != NULL && transfer_check(url, e) == -1)
        return NULL;
    struct outbox *o = calloc(1, sizeof *o);
    if (o == NULL || record_in_init(&o->in, RECORD_MARKS_IGNORED, e) == -1) {
        free(o);
        err_memory(e);
        return NULL;
    }
    o->carrier = (struct carrier){.kind = &kind,
                                  .name = url,
                                  .system = url,
                                  .repeat = CARRIER_LOOK,
                                  .changed = CARRIER_APPLY,
                                  .ops = CARRIER_CREATE | CARRIER_UPDATE,
                                  .slots = 1,
                                  .batch = 1};
    o->options = *options;
    o->folder = url;
    buf_init(&o->text, TEXT_MOST);
    buf_init(&o->name, NAME_MOST);
    buf_init(&o->url, NAME_MOST);
    if (options->account != NULL)
        o->account = *options->account;
    else
        transfer_account_of_environment(&o->account);
    o->transfer = transfer_new(&o->account, e);
    if (o->transfer != NULL)
        return &o->carrier;
    close_outbox(&o->carrier);
    return NULL;
}
