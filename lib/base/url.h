/*
 * URLs, taken apart (RFC 3986). What is refused has no scheme, no host, or a control character or blank in
 * it.
 *
 *     struct url u;
 *     if (url_parse(&u, STR("sftp://ann@files.example.com:2222/out/a.csv"))) ...
 *         u.scheme "sftp", u.user "ann", u.host "files.example.com:2222", u.path "/out/a.csv"
 */
#ifndef HUB_BASE_URL_H
#define HUB_BASE_URL_H

#include "base/buf.h"
#include "base/str.h"

/* Slices of the text. */
struct url {
    struct str scheme;
    struct str user, password; /* absent where there is none */
    struct str host;           /* with its port, where that is named */
    struct str path;           /* "" or from the slash */
    struct str query;          /* from the question mark or the hash, "" where there is neither */
};

bool url_parse(struct url *u, struct str text);

/* Whether TEXT begins as a URL does: letters, "://". */
bool url_begins(struct str text);

/* Whether the host is this machine itself. */
bool url_is_loopback(const struct url *u);

/* Appends TEXT with each %XX as the byte that it stands for. */
void url_decode(struct buf *out, struct str text);

/* Appends TEXT with all but letters, digits and "-._~/" as %XX. */
void url_encode_path(struct buf *out, struct str text);

#endif
