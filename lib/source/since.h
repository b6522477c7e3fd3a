/*
 * How far an incremental stream was read: the latest time seen, what was given within the overlap before it,
 * and the checkpoint that says both to the next run.
 *
 *     {"since":"2026-05-01T13:58:12Z","seen":["9a1c…", …]}
 *     {"since":…,"high":…,"next":{"/body/cursor":"…"},"page":3,"read":750}        within a list that is not
 * in order of time; with "until" and "given" where a person said between which times
 */
#ifndef HUB_SOURCE_SINCE_H
#define HUB_SOURCE_SINCE_H

#include "base/instant.h"
#include "base/seen.h"
#include "json/json.h"

enum { SINCE_KEPT = 10000 /* records of the overlap that a checkpoint names */ };

struct since_kept {
    struct siphash hash;
    struct instant at;
};

struct since {
    bool described;       /* the stream has `since` */
    bool in_order;        /* oldest first, by its description and so far in fact */
    int64_t overlap;      /* milliseconds */
    struct instant from;  /* what the run before has read up to */
    struct instant until; /* records are asked for before then */
    struct instant high;  /* the latest time seen */
    bool has_from, has_until, has_high;
    bool given; /* from is a person's: no overlap is subtracted, and what was given before is given again */
    bool unfinished; /* the checkpoint stands within a list; */
    bool goes_on;    /* and what is asked for is the rest of it */
    bool stays;      /* what is asked for starts behind what was read: a new checkpoint would hide the gap */
    struct instant last; /* time of the record before, in its list */
    bool has_last;
    bool timed, untimed;      /* records with a time were seen; without one */
    struct seen seen, before; /* within this run; of the one before */
    struct since_kept *kept;
    size_t nkept;
};

void since_init(struct since *s, uint64_t memory);
void since_release(struct since *s);

/* Takes what the checkpoint of a run before says. -1: memory, or it is none. */
int since_load(struct since *s, const struct json_node *checkpoint, struct err *e);

/* What a person asks for in the place of what the checkpoint says: records from FROM on, and before UNTIL
 * (RFC 3339; either may be absent). To be called behind since_load, also where both are absent. -1: E. */
int since_ask(struct since *s, struct str from, struct str until, struct err *e);

/* What `since` stands for in a request; false where nothing was read before. */
bool since_from(const struct since *s, struct instant *out);

/* Another list begins, whose times do not follow those of the one before. */
void since_begin_list(struct since *s);

/* A record, with the text of its field (absent: none) and its bytes. 1: it is to be given; 0: it was given
 * already, or is not of the time that is asked for; -1. */
int since_take(struct since *s, struct str time, struct str record, struct err *e);

/* Appends `"since":…,"seen":[…]` up to HIGH. Nothing where nothing was seen. */
void since_put(const struct since *s, bool high, struct buf *out);

#endif
