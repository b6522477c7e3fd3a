/*
 * Mail to a server by SMTP (RFC 5321), by libcurl, which is loaded when the first one is sent. One connection
 * serves many messages.
 *
 *     struct smtp_options o = {.url = "smtp://mail.example.com:587", .user = user, .password = password};
 *     struct smtp *s = smtp_new(&o, &e);
 *     switch (smtp_send(s, &envelope, message, &e)) …
 *     smtp_free(s);
 *
 * smtps:// is TLS from the first byte; with smtp:// the server must take STARTTLS (RFC 3207), unless it is on
 * this machine (localhost, 127.0.0.1, [::1]). Its certificate is verified, by those that $CURL_CA_BUNDLE or
 * $SSL_CERT_FILE names, else those of the machine.
 */
#ifndef HUB_IO_SMTP_H
#define HUB_IO_SMTP_H

#include "io/message.h"

enum smtp_sent {
    SMTP_STOPS = -1,    /* no mail can be sent: configuration, login, certificate */
    SMTP_SENT = 0,      /* the server has it (250 after its end) */
    SMTP_REFUSED = 1,   /* 5xx: never; E says what the server said */
    SMTP_TEMPORARY = 2, /* this one not now: 4xx; the server does not have it */
    SMTP_UNREACHED = 3, /* no message now: it is not there, closes (421), or cannot log anyone in */
    SMTP_UNKNOWN = 4    /* all was given to it, and its answer was lost */
};

struct smtp_options {
    const char *url;             /* smtp:// or smtps://, host, port */
    const char *user, *password; /* NULL: without AUTH */
    long connect_seconds,
        seconds; /* for a connection, and for a message; 0: 30, and 600 (RFC 5321 §4.5.3.2.6) */
};

struct smtp;

/* NULL: E (`config`). OPTIONS are copied. */
struct smtp *smtp_new(const struct smtp_options *options, struct err *e);
void smtp_free(struct smtp *s); /* says QUIT; NULL is harmless */

/* MESSAGE has CRLF at its lines' ends; dots at their beginnings are doubled here. One recipient who is
 * refused refuses it for all. */
enum smtp_sent smtp_send(struct smtp *s, const struct message_envelope *envelope, struct str message,
                         struct err *e);

#endif
