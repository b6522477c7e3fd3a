/*
 * Inside of hub-log: how a line is written, for all of its parts.
 */
#ifndef HUB_CMD_LOG_H
#define HUB_CMD_LOG_H

#include "cmd.h"
#include "hub/log.h"
#include "hub/runs.h"

struct log_out {
    struct cmd *cmd;
    struct hub *hub;
    bool json;
    uint64_t lines, bad; /* lines written; what is not as it should be */
};

/* Members of a JSON object, in a buffer that ends with its bracket or with another one; none of an absent
 * text. */
void log_text(struct buf *out, const char *key, struct str value);
void log_number(struct buf *out, const char *key, int64_t value);
void log_true(struct buf *out, const char *key, bool value);
void log_when(struct buf *out, const char *key, int64_t seconds);

void log_time(struct buf *out, int64_t seconds);
void log_date(struct buf *out, int64_t seconds); /* of UTC */
void log_end_line(struct log_out *o);

/* ", 2 set aside"; nothing of 0. */
void log_part(struct buf *out, int64_t n, const char *what);

/* The records of that name, what was made of them, and how each target stands to them. 1: there are any; 0.
 */
int log_record(struct log_out *o, struct str entity, struct str name, struct err *e);

/* What was refused and is still open, on a line of its own; indented, below that of its record. ENTITY: of
 * what was asked for. */
void log_reject(struct log_out *o, struct str entity, int indent, const struct hub_log_reject *r);

/* What TARGET lacks. 1; 0: no target is called so. */
int log_missing(struct log_out *o, struct str target, struct err *e);

/* What TARGET calls the records of ENTITY; likewise. */
int log_ids(struct log_out *o, struct str target, struct str entity, struct err *e);

/* What is refused or set aside, by its causes. */
int log_failed(struct log_out *o, struct err *e);

/* The same in lines of JSON; for people, how many there are. */
int log_open(struct log_out *o, struct err *e);

/* What passed although a check of level warn does not hold of it, by checks. */
int log_warned(struct log_out *o, struct err *e);

/* What was refused or set aside is told again to a target: of N operands TARGET ENTITY NAME, the first may
 * stand alone, and none means all. 1: there was any; 0. */
int log_retry(struct log_out *o, char **operand, int n, struct err *e);

/* A person has dealt with what was refused of a stream or file, or with that of it which is called NAME: the
 * operands STREAM [NAME]. 1: there was any; 0. */
int log_close(struct log_out *o, char **operand, int n, struct err *e);

/* The rejects of a stream, as they are in a file for rejects. */
int log_refused(struct log_out *o, struct str of, struct err *e);

/* The last run of each flow, and how one ended. */
int log_flows(struct log_out *o, struct err *e);
const char *log_ended(const struct runs_run *r);

/* For machines, the volume of each flow on each of the last LOG_DAYS days; LOG_DAYS_FROM: when the first of
 * them began. */
enum { LOG_DAYS = 30, LOG_DAY = 86400 };
int log_days(struct log_out *o, struct err *e);
int64_t log_days_from(int64_t now);

/* All of these as a page of HTML, in the file PATH; "-": standard output. DATABASE: what it is called there.
 */
int log_page(struct log_out *o, const char *database, const char *path, struct err *e);

/* Whether in = taken + refused + left out, run by run and stage by stage. */
int log_conservation(struct log_out *o, struct err *e);

/* A time such as "90d", a day at least. */
int log_span(struct str text, int64_t *seconds, struct err *e);

/* Removes what has been over for so long; COUNTS: only says what that would be. */
int log_prune(struct log_out *o, int64_t seconds, bool counts, struct err *e);

#endif
