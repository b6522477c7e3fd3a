#include "io/unpack.h"

#include <inttypes.h>

enum { RATIO = 200 };

static const uint64_t free_bytes = UINT64_C(10) << 20, most_bytes = UINT64_C(256) << 30;

int unpack_count(struct unpack *u, uint64_t n, const char *name, struct err *e)
{
    u->unpacked += n;
    if (u->unpacked > most_bytes)
        err_set(e, "limit", "unpacks to more than %" PRIu64 " GiB", most_bytes >> 30);
    else if (u->unpacked > free_bytes && (u->unpacked - free_bytes) / RATIO > u->packed)
        err_set(
            e, "limit",
            "unpacks to more than %d times its size: not read further; where that is meant, unpack it first",
            RATIO);
    else
        return 0;
    err_place(e, "%s", name);
    return -1;
}
