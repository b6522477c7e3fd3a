/* A TZif file: what is taken has offsets within bounds, and local times that come back. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/zone.h"

enum { MAX_OFFSET = 93599 };

static void must(bool held)
{
    if (!held)
        abort();
}

static void check_at(const struct zone *z, int64_t seconds)
{
    int32_t offset = zone_offset(z, seconds);
    must(offset >= -MAX_OFFSET && offset <= MAX_OFFSET);
    int64_t local = seconds + offset, back = zone_local_to_utc(z, local);
    must(back <= seconds && seconds - back <= 2 * MAX_OFFSET);
    must(back + zone_offset(z, back) == local);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0};
    struct zone *z = zone_parse((struct str){(const char *)data, size}, &e);
    must(z != NULL || e.code != NULL);
    if (z == NULL)
        return 0;
    for (int64_t seconds = -4000000000; seconds < 16000000000; seconds += 7654321)
        check_at(z, seconds);
    for (size_t i = 0; i + 4 <= size; i++) { /* and around what may be a change */
        int64_t near = (int32_t)((uint32_t)data[i] << 24 | (uint32_t)data[i + 1] << 16 |
                                 (uint32_t)data[i + 2] << 8 | data[i + 3]);
        for (int64_t seconds = near - 1; seconds <= near + 1; seconds++)
            check_at(z, seconds);
    }
    zone_free(z);
    return 0;
}
