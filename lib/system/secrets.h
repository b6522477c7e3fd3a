/*
 * The values that nobody may see: secrets of a connection and what a login kept. Whatever text goes to a
 * person or a file is passed through here.
 *
 *     struct secrets secrets = {.arena = &arena};
 *     secrets_add(&secrets, token);
 *     secrets_hide(&secrets, &out, text);        "Bearer ***"
 */
#ifndef HUB_SYSTEM_SECRETS_H
#define HUB_SYSTEM_SECRETS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum {
    SECRETS_MOST = 64 /* kept: of more, the oldest are forgotten */,
    SECRET_LEAST = 4 /* bytes that are worth hiding */
};

struct secrets {
    struct arena *arena;
    struct str value[SECRETS_MOST];
    size_t n;
};

/* A copy of VALUE is kept, and as it stands in URLs and in JSON. -1: memory. */
int secrets_add(struct secrets *s, struct str value);

/* Appends TEXT with "***" for each secret in it. */
void secrets_hide(const struct secrets *s, struct buf *out, struct str text);

/* The same in the message of an error. */
void secrets_hide_err(const struct secrets *s, struct err *e);

#endif
