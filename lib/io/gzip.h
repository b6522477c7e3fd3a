/*
 * gzip (RFC 1952), by zlib, which is loaded when the first one is met. libarchive does not compare the sum
 * and the length at the end; this does, so that what was damaged or cut off is no whole file.
 *
 *     struct gzip_reader *z = gzip_reader_new(from, "orders.csv.gz", &unpack, &e);
 *     struct reader bytes = {gzip_reader_read, z};
 *     gzip_reader_free(z);
 *
 * Several members one behind the other are one content (§2.2). Zeros may follow, as on tapes; nothing else.
 */
#ifndef HUB_IO_GZIP_H
#define HUB_IO_GZIP_H

#include <sys/types.h>

#include "base/reader.h"
#include "io/unpack.h"

struct gzip_reader;

/* NAME and UNPACK are kept. NULL: E (`memory`; `config`: no zlib). */
struct gzip_reader *gzip_reader_new(struct reader from, const char *name, struct unpack *unpack,
                                    struct err *e);
void gzip_reader_free(struct gzip_reader *z);

/* ARG is a struct gzip_reader. What is damaged or cut off: -1 (`archive`). */
ssize_t gzip_reader_read(void *arg, char *p, size_t n, struct err *e);

#endif
