/*
 * An outbox: one file per record.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/file.h"
#include "sink/same.h"
#include "sink/sink.h"

enum { TEXT_MOST = 512 << 20, NAME_BYTES = 200 /* without the suffix; names of files have up to 255 */ };

struct folder {
    struct sink sink;
    struct buf path;
    struct buf text;
    struct record_work work;
};

static struct sink *make(struct err *e)
{
    struct folder *f = calloc(1, sizeof *f);
    if (f == NULL) {
        err_memory(e);
        return NULL;
    }
    buf_init(&f->path, TEXT_MOST);
    buf_init(&f->text, TEXT_MOST);
    record_work_init(&f->work);
    return &f->sink;
}

static int start(struct sink *s, struct err *e)
{
    struct stat st;
    if (stat(s->target, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return 0;
        errno = ENOTDIR;
    }
    err_errno(e, "cannot write into it");
    err_place(e, "%s", s->target);
    return -1;
}

/* ---- names ---- */

/* Letters, digits, "_" and "-" stand for themselves, and "." unless it is SEPARATOR; other bytes as %XX: no
 * two texts give one name, and none leads out of the folder. */
static void put_part(struct buf *path, struct str part, bool separated)
{
    for (size_t i = 0; i < part.n; i++) {
        char c = part.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                     c == '-' || (c == '.' && !separated);
        if (plain)
            buf_byte(path, c);
        else
            buf_printf(path, "%%%02X", (unsigned char)c);
    }
}

/* What stands for a record without an id: what it says. */
static int put_version(struct folder *f, const struct record *r, struct err *e)
{
    char version[65];
    if (record_version(version, format_content(r), &f->work, e) == -1)
        return -1;
    buf_put(&f->path, str_of(version));
    return 0;
}

/* The name behind START, where it is too long for a file, becomes its hash. */
static int shorten(struct buf *path, size_t start, struct err *e)
{
    char hash[65];
    if (!buf_ok(path) || path->n - start <= NAME_BYTES)
        return 0;
    if (digest_sha256(hash, str_slice(buf_str(path), start, path->n), e) == -1)
        return -1;
    path->n = start;
    buf_put(path, str_of(hash));
    return 0;
}

/* The name is fixed by what the record is, so that the same one never lies there twice. */
static int make_path(struct folder *f, const struct record *r, struct err *e)
{
    struct buf *path = &f->path;
    struct str target = str_of(f->sink.target);
    buf_reset(path);
    buf_put(path, target);
    if (!str_ends(target, STR("/")))
        buf_byte(path, '/');
    size_t start = path->n;
    put_part(path, r->source, true);
    buf_byte(path, '.');
    if (r->stream.p != NULL) {
        put_part(path, r->stream, true);
        buf_byte(path, '.');
    }
    if (r->entity.p != NULL) {
        put_part(path, r->entity, true);
        buf_byte(path, '.');
    }
    if (r->id.p != NULL)
        put_part(path, r->id, false);
    else if (put_version(f, r, e) == -1)
        return -1;
    if (shorten(path, start, e) == -1)
        return -1;
    buf_printf(path, ".%s", f->sink.format->name);
    buf_byte(path, '\0');
    return buf_ok(path) ? 0 : err_memory(e);
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
    case FORMAT_NOTHING:
        err_set(e, "record", "a deletion, and a %s file cannot tell it", format->name);
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
    if (file_write_open(&w, f->path.p, 0666, e) == -1)
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
    if (make_path(f, r, e) == -1)
        return SINK_FATAL;
    struct same same;
    same_open(&same, f->path.p);
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
    buf_release(&f->path);
    buf_release(&f->text);
    record_work_release(&f->work);
    free(f);
}

const struct sink_kind sink_folder = {
    .make = make, .start = start, .put = put, .finish = finish, .close = close_folder};
