/*
 * Inside of lib/system: the call that logs in, and what it keeps. What is kept is bound as `auth` and lies
 * beside what else is kept (kept.h) as CONNECTION.login.json: written before it is used, since a token that
 * may be used once must not be lost.
 */
#ifndef HUB_SYSTEM_LOGIN_H
#define HUB_SYSTEM_LOGIN_H

#include "system/session.h"

/* Whether the system has a login. */
bool login_is_described(const struct session *s);

/* What was kept the last time. -1: E; where there is nothing, `auth` stays unset. */
int login_load(struct session *s, struct err *e);

/* Before a call: logs in where nothing is kept, or its time is over. */
int login_due(struct session *s, struct err *e);

/* After an answer that asks for it. One process at a time logs in with a connection; what another one got
 * meanwhile is taken, since the token that this one would have logged in with is used up then. */
int login_again(struct session *s, struct err *e);

#endif
