/*
 * Inside of map.h: records that a map takes together (`group` in its head). Adjacent records with an equal
 * key become one, {"key":KEY,"rows":[…]}; what it is made from is kept beside it, and the lines as they came.
 *
 *     group_take(&g, STR("2026-05-01"), &record, &e)      1: another group has ended, and is in g.done
 *     group_refuse(&g, &record, &why)                     the record that was taken last is refused
 *     group_end(&g)                                       as group_take, where there is one
 *
 * A group is good until the next one has ended.
 */
#ifndef HUB_CANON_GROUP_H
#define HUB_CANON_GROUP_H

#include "base/buf.h"
#include "record/record.h"

/* One of its records: where its line ends, in lines, and what it is called in messages. */
struct group_row {
    size_t end, input; /* input: where the name begins, in inputs */
    uint64_t number;
};

struct group_rows {
    bool open;
    struct buf key, json, of, lines;
    struct buf inputs, rows; /* names, each with its NUL; struct group_row */
    size_t input;            /* of the last row */
    uint64_t count;
    bool full;        /* it has more bytes than a group may have */
    struct err why;   /* code set: one of its records is refused, and so all are */
    uint64_t refused; /* which */
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

/* R, the record that was taken last, is refused: so will its group be. */
void group_refuse(struct group *g, const struct record *r, const struct err *why);

/* Parses what is done: its object, and what it was made from (NULL: native records, which have no names). -1:
 * E, by which a record of it was refused, with its place; `limit` or `memory`. */
int group_parse(struct group *g, const struct json_node **object, const struct json_node **of, struct err *e);

/* The I-th record of what is done: its line, input and number; the rest is zero. */
struct record group_record(const struct group *g, uint64_t i);

#endif
