/*
 * Any text as a Link header: what is found lies in it, between "<" and ">".
 */
#include <stdint.h>
#include <stdlib.h>

#include "system/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1); /* so that a read beyond the end is seen */
    if (copy == NULL)
        return 0;
    memcpy(copy, data, size);
    struct str header = {copy, size}, found = link_find(header, STR("next"));
    if (found.p != NULL && (found.p <= header.p || found.p + found.n >= header.p + header.n ||
                            found.p[-1] != '<' || found.p[found.n] != '>'))
        abort();
    free(copy);
    return 0;
}
