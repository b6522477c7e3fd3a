/*
 * Native fields named as maps spell them: .a."b c"[].d
 */
#ifndef HUB_CANON_NATIVE_PATH_H
#define HUB_CANON_NATIVE_PATH_H

#include "base/buf.h"

/* Appends .KEY, in quotes where the language needs them. */
void native_path_key(struct buf *path, struct str key);

/* Appends [], all items of a list. */
void native_path_each(struct buf *path);

#endif
