/*
 * Files on another machine that a system describes (hub-system.5): a target with `put`, a URL of sftp, ftps
 * or ftpes with holes, and `format`. Each record is a file there, brought as an outbox brings it (outbox.h),
 * in place of one of that name.
 *
 *     if (filer_is_described(&system, target)) ...
 *     struct filer *f = filer_open(&system, target, encode, arg, "csv", &e);
 *     deliver_open(hub, filer_carrier(f), ...);
 *     filer_close(f);                                        with its carrier
 */
#ifndef HUB_DELIVER_FILER_H
#define HUB_DELIVER_FILER_H

#include "deliver/outbox.h"
#include "system/session.h"

struct filer;

bool filer_is_described(const struct system *system, struct str target);

/* SYSTEM stays the caller's. ENCODE: as of outbox_options. SUFFIX: of what is not renamed yet. NULL: E. */
struct filer *filer_open(struct system *system, struct str target,
                         int (*encode)(void *arg, const struct record *r, struct buf *out, struct err *e),
                         void *arg, const char *suffix, struct err *e);
struct carrier *filer_carrier(struct filer *f);
void filer_close(struct filer *f); /* NULL is harmless */

#endif
