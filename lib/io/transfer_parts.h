/*
 * What the files of transfer.h share: transfer_url.c knows the schemes and accounts, transfer.c sets up a
 * request and tells why it failed, transfer_read.c and transfer_write.c make requests.
 */
#ifndef HUB_IO_TRANSFER_PARTS_H
#define HUB_IO_TRANSFER_PARTS_H

#include "base/url.h"
#include "io/curl.h"
#include "io/transfer.h"

struct transfer_scheme {
    struct str scheme;
    const char *as; /* libcurl's */
    bool has_query;
};

/* NULL: no such scheme is read. */
const struct transfer_scheme *transfer_scheme(struct str scheme);

#ifdef SONAME_LIBCURL

enum { TRANSFER_URL_MOST = 1 << 20 };

struct transfer {
    CURL *easy;
    const struct transfer_account *account;
    struct buf url, user, text, command; /* as libcurl wants them: NUL behind them */
    struct buf password, identity, passphrase, known_hosts;
    struct url parts; /* of the URL at hand */
    struct curl_slist *commands;
    int fd; /* what comes goes there; -1: to `into`, or nowhere */
    struct buf *into;
    struct str from;   /* what is left to be sent */
    struct err failed; /* of the file that is written */
    bool host_unknown, host_differs;
};

/* A request for URL, which is checked, as USER (absent: nobody); what it gives goes nowhere yet. libcurl is
 * given no user in the URL, so that it has none to show. */
int transfer_set_up_as(struct transfer *t, struct str url, struct str user, struct err *e);

/* The user that URL names, or the account. */
struct str transfer_user_of(const struct transfer *t, struct str url);

/* The same as transfer_user_of says. */
int transfer_set_up(struct transfer *t, struct str url, struct err *e);

/* Of the URL at hand. */
bool transfer_is_http(const struct transfer *t);

/* SCHEME://HOST/PATH as the place of E, where it has none. */
void transfer_place(const struct transfer *t, struct err *e);

/* What CODE says, for a person. -1. */
int transfer_fail(const struct transfer *t, CURLcode code, struct err *e);

/* Whether STATUS of HTTP is that of a file. */
int transfer_check_status(const struct transfer *t, long status, struct err *e);

#endif

#endif
