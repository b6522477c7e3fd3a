/*
 * Lists in one piece of memory, that grow by one item at a time.
 *
 *     struct cause *list = list_room(c->cause, c->n, &c->room, sizeof *list);
 *     if (list == NULL)
 *         return err_memory(e);
 *     c->cause = list;
 *     c->cause[c->n++] = cause;
 */
#ifndef HUB_BASE_LIST_H
#define HUB_BASE_LIST_H

#include <stddef.h>

/* Twice as much room as there was. */
void *list_grow(void *list, size_t *room, size_t size);

/* LIST of N items of SIZE bytes, with room for one more: LIST itself, or what stands in its place from now
 * on, with *ROOM as large as it is. NULL: memory, and LIST is as it was. To be freed. */
static inline void *list_room(void *list, size_t n, size_t *room, size_t size)
{
    return n < *room ? list : list_grow(list, room, size);
}

#endif
