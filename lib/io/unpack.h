/*
 * How much a file may unpack to, whatever lies in it, archives in archives included: 10 MiB and 200 times its
 * own size, and 256 GiB in all.
 */
#ifndef HUB_IO_UNPACK_H
#define HUB_IO_UNPACK_H

#include <stdint.h>

#include "base/err.h"

struct unpack {
    uint64_t packed;   /* bytes of the file, or those read so far */
    uint64_t unpacked; /* by all that unpacks */
};

/* N more bytes. -1 (`limit`): too many; the place is NAME. */
int unpack_count(struct unpack *u, uint64_t n, const char *name, struct err *e);

#endif
