/*
 * Files on other machines: fetched whole, listed, written, renamed. By https (http of this machine alone),
 * sftp, ftps (TLS from the start) and ftpes (TLS by AUTH TLS), by libcurl.
 *
 *     struct transfer *t = transfer_new(&account, &e);
 *     transfer_fetch(t, STR("sftp://ann@host/out/a.csv"), fd, &e);      all of it, or -1
 *     transfer_list(t, STR("sftp://ann@host/out/"), &names, &e);        each with '\n' behind it
 *     transfer_free(t);
 *
 * What was cut off, is not reachable, or fails for now is an error with `temporary`. The other side is
 * verified: TLS by certificate, SSH by its key among the known hosts. A redirect is followed, five times at
 * most, and the password goes to no other scheme, host or port than the first. No error shows a user or a
 * query.
 */
#ifndef HUB_IO_TRANSFER_H
#define HUB_IO_TRANSFER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/url.h"

/* Absent: none. All stay the caller's, and must live longer. */
struct transfer_account {
    struct str user; /* where the URL names none */
    struct str password;
    struct str identity, passphrase; /* a file with a private key of SSH, and what opens it */
    struct str known_hosts;          /* absent: ~/.ssh/known_hosts */
    const char *said_by;             /* where a person looks when a login is refused: "HUB_URL_PASSWORD" */
};

/* The account that the environment names: HUB_URL_PASSWORD, HUB_SSH_KEY, HUB_SSH_PASSPHRASE,
 * HUB_KNOWN_HOSTS. */
void transfer_account_of_environment(struct transfer_account *a);

struct transfer;

struct transfer *transfer_new(const struct transfer_account *a, struct err *e); /* NULL: E */
void transfer_free(struct transfer *t);                                         /* NULL is harmless */

/* -1 (code `usage`): no URL of these schemes, http of another machine, a password in it. */
int transfer_check(struct str url, struct err *e);

/* What is there goes to FD, from its start. */
int transfer_fetch(struct transfer *t, struct str url, int fd, struct err *e);

/* Names in the folder URL, which ends with a slash; those of folders are not among them. */
int transfer_list(struct transfer *t, struct str url, struct buf *names, struct err *e);

/* Size in bytes and time of change in seconds; -1 where the other side does not tell. 1; 0: not there; -1: E.
 */
int transfer_look(struct transfer *t, struct str url, int64_t *size, int64_t *changed, struct err *e);

/* A file with these bytes, in place of one of that name. */
int transfer_put(struct transfer *t, struct str url, struct str bytes, struct err *e);

/* In the folder URL: FROM becomes TO, which must not be there. Both are names, and may begin with that of a
 * folder in it. */
int transfer_rename(struct transfer *t, struct str url, struct str from, struct str to, struct err *e);

/* The same, in place of what is called TO there. */
int transfer_replace(struct transfer *t, struct str url, struct str from, struct str to, struct err *e);

/* Makes NAME in the folder URL, if it is not there. */
int transfer_make_folder(struct transfer *t, struct str url, struct str name, struct err *e);

#endif
