/*
 * Inside of the reader: the keys of an envelope, and one line taken apart.
 */
#ifndef HUB_RECORD_ENVELOPE_H
#define HUB_RECORD_ENVELOPE_H

#include "record/record.h"
#include "json/keys.h"

/* What record_in.keys is. NULL: memory. */
struct json_keys *envelope_keys(void);

/* record_of_line, which keeps what in->arena holds. */
enum record_got envelope_take(struct record_in *in, struct str line, struct record *r, struct err *e);

#endif
