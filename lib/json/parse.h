/*
 * Inside of json_parse: what its loop shares among the sets of vector instructions that it is compiled for
 * (parse_loop.inc).
 */
#ifndef HUB_JSON_PARSE_H
#define HUB_JSON_PARSE_H

#include "base/words.h"
#include "json/expect.h"
#include "json/json.h"

struct json_scan {
    struct json_tape *tape;
    const char *text, *end;
    size_t depth; /* containers that may still be opened */
    size_t nodes; /* most nodes */
    size_t room;  /* nodes that the tape holds without growing, within that */
    /* The last place where white space (a backslash) was passed over: a container that starts before it holds
     * some. */
    const char *last_space, *last_escape;
    struct expect *expect; /* what the text may look like; NULL: not known */
    bool first;            /* the text may go on behind the value */
    bool surrogates;       /* there are escapes of surrogates */
    bool high;             /* bytes above 7F were seen, perhaps behind the text */
    /* Why it ended: at this place, either this was due or the nesting was too deep or memory ran out. */
    const char *at;
    const char *due; /* as a message says it */
    enum json_scan_stop { JSON_SCAN_DUE, JSON_SCAN_DEPTH, JSON_SCAN_NODES, JSON_SCAN_MEMORY } stop;
};

/* What scan_step tells of some bytes, see parse_loop.inc. */
struct json_marks {
    uint64_t quote, stop;
};

/* The loop: 0, or -1 and why it ended. */
int json_scan_portable(struct json_scan *s);
int json_scan_sse2(struct json_scan *s);
int json_scan_avx2(struct json_scan *s);
int json_scan_neon(struct json_scan *s);

/* json_parse of what looks like EXPECT (may be NULL), which is told how far it did. *SURROGATES, if not NULL:
 * whether there are escapes of surrogates. */
int json_parse_expected(struct json_tape *t, struct str text, const struct json_limits *limits,
                        struct expect *expect, bool *surrogates, size_t *at, struct err *e);

/* What is rare, or has nothing to do with vectors. Each returns the place behind what it read; NULL: failed.
 */

/* White space. */
const char *json_scan_space(struct json_scan *s, const char *at);

/* A number, true, false or null, into *OUT. */
const char *json_scan_scalar(struct json_scan *s, const char *at, struct json_node *out);

/* One escape, AT its backslash. */
const char *json_scan_escape(struct json_scan *s, const char *at);

/* Always NULL. */
const char *json_scan_due(struct json_scan *s, const char *at, const char *due);

/* Room for another node behind the N that there are. */
bool json_scan_grow(struct json_scan *s, size_t n, const char *at);

#endif
