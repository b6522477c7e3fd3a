/*
 * An outbox: one file per record.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "sink/filename.h"
#include "sink/same.h"
#include "sink/sink.h"

enum { TEXT_MOST = 512 << 20 };

struct folder {
    struct sink sink;
    struct filename name;
    struct buf text;
};

static struct sink *make(struct err *e)
{
    struct folder *f = calloc(1, sizeof *f);
    if (f == NULL) {
        err_memory(e);
        return NULL;
    }
    buf_init(&f->text, TEXT_MOST);
    return &f->sink;
}

static int start(struct sink *s, struct err *e)
{
    struct folder *f = (struct folder *)s;
    struct stat st;
    const char *suffix = s->options->suffix != NULL ? s->options->suffix : s->format->name;
    filename_init(&f->name, s->options->encoding.letters, s->options->name, suffix);
    if (stat(s->target, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return 0;
        errno = ENOTDIR;
    }
    err_errno(e, "cannot write into it");
    err_place(e, "%s", s->target);
    return -1;
}

/* ---- records ---- */

static enum sink_put encode(struct folder *f, const struct record *r, struct err *e)
{
    const struct format_kind *format = f->sink.format;
    buf_reset(&f->text);
    format->begin(f->sink.encoder, &f->text);
    switch (format->put(f->sink.encoder, &f->text, r, e)) {
    case FORMAT_FATAL: return SINK_FATAL;
    case FORMAT_REFUSED: return SINK_REFUSED;
    case FORMAT_LEFT_OUT: return SINK_LEFT_OUT;
    case FORMAT_NOTHING:
        err_set(e, "record", "a deletion, and a %s%s cannot tell it", format->name,
                format == &format_template ? "" : " file");
        return SINK_REFUSED;
    case FORMAT_OK: break;
    }
    format->end(f->sink.encoder, &f->text);
    if (buf_ok(&f->text))
        return SINK_APPLIED;
    err_memory(e);
    return SINK_FATAL;
}

static int write_file(struct folder *f, struct err *e)
{
    struct file_write w;
    if (file_write_open(&w, f->name.path.p, 0666, e) == -1)
        return -1;
    buf_put(&w.out.buf, buf_str(&f->text));
    return file_write_commit(&w, e);
}

static enum sink_put put(struct sink *s, const struct record *r, struct err *e)
{
    struct folder *f = (struct folder *)s;
    enum sink_put done = encode(f, r, e);
    if (done != SINK_APPLIED)
        return done;
    switch (filename_make(&f->name, s->target, r, e)) {
    case FORMAT_OK: break;
    case FORMAT_REFUSED: return SINK_REFUSED;
    default: return SINK_FATAL;
    }
    struct same same;
    same_open(&same, f->name.path.p);
    same_next(&same, buf_str(&f->text));
    if (same_end(&same)) {
        s->result.unchanged++;
        return SINK_UNCHANGED;
    }
    if (!s->options->dry && write_file(f, e) == -1)
        return SINK_FATAL;
    if (same.exists)
        s->result.replaced++;
    else
        s->result.created++;
    return SINK_APPLIED;
}

static int finish(struct sink *s, struct err *e)
{
    (void)s;
    (void)e;
    return 0;
}

static void close_folder(struct sink *s)
{
    struct folder *f = (struct folder *)s;
    filename_release(&f->name);
    buf_release(&f->text);
    free(f);
}

const struct sink_kind sink_folder = {
    .make = make, .start = start, .put = put, .finish = finish, .close = close_folder};
