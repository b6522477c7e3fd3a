/*
 * Where hub-load writes: one kind of target a sink_NAME.c, behind one small interface.
 *
 *     struct sink *s = sink_open("orders.csv", &options, &e);
 *     sink_put(s, &record, &e) …                           for each record
 *     sink_finish(s, &result, &e);                         the whole input was read, and is complete
 *     sink_close(s);                                       without sink_finish: a file is as it was
 *
 * A file is a snapshot: all records in one file, written aside and renamed by sink_finish; not touched where
 * it would stay the same. What exists and is no regular file (a pipe, a device) is written to in place.
 *
 * An archive is likewise one: a member for each stream of native records and each entity of canonical ones.
 * Its format is that of the members.
 *
 * A folder is an outbox: one file per record, SOURCE.ENTITY.ID.SUFFIX (SOURCE.STREAM.HASH.SUFFIX where a
 * record has no name) or as a template says, renamed to that name when it is whole; not touched where it
 * would stay the same. Two records of a run are never one file.
 */
#ifndef HUB_SINK_SINK_H
#define HUB_SINK_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "record/record.h"
#include "sink/format.h"

struct sink_options {
    const struct format_kind
        *format;           /* NULL: by the suffix of a file; ndjson in a folder, csv in an archive */
    const char *suffix;    /* of the files of a folder; NULL: the name of the format */
    struct template *name; /* of the files of a folder, without the suffix; NULL: as below */
    struct format_options encoding;
    bool dry; /* nothing is touched, only counted */
};

enum sink_put {
    SINK_FATAL = -1,
    SINK_HELD = 0, /* whether it is applied is known after sink_finish */
    SINK_APPLIED = 1,
    SINK_UNCHANGED = 2,
    SINK_REFUSED = 3, /* E says why; nothing of it was written */
    SINK_LEFT_OUT = 4 /* there is nothing to write of it */
};

/* Files that were (with `dry`: would have been) written. */
struct sink_result {
    uint64_t created, replaced, unchanged;
};

struct sink;

struct sink_kind {
    struct sink *(*make)(struct err *e); /* NULL: memory */
    int (*start)(struct sink *s, struct err *e);
    enum sink_put (*put)(struct sink *s, const struct record *r, struct err *e);
    int (*finish)(struct sink *s, struct err *e);
    void (*close)(struct sink *s); /* frees S */
};

/* What every kind begins with. */
struct sink {
    const struct sink_kind *kind;
    const struct sink_options *options;
    const char *target;
    const struct format_kind *format;
    void *encoder; /* of the format */
    struct sink_result result;
};

/* TARGET and OPTIONS stay the caller's, and must live longer. NULL: E says why. */
struct sink *sink_open(const char *target, const struct sink_options *options, struct err *e);

enum sink_put sink_put(struct sink *s, const struct record *r, struct err *e);
int sink_finish(struct sink *s, struct sink_result *result, struct err *e);
void sink_close(struct sink *s); /* NULL is harmless */

extern const struct sink_kind sink_file, sink_folder, sink_archive;

#endif
