/*
 * A snapshot of several files: an archive with a member for each stream of native records, and for each
 * entity of canonical ones.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "io/pack.h"
#include "sink/filename.h"
#include "sink/same.h"
#include "sink/sink.h"

enum { MEMBERS_MOST = 256, NAMES_BYTES = 1 << 20 };

struct member {
    struct str of;   /* "shopify:orders", "order" */
    struct str name; /* "orders.csv" */
    void *encoder;
    struct out out; /* an unlinked file */
};

struct archive {
    struct sink sink;
    struct arena names;
    struct member member[MEMBERS_MOST];
    size_t n;
    struct same same;
    struct file_write aside;
};

static struct sink *make(struct err *e)
{
    struct archive *a = calloc(1, sizeof *a);
    if (a == NULL) {
        err_memory(e);
        return NULL;
    }
    arena_init(&a->names, NAMES_BYTES);
    a->same.fd = -1;
    a->aside.out.fd = -1;
    return &a->sink;
}

static int start(struct sink *s, struct err *e)
{
    struct stat st;
    if (stat(s->target, &st) == 0 && !S_ISREG(st.st_mode)) {
        err_set(e, "usage", "an archive is written to a file");
        err_place(e, "%s", s->target);
        return -1;
    }
    return 0;
}

/* ---- members ---- */

static int name_member(struct archive *a, struct member *m, struct err *e)
{
    struct buf name;
    size_t colon = str_find(m->of, ':');
    buf_init(&name, NAMES_BYTES);
    filename_put_part(&name, colon < m->of.n ? str_slice(m->of, colon + 1, m->of.n) : m->of, true);
    buf_printf(&name, ".%s",
               a->sink.options->suffix != NULL ? a->sink.options->suffix : a->sink.format->name);
    m->name = buf_ok(&name) ? arena_str(&a->names, buf_str(&name)) : (struct str){0};
    buf_release(&name);
    if (m->name.p == NULL)
        return err_memory(e);
    for (const struct member *other = a->member; other < m; other++)
        if (str_eq(other->name, m->name))
            return err_set(e, "usage", "both %s and %s would be the member %s", err_quote(other->of),
                           err_quote(m->of), m->name.p);
    return 0;
}

static struct member *add_member(struct archive *a, struct str of, struct err *e)
{
    const struct format_kind *format = a->sink.format;
    if (a->n == MEMBERS_MOST) {
        err_set(e, "limit", "more than %d members", MEMBERS_MOST);
        return NULL;
    }
    struct member *m = &a->member[a->n];
    m->of = arena_str(&a->names, of);
    if (m->of.p == NULL)
        err_memory(e);
    if (m->of.p == NULL || name_member(a, m, e) == -1)
        return NULL;
    int fd = file_unlinked(e);
    if (fd == -1)
        return NULL;
    out_init(&m->out, fd);
    a->n++;
    m->encoder = format->open(&a->sink.options->encoding, e);
    if (m->encoder == NULL)
        return NULL;
    format->begin(m->encoder, &m->out.buf);
    return m;
}

static struct member *member_of(struct archive *a, const struct record *r, struct err *e)
{
    struct str of = r->stream.p != NULL ? r->stream : r->entity;
    for (size_t i = 0; i < a->n; i++)
        if (str_eq(a->member[i].of, of))
            return &a->member[i];
    return add_member(a, of, e);
}

static enum sink_put put(struct sink *s, const struct record *r, struct err *e)
{
    struct archive *a = (struct archive *)s;
    struct member *m = member_of(a, r, e);
    if (m == NULL)
        return SINK_FATAL;
    switch (s->format->put(m->encoder, &m->out.buf, r, e)) {
    case FORMAT_FATAL: return SINK_FATAL;
    case FORMAT_REFUSED: return SINK_REFUSED;
    case FORMAT_LEFT_OUT: return SINK_LEFT_OUT;
    case FORMAT_OK:
    case FORMAT_NOTHING: break;
    }
    return out_commit(&m->out, e) == -1 ? SINK_FATAL : SINK_HELD;
}

/* ---- the archive ---- */

static int by_name(const void *one, const void *other)
{
    return str_cmp(((const struct member *)one)->name, ((const struct member *)other)->name);
}

static int take_bytes(void *arg, struct str bytes, struct err *e)
{
    struct archive *a = arg;
    same_next(&a->same, bytes);
    if (a->sink.options->dry)
        return 0;
    buf_put(&a->aside.out.buf, bytes);
    return out_commit(&a->aside.out, e);
}

static int pack_members(struct archive *a, struct err *e)
{
    struct pack *p = pack_new(pack_of_file(str_of(a->sink.target)), take_bytes, a, e);
    int done = p != NULL ? 0 : -1;
    for (struct member *m = a->member; m < a->member + a->n && done == 0; m++) {
        a->sink.format->end(m->encoder, &m->out.buf);
        done = out_flush(&m->out, e) == 0 ? pack_add(p, m->name.p, m->out.fd, e) : -1;
    }
    if (done == 0)
        done = pack_finish(p, e);
    pack_free(p);
    return done;
}

static int finish(struct sink *s, struct err *e)
{
    struct archive *a = (struct archive *)s;
    qsort(a->member, a->n, sizeof *a->member, by_name);
    if (!s->options->dry && file_write_open(&a->aside, s->target, 0666, e) == -1)
        return -1;
    same_open(&a->same, s->target);
    if (pack_members(a, e) == -1) {
        if (e->place[0] == '\0')
            err_place(e, "%s", s->target);
        return -1;
    }
    if (same_end(&a->same)) {
        s->result.unchanged = 1;
        file_write_abort(&a->aside);
        return 0;
    }
    s->result.replaced = a->same.exists;
    s->result.created = !a->same.exists;
    return s->options->dry ? 0 : file_write_commit(&a->aside, e);
}

static void close_archive(struct sink *s)
{
    struct archive *a = (struct archive *)s;
    for (struct member *m = a->member; m < a->member + a->n; m++) {
        s->format->close(m->encoder);
        out_release(&m->out);
        close(m->out.fd);
    }
    same_end(&a->same);
    file_write_abort(&a->aside);
    arena_release(&a->names);
    free(a);
}

const struct sink_kind sink_archive = {
    .make = make, .start = start, .put = put, .finish = finish, .close = close_archive};
