/*
 * What a flow did on each of the last days, as bars and as numbers.
 *
 *     struct chart c;
 *     chart_init(&c, &html, first);                     first: when the first of its days began
 *     chart_add(&c, &day);                              for each of runs_days: a new flow draws the one
 * before chart_end(&c);
 */
#ifndef HUB_CMD_LOG_CHART_H
#define HUB_CMD_LOG_CHART_H

#include "log.h"
#include "log_html.h"

struct chart {
    struct html *html;
    int64_t first;
    int64_t flows; /* that were drawn, or are at hand */
    struct buf flow;
    struct runs_day day[LOG_DAYS];
};

void chart_init(struct chart *c, struct html *h, int64_t first);
void chart_add(struct chart *c, const struct runs_day *d);
void chart_end(struct chart *c);

#endif
