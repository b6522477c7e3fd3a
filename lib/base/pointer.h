/*
 * JSON Pointers (RFC 6901), made of their parts, and taken apart.
 *
 *     struct buf pointer;
 *     buf_init(&pointer, POINTER_MOST);
 *     pointer_put(&pointer, STR("lines"));
 *     pointer_put_index(&pointer, 3);
 *     pointer_put(&pointer, STR("a/b"));           "/lines/3/a~1b"
 */
#ifndef HUB_BASE_POINTER_H
#define HUB_BASE_POINTER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

enum { POINTER_MOST = 64 << 20 };

/* Appends "/" and KEY, with "~" as "~0" and "/" as "~1" (§3). */
void pointer_put(struct buf *out, struct str key);

/* Appends "/" and the place in a list, from 0. */
void pointer_put_index(struct buf *out, size_t index);

/* The name of the first step of *POINTER, which begins with "/", unescaped (§4) into A; *POINTER becomes the
 * rest. .p NULL: memory. */
struct str pointer_step(struct str *pointer, struct arena *a);

#endif
