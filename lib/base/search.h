/*
 * Where systems, maps, schemas and rules are found: the folders of $HUB_PATH (separated by ":"; default
 * "pipelines"), then the installed share/hub/pipelines beside the running executable
 * (../share/hub/pipelines), then that of the build's PREFIX.
 *
 *     struct str path;
 *     if (search_find(&path, STR("schema/order.json"), &arena, &e) == -1) ...     says where it looked
 */
#ifndef HUB_BASE_SEARCH_H
#define HUB_BASE_SEARCH_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The first folder's RELATIVE that exists (file or folder), NUL behind it, good as long as A. -1 with code
 * `config`. */
int search_find(struct str *path, struct str relative, struct arena *a, struct err *e);

/* NAME as it is where there is such a file, else on the search path. NULL: E. */
const char *search_locate(const char *name, struct arena *a, struct err *e);

/* The folders, in order. NULL: memory. */
const struct str *search_folders(size_t *count, struct arena *a);

#endif
