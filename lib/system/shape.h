/*
 * Inside of lib/system: what the objects of a description must have, and must not have at once; what its
 * table of keys (keys.h) cannot say of one key alone.
 */
#ifndef HUB_SYSTEM_SHAPE_H
#define HUB_SYSTEM_SHAPE_H

#include "system/doc.h"

/* OBJECT is one of KIND (enum kind); what is wrong is told to D's diagnostics. */
void shape_check(struct doc *d, const struct json_node *object, unsigned kind);

/* What a stream of ROOT's is read for each record of is there, and is not, in the end, read for each of its
 * own. */
void shape_check_each(struct doc *d, const struct json_node *root);

#endif
