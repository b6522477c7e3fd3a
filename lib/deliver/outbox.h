/*
 * The carrier to a folder of another machine (sftp, ftps): each delivery is a new file there, exactly once.
 *
 *     struct carrier *c = outbox_open(STR("sftp://ann@host/in/"), &options, &e);
 *     deliver_open(hub, c, ...);
 *     c->kind->close(c);
 *
 * The name of a file is fixed by its delivery, before it is written: KEY.SUFFIX. It is written as
 * .KEY.SUFFIX.part, that is recorded, and then it is renamed. After a crash, what was recorded and has its
 * temporary name no more was delivered, wherever its reader has put it since.
 */
#ifndef HUB_DELIVER_OUTBOX_H
#define HUB_DELIVER_OUTBOX_H

#include "deliver/carrier.h"
#include "io/transfer.h"

/* Where a file goes: a folder, whose URL ends with a slash, and its name there. Both are good until the next.
 */
struct outbox_place {
    struct str folder, name;
};

struct outbox_options {
    const char *suffix; /* of its files: "csv" */
    /* The file of a record, appended to OUT. 1; 0: refused (E); -1: E. */
    int (*encode)(void *arg, const struct record *r, struct buf *out, struct err *e);
    void *arg;
    /* Of what is described: another place than KEY.SUFFIX of the folder, where it replaces what is there. As
     * encode. NULL: none. */
    int (*place)(void *arg, const struct parcel *p, const struct record *r, struct outbox_place *out,
                 struct err *e);
    void *place_arg;
    const struct transfer_account *account; /* NULL: that of the environment */
};

/* URL, which ends with a slash (or is absent, where all have a place of their own), stays the caller's, as
 * what OPTIONS points to. NULL: E. */
struct carrier *outbox_open(struct str url, const struct outbox_options *o, struct err *e);

#endif
