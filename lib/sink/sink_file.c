/*
 * A snapshot: all records in one file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "sink/same.h"
#include "sink/sink.h"

struct file {
    struct sink sink;
    bool in_place;           /* no regular file: written to as it comes */
    struct file_write aside; /* else; nothing in a dry run */
    struct out direct;
    struct out *out; /* one of the two */
    struct same same;
};

static struct sink *make(struct err *e)
{
    struct file *f = calloc(1, sizeof *f);
    if (f == NULL) {
        err_memory(e);
        return NULL;
    }
    f->same.fd = -1;
    f->aside.out.fd = -1;
    out_init(&f->direct, -1);
    return &f->sink;
}

static int fail(const struct file *f, struct err *e)
{
    if (e->place[0] == '\0')
        err_place(e, "%s", f->sink.target);
    return -1;
}

/* What standard output is redirected to would be replaced under the receipts. */
static bool is_standard_output(const struct stat *st)
{
    struct stat out;
    return S_ISREG(st->st_mode) && fstat(STDOUT_FILENO, &out) == 0 && out.st_dev == st->st_dev &&
           out.st_ino == st->st_ino;
}

static int open_target(struct file *f, struct err *e)
{
    struct stat st;
    bool exists = stat(f->sink.target, &st) == 0;
    if (exists && is_standard_output(&st))
        return err_set(e, "usage", "is standard output, where the receipts go");
    f->in_place = exists && !S_ISREG(st.st_mode);
    f->out = &f->direct;
    if (f->sink.options->dry)
        return 0;
    if (!f->in_place) {
        f->out = &f->aside.out;
        return file_write_open(&f->aside, f->sink.target, 0666, e);
    }
    f->direct.fd = open(f->sink.target, O_WRONLY | O_CLOEXEC);
    return f->direct.fd != -1 ? 0 : err_errno(e, "cannot write");
}

static int start(struct sink *s, struct err *e)
{
    struct file *f = (struct file *)s;
    if (open_target(f, e) == -1)
        return fail(f, e);
    if (!f->in_place)
        same_open(&f->same, s->target);
    s->format->begin(s->encoder, &f->out->buf);
    return 0;
}

static int flush(struct file *f, struct err *e)
{
    same_next(&f->same, buf_str(&f->out->buf));
    if (!f->sink.options->dry)
        return out_flush(f->out, e) == 0 ? 0 : fail(f, e);
    bool ok = buf_ok(&f->out->buf);
    buf_reset(&f->out->buf);
    return ok ? 0 : err_memory(e);
}

static enum sink_put put(struct sink *s, const struct record *r, struct err *e)
{
    struct file *f = (struct file *)s;
    switch (s->format->put(s->encoder, &f->out->buf, r, e)) {
    case FORMAT_FATAL: return SINK_FATAL;
    case FORMAT_REFUSED: return SINK_REFUSED;
    case FORMAT_LEFT_OUT: return SINK_LEFT_OUT;
    case FORMAT_OK:
    case FORMAT_NOTHING: break;
    }
    bool due = f->out->buf.n >= OUT_BLOCK || f->out->buf.failed;
    return due && flush(f, e) == -1 ? SINK_FATAL : SINK_HELD;
}

static int close_direct(struct file *f, struct err *e)
{
    int fd = f->direct.fd;
    f->direct.fd = -1;
    if (fd == -1 || close(fd) == 0)
        return 0;
    err_errno(e, "cannot write");
    return fail(f, e);
}

static int finish(struct sink *s, struct err *e)
{
    struct file *f = (struct file *)s;
    s->format->end(s->encoder, &f->out->buf);
    if (flush(f, e) == -1)
        return -1;
    if (same_end(&f->same)) {
        s->result.unchanged = 1;
        file_write_abort(&f->aside);
        return 0;
    }
    s->result.replaced = f->same.exists || f->in_place;
    s->result.created = !s->result.replaced;
    if (s->options->dry)
        return 0;
    return f->in_place ? close_direct(f, e) : file_write_commit(&f->aside, e);
}

static void close_file(struct sink *s)
{
    struct file *f = (struct file *)s;
    if (f->direct.fd != -1)
        close(f->direct.fd);
    out_release(&f->direct);
    same_end(&f->same);
    file_write_abort(&f->aside);
    free(f);
}

const struct sink_kind sink_file = {
    .make = make, .start = start, .put = put, .finish = finish, .close = close_file};
