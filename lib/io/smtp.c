#include "io/smtp.h"

#include <stdlib.h>
#include <string.h>

#include "base/lazy.h"
#include "base/url.h"
#include "io/curl.h"

#ifdef SONAME_LIBCURL

enum { CONNECT_SECONDS = 30, MESSAGE_SECONDS = 600, SAID_MOST = 400 };

struct smtp {
    CURL *easy;
    struct str message;
    size_t given;         /* of the message */
    char said[SAID_MOST]; /* the last line by which the server refused something */
    size_t nsaid;
    char why[CURL_ERROR_SIZE];
};

static size_t give(char *p, size_t size, size_t n, void *arg)
{
    struct smtp *s = arg;
    struct str left = str_slice(s->message, s->given, s->given + size * n);
    if (left.n > 0)
        memcpy(p, left.p, left.n);
    s->given += left.n;
    return left.n;
}

/* Lines of the server. */
static size_t take_line(char *p, size_t size, size_t n, void *arg)
{
    struct smtp *s = arg;
    struct str line = str_trim((struct str){p, size * n});
    if (line.n > 3 && (line.p[0] == '4' || line.p[0] == '5')) {
        s->nsaid = line.n < SAID_MOST ? line.n : SAID_MOST;
        memcpy(s->said, line.p, s->nsaid);
    }
    return size * n;
}

static size_t drop(char *p, size_t size, size_t n, void *arg)
{
    (void)p, (void)arg;
    return size * n;
}

static int set_up(struct smtp *s, const struct smtp_options *o, struct err *e)
{
    struct url url;
    if (!url_parse(&url, str_of(o->url)) ||
        (!str_eq(url.scheme, STR("smtp")) && !str_eq(url.scheme, STR("smtps"))))
        return err_set(e, "config", "not the URL of a mail server (smtp://HOST:587, smtps://HOST): %s",
                       err_quote(str_of(o->url)));
    if (url.user.p != NULL)
        return err_set(e, "config", "a URL of a mail server without its user: user and password are secrets");
    CURL *easy = s->easy;
    long tls = url_is_loopback(&url) ? CURLUSESSL_TRY : CURLUSESSL_ALL;
    bool set =
        p_curl_easy_setopt(easy, CURLOPT_URL, o->url) == CURLE_OK &&
        p_curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
        p_curl_easy_setopt(easy, CURLOPT_USE_SSL, tls) == CURLE_OK &&
        p_curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
        p_curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        p_curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT,
                           o->connect_seconds > 0 ? o->connect_seconds : CONNECT_SECONDS) == CURLE_OK &&
        p_curl_easy_setopt(easy, CURLOPT_TIMEOUT, o->seconds > 0 ? o->seconds : MESSAGE_SECONDS) ==
            CURLE_OK &&
        p_curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
        p_curl_easy_setopt(easy, CURLOPT_READFUNCTION, give) == CURLE_OK &&
        p_curl_easy_setopt(easy, CURLOPT_READDATA, s) == CURLE_OK &&
        p_curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop) == CURLE_OK &&
        p_curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_line) == CURLE_OK &&
        p_curl_easy_setopt(easy, CURLOPT_HEADERDATA, s) == CURLE_OK &&
        p_curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, s->why) == CURLE_OK &&
        (o->user == NULL ||
         (p_curl_easy_setopt(easy, CURLOPT_USERNAME, o->user) == CURLE_OK &&
          p_curl_easy_setopt(easy, CURLOPT_PASSWORD, o->password != NULL ? o->password : "") == CURLE_OK));
    curl_trust(easy);
    return set ? 0 : err_set(e, "config", "this libcurl sends no mail");
}

struct smtp *smtp_new(const struct smtp_options *options, struct err *e)
{
    if (curl_load(e) == -1)
        return NULL;
    struct smtp *s = calloc(1, sizeof *s);
    if (s != NULL)
        s->easy = p_curl_easy_init();
    if (s == NULL || s->easy == NULL) {
        err_memory(e);
        free(s);
        return NULL;
    }
    if (set_up(s, options, e) == 0)
        return s;
    smtp_free(s);
    return NULL;
}

void smtp_free(struct smtp *s)
{
    if (s == NULL)
        return;
    p_curl_easy_cleanup(s->easy);
    free(s);
}

/* What the server said, or else what libcurl says. */
static void say(const struct smtp *s, CURLcode code, const char *what, struct err *e)
{
    if (s->nsaid > 0)
        err_set(e, "mail", "%s: %s", what, err_quote((struct str){s->said, s->nsaid}));
    else
        err_set(e, "mail", "%s: %s", what, s->why[0] != '\0' ? s->why : p_curl_easy_strerror(code));
}

static enum smtp_sent judge(const struct smtp *s, CURLcode code, struct err *e)
{
    bool refused = s->nsaid > 0 && s->said[0] == '5';
    bool closes = str_starts((struct str){s->said, s->nsaid}, STR("421")); /* RFC 5321 §3.8 */
    switch (code) {
    case CURLE_OK: return SMTP_SENT;
    case CURLE_LOGIN_DENIED:
        say(s, code, "the mail server refuses the login", e);
        return s->nsaid > 0 && !refused ? SMTP_UNREACHED : SMTP_STOPS;
    case CURLE_USE_SSL_FAILED:
        err_set(e, "mail", "the mail server does not take STARTTLS, and nothing is sent in the clear");
        return SMTP_STOPS;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        say(s, code, "the mail server is not known by its certificate", e);
        return SMTP_STOPS;
    case CURLE_OUT_OF_MEMORY: err_memory(e); return SMTP_STOPS;
    default: break;
    }
    if (s->nsaid > 0) {
        say(s, code, refused ? "the mail server refuses it" : "the mail server does not take it now", e);
        return refused ? SMTP_REFUSED : closes ? SMTP_UNREACHED : SMTP_TEMPORARY;
    }
    bool all = s->message.n > 0 && s->given == s->message.n;
    say(s, code, all ? "sent, and no answer of the mail server" : "the mail server is not reached", e);
    return all ? SMTP_UNKNOWN : SMTP_UNREACHED;
}

static struct curl_slist *recipients(const struct message_envelope *envelope, struct arena *a)
{
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < envelope->nto; i++) {
        struct str text = arena_printf(a, "<%.*s>", (int)envelope->to[i].n, envelope->to[i].p);
        struct curl_slist *more = text.p != NULL ? p_curl_slist_append(list, text.p) : NULL;
        if (more == NULL) {
            p_curl_slist_free_all(list);
            return NULL;
        }
        list = more;
    }
    return list;
}

enum smtp_sent smtp_send(struct smtp *s, const struct message_envelope *envelope, struct str message,
                         struct err *e)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct str from = arena_printf(&arena, "<%.*s>", (int)envelope->from.n, envelope->from.p);
    struct curl_slist *to = recipients(envelope, &arena);
    enum smtp_sent sent = SMTP_STOPS;
    s->message = message;
    s->given = s->nsaid = 0;
    s->why[0] = '\0';
    if (from.p == NULL || to == NULL || p_curl_easy_setopt(s->easy, CURLOPT_MAIL_FROM, from.p) != CURLE_OK ||
        p_curl_easy_setopt(s->easy, CURLOPT_MAIL_RCPT, to) != CURLE_OK ||
        p_curl_easy_setopt(s->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message.n) != CURLE_OK)
        err_memory(e);
    else
        sent = judge(s, p_curl_easy_perform(s->easy), e);
    p_curl_easy_setopt(s->easy, CURLOPT_MAIL_RCPT, NULL);
    p_curl_slist_free_all(to);
    arena_release(&arena);
    e->temporary = sent == SMTP_TEMPORARY || sent == SMTP_UNREACHED;
    return sent;
}

#else

struct smtp *smtp_new(const struct smtp_options *options, struct err *e)
{
    (void)options;
    lazy_absent("mail", "libcurl", e);
    return NULL;
}

void smtp_free(struct smtp *s)
{
    (void)s;
}

enum smtp_sent smtp_send(struct smtp *s, const struct message_envelope *envelope, struct str message,
                         struct err *e)
{
    (void)s, (void)envelope, (void)message;
    lazy_absent("mail", "libcurl", e);
    return SMTP_STOPS;
}

#endif
