/*
 * A stream of an API, as system.json describes it: its pages, windows, calls for each record of another
 * stream, steps, and what is put into each record. Records come one at a time.
 *
 *     struct api *api = api_open(&session, STR("orders"), &options, &e);
 *     while ((got = api_next(api, &record, &e)) > API_END) ...
 *     api_close(api);
 *
 * After the last record of each page comes API_PAGE: then api_checkpoint tells from where another run can go
 * on. Reading again behind what `since` says overlaps (`overlap`); a record that was given already, with the
 * same content, is not given again.
 */
#ifndef HUB_SOURCE_API_H
#define HUB_SOURCE_API_H

#include "system/session.h"

enum api_got {
    API_FATAL = -1,
    API_END = 0,
    API_RECORD = 1,
    API_BAD = 2 /* E: one that cannot be taken */,
    API_PAGE = 3
};

struct api_options {
    struct str since, until;            /* RFC 3339; absent: as the checkpoint says, and all up to now */
    struct str one;                     /* an id: that record alone; absent: all */
    const struct json_node *checkpoint; /* of a run before; NULL: none */
    bool first_page;                    /* no further than that */
    uint64_t memory;                    /* bytes for what is remembered of the records that were given */
};

struct api_record {
    const struct json_node *data;
    struct str raw;       /* of API_BAD: the bytes of a file that are no record; else absent */
    struct str id, label; /* absent: none */
    struct str page;      /* "orders/3" */
    uint64_t number;      /* in the page, from 1 */
};

struct api;

/* OPTIONS is copied; what it points to must stay. NULL: E. */
struct api *api_open(struct session *s, struct str stream, const struct api_options *o, struct err *e);
void api_close(struct api *api);

/* What R gets is good until the next call. */
enum api_got api_next(struct api *api, struct api_record *r, struct err *e);

/* Behind API_PAGE: whether the list itself was not there where it was asked for, which E says. Of a record of
 * another stream, of a single one, or behind the first page that is an answer as any other. */
bool api_is_absent(const struct api *api, struct err *e);

/* The answer with the last page, good until the next call; NULL: it had no JSON. */
const struct json_node *api_answer(const struct api *api);

/* Behind API_END: whether records were given and none had the time by which the stream is read incrementally,
 * which E says: its description is wrong. */
bool api_is_timeless(const struct api *api, struct err *e);

/* Appends the checkpoint behind what was given so far. False: there is none here; go on with the one before.
 */
bool api_checkpoint(struct api *api, struct buf *out);

#endif
