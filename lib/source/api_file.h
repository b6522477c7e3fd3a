/*
 * The answer to a call that is a file (`format`): CSV, NDJSON and the like, perhaps compressed or in an
 * archive, read as such files are everywhere.
 *
 *     struct api_file f;
 *     if (api_file_open(&f, &session, call, body, memory, &e) == -1) ...
 *     while ((got = api_file_next(&f, &e)) == SOURCE_OK || got == SOURCE_BAD)
 *         use(buf_str(&f.data), f.line);
 *     api_file_close(&f);
 */
#ifndef HUB_SOURCE_API_FILE_H
#define HUB_SOURCE_API_FILE_H

#include "source/fold.h"
#include "source/source.h"
#include "system/session.h"

struct api_file {
    int fd; /* the bytes, in a file without a name; -1: none is open */
    struct input input;
    struct input_options input_options;
    struct source_options options;
    const struct source_kind *kind;
    void *source;
    bool has_input, ended;
    struct fold fold; /* of a stream with `group` */
    struct buf data;  /* the record's JSON */
    uint64_t line;
    struct arena arena;
};

/* BODY may go when it returns. -1: E. To be closed in any case. */
int api_file_open(struct api_file *f, struct session *s, const struct json_node *call, struct str body,
                  uint64_t memory, struct err *e);
enum source_got api_file_next(struct api_file *f, struct err *e);
void api_file_close(struct api_file *f);

#endif
