#include "io/pack.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lazy.h"
#include "base/reader.h"

enum pack_kind pack_of_file(struct str name)
{
    static const struct {
        const char *suffix;
        enum pack_kind kind;
    } known[] = {{".zip", PACK_ZIP},
                 {".tar", PACK_TAR},
                 {".tar.gz", PACK_TAR_GZIP},
                 {".tgz", PACK_TAR_GZIP},
                 {".tar.zst", PACK_TAR_ZSTD}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_ends(name, str_of(known[i].suffix)))
            return known[i].kind;
    return PACK_NONE;
}

#ifdef SONAME_LIBARCHIVE

#include <archive.h>
#include <archive_entry.h>

#define FUNCTIONS(X)                                                                                         \
    X(archive_write_new)                                                                                     \
    X(archive_write_free)                                                                                    \
    X(archive_write_set_format_zip)                                                                          \
    X(archive_write_set_format_pax_restricted)                                                               \
    X(archive_write_add_filter_gzip)                                                                         \
    X(archive_write_add_filter_zstd)                                                                         \
    X(archive_write_set_options)                                                                             \
    X(archive_write_set_bytes_in_last_block)                                                                 \
    X(archive_write_open)                                                                                    \
    X(archive_write_header)                                                                                  \
    X(archive_write_data)                                                                                    \
    X(archive_write_finish_entry)                                                                            \
    X(archive_write_close)                                                                                   \
    X(archive_error_string)                                                                                  \
    X(archive_entry_new)                                                                                     \
    X(archive_entry_free)                                                                                    \
    X(archive_entry_set_pathname)                                                                            \
    X(archive_entry_set_size)                                                                                \
    X(archive_entry_set_filetype)                                                                            \
    X(archive_entry_set_perm)

#define DECLARE(name) static __typeof__(name) *p_##name;
#define SYMBOL(name)  {#name, &p_##name},
FUNCTIONS(DECLARE)

static const struct lazy_symbol symbols[] = {FUNCTIONS(SYMBOL){NULL, NULL}};
static struct lazy library = {.soname = SONAME_LIBARCHIVE, .symbols = symbols};

enum { BLOCK = 64 << 10 };

struct pack {
    struct archive *handle;
    pack_write *write;
    void *arg;
    struct err why; /* what `write` said: libarchive has room for a text only */
    char block[BLOCK];
};

static int say(const struct pack *p, struct err *e)
{
    if (p->why.code != NULL) {
        *e = p->why;
        return -1;
    }
    const char *text = p_archive_error_string(p->handle);
    return err_set(e, "archive", "cannot pack: %s", text != NULL ? text : "libarchive does not say why");
}

static la_ssize_t take(struct archive *handle, void *arg, const void *bytes, size_t n)
{
    struct pack *p = arg;
    (void)handle;
    return p->write(p->arg, (struct str){bytes, n}, &p->why) == 0 ? (la_ssize_t)n : -1;
}

/* What would differ from run to run is left out: the time in the head of gzip; a zip takes no zone into
 * account where there is no time. A compressor that libarchive would run as a program is refused. */
static int set_up(struct pack *p, enum pack_kind kind)
{
    struct archive *h = p->handle;
    int got =
        kind == PACK_ZIP ? p_archive_write_set_format_zip(h) : p_archive_write_set_format_pax_restricted(h);
    if (got == ARCHIVE_OK && kind == PACK_TAR_GZIP)
        got = p_archive_write_add_filter_gzip(h);
    if (got == ARCHIVE_OK && kind == PACK_TAR_ZSTD)
        got = p_archive_write_add_filter_zstd(h);
    if (got == ARCHIVE_OK && kind == PACK_TAR_GZIP)
        got = p_archive_write_set_options(h, "gzip:!timestamp");
    if (got == ARCHIVE_OK)
        got = p_archive_write_set_bytes_in_last_block(h, 1);
    return got == ARCHIVE_OK ? p_archive_write_open(h, p, NULL, take, NULL) : got;
}

struct pack *pack_new(enum pack_kind kind, pack_write *write, void *arg, struct err *e)
{
    if (lazy_load(&library, e) == -1)
        return NULL;
    struct pack *p = calloc(1, sizeof *p);
    if (p != NULL)
        p->handle = p_archive_write_new();
    if (p == NULL || p->handle == NULL) {
        err_memory(e);
        pack_free(p);
        return NULL;
    }
    p->write = write;
    p->arg = arg;
    if (set_up(p, kind) == ARCHIVE_OK)
        return p;
    say(p, e);
    e->code = "config";
    pack_free(p);
    return NULL;
}

void pack_free(struct pack *p)
{
    if (p == NULL)
        return;
    if (p->handle != NULL)
        p_archive_write_free(p->handle);
    free(p);
}

static int put_head(struct pack *p, const char *name, int64_t size, struct err *e)
{
    struct archive_entry *entry = p_archive_entry_new();
    if (entry == NULL)
        return err_memory(e);
    p_archive_entry_set_pathname(entry, name);
    p_archive_entry_set_size(entry, size);
    p_archive_entry_set_filetype(entry, AE_IFREG);
    p_archive_entry_set_perm(entry, 0644);
    int got = p_archive_write_header(p->handle, entry);
    p_archive_entry_free(entry);
    return got == ARCHIVE_OK ? 0 : say(p, e);
}

int pack_add(struct pack *p, const char *name, int fd, struct err *e)
{
    struct stat st;
    struct fd_reader file = {.fd = fd};
    ssize_t got;
    if (fstat(fd, &st) == -1 || lseek(fd, 0, SEEK_SET) == -1)
        return err_errno(e, "cannot read");
    if (put_head(p, name, st.st_size, e) == -1)
        return -1;
    while ((got = fd_reader_read(&file, p->block, BLOCK, e)) > 0)
        if (p_archive_write_data(p->handle, p->block, (size_t)got) != got)
            return say(p, e);
    if (got == -1)
        return -1;
    return p_archive_write_finish_entry(p->handle) == ARCHIVE_OK ? 0 : say(p, e);
}

int pack_finish(struct pack *p, struct err *e)
{
    return p_archive_write_close(p->handle) == ARCHIVE_OK ? 0 : say(p, e);
}

#else

struct pack *pack_new(enum pack_kind kind, pack_write *write, void *arg, struct err *e)
{
    (void)kind, (void)write, (void)arg;
    lazy_absent("archives", "libarchive", e);
    return NULL;
}

void pack_free(struct pack *p)
{
    (void)p;
}

int pack_add(struct pack *p, const char *name, int fd, struct err *e)
{
    (void)p, (void)name, (void)fd;
    return lazy_absent("archives", "libarchive", e);
}

int pack_finish(struct pack *p, struct err *e)
{
    (void)p;
    return lazy_absent("archives", "libarchive", e);
}

#endif
