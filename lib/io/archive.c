#include "io/archive.h"

#include <errno.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lazy.h"
#include "base/out.h"

static bool has_at(struct str head, size_t at, struct str magic)
{
    return head.n >= at && str_starts(str_slice(head, at, head.n), magic);
}

/* "BZh", a level, and the magic of the first block: texts can begin with the letters. */
static bool is_bzip2(struct str head)
{
    return has_at(head, 0, STR("BZh")) && head.n > 3 && head.p[3] >= '1' && head.p[3] <= '9' &&
           (head.n < 10 || has_at(head, 4, STR("1AY&SY")));
}

/* POSIX ustar: the magic, and the sum of the header's bytes (its own field counted as blanks) in octal: texts
 * can have the word. */
static bool is_tar(struct str head)
{
    enum { HEADER = 512, SUM = 148, SUM_SIZE = 8 };
    unsigned long sum = 0, said = 0;
    if (head.n < HEADER || !has_at(head, 257, STR("ustar")))
        return false;
    for (size_t i = 0; i < HEADER; i++)
        sum += i >= SUM && i < SUM + SUM_SIZE ? ' ' : (unsigned char)head.p[i];
    for (size_t i = SUM; i < SUM + SUM_SIZE; i++)
        if (head.p[i] >= '0' && head.p[i] <= '7')
            said = said * 8 + (unsigned long)(head.p[i] - '0');
    return sum == said;
}

enum archive_kind archive_sniff(struct str head)
{
    static const struct {
        size_t at;
        struct str magic;
        enum archive_kind kind;
    } known[] = {
        {0, {"PK\3\4", 4}, ARCHIVE_INDEXED},
        {0, {"PK\5\6", 4}, ARCHIVE_INDEXED}, /* a zip without members */
        {0, {"7z\xbc\xaf\x27\x1c", 6}, ARCHIVE_INDEXED},
        {0, {"\x1f\x8b", 2}, ARCHIVE_GZIP},
        {0, {"\x28\xb5\x2f\xfd", 4}, ARCHIVE_STREAM}, /* zstd */
        {0, {"\xfd\x37zXZ\0", 6}, ARCHIVE_STREAM},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (has_at(head, known[i].at, known[i].magic))
            return known[i].kind;
    return is_bzip2(head) ? ARCHIVE_STREAM : is_tar(head) ? ARCHIVE_TAR : ARCHIVE_NONE;
}

#ifdef SONAME_LIBARCHIVE

#include <archive.h>
#include <archive_entry.h>

/* Filled once by lazy_load, and then the same for the whole process. */
#define FUNCTIONS(X)                                                                                         \
    X(archive_read_new)                                                                                      \
    X(archive_read_free)                                                                                     \
    X(archive_read_support_format_zip_seekable)                                                              \
    X(archive_read_support_format_7zip)                                                                      \
    X(archive_read_support_format_tar)                                                                       \
    X(archive_read_support_format_raw)                                                                       \
    X(archive_read_support_format_empty)                                                                     \
    X(archive_read_support_filter_zstd)                                                                      \
    X(archive_read_support_filter_xz)                                                                        \
    X(archive_read_support_filter_bzip2)                                                                     \
    X(archive_read_set_callback_data)                                                                        \
    X(archive_read_set_read_callback)                                                                        \
    X(archive_read_set_seek_callback)                                                                        \
    X(archive_read_open1)                                                                                    \
    X(archive_read_next_header)                                                                              \
    X(archive_read_data)                                                                                     \
    X(archive_read_data_skip)                                                                                \
    X(archive_filter_bytes)                                                                                  \
    X(archive_format)                                                                                        \
    X(archive_error_string)                                                                                  \
    X(archive_entry_pathname)                                                                                \
    X(archive_entry_pathname_utf8)                                                                           \
    X(archive_entry_filetype)                                                                                \
    X(archive_entry_hardlink)                                                                                \
    X(archive_entry_is_encrypted)

#define DECLARE(name) static __typeof__(name) *p_##name;
#define SYMBOL(name)  {#name, &p_##name},
FUNCTIONS(DECLARE)

static const struct lazy_symbol symbols[] = {FUNCTIONS(SYMBOL){NULL, NULL}};
static struct lazy library = {.soname = SONAME_LIBARCHIVE, .symbols = symbols};

enum { BLOCK = 64 << 10 };

struct archive_reader {
    struct archive *handle;
    struct archive_entry *entry;
    const char *name;
    struct reader from;
    int fd;                /* of an indexed archive */
    bool own_fd;           /* it is a temporary copy */
    struct unpack *unpack; /* NULL: nothing is compressed, so nothing is counted */
    struct err why;        /* what FROM said */
    char block[BLOCK];
};

static int fail(const struct archive_reader *a, struct err *e)
{
    err_place(e, "%s", a->name);
    return -1;
}

/* The read callback of libarchive. What went wrong is kept, since libarchive has room for a text only. */
static la_ssize_t give_bytes(struct archive *handle, void *arg, const void **bytes)
{
    (void)handle;
    struct archive_reader *a = arg;
    struct fd_reader file = {.fd = a->fd};
    ssize_t got = a->fd != -1 ? fd_reader_read(&file, a->block, BLOCK, &a->why)
                              : a->from.read(a->from.arg, a->block, BLOCK, &a->why);
    *bytes = a->block;
    return got == -1 ? ARCHIVE_FATAL : got;
}

static la_int64_t seek_to(struct archive *handle, void *arg, la_int64_t offset, int whence)
{
    (void)handle;
    struct archive_reader *a = arg;
    off_t at = lseek(a->fd, (off_t)offset, whence);
    return at == -1 ? ARCHIVE_FATAL : (la_int64_t)at;
}

/* An unlinked file in $TMPDIR with all that FROM gives. */
static int copy_all(struct archive_reader *a, int fd, struct err *e)
{
    ssize_t got;
    while ((got = a->from.read(a->from.arg, a->block, BLOCK, e)) > 0)
        if (write_all(fd, (struct str){a->block, (size_t)got}, e) == -1)
            return -1;
    return (int)got;
}

static int spool(struct archive_reader *a, struct err *e)
{
    a->fd = file_unlinked(e);
    a->own_fd = a->fd != -1;
    return a->own_fd ? copy_all(a, a->fd, e) : -1;
}

static int prepare_indexed(struct archive_reader *a, int fd, struct err *e)
{
    a->fd = fd;
    if (fd == -1 && spool(a, e) == -1)
        return -1;
    return lseek(a->fd, 0, SEEK_SET) == 0 ? 0 : err_errno(e, "cannot read");
}

static bool choose_formats(struct archive *handle, enum archive_kind kind)
{
    if (kind == ARCHIVE_INDEXED)
        return p_archive_read_support_format_zip_seekable(handle) == ARCHIVE_OK &&
               p_archive_read_support_format_7zip(handle) == ARCHIVE_OK;
    /* A filter whose library libarchive lacks says ARCHIVE_WARN and runs a program; that is well, too. */
    return p_archive_read_support_filter_zstd(handle) >= ARCHIVE_WARN &&
           p_archive_read_support_filter_xz(handle) >= ARCHIVE_WARN &&
           p_archive_read_support_filter_bzip2(handle) >= ARCHIVE_WARN &&
           p_archive_read_support_format_tar(handle) == ARCHIVE_OK &&
           p_archive_read_support_format_raw(handle) == ARCHIVE_OK &&
           p_archive_read_support_format_empty(handle) == ARCHIVE_OK;
}

static int say(struct archive_reader *a, struct err *e)
{
    if (a->why.code != NULL) {
        *e = a->why;
        return e->place[0] != '\0' ? -1 : fail(a, e);
    }
    const char *text = p_archive_error_string(a->handle);
    err_set(e, "archive", "cannot unpack: %s", text != NULL ? text : "damaged");
    return fail(a, e);
}

static int open_handle(struct archive_reader *a, enum archive_kind kind, struct err *e)
{
    a->handle = p_archive_read_new();
    if (a->handle == NULL || !choose_formats(a->handle, kind))
        return err_memory(e);
    p_archive_read_set_callback_data(a->handle, a);
    p_archive_read_set_read_callback(a->handle, give_bytes);
    if (kind == ARCHIVE_INDEXED)
        p_archive_read_set_seek_callback(a->handle, seek_to);
    return p_archive_read_open1(a->handle) >= ARCHIVE_WARN ? 0 : say(a, e);
}

struct archive_reader *archive_reader_new(struct reader from, int fd, enum archive_kind kind,
                                          const char *name, struct unpack *unpack, struct err *e)
{
    if (lazy_load(&library, e) == -1)
        return NULL;
    struct archive_reader *a = calloc(1, sizeof *a);
    if (a == NULL) {
        err_memory(e);
        return NULL;
    }
    a->fd = -1;
    a->from = from;
    a->name = name;
    a->unpack = kind == ARCHIVE_TAR ? NULL : unpack;
    if ((kind == ARCHIVE_INDEXED && prepare_indexed(a, fd, e) == -1) || open_handle(a, kind, e) == -1) {
        if (e->place[0] == '\0')
            fail(a, e);
        archive_reader_free(a);
        return NULL;
    }
    return a;
}

void archive_reader_free(struct archive_reader *a)
{
    if (a == NULL)
        return;
    if (a->handle != NULL)
        p_archive_read_free(a->handle);
    if (a->own_fd)
        close(a->fd);
    free(a);
}

static const char *name_of(struct archive_entry *entry)
{
    const char *name = p_archive_entry_pathname_utf8(entry);
    if (name == NULL)
        name = p_archive_entry_pathname(entry);
    return name != NULL ? name : "";
}

/* A tar ends with blocks of zeros. libarchive takes one that was cut off between two members for a whole one.
 */
static int check_end(struct archive_reader *a, int64_t behind_last, struct err *e)
{
    bool tar = (p_archive_format(a->handle) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
    if (!tar || p_archive_filter_bytes(a->handle, 0) > behind_last)
        return 0;
    err_set(e, "archive", "cut off: it ends without the end of a tar");
    return fail(a, e);
}

static int next_member(struct archive_reader *a, struct archive_member *member, struct err *e)
{
    do {
        int got;
        if (a->entry != NULL && p_archive_read_data_skip(a->handle) < ARCHIVE_WARN)
            return say(a, e);
        int64_t behind_last = p_archive_filter_bytes(a->handle, 0);
        while ((got = p_archive_read_next_header(a->handle, &a->entry)) == ARCHIVE_RETRY)
            ;
        if (got == ARCHIVE_EOF)
            return check_end(a, behind_last, e);
        if (got < ARCHIVE_WARN)
            return say(a, e);
    } while (p_archive_entry_filetype(a->entry) != AE_IFREG || p_archive_entry_hardlink(a->entry) != NULL);
    member->name = str_of(name_of(a->entry));
    member->single = (p_archive_format(a->handle) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_RAW;
    return 1;
}

/* libarchive translates names by the locale of the thread, which is "C" unless a program says otherwise. */
int archive_reader_next(struct archive_reader *a, struct archive_member *member, struct err *e)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = utf8 != (locale_t)0 ? uselocale(utf8) : (locale_t)0;
    int got = next_member(a, member, e);
    if (utf8 != (locale_t)0) {
        uselocale(before);
        freelocale(utf8);
    }
    return got;
}

ssize_t archive_reader_read(void *arg, char *p, size_t n, struct err *e)
{
    struct archive_reader *a = arg;
    if (p_archive_entry_is_encrypted(a->entry)) {
        err_set(e, "archive", "the member %s is encrypted", err_quote(str_of(name_of(a->entry))));
        return fail(a, e);
    }
    la_ssize_t got;
    while ((got = p_archive_read_data(a->handle, p, n)) == ARCHIVE_RETRY)
        ;
    if (got < 0)
        return say(a, e);
    if (a->unpack != NULL && unpack_count(a->unpack, (uint64_t)got, a->name, e) == -1)
        return -1;
    return (ssize_t)got;
}

#else

struct archive_reader *archive_reader_new(struct reader from, int fd, enum archive_kind kind,
                                          const char *name, struct unpack *unpack, struct err *e)
{
    (void)from, (void)fd, (void)kind, (void)unpack;
    lazy_absent("archives and compressed files", "libarchive", e);
    err_place(e, "%s", name);
    return NULL;
}

void archive_reader_free(struct archive_reader *a)
{
    (void)a;
}

int archive_reader_next(struct archive_reader *a, struct archive_member *member, struct err *e)
{
    (void)a, (void)member;
    return lazy_absent("archives and compressed files", "libarchive", e);
}

ssize_t archive_reader_read(void *arg, char *p, size_t n, struct err *e)
{
    (void)arg, (void)p, (void)n;
    return lazy_absent("archives and compressed files", "libarchive", e);
}

#endif
