/*
 * Inside of map.h: records that a map takes together (`group` in its head). Adjacent records with an equal
 * key become one, {"key":KEY,"rows":[…]}; what it is made from is kept beside it, and the lines as they came.
 *
 *     group_take(&g, STR("2026-05-01"), &record, &e)      1: another group has ended, and is in g.done
 *     group_end(&g)                                       likewise, where there is one
 *
 * A group is good until the next one has ended.
 */
#ifndef HUB_CANON_GROUP_H
#define HUB_CANON_GROUP_H

#include "base/buf.h"
#include "record/record.h"

struct group_rows {
    bool open;
    struct buf key, json, of, lines, input; /* of: texts of a list; input: of the first, for messages */
    struct buf ends;                        /* where each line ends, in lines: size_t */
    uint64_t number, count;
    bool full; /* it has more bytes than a group may have */
};

struct group {
    struct group_rows now, done;
    struct json_tape rows, of; /* of done, parsed */
    bool waits;                /* done was not asked for yet */
};

void group_init(struct group *g);
void group_release(struct group *g);

/* 1, 0, or -1 with E: memory. */
int group_take(struct group *g, struct str key, const struct record *r, struct err *e);
int group_end(struct group *g);

/* Parses what is done: its object, and what it was made from (NULL: native records, which have no names). -1:
 * E, `limit` or `memory`. */
int group_parse(struct group *g, const struct json_node **object, const struct json_node **of, struct err *e);

/* The I-th line of what is done. */
struct str group_line(const struct group *g, uint64_t i);

#endif
