/*
 * Whole files: read into memory, or written so that a reader sees the old or the new one and never a half.
 *
 *     struct file_write w;
 *     file_write_open(&w, "orders.csv", 0644, &e);     a temporary name beside it
 *     buf_put(&w.out.buf, ...); out_commit(&w.out, &e);
 *     file_write_commit(&w, &e);                       flushed, synced, renamed, folder synced
 *     file_write_abort(&w);                            or: gone without a trace; harmless after a commit
 *
 * A file that is replaced keeps its mode, and must be one that could be written (a folder, a device, a file
 * without write permission are refused at the opening); a symbolic link keeps pointing where it did, and what
 * it points to is replaced. After any -1 nothing is open and the temporary file is gone. One write is one
 * error: code `io`, place PATH.
 */
#ifndef HUB_BASE_FILE_H
#define HUB_BASE_FILE_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/out.h"

struct file_write {
    struct out out;
    char *path;      /* NULL where nothing is open */
    char *temporary; /* ".NAME.PID.part" in the same folder */
    int slot;        /* among the temporaries (temporaries.h) */
};

int file_write_open(struct file_write *w, const char *path, mode_t mode, struct err *e);
int file_write_commit(struct file_write *w, struct err *e);
void file_write_abort(struct file_write *w);

/* All of a file of at most MAX bytes, with BUF_PAD readable bytes behind it; good as long as A. A folder, a
 * vanished file, a read error: -1 with the path as e->place. */
int file_read(struct str *out, const char *path, size_t max, struct arena *a, struct err *e);

/* open(2) for reading with O_CLOEXEC; "-" is a duplicate of standard input (called "stdin" in messages);
 * refuses a directory. -1 and E with the path as e->place. */
int file_open(const char *path, struct err *e);

/* Opens PATH, which is made (0600) where it is not there, and holds it against all others until what is
 * returned is closed. Where another process has it: WAITS until it is free; else -1 with code `busy`,
 * temporary. Children that are started hold it only where FD_CLOEXEC is taken away. */
int file_lock(const char *path, bool waits, struct err *e);

/* file_lock, without waiting, of PATH-WHAT-NAME: a part of what PATH holds. What cannot be in the name of a
 * file is "_". */
int file_lock_part(const char *path, const char *what, struct str name, struct err *e);

/* A new file without a name in $TMPDIR (/tmp), for reading and writing: gone when it is closed. -1 and E. */
int file_unlinked(struct err *e);

#endif
