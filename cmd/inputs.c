#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "work.h"

static int flush(void *arg, struct err *e)
{
    struct cmd *c = arg;
    if (c->on_idle != NULL)
        c->on_idle(c->mark_arg);
    return cmd_write_out(c, out_flush, e);
}

static int on_mark(void *arg, const struct record_mark *mark, struct err *e)
{
    struct cmd *c = arg;
    struct record_mark passed = *mark;
    if (c->unmarked != NULL && c->marks != RECORD_MARKS_IGNORED)
        return err_set(e, "cut_off",
                       "has marks, and %s had none: it may have been cut off (--no-marks takes it as it is)",
                       c->unmarked);
    if ((c->spec->common & CMD_HAS_MARKS) != 0)
        c->write_marks = true;
    passed.end = mark->end && c->next_operand >= c->noperands;
    if (c->on_mark != NULL)
        return c->on_mark(c->mark_arg, &passed, e);
    if (mark->end && !passed.end && mark->checkpoint == NULL)
        return 0;
    return cmd_mark(c, &passed, e);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return S_ISREG(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int cmd_check_input(const struct cmd *c, int fd, const char *name, struct err *e)
{
    struct stat in, other;
    if (fstat(fd, &in) == -1)
        return 0;
    if (c->rejects.fd != -1 && fstat(c->rejects.fd, &other) == 0 && is_same_file(&in, &other)) {
        err_place(e, "%s", name);
        return err_set(e, "usage", "is also the file for rejects: rename it first");
    }
    if (fstat(STDOUT_FILENO, &other) == 0 && is_same_file(&in, &other) && in.st_size > 0) {
        err_place(e, "%s", name);
        return err_set(e, "usage", "is also the standard output: it would never end");
    }
    return 0;
}

int cmd_check_target(const struct cmd *c, const char *path, struct err *e)
{
    struct stat target, rejects;
    if (c->rejects.fd == -1 || stat(path, &target) == -1 || fstat(c->rejects.fd, &rejects) == -1 ||
        !is_same_file(&target, &rejects))
        return 0;
    err_place(e, "%s", path);
    return err_set(e, "usage", "is also the file for rejects: what was refused would be lost");
}

/* 1: an input is open; 0: there is none left. */
static int open_next(struct cmd *c, struct err *e)
{
    const char *operand = "-";
    if (c->next_operand < c->noperands)
        operand = c->operands[c->next_operand];
    else if (c->next_operand > 0)
        return 0;
    int fd = file_open(operand, e);
    if (fd == -1)
        return -1;
    const char *name = strcmp(operand, "-") == 0 ? "stdin" : operand;
    if (cmd_check_input(c, fd, name, e) == -1) {
        close(fd);
        return -1;
    }
    c->next_operand++;
    record_in_open(&c->in, fd, name);
    c->in.lines.idle = flush;
    c->in.lines.idle_arg = c;
    c->in.on_mark = on_mark;
    c->in.mark_arg = c;
    c->input_open = true;
    return 1;
}

/* Where one input has marks, all need them: one that was cut off before its first looks like one without. */
static void end_input(struct cmd *c)
{
    c->input_open = false;
    if (c->in.seen_mark && c->in.marks == RECORD_MARKS_AS_FOUND)
        c->in.marks = RECORD_MARKS_REQUIRED;
    if (!c->in.seen_mark)
        c->unmarked = c->in.name;
}

bool cmd_read(struct cmd *c, struct record *r)
{
    for (;;) {
        if (c->failed)
            return false;
        if (!c->input_open) {
            int opened = open_next(c, &c->err);
            if (opened != 1)
                return opened == -1 && !cmd_stop(c, &c->err);
        }
        enum record_got got = record_read(&c->in, r, &c->err);
        c->kept = c->out.buf.n;
        switch (got) {
        case RECORD_OK: c->read++; return true;
        case RECORD_BAD:
            c->read++;
            if (cmd_refuse(c, r, &c->err))
                return false;
            break;
        case RECORD_END: end_input(c); break;
        case RECORD_FATAL: return !cmd_stop(c, &c->err);
        }
    }
}

int cmd_mark(struct cmd *c, const struct record_mark *mark, struct err *e)
{
    if (!c->write_marks)
        return 0;
    struct record_mark ours = *mark;
    ours.n = c->out_since_mark;
    if (mark->end) {
        /* All but its count is known; lines may follow that are written at the end of the work. */
        buf_reset(&c->end_mark);
        record_write_mark(&c->end_mark, &ours);
        return buf_ok(&c->end_mark) ? 0 : err_memory(e);
    }
    if (rejects_sync(&c->rejects, e) == -1)
        return -1;
    record_write_mark(&c->out.buf, &ours);
    c->out_since_mark = 0;
    return cmd_write_out(c, out_commit, e);
}
