/*
 * The items of a list that may lie deep in JSON texts of any size, which stand one behind the other:
 *
 *     {"meta":{…},"data":{"rows":[{…},{…}]}}             pointer /data/rows: the two
 *     [{…},{…}][{…}]                                     pointer absent: the three
 *
 *     struct json_items items;
 *     if (json_items_init(&items, reader, pointer, depth, &e) == -1) ...
 *     while ((got = json_items_next(&items, &e)) == JSON_ITEMS_OK || got == JSON_ITEMS_BAD)
 *         use(items.value, items.text, items.line);         good until the next call
 *     json_items_release(&items);
 *
 * An object where the list could be is one item. Each text must have what the pointer (RFC 6901) names, once;
 * all that stands around it is checked as JSON, and not kept: memory does not grow with it.
 */
#ifndef HUB_JSON_ITEMS_H
#define HUB_JSON_ITEMS_H

#include "json/stream.h"

enum json_items_got { JSON_ITEMS_FATAL = -1, JSON_ITEMS_END = 0, JSON_ITEMS_OK = 1, JSON_ITEMS_BAD = 2 };

struct json_items {
    const struct json_node *value; /* of JSON_ITEMS_OK */
    struct str text;               /* its bytes; of a bad one as many as were kept (JSON_BYTES) */
    uint64_t line;                 /* where it starts, from 1; after JSON_ITEMS_FATAL where that came from */

    /* private */
    struct json_stream in;
    struct json_limits limits;
    struct str pointer;
    struct str *token; /* of the pointer, decoded */
    size_t ntokens;
    struct arena arena;
    struct items_frame { /* a container that is open */
        bool is_object, is_on_path, has_values;
        bool was_taken; /* the key that is wanted was there */
        uint64_t next;  /* index of the next value of an array */
    } frame[JSON_DEPTH];
    size_t depth;
    uint64_t texts, text_line; /* how many have begun; where the last one did */
    bool in_list, found;
};

/* POINTER must stay where it is. DEPTH and 64 MiB are the limits of an item. -1: memory, or no pointer. */
int json_items_init(struct json_items *it, struct reader from, struct str pointer, size_t depth,
                    struct err *e);
void json_items_release(struct json_items *it);

/* JSON_ITEMS_BAD: E says why, see json_stream_value; reading can go on. */
enum json_items_got json_items_next(struct json_items *it, struct err *e);

#endif
