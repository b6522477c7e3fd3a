/*
 * A mail as SMTP takes it: headers (RFC 5322), other than ASCII in them (RFC 2047), parts (RFC 2045, 2046),
 * names of files (RFC 2231). The same message is the same bytes.
 *
 *     struct message m = {.from = STR("Shop <shop@example.com>"), .to = &to, .nto = 1,
 *                         .subject = STR("Your order 1001"), .text = text, .html = html,
 *                         .id = key, .date = time(NULL)};
 *     struct message_envelope envelope;
 *     if (message_write(&m, &out, &envelope, &arena, &e) == -1) ...        refused: E has the field
 *
 * A mailbox is "ann@example.com" or "NAME <ann@example.com>", and never more than one. A name with angle
 * brackets is refused, and any other is quoted, so that a value in it neither adds a recipient nor takes the
 * place of one. Header values with a line
 * end or another control character are refused (RFC 5322 §3.6.8): a value never becomes a header.
 */
#ifndef HUB_IO_MESSAGE_H
#define HUB_IO_MESSAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum { MESSAGE_RECIPIENTS = 100, MESSAGE_LINE = 76, MESSAGE_BYTES = 256 << 20 };

struct message_file {
    struct str name;    /* as the reader of the mail sees it; its suffix says the type */
    struct str content; /* any bytes */
};

struct message {
    struct str from, reply_to; /* reply_to: absent for none */
    const struct str *to;      /* at least one */
    size_t nto;
    struct str subject;
    struct str text, html; /* UTF-8; at least one of the two, or a file */
    const struct message_file *file;
    size_t nfiles;
    struct str id; /* letters and digits: Message-ID is <ID@DOMAIN OF FROM> */
    int64_t date;  /* seconds since 1970 */
};

/* Addresses alone, for MAIL FROM and RCPT TO. Good as long as the arena. */
struct message_envelope {
    struct str from;
    struct str to[MESSAGE_RECIPIENTS];
    size_t nto;
};

/* Appends the message, its lines ended by CRLF. -1: E has code `mail`, and "/from", "/to", "/subject" and the
 * like as its field; OUT is as it was. */
int message_write(const struct message *m, struct buf *out, struct message_envelope *envelope,
                  struct arena *a, struct err *e);

#endif
