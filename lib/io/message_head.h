/*
 * Inside of message.h: the lines of a message's head.
 */
#ifndef HUB_IO_MESSAGE_HEAD_H
#define HUB_IO_MESSAGE_HEAD_H

#include <stdbool.h>

#include "io/message.h"

struct mailbox {
    struct str name; /* may be empty */
    struct str address;
};

/* NULL, or what is wrong with TEXT. */
const char *mailbox_parse(struct mailbox *m, struct str text);

/* "NAME: " and an unstructured value, in encoded words where it is not plain, and folded. */
void head_put_text(struct buf *out, const char *name, struct str value);

/* The same of mailboxes with commas between them. */
void head_put_mailboxes(struct buf *out, const char *name, const struct mailbox *m, size_t n);

/* "; NAME=VALUE", as RFC 2231 has it where the value is not plain. */
void head_put_parameter(struct buf *out, const char *name, struct str value);

/* Whether a value may stand in a head at all: no control character. */
bool head_holds(struct str value);

#endif
