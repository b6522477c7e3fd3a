#include "deliver/appender.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/out.h"
#include "base/size.h"

enum { TEXT_MOST = 512 << 20, BATCH = 1024 };

/* Steps of a batch (pending.step of its first parcel): what it keeps is where the batch starts. */
enum { MEASURED = 1 };

struct appender {
    struct carrier carrier;
    struct appender_options options;
    const char *path;
    int fd;
    bool checked; /* what stands in the file before its first record is what would stand there now */
    struct record_in in;
    struct buf text, first;
};

static int fail(const struct appender *a, struct err *e)
{
    if (e->place[0] == '\0')
        err_place(e, "%s", a->path);
    return -1;
}

/* ---- the file ---- */

static int open_file(struct appender *a, struct err *e)
{
    struct stat st;
    if (a->fd != -1)
        return 0;
    a->fd = open(a->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (a->fd == -1 || fstat(a->fd, &st) == -1)
        return err_errno(e, a->path);
    if (S_ISREG(st.st_mode))
        return 0;
    err_set(e, "usage", "is no regular file: nothing can be added to it once");
    return fail(a, e);
}

static int64_t length(struct appender *a, struct err *e)
{
    off_t end = open_file(a, e) == 0 ? lseek(a->fd, 0, SEEK_END) : -1;
    if (end == -1 && e->code == NULL)
        err_errno(e, a->path);
    return end;
}

/* Of a batch that a killed run began: what it added is gone. */
static int cut_off(struct appender *a, struct str kept, struct err *e)
{
    uint64_t from;
    int64_t end = length(a, e);
    if (end == -1)
        return -1;
    if (!count_parse(kept, &from) || from > (uint64_t)end) {
        err_set(e, "config", "it is shorter than when a batch was added that is not settled");
        return fail(a, e);
    }
    return ftruncate(a->fd, (off_t)from) == 0 ? 0 : err_errno(e, a->path);
}

static int add(struct appender *a, struct err *e)
{
    if (lseek(a->fd, 0, SEEK_END) == -1)
        return err_errno(e, a->path);
    if (write_all(a->fd, buf_str(&a->text), e) == -1)
        return fail(a, e);
    return fsync(a->fd) == 0 ? 0 : err_errno(e, a->path);
}

/* The header of a file that is there has to be the one that R would get. */
static int check_first(struct appender *a, const struct record *r, struct err *e)
{
    char *there;
    size_t rows = a->text.n;
    buf_reset(&a->first);
    int made = a->options.encode(a->options.arg, r, true, &a->first, e);
    if (made != 1)
        return made;
    size_t n = a->first.n;
    if (a->options.encode(a->options.arg, r, false, &a->text, e) != 1)
        return -1;
    n -= a->text.n - rows;
    a->text.n = rows;
    if ((there = malloc(n + 1)) == NULL)
        return err_memory(e);
    bool same = pread(a->fd, there, n, 0) == (ssize_t)n && memcmp(there, a->first.p, n) == 0;
    free(there);
    a->checked = same;
    if (same)
        return 1;
    err_set(e, "config", "it has other columns than what is to be added");
    return fail(a, e);
}

/* ---- a batch ---- */

/* The texts of all, behind each other. -1: E; those that are refused have their outcome. */
static int encode(struct appender *a, struct parcel **parcels, size_t n, int64_t at, struct err *e)
{
    buf_reset(&a->text);
    for (size_t i = 0; i < n; i++) {
        struct record r = {0};
        struct err why = {0};
        bool first = at == 0 && a->text.n == 0;
        size_t start = a->text.n;
        int made = record_of_line(&a->in, parcels[i]->pending.line, &r, &why) == RECORD_OK ? 1 : 0;
        if (made == 1 && !first && !a->checked && at > 0)
            made = check_first(a, &r, &why);
        if (made == 1)
            made = a->options.encode(a->options.arg, &r, first, &a->text, &why);
        if (made == -1) {
            *e = why;
            return -1;
        }
        a->checked |= first && made == 1;
        if (made == 1)
            continue;
        a->text.n = start;
        parcel_end(parcels[i], PARCEL_REFUSED, &why, a->carrier.host.arena);
    }
    return buf_ok(&a->text) ? 0 : err_memory(e);
}

static int measure(struct appender *a, struct parcel *p, int64_t at, struct err *e)
{
    p->pending.kept = arena_printf(a->carrier.host.arena, "%lld", (long long)at);
    if (p->pending.kept.p == NULL)
        return err_memory(e);
    p->pending.step = MEASURED;
    return a->carrier.host.keep(a->carrier.host.arg, p, e);
}

static int add_batch(struct appender *a, struct parcel **parcels, size_t n, struct err *e)
{
    struct parcel *first = parcels[0];
    if (first->pending.step == MEASURED && cut_off(a, first->pending.kept, e) == -1)
        return -1;
    int64_t at = length(a, e);
    if (at == -1 || encode(a, parcels, n, at, e) == -1 || measure(a, first, at, e) == -1)
        return -1;
    return a->text.n > 0 ? add(a, e) : 0;
}

static int start(struct carrier *c, unsigned slot, struct parcel **parcels, size_t n, struct err *e)
{
    struct appender *a = (struct appender *)c;
    (void)slot;
    int done = add_batch(a, parcels, n, e);
    for (size_t i = 0; i < n; i++)
        if (done == -1)
            parcel_end(parcels[i], parcels[0]->pending.step == MEASURED ? PARCEL_LOST : PARCEL_UNHEARD, e,
                       c->host.arena);
        else if (parcels[i]->outcome == PARCEL_WAITS)
            parcel_end(parcels[i], PARCEL_APPLIED, NULL, c->host.arena);
    return done;
}

/* All was done when it was started. */
static int finish(struct carrier *c, unsigned slot, struct err *e)
{
    (void)c, (void)slot, (void)e;
    return 1;
}

static void close_appender(struct carrier *c)
{
    struct appender *a = (struct appender *)c;
    if (a->fd != -1)
        close(a->fd);
    record_in_release(&a->in);
    buf_release(&a->text);
    buf_release(&a->first);
    free(a);
}

static const struct carrier_kind kind = {.start = start, .finish = finish, .close = close_appender};

struct carrier *appender_open(const char *path, const struct appender_options *o, struct err *e)
{
    struct appender *a = calloc(1, sizeof *a);
    if (a == NULL || record_in_init(&a->in, RECORD_MARKS_IGNORED, e) == -1) {
        free(a);
        err_memory(e);
        return NULL;
    }
    a->carrier = (struct carrier){.kind = &kind,
                                  .name = str_of(path),
                                  .system = str_of(path),
                                  .repeat = CARRIER_SAFE,
                                  .changed = CARRIER_APPLY,
                                  .ops = CARRIER_CREATE | CARRIER_UPDATE,
                                  .slots = 1,
                                  .batch = BATCH};
    a->options = *o;
    a->path = path;
    a->fd = -1;
    buf_init(&a->text, TEXT_MOST);
    buf_init(&a->first, TEXT_MOST);
    return &a->carrier;
}
