/*
 * The lines of a file, each of which is JSON: what a program of ours wrote for another one.
 *
 *     static int take(void *arg, const struct json_node *root, struct str line, struct err *e);
 *     json_lines_read(&(struct json_lines){.path = path, .longest = LINES_MOST}, take, &work, &e);
 */
#ifndef HUB_JSON_LINES_H
#define HUB_JSON_LINES_H

#include "json/json.h"

struct json_lines {
    const char *path;
    uint64_t from;  /* the byte that the first of them starts at */
    size_t longest; /* bytes of a line */
};

/* ROOT and LINE are good until TAKE returns, which ends the reading by -1. */
typedef int json_take_line(void *arg, const struct json_node *root, struct str line, struct err *e);

/* A line that is too long or no JSON is passed over: the one that a killed writer left unfinished. A file
 * that is not there has none. -1: it cannot be read, or TAKE's; with the file as place. */
int json_lines_read(const struct json_lines *file, json_take_line *take, void *arg, struct err *e);

#endif
