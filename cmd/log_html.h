/*
 * Writing HTML: markup that is ours, text that is others', times, and tables.
 *
 *     struct html h;
 *     html_init(&h, now);
 *     html_put(&h, "<p>");
 *     html_text(&h, name);                        escaped, in <bdi>, control characters as \xNN
 *     static const struct html_head heads[] = {{"Flow", false}, {"In", true}};
 *     struct html_table t = {.caption = "…", .heads = heads};
 *     html_row(&h, &t);                           the first one begins the table
 *     html_cell(&h, &t); html_text(&h, flow);     each cell ends the one before it
 *     html_cell_number(&h, &t, 12);
 *     html_table_end(&h, &t, "No flow has run."); the sentence where there was no row
 *
 * A cell names its column, so that on a narrow screen a row can be read without its head. All is gathered in
 * h.out, which has failed where it did not fit.
 */
#ifndef HUB_CMD_LOG_HTML_H
#define HUB_CMD_LOG_HTML_H

#include "base/buf.h"

struct html {
    struct buf out, clean;
    int64_t now; /* from which "ago" is counted */
};

void html_init(struct html *h, int64_t now);
void html_release(struct html *h);

/* Markup, or text in which nothing needs to be escaped. */
void html_put(struct html *h, const char *markup);

/* Text of any origin: for a quoted value of an attribute, and for an element. */
void html_value(struct html *h, struct str text);
void html_text(struct html *h, struct str text);

/* 12 345: with narrow blanks from five digits on. */
void html_number(struct html *h, int64_t n);

/* "1 run", "12 runs": WORD is that of one; "s" makes it more. */
void html_count(struct html *h, int64_t n, const char *word);

/* 42 s, 5 min, 3 h, 12 days */
void html_span(struct html *h, int64_t seconds);

/* How long ago, and the time itself. */
void html_when(struct html *h, int64_t seconds);

/* A word of how things are: its class is "good", "warn", "bad" or "idle". */
void html_state(struct html *h, const char *class, const char *word);

struct html_head {
    const char *label;
    bool number;
};

struct html_table {
    const char *caption;
    const struct html_head *heads; /* the last has no label */
    int64_t rows;
    size_t cells; /* of the row at hand */
};

void html_row(struct html *h, struct html_table *t);
void html_cell(struct html *h, struct html_table *t); /* the first of a row is its head */
void html_cell_number(struct html *h, struct html_table *t, int64_t n);
void html_cell_when(struct html *h, struct html_table *t, int64_t seconds);
void html_table_end(struct html *h, struct html_table *t, const char *empty);

#endif
