/*
 * What was refused, kept whole: one line in a file of its own, appended with one write (O_APPEND, 0600;
 * several tools may share the file; never truncated).
 *
 *     {"cut":true,"encoding":"base64","entity":…,"error":{"code":…,"field":…,"message":…},"from":…,"id":…,
 *      "makes":[…],"map":…,"record":…,"tool":…}
 *
 * `record` is the input byte for byte: itself where it is a JSON object from its first byte to its last, a
 * string of it where it is another text (decode it, and it is the input), and base64 of it where it is not
 * UTF-8 (`encoding` says so). A line so long that its reject would pass the limit of a line is kept only to
 * its 1,048,576th byte: `cut` says so, and it is not replayed. `from` is that of the record, or else the
 * place of the line: "orders.ndjson:12".
 */
#ifndef HUB_RECORD_REJECT_H
#define HUB_RECORD_REJECT_H

#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"

/* Who refused. */
struct reject_by {
    const char *tool;
    struct str map;   /* hash of the maps or the schema; may be absent */
    struct str makes; /* what would have become of it: a JSON list of entities; may be absent */
};

/* Appends the line of a reject to OUT. R may be NULL. */
void reject_write(struct buf *out, const struct reject_by *by, struct str line, const struct record *r,
                  const struct err *why);

struct rejects {
    int fd; /* -1: none, a refusal ends the run */
    const char *path;
    struct reject_by by;
    /* Appends what would have become of R, as `makes` has it; NULL: nobody knows. */
    void (*tell_makes)(void *arg, const struct record *r, struct buf *out);
    void *arg;
    struct buf buf, makes;
    uint64_t count;
    bool unsynced;
};

/* PATH NULL: no rejects are kept. Opens (creates 0600) at once, so that a wrong path is told before the work.
 */
int rejects_open(struct rejects *j, const char *path, const char *tool, struct err *e);

/* Appends one. LINE: the input, byte for byte; entity, id and from are taken from R where known (R may be
 * NULL). -1 where it could not be written (E is then about that; WHY was not kept). */
int rejects_add(struct rejects *j, struct str line, const struct record *r, const struct err *why,
                struct err *e);

/* fdatasync, if anything was added since the last one: before a mark is passed on, and at the end. */
int rejects_sync(struct rejects *j, struct err *e);
int rejects_close(struct rejects *j, struct err *e);

#endif
