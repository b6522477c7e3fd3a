/*
 * Archives (zip, 7z, tar) and compressed files (zstd, xz, bzip2), by libarchive, which is loaded when the
 * first one is met; gzip has a reader of its own (io/gzip.h). What a file is, is told by its first bytes,
 * never by its name. Nothing is ever written to a path out of an archive.
 *
 *     if ((kind = archive_sniff(head)) != ARCHIVE_NONE) {
 *         struct archive_reader *a = archive_reader_new(from, fd, kind, "orders.zip", &unpack, &e);
 *         while ((got = archive_reader_next(a, &member, &e)) > 0)
 *             archive_reader_read(a, p, n, &e) …           a struct reader's read
 *     }
 *
 * A zip or 7z is read by its directory, since one that is read from front to back can yield members that were
 * replaced. Where FD cannot seek, such a file is first copied to an unlinked temporary one.
 *
 * Guards: encrypted members are refused; unpacked bytes are counted (io/unpack.h).
 */
#ifndef HUB_IO_ARCHIVE_H
#define HUB_IO_ARCHIVE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/reader.h"
#include "base/str.h"
#include "io/unpack.h"

enum archive_kind {
    ARCHIVE_NONE,
    ARCHIVE_GZIP,   /* for io/gzip.h */
    ARCHIVE_TAR,    /* a plain one */
    ARCHIVE_STREAM, /* compressed, and read from front to back */
    ARCHIVE_INDEXED /* has its directory at the end */
};

enum { ARCHIVE_HEAD = 512 /* bytes that are enough to tell */ };

enum archive_kind archive_sniff(struct str head);

struct archive_reader;

struct archive_member {
    struct str name; /* UTF-8 where the archive lets one know, else its bytes. Good until the next member */
    bool single;     /* the one content of a compressed file, which has no name of its own */
};

/*
 * FROM gives the bytes of the file, from its first; FD is the same file where it can seek, else -1. Both stay
 * the caller's. NAME is for the place of errors, and kept, as UNPACK is. NULL: E says why (`archive`, `io`,
 * `memory`; `config`: no libarchive).
 */
struct archive_reader *archive_reader_new(struct reader from, int fd, enum archive_kind kind,
                                          const char *name, struct unpack *unpack, struct err *e);
void archive_reader_free(struct archive_reader *a);

/* The next member that is a regular file: 1, 0 at the end, -1. */
int archive_reader_next(struct archive_reader *a, struct archive_member *member, struct err *e);

/* The member's bytes; ARG is the struct archive_reader. Encrypted members are refused here and not before, so
 * that those not wanted do no harm. */
ssize_t archive_reader_read(void *arg, char *p, size_t n, struct err *e);

#endif
