/*
 * Inside of lib/hub: what was refused, in the table of rejects.
 */
#ifndef HUB_HUB_REFUSED_H
#define HUB_HUB_REFUSED_H

#include "hub/hub.h"

/* SQL, of a reject: whether what was refused may have been ENTITY, or what is made into it. Two streams of a
 * source may use the same ids for different things. */
#define REFUSED_MAY_BE(number, name)                                                                         \
    "(reject.entity IS NULL OR reject.entity = " number ") AND (json_type(reject.line, '$.makes') IS NULL"   \
    " OR " name " IN (SELECT value FROM json_each(reject.line, '$.makes')))"

struct refused_file {
    int64_t run, attempt;
    const char *path; /* of a file for rejects; where it is gone, there is nothing to read */
    uint64_t from;    /* bytes of it that are of earlier runs */
};

/* Each line becomes an open reject, and closes the one that the same record left before. In short
 * transactions; a line that is no reject is passed over. */
int refused_import(struct hub *h, const struct refused_file *file, struct err *e);

/* A record has come to the hub: what it left refused is closed, and warnings of its last state are gone.
 * REVISED: it is a new state. LABEL: what people call it; may be absent. In a transaction. */
int refused_close(struct hub *h, int64_t entity, int64_t source, struct str id, struct str label,
                  bool revised, struct err *e);

#endif
