/*
 * Whether a file holds just the bytes that are about to be written.
 *
 *     struct same same;
 *     same_open(&same, "orders.csv");
 *     same_next(&same, text) …                             for each piece, in order
 *     if (same_end(&same)) ...                             it does: there is nothing to do
 *
 * Where the file cannot be read it is another one: to write it is never wrong.
 */
#ifndef HUB_SINK_SAME_H
#define HUB_SINK_SAME_H

#include <stdbool.h>

#include "base/str.h"

struct same {
    int fd;      /* -1: it differs, or is not there */
    bool exists; /* a regular file of that name */
};

void same_open(struct same *s, const char *path);
void same_next(struct same *s, struct str bytes);
bool same_end(struct same *s); /* closes; again: false */

#endif
