/*
 * Where the bytes of a source come from: a file, standard input, a URL, or the members of an archive or
 * compressed file, which is told by its content.
 *
 *     struct input in;
 *     input_open(&in, "orders_export.zip", &options, &e);
 *     while ((got = input_next(&in, &e)) > 0)
 *         use(in.bytes, in.name);             "orders_export.zip/orders_export_1.csv"
 *     input_close(&in);
 *
 * Names are for people and for `from`: the last component of the path (so that the same input gives the same
 * output wherever it lies), UTF-8. The bytes are text: of another encoding than UTF-8, where one is named or
 * a byte order mark tells it, they are given as UTF-8 (io/iconv.h). The mark is passed over.
 */
#ifndef HUB_SOURCE_INPUT_H
#define HUB_SOURCE_INPUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/reader.h"
#include "io/iconv.h"
#include "io/transfer.h"
#include "source/layer.h"

struct input_options {
    const char *members; /* pattern (fnmatch) of those that are wanted; NULL: all but hidden ones */
    /* Called before a read that would block; may be NULL: see struct fd_reader. */
    int (*idle)(void *arg, struct err *e);
    void *idle_arg;
    struct str encoding;       /* of the text; absent: UTF-8, or what a byte order mark tells */
    struct transfer *transfer; /* for URLs; NULL: one of its own, with the account of the environment */
};

enum { INPUT_LAYERS = 8 /* archives and compressed files in each other; a .tar.gz is two */ };

struct input {
    const char *name; /* of what is open now, for `from` and the places of errors; good until the next one */
    struct str file;  /* its last component, without .gz and the like: what tells format and stream */
    struct reader bytes;

    /* private; it points into itself: do not move it */
    struct input_options options;
    struct fd_reader fd;
    struct input_head whole;
    struct layer layer[INPUT_LAYERS];
    size_t depth; /* of them that are open */
    bool is_packed;
    struct decoder *decoder; /* of what is open now; NULL: it is UTF-8 */
    struct unpack unpack;
    struct buf path, names; /* the last component of the path, and `name`; NUL behind them */
    size_t given;           /* members that were given */
};

/* PATH "-" is standard input, with the name "stdin"; what begins as a URL is one, and is fetched whole. -1: E
 * says why; input_close is harmless then. */
int input_open(struct input *in, const char *path, const struct input_options *options, struct err *e);

/* Opens the next member: 1, 0 when there are no more, -1. An archive without a single wanted member is an
 * error. */
int input_next(struct input *in, struct err *e);

void input_close(struct input *in);

/* Bytes of the file that were read so far (packed, where it is an archive). */
static inline uint64_t input_bytes(const struct input *in)
{
    return in->fd.bytes;
}

#endif
