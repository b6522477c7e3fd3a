/*
 * Inside of lib/json: the value of a string node as a row of slices, decoded on the way, so that nothing has
 * to be allocated.
 *
 *     struct json_pieces pieces = json_pieces_of(node);
 *     struct str piece;
 *     while (json_pieces_next(&pieces, &piece))
 *         use(piece);                                  good until the next call
 */
#ifndef HUB_JSON_PIECES_H
#define HUB_JSON_PIECES_H

#include "json/json.h"

struct json_pieces {
    const char *at, *end;
    bool escaped;
    bool lone; /* a lone surrogate was met (and given as U+FFFD) */
    char utf8[4];
};

struct json_pieces json_pieces_of(const struct json_node *string);
bool json_pieces_next(struct json_pieces *p, struct str *piece);

/* The value of a string; points into WORK, which is overwritten, where the string is escaped. .p is NULL
 * where memory ran out. */
struct str json_decode(const struct json_node *string, struct buf *work);

#endif
