/*
 * Inside of hub-log: how a target stands to a record, on a line.
 *
 *     struct log_state t;
 *     log_state_init(&t, o);
 *     log_state_show(&t, record, state, 0);           "  books: behind: /total, last settled …"
 *     log_state_release(&t);                          t.err.code: a state that could not be compared
 */
#ifndef HUB_CMD_LOG_STATE_H
#define HUB_CMD_LOG_STATE_H

#include "compare/changed.h"
#include "log.h"

struct log_tree {
    struct buf text;
    struct json_tape tape;
};

struct log_state {
    struct log_out *o;
    struct changed changed;
    struct log_tree before, after;
    struct err err;
};

void log_state_init(struct log_state *t, struct log_out *o);
void log_state_release(struct log_state *t);

/* INDENT: below the line of the record; -1: it stands alone, and the record is named, not the target. */
void log_state_show(struct log_state *t, const struct hub_log_record *r, const struct hub_log_state *s,
                    int indent);

/* "order 77 of shop" */
void log_record_name(struct buf *out, const struct hub_log_record *r);

#endif
