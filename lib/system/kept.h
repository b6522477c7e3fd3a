/*
 * Inside of lib/system: what is kept of a connection from one run to the next, a small file each, readable by
 * its owner only, in $HUB_STATE (else $XDG_STATE_HOME/hub, else ~/.local/state/hub) as CONNECTION.WHAT.
 */
#ifndef HUB_SYSTEM_KEPT_H
#define HUB_SYSTEM_KEPT_H

#include "system/session.h"

/* "state/shop.login.json", ended by NUL, good as long as the session. Absent: E. */
struct str kept_path(struct session *s, const char *what, struct err *e);

/* The folders that lead to PATH, for their owner alone. Where one cannot be made, opening the file says why.
 */
void kept_make_folders(struct session *s, struct str path);

/* Counts a call of today (UTC) of the connection, of whatever process. 1; 0: MOST were made already; -1: E.
 */
int kept_count_call(struct session *s, int64_t most, struct err *e);

#endif
