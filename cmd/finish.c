#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "progress.h"
#include "work.h"

/* A record that was read and is in none of the books is a fault of the tool, and must not pass for a result.
 */
static void check_books(struct cmd *c)
{
    uint64_t booked = c->taken + c->refused + c->left_out;
    struct err e = {0};
    if (c->failed || c->read == booked)
        return;
    err_set(&e, "record", "the books do not balance: %" PRIu64 " read, %" PRIu64 " accounted for", c->read,
            booked);
    cmd_stop(c, &e);
}

static int write_end_mark(struct cmd *c, struct err *e)
{
    struct record r = {0};
    struct record_mark mark = {.end = true};
    bool waits = c->end_mark.n > 0; /* not where the last of several inputs had none */
    if (c->failed || !c->write_marks || (!waits && c->next_operand == 0))
        return 0;
    if (waits && (record_of_line(&c->in, buf_str(&c->end_mark), &r, e) != RECORD_OK ||
                  record_mark_of(&c->in, &r, &mark, e) == -1))
        return -1;
    mark.n = c->out_since_mark;
    record_write_mark(&c->out.buf, &mark);
    return 0;
}

/* Closing tells what some file systems keep back until then. */
static int close_output(struct cmd *c, struct err *e)
{
    if (cmd_write_out(c, out_flush, e) == -1)
        return -1;
    if (close(STDOUT_FILENO) == 0)
        return 0;
    err_place(e, "stdout");
    return err_errno(e, "cannot write");
}

static void say_books(const struct cmd *c)
{
    uint64_t booked = c->taken + c->refused + c->left_out;
    char pending[64] = "";
    if (c->read > booked &&
        snprintf(pending, sizeof pending, " + not finished %" PRIu64, c->read - booked) < 0)
        pending[0] = '\0';
    if (c->verbose)
        cmd_say(c,
                "read %" PRIu64 " = taken %" PRIu64 " + refused %" PRIu64 " + left out %" PRIu64
                "%s; wrote %" PRIu64,
                c->read, c->taken, c->refused, c->left_out, pending, c->written);
    if (c->rejects.count > 0)
        cmd_say(c, "%" PRIu64 " refused: the reasons are in %s", c->rejects.count, c->rejects.path);
}

static void release(struct cmd *c)
{
    struct err e = {0};
    if (rejects_close(&c->rejects, &e) == -1)
        cmd_stop(c, &e);
    if (c->in.keys != NULL)
        record_in_release(&c->in);
    buf_release(&c->end_mark);
    out_release(&c->out);
}

/* As a filter dies whose reader is gone: `head` was content, and nobody has to be told. */
static void die_of_sigpipe(void)
{
    sigset_t set;
    signal(SIGPIPE, SIG_DFL);
    if (sigemptyset(&set) == 0 && sigaddset(&set, SIGPIPE) == 0)
        sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(SIGPIPE);
}

int cmd_finish(struct cmd *c)
{
    struct err e = {0};
    if (c->finished)
        return c->status;
    c->finished = true;
    progress_erase(c);
    check_books(c);
    /* In this order: what an end mark vouches for is on the disk before it is seen. */
    if (rejects_sync(&c->rejects, &e) == -1 || write_end_mark(c, &e) == -1 || close_output(c, &e) == -1)
        cmd_stop(c, &e);
    say_books(c);
    release(c);
    struct runlog_counts counts = {c->read, c->taken, c->refused, c->left_out, c->written};
    if (runlog_end(&c->log, &counts, c->broken_pipe ? 128 + SIGPIPE : c->status, &e) == -1) {
        cmd_say_err(c, &e);
        cmd_worse(c, CMD_FAILED);
    }
    if (c->broken_pipe)
        die_of_sigpipe();
    return c->status;
}

int cmd_fail(struct cmd *c, const struct err *e)
{
    cmd_stop(c, e);
    return cmd_finish(c);
}

int cmd_fail_diags(struct cmd *c, const struct diag_list *list, const struct err *e)
{
    if (list->n == 0)
        return cmd_fail(c, e);
    cmd_say_diags(c, list);
    cmd_worse(c, CMD_FAILED);
    c->failed = true;
    return cmd_finish(c);
}
