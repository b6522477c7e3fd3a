/*
 * One line on a terminal, rewritten in place, for work that has lasted two seconds: records, bytes, rate, and
 * the time left where the size of all inputs is known.
 */
#ifndef HUB_CMD_PROGRESS_H
#define HUB_CMD_PROGRESS_H

#include "cmd.h"

/* Is there a terminal; from now on time counts. */
void progress_start(struct cmd *c);

/* To be called every few thousand records. */
void progress_show(struct cmd *c);

void progress_erase(struct cmd *c);

#endif
