/*
 * Archives and compressed files one in the other: each is a layer, which reads the bytes of what is open in
 * the one below it.
 *
 *     struct layer l;
 *     if (layer_open(&l, bytes, fd, kind, "orders.zip", &unpack, &e) == -1) ...
 *     while ((got = layer_next(&l, &member, &e)) == 1)
 *         if (head_fill(&l.head, layer_bytes(&l), &e) == 0)
 *             use(head_str(&l.head), (struct reader){head_read, &l.head});
 *     layer_close(&l);
 */
#ifndef HUB_SOURCE_LAYER_H
#define HUB_SOURCE_LAYER_H

#include "base/buf.h"
#include "io/archive.h"
#include "io/gzip.h"

/* Bytes behind a start that was read to look at it. It points into itself: it stays where it is. */
struct input_head {
    struct reader from;
    char p[ARCHIVE_HEAD];
    size_t at, n;
};

/* Reads as much as is needed to tell what it is. */
int head_fill(struct input_head *head, struct reader from, struct err *e);
struct str head_str(const struct input_head *head);
void head_drop_bom(struct input_head *head);

/* ARG is the struct input_head. */
ssize_t head_read(void *arg, char *p, size_t n, struct err *e);

struct layer {
    struct archive_reader *archive; /* or */
    struct gzip_reader *gzip;
    bool given;             /* the one content of gzip */
    struct input_head head; /* of the member that is open */
    struct buf name;        /* NUL behind it */
    bool is_wanted;         /* its one content is, where it is a compressed file */
    bool all;               /* and so are all members, since its own name is like what is wanted */
};

/* FROM, FD, UNPACK: as archive_reader_new has them. NAME is copied. -1: E; nothing is open then. */
int layer_open(struct layer *l, struct reader from, int fd, enum archive_kind kind, struct str name,
               struct unpack *unpack, struct err *e);
void layer_close(struct layer *l);

/* 1, 0 at the end, -1. */
int layer_next(struct layer *l, struct archive_member *member, struct err *e);
struct reader layer_bytes(const struct layer *l);

#endif
