/*
 * A target of mail, as its system describes it (hub-system.5, targets with smtp): one message for each
 * record, of texts with holes and templates.
 *
 *     struct carrier *c = mailer_open(&system, STR("mail"), &e);
 *     ... deliver_open(hub, c, …) ...
 *     mailer_close(c);
 *
 * The Message-ID is made of the key of the delivery, so that a message that is sent again can be known. Where
 * the answer of the server was lost, a person decides (CARRIER_NEVER), unless `repeat` says otherwise; of a
 * record that was mailed, later versions are left out (CARRIER_IGNORE), unless `changed` does.
 */
#ifndef HUB_DELIVER_MAILER_H
#define HUB_DELIVER_MAILER_H

#include "deliver/carrier.h"
#include "system/session.h"

/* Whether the target is one: it has `smtp`. */
bool mailer_is_described(const struct system *system, struct str target);

/* SYSTEM stays the caller's. NULL: E. */
struct carrier *mailer_open(struct system *system, struct str target, struct err *e);
void mailer_close(struct carrier *c);

#endif
