/*
 * Inside of lib/system: what an answer means.
 */
#ifndef HUB_SYSTEM_VERDICT_H
#define HUB_SYSTEM_VERDICT_H

#include "system/session.h"

/*
 * The first of the call's answers that fits, then of the system's, then:
 *
 *     2xx ok (where JSON is due and is not there: retry)     401 login, once, then stop      403 stop
 *     404 410 none      409 exists      412 conflict         408 425 429 5xx retry           other 3xx and
 * 4xx refuse
 *
 * *AFTER: milliseconds that the answer asks to wait, or -1. What is not VERDICT_OK or _NONE has its reason in
 * E.
 */
enum verdict verdict_of(struct session *s, struct exchange *x, int64_t *after, struct err *e);

/* Holds further calls as `pause` of the limits says. -1: E. */
int verdict_pause(struct session *s, struct exchange *x, struct err *e);

#endif
