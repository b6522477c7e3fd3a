/*
 * Records to lines: the keys of the envelope sorted, one compact JSON object, "\n".
 * The caller commits the buffer (out_commit) and reports a failed one.
 */
#ifndef HUB_RECORD_WRITE_H
#define HUB_RECORD_WRITE_H

#include "base/buf.h"
#include "record/record.h"

/* R is no mark. Only what its kind has is read from it: see record.h. `data`, `before`, `after` of canonical
 * records and changes must be sorted and are written by RFC 8785; native `data` as it is spelled. */
void record_write(struct buf *out, const struct record *r);

/* A JSON string of bytes of any origin (a file name, a message): what is not UTF-8 becomes U+FFFD. */
void record_write_text(struct buf *out, struct str bytes);

/* {"n":…} and what else MARK holds. */
void record_write_mark(struct buf *out, const struct record_mark *mark);

#endif
