/*
 * Answers kept in a folder, and given from there again: 0001.json, 0002.json … in the order of their calls,
 * each
 *
 *     {"method":"GET","url":"/orders.json?limit=250","status":200,"headers":["Link: …"],"body":…}
 *
 * with "***" where a secret stood. A body that is no text stands as "base64". Nothing of a login is kept.
 */
#ifndef HUB_SYSTEM_RECORDING_H
#define HUB_SYSTEM_RECORDING_H

#include "io/http.h"
#include "system/secrets.h"
#include "json/json.h"

struct recording {
    const char *write, *read; /* folders; NULL: neither */
    unsigned written, played;
};

/* Makes the folder. */
int recording_start(struct recording *r, const char *write, const char *read, struct err *e);

/* BODY: the JSON of the answer, or NULL. */
int recording_put(struct recording *r, const struct secrets *secrets, struct str method, struct str url,
                  const struct http_answer *a, const struct json_node *body, struct err *e);

/* The next answer into A, whose body lies in BODY. -1: there is none, or it is that of another call. */
int recording_get(struct recording *r, struct str method, struct str url, struct http_answer *a,
                  struct buf *body, struct err *e);

#endif
