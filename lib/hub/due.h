/*
 * What is told to a target anew, although it has settled beyond its revision (hub-db.5: due): the next
 * hub_select for it gives that, too. To be called between hub_begin and hub_commit, but for due_any.
 */
#ifndef HUB_HUB_DUE_H
#define HUB_HUB_DUE_H

#include "hub/ledger.h"

/* RECORD of the hub, where its newest state is another than VERSION, which the target has from now on. */
int due_put(struct hub *h, int64_t target, int64_t record, const char version[LEDGER_VERSION], struct err *e);

/* 1: something is; 0; -1. */
int due_any(struct hub *h, int64_t target, struct err *e);

/* TARGET was told of those of ENTITY up to the number ANEW. */
int due_told(struct hub *h, int64_t target, int64_t entity, int64_t anew, struct err *e);

/* No longer what a target with a ledger has as it is, with nothing of it set aside or on its way. */
int due_close(struct hub *h, int64_t target, struct err *e);

#endif
