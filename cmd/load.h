/*
 * hub-load's parts, one for each kind of target.
 */
#ifndef HUB_CMD_LOAD_H
#define HUB_CMD_LOAD_H

#include "cmd.h"
#include "hub/hub.h"
#include "load_table.h"
#include "sink/receipts.h"
#include "sink/sink.h"

enum { LOAD_COLUMNS_MOST = 4096, LOAD_RESEND_MOST = 1024 };

struct load {
    struct cmd cmd;
    struct sink_options options;
    const char *template, *name; /* -T, --name */
    struct arguments arguments;
    struct letters *letters; /* NULL: neither of them */
    struct str columns[LOAD_COLUMNS_MOST];
    const char *target;
    struct receipts receipts;
    const char *database;   /* -d */
    struct load_table rows; /* of a target that is a database */
    bool tables;            /* an option that only such a one has stands there */
    /* Of targets that systems describe. */
    const char *parallel, *answers, *deletions; /* -j, -a, --delete; NULL: not said */
    bool settle, append;
    const char *resend[LOAD_RESEND_MOST];
    size_t nresend;
};

/* Each reads all records, and leaves to cmd_finish how it went. */
void load_to_hub(struct load *t);
void load_to_file(struct load *t);
void load_to_system(struct load *t);
void load_to_table(struct load *t);

/* What -T, --name, -D and -l say. */
int load_templates(struct load *t, struct err *e);

/* False: the target is not one of a system with sql, and nothing was done. */
bool load_to_sql(struct load *t);

/* Whether the target is CONNECTION:TARGET. */
bool load_is_described(const char *target);

/* What --delete says: "5", "10%". */
int load_deletions(const char *text, struct deletions_limit *limit, struct err *e);

/* Says E, or of templates all that is wrong, and returns true, to stop the work. */
bool load_fail(struct load *t, const struct err *e);

#endif
