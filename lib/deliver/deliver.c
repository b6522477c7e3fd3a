#include "deliver/deliver.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hex.h"
#include "base/out.h"
#include "deliver/window.h"
#include "hub/due.h"
#include "record/write.h"

enum {
    SAFE_DUE = 1024,
    KEY_DUE = 256,
    ITEMS_MOST = 1024,
    WINDOW_BYTES = 32 << 20,
    WINDOW_MOST = 1 << 30,
    SEEN_MOST = 1 << 30
};

/* ---- what carriers ask for ---- */

static int keep_step(void *arg, struct parcel *p, struct err *e)
{
    struct deliver *d = arg;
    if (hub_begin(d->hub, e) == -1 || ledger_step(d->hub, &p->pending, e) == -1)
        return -1;
    return hub_commit(d->hub, e);
}

static int keep_answer(void *arg, const struct record *native, struct err *e)
{
    struct deliver *d = arg;
    if (d->answers == -1)
        return 0;
    buf_reset(&d->text);
    record_write(&d->text, native);
    if (!buf_ok(&d->text))
        return err_memory(e);
    d->unsynced = true;
    return write_all(d->answers, buf_str(&d->text), e);
}

static int reference(void *arg, const struct ledger_key *key, struct str *target_id, struct err *e)
{
    struct deliver *d = arg;
    /* What the system itself gave has the id that it gave it. */
    if (str_eq(key->source, d->carrier->system)) {
        *target_id = key->id;
        return 0;
    }
    return ledger_reference(d->hub, d->carrier->system, key, target_id, e);
}

/* ---- opening ---- */

static int lock_target(struct deliver *d, struct err *e)
{
    d->lock = file_lock_part(d->options.database, "load", d->carrier->name, e);
    if (d->lock == -1 && e->temporary)
        err_set(e, "busy", "another hub-load delivers to %.*s", (int)d->carrier->name.n, d->carrier->name.p);
    return d->lock != -1 ? 0 : -1;
}

static int open_answers(struct deliver *d, struct err *e)
{
    if (d->options.answers == NULL || d->options.dry)
        return 0;
    d->answers = open(d->options.answers, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    return d->answers != -1 ? 0 : err_errno(e, d->options.answers);
}

static int know_target(struct deliver *d, struct err *e)
{
    if (d->options.dry)
        d->target = ledger_target_known(d->hub, d->carrier->name, e);
    else if (hub_begin(d->hub, e) == -1 || (d->target = ledger_target(d->hub, d->carrier->name, e)) == -1 ||
             hub_commit(d->hub, e) == -1)
        return -1;
    return d->target == -1 ? -1 : 0;
}

/* ---- one record ---- */

static int take_version(struct deliver *d, char out[LEDGER_VERSION], struct str said,
                        const struct json_node *data, struct err *e)
{
    char made[65];
    if (said.p == NULL && record_version(made, data, &d->work, e) == -1)
        return -1;
    struct str version = said.p != NULL ? said : str_of(made);
    if (version.n == (size_t)2 * LEDGER_VERSION && hex_read(out, version))
        return 0;
    err_field(e, STR("/version"));
    return err_set(e, "record", "not a version: %s", err_quote(version));
}

static int take_record(struct deliver *d, const struct record *r, struct ledger_key *key, struct given *given,
                       struct err *e)
{
    static const struct str words[] = {
        [GIVEN_CREATE] = STR("create"), [GIVEN_UPDATE] = STR("update"), [GIVEN_DELETE] = STR("delete")};
    *given = (struct given){.op = r->deleted ? GIVEN_DELETE : GIVEN_UPSERT, .change = r->op.p != NULL};
    *key = (struct ledger_key){r->entity, r->id, r->source, r->part};
    if (r->kind == RECORD_RECEIPT)
        return err_set(e, "record", "a receipt has no place here");
    if (r->entity.n == 0 || r->id.n == 0 || r->source.n == 0)
        return err_set(e, "record",
                       "a record without entity, id and source: what was delivered is kept by them "
                       "(hub-canon -R writes them)");
    for (int op = GIVEN_CREATE; op <= GIVEN_DELETE; op++)
        if (given->change && str_eq(r->op, words[op]))
            given->op = (enum given_op)op;
    const struct json_node *state = given->op == GIVEN_DELETE ? NULL : record_state(r);
    if (state == NULL && given->op != GIVEN_DELETE)
        return err_set(e, "record", "a record without data");
    given->has_was = r->was.p != NULL || (r->kind == RECORD_CHANGE && r->before != NULL);
    if (take_version(d, given->version, r->version, state, e) == -1)
        return -1;
    return given->has_was ? take_version(d, given->was, r->was, r->before, e) : 0;
}

int deliver_fill(struct deliver *d, struct item *item, const struct ledger_key *key, const char *version,
                 struct str line, struct err *e)
{
    struct ledger_pending *p = &item->parcel.pending;
    struct arena *a = &d->arena;
    p->key = (struct ledger_key){arena_str(a, key->entity), arena_str(a, key->id), arena_str(a, key->source),
                                 key->part};
    p->line = item->decision.what == DECIDED_UNCHANGED ? STR("") : json_padded(line, a);
    d->bytes += p->line.n;
    p->op = carrier_op_word(item->decision.op);
    memcpy(p->version, version, LEDGER_VERSION);
    return p->key.entity.p != NULL && p->key.id.p != NULL && p->key.source.p != NULL && p->line.p != NULL
               ? 0
               : err_memory(e);
}

static void plan(struct deliver *d, const struct decision *decision, const struct ledger_entry *has)
{
    struct deliver_counts *c = &d->counts;
    if (decision->what == DECIDED_SEND && decision->op != CARRIER_DELETE && d->carrier->looks &&
        has->target_id.n == 0) {
        c->either++;
        return;
    }
    switch (decision->what) {
    case DECIDED_UNCHANGED: c->unchanged++; break;
    case DECIDED_LEFT_OUT: c->left_out++; break;
    case DECIDED_PARK: c->parked++; break;
    case DECIDED_SEND:
        *(decision->op == CARRIER_CREATE   ? &c->created
          : decision->op == CARRIER_UPDATE ? &c->updated
                                           : &c->deleted) += 1;
    }
}

/* Of a chain that was set aside in the middle, the steps that are done stay done. */
static int go_on(struct deliver *d, const struct ledger_entry *has, struct ledger_pending *p, struct err *e)
{
    if (has->step == 0 || memcmp(has->parked_version, p->version, LEDGER_VERSION) != 0)
        return 0;
    p->step = has->step;
    p->kept = has->kept.p != NULL ? arena_str(&d->arena, has->kept) : (struct str){0};
    return has->kept.p == NULL || p->kept.p != NULL ? 0 : err_memory(e);
}

/* RESEND: whatever was decided of it, a person wants it to be sent. */
static int add_item(struct deliver *d, const struct ledger_key *key, const struct given *given,
                    const struct record *r, bool resend, struct decision *decision, struct err *e)
{
    struct ledger_entry has;
    if (hub_look(d->hub, e) == -1 || ledger_find(d->hub, d->target, key, &has, e) == -1)
        return -1;
    struct moved_change change = {r, &has, *given, r->line};
    if (given->change && !decide_fits(&has, given) &&
        moved_rebase(&d->moved, window_key(d, key), &change, e) == -1)
        return -1;
    decide(decision, d->carrier, &has, &change.given);
    if (resend)
        decision->what = DECIDED_SEND;
    if (d->options.dry) {
        plan(d, decision, &has);
        return 0;
    }
    /* Without a row, or a version that is set aside, nothing is to be written of what is unchanged. */
    if (decision->what == DECIDED_UNCHANGED && !has.parked)
        decision->state = LEDGER_NONE;
    struct item *item = window_add(d, e);
    if (item == NULL)
        return -1;
    item->decision = *decision;
    item->had = has;
    if (deliver_fill(d, item, key, given->version, change.line, e) == -1)
        return -1;
    if (decision->what == DECIDED_SEND && go_on(d, &has, &item->parcel.pending, e) == -1)
        return -1;
    item->parcel.pending.record = has.record;
    item->parcel.pending.n = has.n + (decision->what == DECIDED_SEND && !d->options.settle);
    if (has.target_id.p != NULL && (item->parcel.target_id = arena_str(&d->arena, has.target_id)).p == NULL)
        return err_memory(e);
    if (decision->what == DECIDED_SEND && seen_has(&d->held, window_key(d, key))) {
        struct err why = {0};
        err_set(&why, "held", "an earlier version of it was not taken now");
        parcel_end(&item->parcel, PARCEL_UNHEARD, &why, &d->arena);
    } else {
        d->due += decision->what == DECIDED_SEND;
    }
    bool full = d->n >= ITEMS_MOST || d->due >= d->due_most || d->bytes >= WINDOW_BYTES;
    return full ? window_flush(d, e) : 0;
}

/* A record that is in the window already waits until that is settled. */
static int make_way(struct deliver *d, const struct ledger_key *key, struct err *e)
{
    int added = seen_add(&d->seen, window_key(d, key));
    if (added == 0) {
        if (window_flush(d, e) == -1)
            return -1;
        added = seen_add(&d->seen, window_key(d, key));
    }
    return added == -1 ? err_memory(e) : 0;
}

enum deliver_took deliver_put(struct deliver *d, const struct record *r, struct err *e)
{
    struct ledger_key key;
    struct given given;
    struct decision decision;
    if (take_record(d, r, &key, &given, e) == -1)
        return DELIVER_REFUSED;
    if (given.op == GIVEN_DELETE)
        return deletions_hold(&d->deletions, window_key(d, &key), r->line, e) == 0 ? DELIVER_TAKEN
                                                                                   : DELIVER_FATAL;
    if (deletions_wait(&d->deletions))
        deletions_revoke(&d->deletions, window_key(d, &key));
    if (make_way(d, &key, e) == -1 || add_item(d, &key, &given, r, false, &decision, e) == -1)
        return DELIVER_FATAL;
    return decision.what == DECIDED_LEFT_OUT ? DELIVER_LEFT_OUT : DELIVER_TAKEN;
}

/* A line that was kept. */
int deliver_put_line(struct deliver *d, struct str line, bool resend, struct err *e)
{
    struct ledger_key key;
    struct given given;
    struct decision decision;
    struct record r = {0};
    if (record_of_line(&d->in, line, &r, e) != RECORD_OK || take_record(d, &r, &key, &given, e) == -1 ||
        make_way(d, &key, e) == -1)
        return -1;
    return add_item(d, &key, &given, &r, resend, &decision, e);
}

static int repeat_line(void *arg, struct str line, struct err *e)
{
    return deliver_put_line(arg, line, false, e);
}

/* ---- the end ---- */

static int put_mark(void *arg, const struct record_mark *mark, struct err *e)
{
    struct deliver *d = arg;
    if (d->options.dry)
        return 0;
    if (hub_begin(d->hub, e) == -1 || hub_bookmark(d->hub, mark, e) == -1)
        return -1;
    return hub_commit(d->hub, e);
}

void deliver_pause(struct deliver *d)
{
    hub_look_end(d->hub);
}

int deliver_mark(struct deliver *d, const struct record_mark *mark, struct err *e)
{
    if (window_flush(d, e) == -1)
        return -1;
    /* The bookmark stays before what is held, so that a later run is given it again. */
    if (mark->checkpoint == NULL || d->nheld > 0)
        return 0;
    return deletions_wait(&d->deletions) ? deletions_hold_mark(&d->deletions, mark, e) : put_mark(d, mark, e);
}

static int check_deletions(struct deliver *d, struct err *e)
{
    if (d->options.settle)
        return 0;
    int64_t held = ledger_held(d->hub, d->target, e);
    if (held == -1)
        return -1;
    int done = deletions_check(&d->deletions, &d->options.deletions, held, e);
    if (done == -1)
        err_place(e, "%.*s", (int)d->carrier->name.n, d->carrier->name.p);
    return done;
}

static int make_deletions(struct deliver *d, struct err *e)
{
    if (check_deletions(d, e) == -1 || deletions_each(&d->deletions, repeat_line, d, e) == -1 ||
        window_flush(d, e) == -1)
        return -1;
    return d->nheld > 0 ? 0 : deletions_each_mark(&d->deletions, &d->in, put_mark, d, e);
}

/* What was told to it in this run need not be told anew. */
static int close_due(struct deliver *d, struct err *e)
{
    int any = d->options.dry ? 0 : due_any(d->hub, d->target, e);
    if (any != 1)
        return any;
    if (hub_begin(d->hub, e) == -1 || due_close(d->hub, d->target, e) == -1)
        return -1;
    return hub_commit(d->hub, e);
}

int deliver_finish(struct deliver *d, struct err *e)
{
    if (window_flush(d, e) == -1 || (deletions_wait(&d->deletions) && make_deletions(d, e) == -1) ||
        close_due(d, e) == -1)
        return -1;
    if (d->nheld == 0)
        return 0;
    *e = d->why_held;
    return err_set(e, d->why_held.code, "%llu not taken now, and held for a later run; the first: %s",
                   (unsigned long long)d->nheld, d->why_held.message);
}

/* ---- life ---- */

static void set_up(struct deliver *d)
{
    struct carrier *c = d->carrier;
    arena_init(&d->arena, WINDOW_MOST);
    buf_init(&d->text, WINDOW_MOST);
    deletions_init(&d->deletions);
    seen_init(&d->seen, SEEN_MOST);
    seen_init(&d->held, SEEN_MOST);
    record_work_init(&d->work);
    json_tape_init(&d->error);
    d->due_most = c->repeat == CARRIER_SAFE  ? SAFE_DUE
                  : c->repeat == CARRIER_KEY ? KEY_DUE
                                             : c->slots * c->batch;
    c->host = (struct carrier_host){keep_step, keep_answer, reference, &d->arena, d};
}

struct deliver *deliver_open(struct hub *hub, struct carrier *carrier, const struct deliver_options *o,
                             struct err *e)
{
    struct deliver *d = calloc(1, sizeof *d);
    if (d == NULL) {
        err_memory(e);
        return NULL;
    }
    d->hub = hub;
    d->carrier = carrier;
    d->options = *o;
    d->lock = d->answers = -1;
    set_up(d);
    int done = record_in_init(&d->in, RECORD_MARKS_IGNORED, e);
    if (done == 0)
        done = moved_init(&d->moved, e);
    if (done == 0 && !o->dry)
        done = lock_target(d, e);
    if (done == 0)
        done = open_answers(d, e) == -1 || know_target(d, e) == -1 ? -1 : 0;
    if (done == 0)
        done = o->dry ? deliver_recover_plan(d, e) : deliver_recover(d, e);
    if (done == 0)
        return d;
    deliver_close(d);
    return NULL;
}

void deliver_close(struct deliver *d)
{
    if (d == NULL)
        return;
    if (d->lock != -1)
        close(d->lock);
    if (d->answers != -1)
        close(d->answers);
    arena_release(&d->arena);
    buf_release(&d->text);
    deletions_release(&d->deletions);
    moved_release(&d->moved);
    seen_release(&d->seen);
    seen_release(&d->held);
    record_work_release(&d->work);
    json_tape_release(&d->error);
    record_in_release(&d->in);
    free(d->item);
    free(d->sent);
    free(d);
}

const struct deliver_counts *deliver_counted(const struct deliver *d)
{
    return &d->counts;
}
