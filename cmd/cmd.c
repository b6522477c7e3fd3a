#include "cmd.h"

#include <inttypes.h>

#include "progress.h"
#include "work.h"

enum { TICK = 4096 /* records between two looks at the clock */ };

/* ---- status ---- */

/* How grave a status is: a run that failed for good is not worth another try, whatever else was temporary. */
static int gravity(int status)
{
    return status == CMD_OK ? 0 : status == CMD_NO ? 1 : status == CMD_TEMPORARY ? 2 : 3;
}

void cmd_worse(struct cmd *c, int status)
{
    if (gravity(status) > gravity(c->status))
        c->status = status;
}

/* What was appended for the record in hand is dropped; what did not fit can only have been part of it. */
static void take_back(struct cmd *c)
{
    if (c->out.buf.n > c->kept)
        c->out.buf.n = c->kept;
    c->out.buf.failed = false;
}

bool cmd_stop(struct cmd *c, const struct err *why)
{
    struct err e = *why; /* WHY may be c->err */
    c->failed = true;
    if (c->broken_pipe)
        return true;
    if (c->input_open)
        take_back(c);
    struct err second = {0};
    if (out_flush(&c->out, &second) == -1 && strcmp(second.code, "pipe") == 0)
        c->broken_pipe = true;
    cmd_say_err(c, &e);
    cmd_worse(c, e.temporary ? CMD_TEMPORARY : CMD_FAILED);
    return true;
}

int cmd_write_out(struct cmd *c, int how(struct out *, struct err *), struct err *e)
{
    if (how(&c->out, e) == 0)
        return 0;
    /* Of standard output alone: a pipe that breaks elsewhere is an error like any other. */
    c->broken_pipe = strcmp(e->code, "pipe") == 0;
    err_place(e, "stdout");
    e->field[0] = '\0';
    return -1;
}

/* ---- books ---- */

static void tick(struct cmd *c)
{
    if (c->shows_progress && c->read % TICK == 0)
        progress_show(c);
}

bool cmd_wrote(struct cmd *c, uint64_t out)
{
    c->written += out;
    c->out_since_mark += out;
    int done = cmd_write_out(c, out_commit, &c->err);
    c->kept = c->out.buf.n;
    return done == -1 && cmd_stop(c, &c->err);
}

bool cmd_took(struct cmd *c, uint64_t out)
{
    c->taken++;
    tick(c);
    return cmd_wrote(c, out);
}

bool cmd_left_out(struct cmd *c)
{
    c->left_out++;
    tick(c);
    return false;
}

void cmd_left_out_taken(struct cmd *c)
{
    c->taken--;
    c->left_out++;
}

/* What is no fault of the record, and would be the same for each that follows. */
static bool ends_all(const struct err *why)
{
    return strcmp(why->code, "config") == 0 || strcmp(why->code, "memory") == 0;
}

/* R may be NULL. */
static bool refuse(struct cmd *c, struct str line, const struct record *r, const struct err *why)
{
    if (ends_all(why))
        return cmd_stop(c, why);
    c->refused++;
    tick(c);
    if (c->rejects.fd == -1 && c->would_set_aside == NULL)
        return cmd_stop(c, why);
    struct err e = {0};
    if (c->would_set_aside != NULL)
        cmd_say_err(c, why);
    else if (rejects_add(&c->rejects, line, r, why, &e) == -1)
        return cmd_stop(c, &e);
    cmd_worse(c, CMD_NO);
    return false;
}

bool cmd_refuse(struct cmd *c, const struct record *r, const struct err *why)
{
    take_back(c);
    struct err placed = *why;
    if (r->from.p != NULL)
        err_place(&placed, "%.*s", (int)r->from.n, r->from.p);
    else if (placed.place[0] == '\0')
        err_place(&placed, "%s:%" PRIu64, r->input, r->number);
    return refuse(c, r->line, r, &placed);
}

bool cmd_refuse_taken(struct cmd *c, struct str line, const struct err *why)
{
    struct record r = {0};
    struct err e;
    c->taken--;
    err_clear(&e);
    bool known = record_of_line(&c->in, line, &r, &e) == RECORD_OK;
    struct err placed = *why;
    if (known && r.from.p != NULL)
        err_place(&placed, "%.*s", (int)r.from.n, r.from.p);
    return refuse(c, line, known ? &r : NULL, &placed);
}

bool cmd_refuse_raw(struct cmd *c, struct str line, const struct err *why)
{
    return refuse(c, line, NULL, why);
}
