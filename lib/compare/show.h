/*
 * A change for a person: a line that names the record, and one for each place that changed.
 *
 *     order 1001 (shopify)  update
 *       /total  19.90 -> 21.90
 *
 *     show_change(&out, &change, isatty(1));
 */
#ifndef HUB_COMPARE_SHOW_H
#define HUB_COMPARE_SHOW_H

#include "base/buf.h"
#include "record/record.h"

/* COLOURS: with the escape sequences of ECMA-48 §8.3.117. Whatever a terminal might obey in the data is shown
 * as \xNN. Lists and objects are cut after some length. A failure of OUT is for the caller to see. */
void show_change(struct buf *out, const struct record *change, bool colours);

#endif
