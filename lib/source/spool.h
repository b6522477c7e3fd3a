/*
 * A spool folder as a source: others put files into it, and each is read once.
 *
 *     struct spool *s = spool_open(STR("in/"), &options, &e);
 *     while ((got = spool_next(s, &path, &e)) == 1) {
 *         ... input_open(path) … read to its end ...
 *         if (spool_done(s, &checkpoint, &e) == 1)
 *             ... a mark with this checkpoint ...
 *     }
 *     spool_close(s);
 *
 * A file counts as complete whose name does not begin with a dot or end with .part or .tmp, and that has not
 * changed for `settle`. Files come in the order of the bytes of their names. The checkpoint names those that
 * were read and are still there, with size and time of change: {"files":{"a.csv":"120@1780308000"}}; what is
 * as it says is not read again, and is moved away (`take`) when the folder is opened.
 */
#ifndef HUB_SOURCE_SPOOL_H
#define HUB_SOURCE_SPOOL_H

#include "source/shelf.h"
#include "json/json.h"

struct spool_options {
    int64_t settle;                     /* milliseconds */
    struct str take;                    /* a folder; absent: files stay */
    const struct json_node *checkpoint; /* NULL: none */
    struct transfer *transfer;          /* for a URL */
};

struct spool;

/* Whether it is one: a path that ends with a slash, or a URL whose path ends with a slash or has a pattern (*
 * or [) for names. */
bool spool_is(struct str place);

/* PLACE as spool_is knows it, or the URL of one file of sftp and the like. OPTIONS is copied; what it points
 * to must stay, the checkpoint but for this call. NULL: E. */
struct spool *spool_open(struct str place, const struct spool_options *o, struct err *e);
void spool_close(struct spool *s); /* NULL is harmless */

/* How many complete files are there, read or not. */
size_t spool_count(const struct spool *s);

/* The next file that was not read yet. 1: PATH, NUL-terminated, good until spool_close; 0; -1. */
int spool_next(struct spool *s, struct str *path, struct err *e);

/* The file that was given last was read to its end. 1: CHECKPOINT got the new one appended; 0: it would be
 * longer than what was read since the last one, and waits; -1. */
int spool_done(struct spool *s, struct buf *checkpoint, struct err *e);

/* The checkpoint behind all that was read. */
int spool_checkpoint(struct spool *s, struct buf *checkpoint, struct err *e);

#endif
