/*
 * Writes an archive: zip, tar, and tar compressed by gzip or zstd; by libarchive, which is loaded when the
 * first one is written. Members have no times, owner 0 and mode 0644: the same members give the same bytes.
 *
 *     enum pack_kind kind = pack_of_file(STR("export.tar.gz"));
 *     struct pack *p = pack_new(kind, write, arg, &e);
 *     pack_add(p, "orders.csv", fd, &e) …                  all that FD has, from its start
 *     pack_finish(p, &e);
 *     pack_free(p);
 */
#ifndef HUB_IO_PACK_H
#define HUB_IO_PACK_H

#include "base/err.h"
#include "base/str.h"

enum pack_kind { PACK_NONE, PACK_ZIP, PACK_TAR, PACK_TAR_GZIP, PACK_TAR_ZSTD };

/* By the suffix of its name: .zip .tar .tar.gz .tgz .tar.zst */
enum pack_kind pack_of_file(struct str name);

struct pack;

/* Takes the bytes of the archive, in order; -1 with E. */
typedef int pack_write(void *arg, struct str bytes, struct err *e);

/* NULL: E (`config`: no libarchive, or one that lacks the compressor). */
struct pack *pack_new(enum pack_kind kind, pack_write *write, void *arg, struct err *e);
void pack_free(struct pack *p); /* NULL is harmless */

int pack_add(struct pack *p, const char *name, int fd, struct err *e);
int pack_finish(struct pack *p, struct err *e);

#endif
