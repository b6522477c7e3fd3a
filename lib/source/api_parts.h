/*
 * Inside of lib/source: what the parts of a stream of an API share. api.c gives its records, api_open.c makes
 * it of its description, api_lists.c goes from one list of pages to the next.
 */
#ifndef HUB_SOURCE_API_PARTS_H
#define HUB_SOURCE_API_PARTS_H

#include "source/api.h"
#include "source/api_file.h"
#include "source/compose.h"
#include "source/pages.h"
#include "source/repeat.h"
#include "source/since.h"
#include "source/window.h"

struct api {
    struct session *session;
    struct str name;
    const struct json_node *stream, *call; /* the object under streams; what its records come from */
    struct api_options options;
    struct pages pages;
    struct compose compose;
    struct since since;
    struct window window;
    const struct text *id, *label, *field;
    bool is_open;   /* pages are being read */
    bool ended;     /* all was read */
    bool page_open; /* records of a page are being given */
    size_t at;      /* the next of them */
    bool resumed;   /* the position of the checkpoint was used */
    struct repeat repeat;
    struct json_unique *unique;
    struct api_file file; /* the page, where it is one */
    bool file_open;
    struct json_tape file_tape;
    struct buf bytes, page_name, list;
    struct json_tape list_tape;
    struct arena arena; /* of one record */
    /* each */
    struct api *outer;
    int64_t by; /* records of it for a call; 0: one, and not as a list */
    bool outer_ended;
};

/* api_open.c: the stream that this one is read for each record of is opened, from its start. Nothing where
 * there is none. -1: E. */
int api_open_outer(struct api *api, struct err *e);

/* api_lists.c: asks for the first page of the next list: 1; 0: there are no more lists; -1: E. */
int api_next_list(struct api *api, struct err *e);

/* Behind the last page of a list: 1 where the search goes on from a later time, and its first page was asked
 * for; 0; -1: E. */
int api_end_list(struct api *api, struct err *e);

#endif
