/*
 * Inside of lib/deliver: what the description of a target says to any carrier (hub-system.5, targets), and
 * what its texts see of a parcel.
 */
#ifndef HUB_DELIVER_DESCRIBED_H
#define HUB_DELIVER_DESCRIBED_H

#include "deliver/carrier.h"
#include "system/session.h"

/* Opens the connection, names the carrier, and finds the target. -1: E. The session is to be closed in any
 * case; it is zero before. */
int described_open(struct carrier *c, struct session *s, struct system *system, struct str target,
                   const struct session_options *o, const struct json_node **found, struct err *e);

/* repeat, changed and only; where nothing is said of the first two, as given. */
void described_take(struct carrier *c, const struct json_node *target, enum carrier_repeat repeat,
                    enum carrier_changed changed);

/* What a call or a step says of its own repetition. */
enum carrier_repeat described_repeat(const struct json_node *object, enum carrier_repeat otherwise);

/* Whether PATH, of which the description says WRITTEN, may be one: what values make of it leads no way up,
 * and is absolute only where the description itself is. */
bool described_path(struct str written, struct str path);

/* id, entity, source, op, hash, key, target_id and before. BEFORE may be NULL: it was not. */
void described_bind(struct bindings *b, const struct parcel *p, unsigned op, const struct json_node *before);

#endif
