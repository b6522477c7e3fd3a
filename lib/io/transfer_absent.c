#include "io/transfer.h"

#ifndef SONAME_LIBCURL

#include "base/lazy.h"

/* A build without libcurl makes no transfer: nothing below transfer_new is ever called. */

struct transfer *transfer_new(const struct transfer_account *a, struct err *e)
{
    (void)a;
    lazy_absent("HTTP, SFTP and FTP", "libcurl", e);
    return NULL;
}

void transfer_free(struct transfer *t)
{
    (void)t;
}

int transfer_fetch(struct transfer *t, struct str url, int fd, struct err *e)
{
    (void)t, (void)url, (void)fd, (void)e;
    return -1;
}

int transfer_list(struct transfer *t, struct str url, struct buf *names, struct err *e)
{
    (void)t, (void)url, (void)names, (void)e;
    return -1;
}

int transfer_look(struct transfer *t, struct str url, int64_t *size, int64_t *changed, struct err *e)
{
    (void)t, (void)url, (void)size, (void)changed, (void)e;
    return -1;
}

int transfer_put(struct transfer *t, struct str url, struct str bytes, struct err *e)
{
    (void)t, (void)url, (void)bytes, (void)e;
    return -1;
}

int transfer_rename(struct transfer *t, struct str url, struct str from, struct str to, struct err *e)
{
    (void)t, (void)url, (void)from, (void)to, (void)e;
    return -1;
}

int transfer_replace(struct transfer *t, struct str url, struct str from, struct str to, struct err *e)
{
    (void)t, (void)url, (void)from, (void)to, (void)e;
    return -1;
}

int transfer_make_folder(struct transfer *t, struct str url, struct str name, struct err *e)
{
    (void)t, (void)url, (void)name, (void)e;
    return -1;
}

#endif
