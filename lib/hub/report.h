/*
 * A run that did not go well, in a few lines for a person.
 *
 *     report_init(&r);
 *     status = report_why(&r, 2, "make ended with %d", n);       what its stages do not tell
 *     report_write(&r, &text, hub, &about, &stages, &e);
 *     report_release(&r);
 */
#ifndef HUB_HUB_REPORT_H
#define HUB_HUB_REPORT_H

#include "hub/runs.h"

enum { REPORT_SAID_MOST = 16 << 20 };

struct report {
    struct buf why, said;
};

struct report_about {
    struct str flow, name, said; /* of the run; what was written to standard error */
    int64_t run, seconds, attempts;
    int status;
};

void report_init(struct report *r);
void report_release(struct report *r);

/* Returns STATUS. */
int report_why(struct report *r, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The last lines of what was said, without bytes that a terminal might obey; good until the next call. */
struct str report_clean(struct report *r, struct str said);

int report_write(const struct report *r, struct buf *out, struct hub *h, const struct report_about *about,
                 const struct stages *stages, struct err *e);

#endif
