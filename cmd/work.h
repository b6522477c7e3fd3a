/*
 * What the files behind cmd.h share: start.c, inputs.c, cmd.c (the status and the books) and finish.c.
 */
#ifndef HUB_CMD_WORK_H
#define HUB_CMD_WORK_H

#include "cmd.h"

/* The work ends: what is whole of the output goes out, and then the message. Always true. */
bool cmd_stop(struct cmd *c, const struct err *why);

/* HOW is out_commit or out_flush, of standard output, which E names where it fails. */
int cmd_write_out(struct cmd *c, int how(struct out *, struct err *), struct err *e);

#endif
