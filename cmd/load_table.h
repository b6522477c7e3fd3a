/*
 * The part of hub-load for tables of databases.
 */
#ifndef HUB_CMD_LOAD_TABLE_H
#define HUB_CMD_LOAD_TABLE_H

#include "cmd.h"
#include "hub/hub.h"
#include "sink/table.h"

enum { LOAD_KEYS_MOST = 32 };

struct load_table {
    struct cmd *cmd;
    const char *target;          /* as it is called in receipts */
    const char *url;             /* of the database; NULL: the target */
    const char *sql, *deletions; /* --sql, --delete; NULL: without */
    const char *database;        /* in which marks are settled; NULL: nowhere */
    struct str keys[LOAD_KEYS_MOST];
    struct table_options options;

    /* private */
    struct table *table;
    struct hub *hub;
    uint64_t applied, unchanged, left_out, refused;
};

/* Reads all records, and leaves to cmd_finish how it went. */
void load_table(struct load_table *l);

#endif
