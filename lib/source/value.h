/*
 * What sources share: parsing a text, writing one value of it as the `data` of a record, ids of several
 * values.
 */
#ifndef HUB_SOURCE_VALUE_H
#define HUB_SOURCE_VALUE_H

#include "base/buf.h"
#include "json/json.h"

enum { VALUE_DEPTH = JSON_DEPTH - 1 /* of a value that becomes the data of a record */ };

struct value_reader {
    struct json_tape tape;
    struct json_unique *unique;
};

/* -1: memory. */
int value_init(struct value_reader *v);
void value_release(struct value_reader *v);

/* TEXT has JSON_PAD readable bytes behind it; tape.node[0] is the value, good as long as they are. */
int value_parse(struct value_reader *v, struct str text, struct err *e);

/* Appends VALUE without white space. -1: no record can hold it (no object, a key twice, a lone surrogate). */
int value_write(struct value_reader *v, const struct json_node *value, struct buf *out, struct err *e);

/* Appends a value to an id that is made of several: commas between them, and a backslash before commas and
 * backslashes in a value, so that no two lists of values make one id. */
void value_put_key(struct buf *id, struct str value, bool first);

#endif
