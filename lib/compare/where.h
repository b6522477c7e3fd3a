/*
 * What satisfies an expression (-w of hub-canon). Native records and what has no data are not asked, and
 * pass; so does all where there is no expression.
 *
 *     int pass = where_narrow(where, &record, &e);             1 it passes, 0 it does not, -1 refused
 */
#ifndef HUB_COMPARE_WHERE_H
#define HUB_COMPARE_WHERE_H

#include "canon/expr.h"
#include "record/record.h"

/* Of records other than changes. */
int where_passes(struct expr *where, const struct record *r, struct err *e);

/* The same of any record. A change becomes what it is to those who see only what satisfies WHERE: a record
 * that begins to is new to them, one that ceases to is gone. So the changes of two sets, narrowed, are the
 * changes of the narrowed sets. */
int where_narrow(struct expr *where, struct record *r, struct err *e);

#endif
