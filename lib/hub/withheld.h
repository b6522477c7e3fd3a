/*
 * Inside of lib/hub: what was refused on its way to a target that has settled it since (hub-db.5: withheld).
 * Such a target has an older state than the one up to which it has settled, and is told of the record
 * again when it changes, or when a person asks for it (retry.h).
 */
#ifndef HUB_HUB_WITHHELD_H
#define HUB_HUB_WITHHELD_H

#include "hub/hub.h"

/* A change that was read for a target, and was refused. */
struct withheld {
    int64_t target, entity, source, reject; /* their numbers */
    struct str id;
    const struct json_node *before; /* the state that the target has; NULL: none */
};

/* A record that the hub does not know is passed over. In a transaction. */
int withheld_put(struct hub *h, const struct withheld *w, struct err *e);

/* TARGET was told of what became of ENTITY's records above revision WAS up to TO, and of those that were to
 * be told anew up to the number ANEW (due.h: before due_told forgets which those were). In a transaction. */
int withheld_close(struct hub *h, int64_t target, int64_t entity, int64_t was, int64_t to, int64_t anew,
                   struct err *e);

#endif
