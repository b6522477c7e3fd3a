/*
 * hub-load into the hub.
 */
#include <inttypes.h>
#include <unistd.h>

#include "canon/schema.h"
#include "load.h"

struct into {
    struct load *t;
    struct hub *hub;
    struct contract *contract;
    bool begun;         /* a transaction */
    struct buf waiting; /* receipts of it, given when it is on disk */
    uint64_t nwaiting, revised, unchanged;
};

/* Without marks, so many records are one transaction. */
enum { RECORDS_AT_ONCE = 10000, WAITING_MOST = 1 << 30 };

/* The transaction is on disk, and its receipts are given; a plan is taken back. */
static int settle(struct into *to, struct err *e)
{
    if (!to->begun)
        return 0;
    to->begun = false;
    if (to->t->options.dry)
        return 0;
    if (hub_commit(to->hub, e) == -1)
        return -1;
    if (!buf_ok(&to->waiting))
        return err_memory(e);
    if (to->nwaiting > 0)
        buf_put(&to->t->cmd.out.buf, buf_str(&to->waiting));
    cmd_wrote(&to->t->cmd, to->nwaiting);
    buf_reset(&to->waiting);
    to->nwaiting = 0;
    return 0;
}

static int begin(struct into *to, struct err *e)
{
    to->begun = true;
    return hub_begin(to->hub, e);
}

static bool take(struct into *to, const struct record *r)
{
    struct err e = {0};
    struct record receipt, named = *r;
    char version[65];
    int made = 0;
    enum hub_put put = begin(to, &e) == 0 ? hub_put(to->hub, to->contract, r, version, &e) : HUB_FATAL;
    if (put == HUB_REFUSED)
        return cmd_refuse(&to->t->cmd, r, &e);
    named.version = str_of(version);
    if (put == HUB_FATAL || (made = receipts_make(&to->t->receipts, &named, &receipt, &e)) == -1)
        return load_fail(to->t, &e);
    *(put == HUB_REVISED ? &to->revised : &to->unchanged) += 1;
    if (made == 1 && !to->t->options.dry) {
        receipt.status = put == HUB_REVISED ? STR("applied") : STR("unchanged");
        record_write(&to->waiting, &receipt);
        to->nwaiting++;
    }
    bool ends = to->t->cmd.marks != RECORD_MARKS_REQUIRED && !to->t->cmd.in.seen_mark &&
                to->nwaiting >= RECORDS_AT_ONCE;
    if (ends && settle(to, &e) == -1)
        return load_fail(to->t, &e);
    return cmd_took(&to->t->cmd, 0);
}

/* What it covers and where to go on, in one transaction. */
static int settle_mark(void *arg, const struct record_mark *mark, struct err *e)
{
    struct into *to = arg;
    if (to->t->cmd.marks == RECORD_MARKS_IGNORED)
        return 0;
    if (begin(to, e) == -1 || hub_bookmark(to->hub, mark, e) == -1)
        return -1;
    return settle(to, e);
}

static void run(struct into *to, const char *path)
{
    struct load *t = to->t;
    struct record r;
    struct err e = {0};
    t->cmd.on_mark = settle_mark;
    t->cmd.mark_arg = to;
    record_in_versions(&t->cmd.in);
    while (cmd_read(&t->cmd, &r))
        if (take(to, &r))
            break;
    if (!t->cmd.failed && settle(to, &e) == -1)
        load_fail(t, &e);
    if (t->options.dry && !t->cmd.failed) {
        t->cmd.write_marks = false;
        cmd_say(&t->cmd, "%s would get %" PRIu64 " revisions, and hold %" PRIu64 " records unchanged", path,
                to->revised, to->unchanged);
    }
}

void load_to_hub(struct load *t)
{
    struct into to = {.t = t};
    struct err e = {0};
    const char *path = cmd_database(t->database);
    buf_init(&to.waiting, WAITING_MOST);
    if (t->template != NULL || t->name != NULL)
        err_set(&e, "usage", "--%s is for files and folders: the hub holds records",
                t->template != NULL ? "template" : "name");
    else if (path == NULL)
        err_set(&e, "usage", "the target hub: is a hub database: name it by -d or HUB_DB");
    else if (t->options.dry && access(path, F_OK) == -1)
        err_errno(&e, path); /* a plan makes no file */
    else if ((to.contract = contract_new()) == NULL)
        err_memory(&e);
    else
        to.hub = hub_open(path, HUB_WRITES, &e);
    if (to.hub == NULL)
        load_fail(t, &e);
    else
        run(&to, path);
    hub_close(to.hub);
    contract_free(to.contract);
    buf_release(&to.waiting);
}
