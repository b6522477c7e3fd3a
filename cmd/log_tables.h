/*
 * The tables of hub-log's page: each of them is written to its HTML, and its sums are kept.
 */
#ifndef HUB_CMD_LOG_TABLES_H
#define HUB_CMD_LOG_TABLES_H

#include "log.h"
#include "log_html.h"

struct tables {
    struct log_out *o;
    struct html html;
    struct html_table table;                  /* at hand */
    int64_t flows, failed, refusing, running; /* by how their last run ended */
    int64_t targets, behind, lacks; /* pairs of a target and an entity; those that lack some; how many */
    int64_t causes, errors;
    int64_t checks, warnings;
};

int tables_flows(struct tables *t, struct err *e);
int tables_targets(struct tables *t, struct err *e);
int tables_causes(struct tables *t, struct err *e);
int tables_warnings(struct tables *t, struct err *e);
int tables_entities(struct tables *t, struct err *e);
int tables_bookmarks(struct tables *t, struct err *e);

#endif
