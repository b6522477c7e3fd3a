/*
 * The calls that come before the one that gives the records (`steps`): each answer is bound by the name of
 * its step. One with `until` is asked again, `every` so often, for as long as `limit` says.
 */
#ifndef HUB_SOURCE_STEPS_H
#define HUB_SOURCE_STEPS_H

#include "system/session.h"

/* All but the last of STREAM's steps; *LAST is that one, or STREAM itself where it has none. -1: E. */
int steps_run(struct session *s, const struct json_node *stream, const struct json_node **last,
              struct err *e);

#endif
