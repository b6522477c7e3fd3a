/*
 * A folder with files that others put there: of this machine, or of another one by sftp or ftps.
 *
 *     struct shelf s;
 *     shelf_init(&s, STR("in/"), NULL, &arena);
 *     s.kind->list(&s, &names, &e);                        each with a NUL behind it
 *     if (s.kind->look(&s, name, &file, &e) == 1) ...      there, and a file
 *     s.kind->move(&s, name, STR("done/"), name, &e);
 */
#ifndef HUB_SOURCE_SHELF_H
#define HUB_SOURCE_SHELF_H

#include "base/arena.h"
#include "io/transfer.h"

struct shelf_file {
    int64_t size;    /* bytes; -1: not told */
    int64_t changed; /* nanoseconds since 1970; -1: not told */
};

struct shelf;

struct shelf_kind {
    int (*list)(struct shelf *s, struct buf *names, struct err *e);
    /* 1; 0: not there, or no file; -1: E. */
    int (*look)(struct shelf *s, struct str name, struct shelf_file *f, struct err *e);
    /* Into FOLDER, which is made where it is not there; a relative one is below this one. AS must not be
     * there. */
    int (*move)(struct shelf *s, struct str name, struct str folder, struct str as, struct err *e);
    /* As input_open takes it, with a NUL behind it. Absent: memory. */
    struct str (*path)(struct shelf *s, struct str name);
};

struct shelf {
    const struct shelf_kind *kind;
    struct str place;          /* ends with a slash */
    struct transfer *transfer; /* of another machine */
    struct arena *arena;
};

extern const struct shelf_kind shelf_folder, shelf_remote;

/* PLACE is a path, or with TRANSFER a URL. -1: memory. */
int shelf_init(struct shelf *s, struct str place, struct transfer *transfer, struct arena *a, struct err *e);

#endif
