#include "io/transfer.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/lazy.h"
#include "base/out.h"
#include "io/curl.h"
#include "io/http.h"

static const struct {
    struct str scheme;
    const char *as; /* libcurl's */
    bool has_query;
} schemes[] = {{STR("https"), "https", true},
               {STR("http"), "http", true},
               {STR("sftp"), "sftp", false},
               {STR("ftps"), "ftps", false},
               {STR("ftpes"), "ftp", false}};
enum { SCHEMES = sizeof schemes / sizeof *schemes };

static size_t scheme_number(const struct url *u)
{
    size_t i = 0;
    while (i < SCHEMES && !str_eq(u->scheme, schemes[i].scheme))
        i++;
    return i;
}

int transfer_check(struct str url, struct err *e)
{
    struct url u;
    if (!url_parse(&u, url))
        return err_set(e, "usage", "not a URL: %s", err_quote(str_slice(url, 0, str_find(url, '?'))));
    if (scheme_number(&u) == SCHEMES)
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

#ifdef SONAME_LIBCURL

enum {
    REDIRECTS_MOST = 5,
    URL_MOST = 1 << 20,
    CONNECT_SECONDS = 30,
    STALL_SECONDS = 60 /* without a byte */
};

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
        buf_init(texts[i], URL_MOST);
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

static size_t give(char *p, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    struct str bytes = str_slice(t->from, 0, size * n);
    if (bytes.n > 0)
        memcpy(p, bytes.p, bytes.n);
    t->from = str_slice(t->from, bytes.n, t->from.n);
    return bytes.n;
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

/* SCHEME://HOST/PATH */
static void place(const struct transfer *t, struct err *e)
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

static int fail(const struct transfer *t, CURLcode code, struct err *e)
{
    place(t, e);
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

static int check_status(const struct transfer *t, long status, struct err *e)
{
    if (status >= 200 && status < 300)
        return 0;
    place(t, e);
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

/* libcurl is given no user in the URL, so that it has none to show. */
static int set_up_as(struct transfer *t, struct str url, struct str user, struct err *e)
{
    const struct url *u = &t->parts;
    if (transfer_check(url, e) == -1)
        return -1;
    url_parse(&t->parts, url);
    size_t scheme = scheme_number(u);
    CURL *easy = t->easy;
    p_curl_easy_reset(easy);
    buf_reset(&t->url);
    buf_printf(&t->url, "%s://%.*s%.*s", schemes[scheme].as, (int)u->host.n, u->host.p, (int)u->path.n,
               u->path.p);
    if (schemes[scheme].has_query)
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
    p_curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, schemes[scheme].as);
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

/* The user that the URL names, or the account. */
static struct str user_of(const struct transfer *t, struct str url)
{
    struct url u;
    return url_parse(&u, url) && u.user.p != NULL ? u.user : t->account->user;
}

static int set_up(struct transfer *t, struct str url, struct err *e)
{
    return set_up_as(t, url, user_of(t, url), e);
}

static bool is_http(const struct transfer *t)
{
    return str_starts(t->parts.scheme, STR("http"));
}

/* ---- reading ---- */

/* Where the answer leads elsewhere, into t->text: 1; 0: it does not; -1. */
static int redirected(struct transfer *t, long status, struct err *e)
{
    char *to = NULL;
    if (status < 300 || status > 399)
        return 0;
    p_curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to);
    if (to == NULL)
        return 0;
    buf_reset(&t->text);
    buf_put(&t->text, str_of(to));
    if (!buf_ok(&t->text))
        return err_memory(e);
    if (!str_starts(str_of(to), STR("http")) || transfer_check(str_of(to), e) == -1) {
        place(t, e);
        return err_set(e, "io", "leads to %s, which is not read",
                       err_quote(str_slice(str_of(to), 0, str_find(str_of(to), '?'))));
    }
    return 1;
}

static int restart(int fd, struct err *e)
{
    return ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0 ? 0 : err_errno(e, "cannot be spooled");
}

int transfer_fetch(struct transfer *t, struct str url, int fd, struct err *e)
{
    struct str at = url;
    struct buf next;
    int done = -1;
    buf_init(&next, URL_MOST);
    for (unsigned redirects = 0;; redirects++) {
        long status = 0;
        bool at_home = redirects == 0 || http_same_origin(at, url);
        if (restart(fd, e) == -1 || set_up_as(t, at, at_home ? user_of(t, url) : (struct str){0}, e) == -1)
            break;
        t->fd = fd;
        CURLcode code = p_curl_easy_perform(t->easy);
        if (code != CURLE_OK) {
            fail(t, code, e);
            break;
        }
        if (!is_http(t)) {
            done = 0;
            break;
        }
        p_curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
        int more = redirects < REDIRECTS_MOST ? redirected(t, status, e) : 0;
        if (more == 0)
            done = check_status(t, status, e);
        if (more != 1)
            break;
        buf_reset(&next);
        buf_put(&next, buf_str(&t->text));
        at = buf_str(&next);
    }
    buf_release(&next);
    return done;
}

static int list(struct transfer *t, struct str url, bool names_only, struct buf *out, struct err *e)
{
    if (set_up(t, url, e) == -1)
        return -1;
    t->into = out;
    p_curl_easy_setopt(t->easy, CURLOPT_DIRLISTONLY, names_only ? 1L : 0L);
    CURLcode code = p_curl_easy_perform(t->easy);
    return code == CURLE_OK ? 0 : fail(t, code, e);
}

/* Whether a line of LONG ("drwxr-xr-x … NAME") says that NAME is a folder. */
static bool is_folder(struct str lines, struct str name)
{
    while (lines.n > 0) {
        struct str line = str_slice(lines, 0, str_find(lines, '\n')), trimmed = str_trim(line);
        if (str_starts(trimmed, STR("d")) && trimmed.n > name.n && str_ends(trimmed, name) &&
            trimmed.p[trimmed.n - name.n - 1] == ' ')
            return true;
        lines = str_slice(lines, line.n + 1, lines.n);
    }
    return false;
}

int transfer_list(struct transfer *t, struct str url, struct buf *names, struct err *e)
{
    struct buf lines, all;
    buf_init(&lines, names->max);
    buf_init(&all, names->max);
    int done = list(t, url, false, &lines, e) == 0 ? list(t, url, true, &all, e) : -1;
    for (struct str rest = buf_str(&all); done == 0 && rest.n > 0;) {
        struct str line = str_slice(rest, 0, str_find(rest, '\n')), name = line;
        if (str_ends(name, STR("\r")))
            name.n--;
        for (size_t i = name.n; i > 0; i--) /* some FTP servers give paths */
            if (name.p[i - 1] == '/') {
                name = str_slice(name, i, name.n);
                break;
            }
        rest = str_slice(rest, line.n + 1, rest.n);
        if (name.n == 0 || is_folder(buf_str(&lines), name))
            continue;
        buf_put(names, name);
        buf_byte(names, '\n');
    }
    buf_release(&lines);
    buf_release(&all);
    return done == 0 && !buf_ok(names) ? err_memory(e) : done;
}

int transfer_look(struct transfer *t, struct str url, int64_t *size, int64_t *changed, struct err *e)
{
    curl_off_t n = -1, at = -1;
    long status = 200;
    if (set_up(t, url, e) == -1)
        return -1;
    p_curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
    p_curl_easy_setopt(t->easy, CURLOPT_FILETIME, 1L);
    CURLcode code = p_curl_easy_perform(t->easy);
    p_curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    /* 550 of FTP: there is no such file or folder, or it may not be entered (RFC 959 §4.2). */
    bool no_folder = code == CURLE_REMOTE_ACCESS_DENIED && status == 550;
    if (code == CURLE_REMOTE_FILE_NOT_FOUND || code == CURLE_FTP_COULDNT_RETR_FILE || no_folder)
        return 0;
    if (code != CURLE_OK)
        return fail(t, code, e);
    if (!is_http(t))
        status = 200;
    if (status == 404 || status == 410)
        return 0;
    if (check_status(t, status, e) == -1)
        return -1;
    p_curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &n);
    p_curl_easy_getinfo(t->easy, CURLINFO_FILETIME_T, &at);
    *size = n;
    *changed = at;
    return 1;
}

/* ---- writing ---- */

int transfer_put(struct transfer *t, struct str url, struct str bytes, struct err *e)
{
    if (set_up(t, url, e) == -1)
        return -1;
    t->from = bytes;
    p_curl_easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
    p_curl_easy_setopt(t->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)bytes.n);
    p_curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, give);
    p_curl_easy_setopt(t->easy, CURLOPT_READDATA, t);
    CURLcode code = p_curl_easy_perform(t->easy);
    return code == CURLE_OK ? 0 : fail(t, code, e);
}

/* The path of NAME in the folder at hand, quoted as the commands of SFTP are; those of FTP stand in the
 * folder already. */
static void put_name(struct transfer *t, struct str name)
{
    if (!str_eq(t->parts.scheme, STR("sftp"))) {
        buf_put(&t->command, name);
        return;
    }
    buf_reset(&t->text);
    url_decode(&t->text, t->parts.path);
    struct str folder = buf_str(&t->text);
    if (str_starts(folder, STR("/~/"))) /* below where a login begins */
        folder = str_slice(folder, 3, folder.n);
    buf_byte(&t->command, '"');
    for (int part = 0; part < 2; part++) {
        struct str s = part == 0 ? folder : name;
        for (size_t i = 0; i < s.n; i++) {
            if (s.p[i] == '"' || s.p[i] == '\\')
                buf_byte(&t->command, '\\');
            buf_byte(&t->command, s.p[i]);
        }
    }
    buf_byte(&t->command, '"');
}

static void add_command(struct transfer *t, const char *word, struct str a, struct str b)
{
    buf_reset(&t->command);
    buf_printf(&t->command, "%s ", word);
    put_name(t, a);
    if (b.p != NULL) {
        buf_byte(&t->command, ' ');
        put_name(t, b);
    }
    buf_byte(&t->command, '\0');
    struct curl_slist *more = buf_ok(&t->command) ? p_curl_slist_append(t->commands, t->command.p) : NULL;
    if (more != NULL)
        t->commands = more;
    else
        t->command.failed = true;
}

/* The commands are done in the folder at hand. */
static int run_commands(struct transfer *t, struct err *e)
{
    CURLcode code = CURLE_OUT_OF_MEMORY;
    p_curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
    p_curl_easy_setopt(t->easy, CURLOPT_POSTQUOTE, t->commands);
    if (buf_ok(&t->command))
        code = p_curl_easy_perform(t->easy);
    p_curl_slist_free_all(t->commands);
    t->commands = NULL;
    p_curl_easy_reset(t->easy);
    return code == CURLE_OK ? 0 : fail(t, code, e);
}

/* No name may bring another command with it. */
static int check_name(struct str name, struct err *e)
{
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < ' ')
            return err_set(e, "io", "a name with a control character: %s", err_quote(name));
    return 0;
}

int transfer_rename(struct transfer *t, struct str url, struct str from, struct str to, struct err *e)
{
    if (check_name(from, e) == -1 || check_name(to, e) == -1 || set_up(t, url, e) == -1)
        return -1;
    if (str_eq(t->parts.scheme, STR("sftp"))) {
        add_command(t, "rename", from, to);
    } else {
        add_command(t, "RNFR", from, (struct str){0});
        add_command(t, "RNTO", to, (struct str){0});
    }
    return run_commands(t, e);
}

int transfer_make_folder(struct transfer *t, struct str url, struct str name, struct err *e)
{
    if (check_name(name, e) == -1 || set_up(t, url, e) == -1)
        return -1;
    add_command(t, str_eq(t->parts.scheme, STR("sftp")) ? "*mkdir" : "*MKD", name, (struct str){0});
    return run_commands(t, e);
}

#else

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

int transfer_make_folder(struct transfer *t, struct str url, struct str name, struct err *e)
{
    (void)t, (void)url, (void)name, (void)e;
    return -1;
}

#endif
