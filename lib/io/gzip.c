#include "io/gzip.h"

#include "base/lazy.h"

#ifdef SONAME_LIBZ

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

/* Filled once by lazy_load, and then the same for the whole process. */
static __typeof__(inflateInit2_) *p_inflateInit2_;
static __typeof__(inflate) *p_inflate;
static __typeof__(inflateReset) *p_inflateReset;
static __typeof__(inflateEnd) *p_inflateEnd;

static const struct lazy_symbol symbols[] = {{"inflateInit2_", &p_inflateInit2_},
                                             {"inflate", &p_inflate},
                                             {"inflateReset", &p_inflateReset},
                                             {"inflateEnd", &p_inflateEnd},
                                             {NULL, NULL}};
static struct lazy library = {.soname = SONAME_LIBZ, .symbols = symbols};

enum { BLOCK = 64 << 10, GZIP_ALONE = 16 /* added to the bits of the window */ };

struct gzip_reader {
    z_stream stream;
    struct reader from;
    const char *name;
    struct unpack *unpack;
    bool at_end; /* of the input */
    bool in_member;
    unsigned char block[BLOCK];
};

struct gzip_reader *gzip_reader_new(struct reader from, const char *name, struct unpack *unpack,
                                    struct err *e)
{
    struct gzip_reader *z = lazy_load(&library, e) == 0 ? calloc(1, sizeof *z) : NULL;
    if (z == NULL && e->code == NULL)
        err_memory(e);
    if (z != NULL &&
        p_inflateInit2_(&z->stream, MAX_WBITS + GZIP_ALONE, ZLIB_VERSION, (int)sizeof z->stream) != Z_OK) {
        free(z);
        z = NULL;
        err_memory(e);
    }
    if (z == NULL) {
        err_place(e, "%s", name);
        return NULL;
    }
    z->from = from;
    z->name = name;
    z->unpack = unpack;
    z->in_member = true;
    return z;
}

void gzip_reader_free(struct gzip_reader *z)
{
    if (z == NULL)
        return;
    p_inflateEnd(&z->stream);
    free(z);
}

static int damaged(const struct gzip_reader *z, const char *what, struct err *e)
{
    err_set(e, "archive", "cannot unpack: %s", what);
    err_place(e, "%s", z->name);
    return -1;
}

static int fill(struct gzip_reader *z, struct err *e)
{
    if (z->stream.avail_in > 0 || z->at_end)
        return 0;
    ssize_t got = z->from.read(z->from.arg, (char *)z->block, BLOCK, e);
    if (got == -1 && e->place[0] == '\0')
        err_place(e, "%s", z->name);
    if (got == -1)
        return -1;
    z->at_end = got == 0;
    z->stream.next_in = z->block;
    z->stream.avail_in = (unsigned)got;
    return 0;
}

/* Behind a member: another one, or zeros up to the end. */
static int begin_member(struct gzip_reader *z, struct err *e)
{
    bool padded = false;
    for (;;) {
        if (fill(z, e) == -1)
            return -1;
        if (z->stream.avail_in == 0)
            return 0;
        if (*z->stream.next_in != 0)
            break;
        padded = true;
        z->stream.next_in++;
        z->stream.avail_in--;
    }
    if (padded || *z->stream.next_in != 0x1f)
        return damaged(z, "something else stands behind its end", e);
    z->in_member = true;
    return p_inflateReset(&z->stream) == Z_OK ? 0 : err_memory(e);
}

/* At most N bytes, which may be none: how many, -1. */
static ssize_t unpack_some(struct gzip_reader *z, char *p, size_t n, struct err *e)
{
    z->stream.next_out = (unsigned char *)p;
    z->stream.avail_out = n < UINT_MAX ? (unsigned)n : UINT_MAX;
    unsigned before = z->stream.avail_out;
    int got = p_inflate(&z->stream, Z_NO_FLUSH);
    if (got == Z_STREAM_END)
        z->in_member = false;
    else if (got == Z_MEM_ERROR)
        return err_memory(e);
    else if (got != Z_OK && got != Z_BUF_ERROR)
        return damaged(z, z->stream.msg != NULL ? z->stream.msg : "damaged", e);
    return (ssize_t)(before - z->stream.avail_out);
}

ssize_t gzip_reader_read(void *arg, char *p, size_t n, struct err *e)
{
    struct gzip_reader *z = arg;
    for (;;) {
        if (!z->in_member && begin_member(z, e) == -1)
            return -1;
        if (!z->in_member)
            return 0;
        if (fill(z, e) == -1)
            return -1;
        ssize_t got = unpack_some(z, p, n, e);
        if (got > 0 && unpack_count(z->unpack, (uint64_t)got, z->name, e) == -1)
            return -1;
        if (got != 0)
            return got;
        if (z->at_end && z->in_member)
            return damaged(z, "cut off", e);
    }
}

#else

struct gzip_reader *gzip_reader_new(struct reader from, const char *name, struct unpack *unpack,
                                    struct err *e)
{
    (void)from, (void)unpack;
    lazy_absent("gzip", "libz", e);
    err_place(e, "%s", name);
    return NULL;
}

void gzip_reader_free(struct gzip_reader *z)
{
    (void)z;
}

ssize_t gzip_reader_read(void *arg, char *p, size_t n, struct err *e)
{
    (void)arg, (void)p, (void)n;
    return lazy_absent("gzip", "libz", e);
}

#endif
