/*
 * What the parts of hub-canon share: what its options said, the maps, and what is kept for the end.
 *
 * Functions that return bool return true to stop the work: cmd_finish knows why.
 */
#ifndef HUB_CMD_CANON_H
#define HUB_CMD_CANON_H

#include <stdbool.h>
#include <stdint.h>

#include "canon/map.h"
#include "canon/template.h"
#include "canon/where.h"
#include "cmd.h"
#include "compare/roundtrip.h"
#include "compare/through.h"
#include "system/arguments.h"
#include "system/system.h"

enum { CANON_LIST = 64, CANON_CHECKS = 64 };

struct canon_check {
    const char *name;
    uint64_t count;
};

struct canon {
    struct arena arena;
    struct diag_list diags; /* what is wrong with the description of the stream */
    const char *map[CANON_LIST];
    struct str entity[CANON_LIST];
    size_t nmaps, nentities;
    struct arguments arguments;
    bool reverse, test, explain, json;
    enum map_unread unread;
    const char *stream_name, *where_text, *template_name;
    struct system_stream stream;
    struct contract *contract;
    struct map_set *maps;
    struct template *template;
    struct where *where;
    struct through *through; /* made at the first change */
    struct roundtrip *roundtrip;
    struct record_maker maker;
    struct cmd *cmd;
    struct canon_check check[CANON_CHECKS];
};

/* canon_setup.c: what the options name, checked, loaded and compiled. -1: the diagnostics of the maps, those
 * of the description, or E. */
int canon_load(struct canon *t, struct err *e);

/* canon_work.c: books one record, by what it is and what the options want of it. */
bool canon_take(struct canon *t, const struct record *r);
/* Appends what a record that is no change becomes: how many lines, or -1. */
int canon_lines(struct canon *t, const struct record *r, struct buf *out, struct err *e);
/* The input has ended: what groups still hold is written. */
void canon_end(struct canon *t);
/* Before the first record: a mark may stand in the midst of a group. */
void canon_wait_for_groups(struct canon *t);

/* canon_make.c, before the first record: what can be is made ahead, on several threads. */
void canon_make_ahead(struct canon *t);

/* canon_say.c: what is said of records, while they are read and at the end. */
void canon_warn(void *arg, const struct record *canonical, const char *check, const char *message);
int canon_explain(struct canon *t, struct err *e); /* instead of work */
void canon_say(struct canon *t); /* at the end: the tests, the warnings, what no rule reads */

#endif
