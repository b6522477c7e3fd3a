/*
 * The pages of one described call: the first answer, and those that its `next` leads to. The next one is
 * asked for as soon as a page is there, so that it is on its way while the records of this one are worked on.
 *
 *     struct pages p;
 *     pages_init(&p, &session);
 *     pages_start(&p, call, &view, NULL);
 *     while ((got = pages_next(&p, &e)) == 1)
 *         for (size_t i = 0; i < p.count; i++)
 *             use(p.record[i]);                      good until the next pages_next
 *     pages_release(&p);
 */
#ifndef HUB_SOURCE_PAGES_H
#define HUB_SOURCE_PAGES_H

#include "base/seen.h"
#include "system/session.h"

struct pages {
    struct session *session;
    const struct json_node *call;
    struct view view;
    struct exchange exchange[2];
    unsigned now; /* which of them the page came by */
    bool ahead;   /* the other one is on its way */
    bool begun;
    bool absent;                    /* the page was not there (404) */
    bool leads_on;                  /* there is a page behind this one */
    struct err later;               /* why it cannot be asked for: told when this one was given */
    uint64_t page, read;            /* pages and records so far, with the present ones */
    const struct json_node *answer; /* the page */
    const struct json_node *const *record;
    size_t count, items_room;
    const struct json_node **items; /* of records that are one list */
    struct json_tape changes;       /* of the request that is on its way, or that comes next */
    struct buf changes_text, position;
    struct arena arena;
    struct seen asked;  /* requests */
    struct str records; /* of the page, as they stand in the answer */
    bool only_first;    /* pages_next ends behind the first; */
    uint64_t most;      /* and behind so many records; 0: all */
};

void pages_init(struct pages *p, struct session *s);
void pages_release(struct pages *p);

/* V: what the call's texts see; it stays the caller's. CHANGES: an object as of request_make, where paging
 * goes on from a checkpoint; its page and read are to be set then. */
int pages_start(struct pages *p, const struct json_node *call, const struct view *v,
                const struct json_node *changes, uint64_t page, uint64_t read, struct err *e);

/* 1: a page; 0: there are no more; -1. A page that repeats is an error. */
int pages_next(struct pages *p, struct err *e);

/* The changes that lead to the page after this one, as JSON; absent: it is the last. */
struct str pages_position(const struct pages *p);

#endif
