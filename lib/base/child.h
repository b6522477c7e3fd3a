/*
 * A program and all that it starts, as one process group with a time limit: it ends as a whole.
 *
 *     struct child_end end;
 *     const struct child_options options = {.argv = argv, .output = fd, .limit = 60000};
 *     if (child_run(&options, &end, &e) == -1) ...            it could not be started
 *     if (end.how == CHILD_ENDED && end.status == 0) ...
 *
 * While it runs, SIGINT, SIGTERM and SIGHUP to this process are passed on to the group (CHILD_STOPPED); who
 * does not end by it is killed after a while. To be called by the only thread of a process.
 */
#ifndef HUB_BASE_CHILD_H
#define HUB_BASE_CHILD_H

#include <stdint.h>

#include "base/err.h"

struct child_options {
    char *const *argv; /* the program is looked for in $PATH; the environment is ours */
    int input;         /* its standard input; -1: /dev/null */
    int output;        /* its standard output and error; -1: ours */
    int64_t limit;     /* milliseconds; 0: none */
};

enum child_how { CHILD_ENDED, CHILD_TIMED_OUT, CHILD_STOPPED };

struct child_end {
    enum child_how how;
    int status; /* of the program; 128 + the number of the signal that ended it */
    int signal; /* of CHILD_STOPPED */
};

int child_run(const struct child_options *o, struct child_end *end, struct err *e);

/* Waits for MILLISECONDS; the number of the signal (of those above) that ended it early, or 0. */
int child_sleep(int64_t milliseconds);

#endif
