/*
 * hub-load into what keeps a ledger: the targets that systems describe, and folders of other machines.
 */
#include <inttypes.h>

#include "base/size.h"
#include "deliver/appender.h"
#include "deliver/caller.h"
#include "deliver/deliver.h"
#include "deliver/filer.h"
#include "deliver/mailer.h"
#include "deliver/outbox.h"
#include "io/csv.h"
#include "load.h"
#include "system/files.h"

enum { PARALLEL_MOST = 64 };

struct delivery {
    struct load *t;
    struct deliver *deliver;
};

bool load_is_described(const char *target)
{
    struct str connection, name;
    return system_split(str_of(target), &connection, &name);
}

/* ---- options ---- */

int load_deletions(const char *text, struct deletions_limit *limit, struct err *e)
{
    struct str s = str_of(text);
    uint64_t number;
    bool part = str_ends(s, STR("%"));
    if (!count_parse(str_slice(s, 0, s.n - part), &number) || number > (part ? 100 : INT64_MAX))
        return err_set(e, "usage", "--delete: neither a number nor a percentage: %s", err_quote(s));
    *limit = (struct deletions_limit){.number = part ? -1 : (int64_t)number,
                                      .percent = part ? (int64_t)number : 0};
    return 0;
}

static int take_parallel(struct caller_options *o, const char *text, struct err *e)
{
    uint64_t n;
    if (!count_parse(str_of(text), &n) || n < 1 || n > PARALLEL_MOST)
        return err_set(e, "usage", "-j: not a number from 1 to %d: %s", PARALLEL_MOST,
                       err_quote(str_of(text)));
    o->parallel = (unsigned)n;
    return 0;
}

/* ---- work ---- */

static int give_receipt(void *arg, const struct record *receipt, struct err *e)
{
    struct delivery *d = arg;
    (void)e;
    record_write(&d->t->cmd.out.buf, receipt);
    cmd_wrote(&d->t->cmd, 1);
    return 0;
}

static int settle_mark(void *arg, const struct record_mark *mark, struct err *e)
{
    struct delivery *d = arg;
    return d->t->cmd.marks == RECORD_MARKS_IGNORED ? 0 : deliver_mark(d->deliver, mark, e);
}

static void pause_reading(void *arg)
{
    deliver_pause(((struct delivery *)arg)->deliver);
}

static bool take(struct delivery *d, const struct record *r)
{
    struct err e = {0};
    switch (deliver_put(d->deliver, r, &e)) {
    case DELIVER_TAKEN: return cmd_took(&d->t->cmd, 0);
    case DELIVER_LEFT_OUT: return cmd_left_out(&d->t->cmd);
    case DELIVER_REFUSED: return cmd_refuse(&d->t->cmd, r, &e);
    case DELIVER_FATAL: break;
    }
    return load_fail(d->t, &e);
}

static void say_plan(const struct load *t, const struct deliver_counts *c)
{
    cmd_say(&t->cmd,
            "%s would create %" PRIu64 ", update %" PRIu64 " and delete %" PRIu64 "; %" PRIu64
            " are unchanged, %" PRIu64 " left out, %" PRIu64 " set aside",
            t->target, c->created, c->updated, c->deleted, c->unchanged, c->left_out, c->parked);
    if (c->either > 0)
        cmd_say(&t->cmd, "%s is asked for %" PRIu64 " more, whether to create or update them is unknown",
                t->target, c->either);
    if (c->pending > 0)
        cmd_say(&t->cmd,
                "%s: %" PRIu64 " are on their way since an earlier run: what came of them is unknown",
                t->target, c->pending);
    if (load_is_described(t->target))
        cmd_say(&t->cmd, "%s: what it will refuse is unknown", t->target);
}

static void deliver_all(struct delivery *d)
{
    struct load *t = d->t;
    struct record r;
    struct err e = {0};
    t->cmd.on_mark = settle_mark;
    t->cmd.mark_arg = d;
    t->cmd.on_idle = pause_reading;
    /* What is to be sent again is in the hub: no input need be. */
    bool reads = t->nresend == 0 || t->cmd.noperands > 0;
    while (reads && cmd_read(&t->cmd, &r))
        if (take(d, &r))
            break;
    bool read = !t->cmd.failed, done = read && deliver_finish(d->deliver, &e) == 0;
    const struct deliver_counts *c = deliver_counted(d->deliver);
    if (t->options.dry && read) {
        t->cmd.write_marks = false;
        say_plan(t, c);
    }
    if (read && !done)
        load_fail(t, &e);
    if (!t->options.dry && c->parked > 0) {
        cmd_say(&t->cmd, "%s: %" PRIu64 " set aside: hub-log --failed says why", t->target, c->parked);
        cmd_worse(&t->cmd, CMD_NO);
    }
}

/* ---- folders of other machines ---- */

struct encoder {
    const struct format_kind *format;
    void *state;
    struct format_options said; /* of a target that is described */
    struct filer *filer;        /* likewise */
};

static int encode(void *arg, const struct record *r, struct buf *out, struct err *e)
{
    struct encoder *x = arg;
    x->format->begin(x->state, out);
    switch (x->format->put(x->state, out, r, e)) {
    case FORMAT_OK: x->format->end(x->state, out); return buf_ok(out) ? 1 : err_memory(e);
    case FORMAT_FATAL: return -1;
    case FORMAT_REFUSED: return 0;
    case FORMAT_NOTHING:
    case FORMAT_LEFT_OUT: break;
    }
    err_set(e, "record", "a %s file has nothing to say of it", x->format->name);
    return 0;
}

static struct carrier *open_outbox(struct load *t, struct encoder *x, struct err *e)
{
    struct outbox_options o = {.encode = encode, .arg = x};
    if (!files_scheme(str_of(t->target))) {
        err_set(e, "usage",
                "folders of other machines are URLs of sftp, ftps or ftpes; an API or a mail server is "
                "described as the target of a system (hub-system(5))");
        return NULL;
    }
    if (!str_ends(str_of(t->target), STR("/"))) {
        err_set(e, "usage", "each record is a file of its own: name a folder, with a slash at its end");
        return NULL;
    }
    x->format = t->options.format != NULL ? t->options.format : &format_ndjson;
    x->state = x->format->open(&t->options.encoding, e);
    o.suffix = x->format->name;
    return x->state != NULL ? outbox_open(str_of(t->target), &o, e) : NULL;
}

/* A target whose files lie on another machine: format, columns and delimiter are its description's, where no
 * option says them. */
static struct carrier *open_described_files(struct load *t, struct system *system, struct str target,
                                            struct encoder *x, struct arena *arena, struct err *e)
{
    struct system_stream files = {0};
    if (system_stream_of(&files, system, system_find_target(system, target), target, arena, e) == -1)
        return NULL;
    x->said = t->options.encoding;
    if (x->said.columns == NULL) {
        x->said.columns = files.columns;
        x->said.ncolumns = files.ncolumns;
    }
    x->said.delimiter = files.delimiter.p != NULL ? csv_delimiter(files.delimiter) : '\0';
    x->format = t->options.format != NULL ? t->options.format : format_named(files.format);
    if (x->format == NULL) {
        err_set(e, "config", "no format that is written: %s", err_quote(files.format));
        return NULL;
    }
    x->state = x->format->open(&x->said, e);
    x->filer = x->state != NULL ? filer_open(system, target, encode, x, x->format->name, e) : NULL;
    return x->filer != NULL ? filer_carrier(x->filer) : NULL;
}

/* ---- files that grow ---- */

static int encode_row(void *arg, const struct record *r, bool first, struct buf *out, struct err *e)
{
    struct encoder *x = arg;
    if (first)
        x->format->begin(x->state, out);
    switch (x->format->put(x->state, out, r, e)) {
    case FORMAT_OK: return buf_ok(out) ? 1 : err_memory(e);
    case FORMAT_FATAL: return -1;
    case FORMAT_REFUSED: return 0;
    case FORMAT_NOTHING:
    case FORMAT_LEFT_OUT: return 1; /* it has nothing to say of it */
    }
    return 1;
}

static struct carrier *open_appender(struct load *t, struct encoder *x, struct err *e)
{
    struct appender_options o = {.encode = encode_row, .arg = x};
    if (load_templates(t, e) == -1)
        return NULL;
    x->format = t->options.format != NULL ? t->options.format : format_of_file(str_of(t->target));
    if (x->format == NULL || x->format == &format_json) {
        err_set(e, "usage", "%s",
                x->format != NULL ? "what is one array of JSON does not grow: use ndjson"
                                  : "the suffix of the file says no format: name it by -f");
        return NULL;
    }
    x->state = x->format->open(&t->options.encoding, e);
    return x->state != NULL ? appender_open(t->target, &o, e) : NULL;
}

static int open_parts(struct load *t, struct system *system, struct arena *arena, struct diag_list *diags,
                      struct encoder *encoder, struct carrier **carrier, struct hub **hub, struct err *e)
{
    struct caller_options o = {0};
    const char *path = cmd_database(t->database);
    struct str connection, target;
    bool described = !t->append && system_split(str_of(t->target), &connection, &target);
    if (path == NULL)
        return err_set(e, "usage",
                       "what the target was given is kept in a hub database: name it by -d or HUB_DB");
    if (t->parallel != NULL && take_parallel(&o, t->parallel, e) == -1)
        return -1;
    if (described && system_open(system, connection, arena, diags, e) == -1)
        return -1;
    *carrier = t->append                             ? open_appender(t, encoder, e)
               : !described                          ? open_outbox(t, encoder, e)
               : mailer_is_described(system, target) ? mailer_open(system, target, e)
               : filer_is_described(system, target)
                   ? open_described_files(t, system, target, encoder, arena, e)
                   : caller_open(system, target, &o, e);
    if (*carrier == NULL)
        return -1;
    *hub = hub_open(path, t->options.dry ? HUB_READS : HUB_WRITES, e);
    return *hub != NULL ? 0 : -1;
}

void load_to_system(struct load *t)
{
    struct delivery d = {.t = t};
    struct deliver_options o = {.database = cmd_database(t->database),
                                .dry = t->options.dry,
                                .settle = t->settle,
                                .resend = t->resend,
                                .nresend = t->nresend,
                                .answers = t->answers,
                                .receipt = give_receipt,
                                .arg = &d};
    struct carrier *carrier = NULL;
    struct encoder encoder = {0};
    struct system system = {0};
    struct hub *hub = NULL;
    struct arena arena;
    struct err e = {0};
    arena_init(&arena, (size_t)64 << 20);
    struct diag_list diags = {.arena = &arena};
    int done = t->deletions != NULL ? load_deletions(t->deletions, &o.deletions, &e) : 0;
    if (done == 0)
        done = open_parts(t, &system, &arena, &diags, &encoder, &carrier, &hub, &e);
    if (done == 0 && (d.deliver = deliver_open(hub, carrier, &o, &e)) != NULL)
        deliver_all(&d);
    else
        cmd_fail_diags(&t->cmd, &diags, &e);
    deliver_close(d.deliver);
    if (encoder.filer != NULL)
        filer_close(encoder.filer);
    else if (carrier != NULL)
        carrier->kind->close(carrier);
    if (encoder.format != NULL)
        encoder.format->close(encoder.state);
    hub_close(hub);
    system_release(&system);
    arena_release(&arena);
}
