/*
 * What satisfies an expression (-w of hub-canon) in which bare names are fields of the data, and id, source
 * and entity those of the envelope. Native records and what has no data are not asked, and pass; so does all
 * where there is no expression.
 *
 *     struct where *where = where_compile(maps, STR("total > @least"), "-w", &e);
 *     int pass = where_narrow(where, &record, &e);             1 it passes, 0 it does not, -1 refused
 *     where_free(where);
 */
#ifndef HUB_CANON_WHERE_H
#define HUB_CANON_WHERE_H

#include "canon/map.h"

struct where;

/* The values of parameters are those that MAPS have from outside; MAPS must live longer. NAME stands for the
 * text in messages. NULL: map_set_diags(MAPS) or E. */
struct where *where_compile(struct map_set *maps, struct str text, const char *name, struct err *e);
void where_free(struct where *w);

/* The contract of ENTITY is asked, once, whether it has the names of the expression. -1: map_set_diags has
 * those that it does not have; or E. where_passes and where_narrow do so, too. */
int where_check(struct where *w, struct str entity, struct err *e);

/* Of records other than changes. */
int where_passes(struct where *w, const struct record *r, struct err *e);

/* The same of any record. A change becomes what it is to those who see only what satisfies the expression: a
 * record that begins to is new to them, one that ceases to is gone. So the changes of two sets, narrowed, are
 * the changes of the narrowed sets. */
int where_narrow(struct where *w, struct record *r, struct err *e);

#endif
