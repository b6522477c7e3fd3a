#include "io/transfer_parts.h"

#include <stdlib.h>

static const struct transfer_scheme schemes[] = {{STR("https"), "https", true},
                                                 {STR("http"), "http", true},
                                                 {STR("sftp"), "sftp", false},
                                                 {STR("ftps"), "ftps", false},
                                                 {STR("ftpes"), "ftp", false}};
enum { SCHEMES = sizeof schemes / sizeof *schemes };

const struct transfer_scheme *transfer_scheme(struct str scheme)
{
    for (size_t i = 0; i < SCHEMES; i++)
        if (str_eq(scheme, schemes[i].scheme))
            return &schemes[i];
    return NULL;
}

int transfer_check(struct str url, struct err *e)
{
    struct url u;
    if (!url_parse(&u, url))
        return err_set(e, "usage", "not a URL: %s", err_quote(str_slice(url, 0, str_find(url, '?'))));
    if (transfer_scheme(u.scheme) == NULL)
        return err_set(e, "usage", "files are read from https, sftp, ftps and ftpes, not from %s",
                       err_quote(u.scheme));
    if (u.password.p != NULL)
        return err_set(e, "usage",
                       "a password has no place in a URL, where others see it: set HUB_URL_PASSWORD");
    if (str_eq(u.scheme, STR("http")) && !url_is_loopback(&u))
        return err_set(e, "usage",
                       "http is read from this machine alone, since it can be read and changed "
                       "on its way: use https");
    return 0;
}

void transfer_account_of_environment(struct transfer_account *a)
{
    *a = (struct transfer_account){.said_by = "HUB_URL_PASSWORD, HUB_SSH_KEY"};
    const struct {
        const char *name;
        struct str *to;
    } variables[] = {{"HUB_URL_PASSWORD", &a->password},
                     {"HUB_SSH_KEY", &a->identity},
                     {"HUB_SSH_PASSPHRASE", &a->passphrase},
                     {"HUB_KNOWN_HOSTS", &a->known_hosts}};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i].name);
        if (value != NULL && value[0] != '\0')
            *variables[i].to = str_of(value);
    }
}
