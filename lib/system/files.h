/*
 * A stream whose files lie on another machine, as system.json describes it: where, and as whom they are read.
 *
 *     struct files f;
 *     int found = files_find(&f, &session, stream, &e);         1; 0: the stream is something else
 *     use(f.url, &f.account, f.take);
 */
#ifndef HUB_SYSTEM_FILES_H
#define HUB_SYSTEM_FILES_H

#include "io/transfer.h"
#include "system/session.h"

struct files {
    struct str url;                  /* of sftp, ftps or ftpes; NUL behind it */
    struct str take;                 /* absent: not said */
    struct transfer_account account; /* of `auth`; where that is not said, of the environment */
};

/* What F gets is good as long as the session. */
int files_find(struct files *f, struct session *s, const struct json_node *stream, struct err *e);

/* The account of `auth`; where that is not said, of the environment. As files_find. */
int files_account(struct transfer_account *out, struct session *s, struct err *e);

/* Whether URL is of a kind that files are read from, and APIs are not. */
bool files_scheme(struct str url);

#endif
