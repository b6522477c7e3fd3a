/*
 * The checkpoint of a stream in a file of its own (--state), for work without a hub database. One run at a
 * time has it.
 *
 *     struct state st;
 *     if (state_open(&st, "orders.state", &e) == -1) ...       another run has it: e.temporary
 *     use(st.checkpoint);                                      NULL: there is none yet
 *     state_put(&st, text, &e);                                behind what was written and flushed
 *     state_close(&st);
 */
#ifndef HUB_SOURCE_STATE_H
#define HUB_SOURCE_STATE_H

#include "json/json.h"

struct state {
    const char *path;
    int lock; /* the open FILE.lock; -1: none */
    struct arena arena;
    struct json_tape tape;
    const struct json_node *checkpoint;
};

int state_open(struct state *s, const char *path, struct err *e);
int state_put(struct state *s, struct str checkpoint, struct err *e);
void state_close(struct state *s);

#endif
