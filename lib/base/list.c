#include "base/list.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST = 16 };

void *list_grow(void *list, size_t *room, size_t size)
{
    if (*room > SIZE_MAX / 2 / size)
        return NULL;
    size_t more = *room > 0 ? 2 * *room : FIRST;
    void *p = realloc(list, more * size);
    if (p != NULL)
        *room = more;
    return p;
}
