#include "io/transfer_parts.h"

#ifdef SONAME_LIBCURL

#include <stdlib.h>

#include "base/out.h"

enum { CONNECT_SECONDS = 30, STALL_SECONDS = 60 /* without a byte */ };

/* ---- life ---- */

/* TEXT into OUT, as libcurl wants it; "" where it is absent. */
static void put_text(struct buf *out, struct str text)
{
    buf_reset(out);
    buf_put(out, text);
    buf_byte(out, '\0');
}

static void set_known_hosts(struct transfer *t)
{
    const char *home = getenv("HOME");
    if (t->account->known_hosts.p != NULL) {
        put_text(&t->known_hosts, t->account->known_hosts);
    } else {
        buf_printf(&t->known_hosts, "%s/.ssh/known_hosts", home != NULL ? home : "");
        buf_byte(&t->known_hosts, '\0');
    }
}

struct transfer *transfer_new(const struct transfer_account *a, struct err *e)
{
    if (curl_load(e) == -1)
        return NULL;
    struct transfer *t = calloc(1, sizeof *t);
    if (t == NULL) {
        err_memory(e);
        return NULL;
    }
    struct buf *const texts[] = {&t->url,      &t->user,     &t->text,       &t->command,
                                 &t->password, &t->identity, &t->passphrase, &t->known_hosts};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        buf_init(texts[i], TRANSFER_URL_MOST);
    t->account = a;
    t->fd = -1;
    put_text(&t->password, a->password);
    put_text(&t->identity, a->identity);
    put_text(&t->passphrase, a->passphrase);
    set_known_hosts(t);
    t->easy = p_curl_easy_init();
    if (t->easy != NULL && buf_ok(&t->known_hosts) && buf_ok(&t->password))
        return t;
    transfer_free(t);
    err_memory(e);
    return NULL;
}

void transfer_free(struct transfer *t)
{
    if (t == NULL)
        return;
    p_curl_slist_free_all(t->commands);
    p_curl_easy_cleanup(t->easy);
    struct buf *const texts[] = {&t->url,      &t->user,     &t->text,       &t->command,
                                 &t->password, &t->identity, &t->passphrase, &t->known_hosts};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        buf_release(texts[i]);
    free(t);
}

/* ---- what libcurl calls ---- */

static size_t take(char *p, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    struct str bytes = {p, size * n};
    if (t->into != NULL) {
        buf_put(t->into, bytes);
        return buf_ok(t->into) ? bytes.n : 0;
    }
    return t->fd == -1 || write_all(t->fd, bytes, &t->failed) == 0 ? bytes.n : 0;
}

/* Only a key that is the known one is taken. */
static int check_host(CURL *easy, const struct curl_khkey *known, const struct curl_khkey *found,
                      enum curl_khmatch match, void *arg)
{
    struct transfer *t = arg;
    (void)easy, (void)known, (void)found;
    t->host_differs = match == CURLKHMATCH_MISMATCH;
    t->host_unknown = match == CURLKHMATCH_MISSING;
    return match == CURLKHMATCH_OK ? CURLKHSTAT_FINE : CURLKHSTAT_REJECT;
}

/* ---- errors ---- */

void transfer_place(const struct transfer *t, struct err *e)
{
    const struct url *u = &t->parts;
    if (e->place[0] == '\0')
        err_place(e, "%.*s://%.*s%.*s", (int)u->scheme.n, u->scheme.p, (int)u->host.n, u->host.p,
                  (int)u->path.n, u->path.p);
}

static int untrusted(const struct transfer *t, CURLcode code, struct err *e)
{
    const char *known = t->known_hosts.p;
    if (t->host_differs)
        return err_set(e, "io", "the host's key is not the one in %s: it is another host, or has a new key",
                       known);
    if (str_eq(t->parts.scheme, STR("sftp")))
        return err_set(e, "io",
                       "the host's key is not in %s: add it (ssh-keyscan) once you know that it is "
                       "the right one",
                       known);
    return err_set(e, "io", "cannot be trusted: %s (CURL_CA_BUNDLE names other certificates)",
                   p_curl_easy_strerror(code));
}

int transfer_fail(const struct transfer *t, CURLcode code, struct err *e)
{
    transfer_place(t, e);
    switch (code) {
    case CURLE_WRITE_ERROR:
        if (t->failed.code != NULL) {
            *e = t->failed;
            return -1;
        }
        return err_memory(e);
    case CURLE_OUT_OF_MEMORY: return err_memory(e);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return untrusted(t, code, e);
    case CURLE_LOGIN_DENIED:
        return err_set(e, "io", "the login was refused: look at %s", t->account->said_by);
    case CURLE_REMOTE_FILE_NOT_FOUND:
    case CURLE_FTP_COULDNT_RETR_FILE: return err_set(e, "io", "is not there, or may not be read");
    case CURLE_REMOTE_ACCESS_DENIED: return err_set(e, "io", "is not there, or may not be entered");
    case CURLE_QUOTE_ERROR: return err_set(e, "io", "the other side did not rename it");
    case CURLE_UNSUPPORTED_PROTOCOL:
        return err_set(e, "config", "the libcurl of this machine has no %.*s", (int)t->parts.scheme.n,
                       t->parts.scheme.p);
    case CURLE_URL_MALFORMAT: return err_set(e, "usage", "is no URL that can be read");
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
        e->temporary = true;
        return err_set(e, "io", "cut off before its end: %s", p_curl_easy_strerror(code));
    default: e->temporary = true; return err_set(e, "io", "%s", p_curl_easy_strerror(code));
    }
}

int transfer_check_status(const struct transfer *t, long status, struct err *e)
{
    if (status >= 200 && status < 300)
        return 0;
    transfer_place(t, e);
    e->temporary = status == 408 || status == 425 || status == 429 || status >= 500;
    if (status == 401 || status == 403)
        return err_set(e, "io", "%ld: access was denied: look at %s", status, t->account->said_by);
    if (status == 404 || status == 410)
        return err_set(e, "io", "%ld: is not there", status);
    return err_set(e, "io", "%ld: no file was given", status);
}

/* ---- one request ---- */

/* USER absent: nobody. */
static void set_login(struct transfer *t, struct str user)
{
    const struct transfer_account *a = t->account;
    buf_reset(&t->user);
    url_decode(&t->user, user);
    buf_byte(&t->user, '\0');
    if (user.p != NULL) {
        p_curl_easy_setopt(t->easy, CURLOPT_USERNAME, t->user.p);
        if (a->password.p != NULL)
            p_curl_easy_setopt(t->easy, CURLOPT_PASSWORD, t->password.p);
    }
    long ways = CURLSSH_AUTH_PUBLICKEY | CURLSSH_AUTH_AGENT;
    if (a->password.p != NULL)
        ways |= CURLSSH_AUTH_PASSWORD | CURLSSH_AUTH_KEYBOARD;
    p_curl_easy_setopt(t->easy, CURLOPT_SSH_AUTH_TYPES, ways);
    if (a->identity.p != NULL)
        p_curl_easy_setopt(t->easy, CURLOPT_SSH_PRIVATE_KEYFILE, t->identity.p);
    if (a->passphrase.p != NULL)
        p_curl_easy_setopt(t->easy, CURLOPT_KEYPASSWD, t->passphrase.p);
    p_curl_easy_setopt(t->easy, CURLOPT_SSH_KNOWNHOSTS, t->known_hosts.p);
    p_curl_easy_setopt(t->easy, CURLOPT_SSH_KEYFUNCTION, check_host);
    p_curl_easy_setopt(t->easy, CURLOPT_SSH_KEYDATA, t);
}

int transfer_set_up_as(struct transfer *t, struct str url, struct str user, struct err *e)
{
    const struct url *u = &t->parts;
    if (transfer_check(url, e) == -1)
        return -1;
    url_parse(&t->parts, url);
    const struct transfer_scheme *scheme = transfer_scheme(u->scheme);
    CURL *easy = t->easy;
    p_curl_easy_reset(easy);
    buf_reset(&t->url);
    buf_printf(&t->url, "%s://%.*s%.*s", scheme->as, (int)u->host.n, u->host.p, (int)u->path.n, u->path.p);
    if (scheme->has_query)
        buf_put(&t->url, str_slice(u->query, 0, str_find(u->query, '#')));
    buf_byte(&t->url, '\0');
    set_login(t, user);
    if (!buf_ok(&t->url) || !buf_ok(&t->user))
        return err_memory(e);
    t->host_unknown = t->host_differs = false;
    t->failed = (struct err){0};
    t->fd = -1;
    t->into = NULL;
    p_curl_easy_setopt(easy, CURLOPT_URL, t->url.p);
    p_curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, scheme->as);
    if (str_eq(u->scheme, STR("ftpes")))
        p_curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    p_curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    p_curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    p_curl_easy_setopt(easy, CURLOPT_USERAGENT, "hub/" HUB_VERSION);
    p_curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    p_curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    p_curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
    p_curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    p_curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    curl_trust(easy);
    return 0;
}

struct str transfer_user_of(const struct transfer *t, struct str url)
{
    struct url u;
    return url_parse(&u, url) && u.user.p != NULL ? u.user : t->account->user;
}

int transfer_set_up(struct transfer *t, struct str url, struct err *e)
{
    return transfer_set_up_as(t, url, transfer_user_of(t, url), e);
}

bool transfer_is_http(const struct transfer *t)
{
    return str_starts(t->parts.scheme, STR("http"));
}

#endif
