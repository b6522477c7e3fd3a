#include "io/http.h"

#include <stdlib.h>

#include "base/lazy.h"
#include "base/url.h"
#include "io/curl.h"

/* Without the port that the scheme implies. */
static struct str host_of(const struct url *u)
{
    if (str_eq(u->scheme, STR("https")) && str_ends(u->host, STR(":443")))
        return str_slice(u->host, 0, u->host.n - 4);
    if (str_eq(u->scheme, STR("http")) && str_ends(u->host, STR(":80")))
        return str_slice(u->host, 0, u->host.n - 3);
    return u->host;
}

bool http_same_origin(struct str a, struct str b)
{
    struct url one, other;
    return url_parse(&one, a) && url_parse(&other, b) && str_eq_nocase(one.scheme, other.scheme) &&
           str_eq_nocase(host_of(&one), host_of(&other));
}

struct str http_header(const struct http_answer *a, struct str name)
{
    struct str rest = buf_str(&a->headers);
    while (rest.n > 0) {
        struct str line = str_slice(rest, 0, str_find(rest, '\n'));
        size_t colon = str_find(line, ':');
        if (str_eq_nocase(str_slice(line, 0, colon), name))
            return str_trim(str_slice(line, colon + 1, line.n));
        rest = str_slice(rest, line.n + 1, rest.n);
    }
    return (struct str){0};
}

#ifdef SONAME_LIBCURL

enum { HEADERS_MOST = 1 << 20, REDIRECTS_MOST = 5 };

struct http_call {
    CURL *easy;
    struct curl_slist *headers;
    struct http_answer answer;
    struct buf body, sent, url;
    uint64_t most;
    bool done, large;
    CURLcode code;
    unsigned redirects;
    struct http_call *next; /* of those at rest */
};

struct http_client {
    CURLM *multi;
    struct http_call *rest;
};

struct http_client *http_new(struct err *e)
{
    if (curl_load(e) == -1)
        return NULL;
    struct http_client *c = calloc(1, sizeof *c);
    if (c != NULL)
        c->multi = p_curl_multi_init();
    if (c != NULL && c->multi != NULL)
        return c;
    free(c);
    err_memory(e);
    return NULL;
}

static void free_call(struct http_call *call)
{
    p_curl_slist_free_all(call->headers);
    p_curl_easy_cleanup(call->easy);
    buf_release(&call->body);
    buf_release(&call->sent);
    buf_release(&call->url);
    buf_release(&call->answer.headers);
    free(call);
}

void http_free(struct http_client *c)
{
    if (c == NULL)
        return;
    while (c->rest != NULL) {
        struct http_call *next = c->rest->next;
        free_call(c->rest);
        c->rest = next;
    }
    p_curl_multi_cleanup(c->multi);
    free(c);
}

static size_t take_body(char *p, size_t size, size_t n, void *arg)
{
    struct http_call *call = arg;
    n *= size;
    if (call->body.n + n > call->most) {
        call->large = true;
        return 0;
    }
    buf_put(&call->body, (struct str){p, n});
    return buf_ok(&call->body) ? n : 0;
}

/* An answer that comes behind another one (100, a redirect) forgets what that one said. */
static size_t take_header(char *p, size_t size, size_t n, void *arg)
{
    struct http_call *call = arg;
    struct str line = {p, n * size};
    if (str_starts(line, STR("HTTP/"))) {
        buf_reset(&call->answer.headers);
    } else if (str_trim(line).n > 0) {
        buf_put(&call->answer.headers, str_trim(line));
        buf_byte(&call->answer.headers, '\n');
    }
    return buf_ok(&call->answer.headers) ? n * size : 0;
}

static struct http_call *new_call(struct http_client *c)
{
    struct http_call *call = c->rest;
    if (call != NULL) {
        c->rest = call->next;
        return call;
    }
    call = calloc(1, sizeof *call);
    if (call == NULL)
        return NULL;
    buf_init(&call->body, SIZE_MAX / 4);
    buf_init(&call->sent, SIZE_MAX / 4);
    buf_init(&call->url, 1 << 20);
    buf_init(&call->answer.headers, HEADERS_MOST);
    call->easy = p_curl_easy_init();
    if (call->easy != NULL)
        return call;
    free_call(call);
    return NULL;
}

/* No header may bring another one with it. */
static bool has_line_end(struct str s)
{
    return str_find(s, '\r') < s.n || str_find(s, '\n') < s.n || str_find(s, '\0') < s.n;
}

static int set_headers(struct http_call *call, const struct http_request *r, struct err *e)
{
    struct buf line;
    buf_init(&line, 1 << 20);
    int done = 0;
    for (size_t i = 0; i < r->nheaders && done == 0; i++) {
        buf_reset(&line);
        buf_put(&line, r->header[i].name);
        buf_put(&line, r->header[i].value.n > 0 ? STR(": ") : STR(";"));
        buf_put(&line, r->header[i].value);
        if (has_line_end(buf_str(&line)))
            done = err_set(e, "http", "the header %s has an end of line in it", err_quote(r->header[i].name));
        buf_byte(&line, '\0');
        struct curl_slist *more =
            done == 0 && buf_ok(&line) ? p_curl_slist_append(call->headers, line.p) : NULL;
        if (more != NULL)
            call->headers = more;
        else if (done == 0)
            done = err_memory(e);
    }
    buf_release(&line);
    return done;
}

static void set_method(struct http_call *call, struct str method)
{
    struct str body = buf_str(&call->sent);
    if (body.n > 0 || str_eq(method, STR("POST"))) {
        p_curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
        p_curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, body.n > 0 ? body.p : "");
    }
    if (!str_eq(method, STR("GET")) && !str_eq(method, STR("POST")))
        p_curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, method.p);
}

static int set_up(struct http_call *call, const struct http_request *r, struct err *e)
{
    buf_reset(&call->body);
    buf_reset(&call->sent);
    buf_reset(&call->url);
    buf_reset(&call->answer.headers);
    call->most = r->answer_max;
    call->done = call->large = false;
    call->redirects = 0;
    buf_put(&call->url, r->url);
    buf_byte(&call->url, '\0');
    if (r->body.p != NULL)
        buf_put(&call->sent, r->body);
    if (!buf_ok(&call->url) || !buf_ok(&call->sent))
        return err_memory(e);
    if (set_headers(call, r, e) == -1)
        return -1;
    CURL *easy = call->easy;
    p_curl_easy_setopt(easy, CURLOPT_URL, call->url.p);
    p_curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    p_curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    p_curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    p_curl_easy_setopt(easy, CURLOPT_USERAGENT, "hub/" HUB_VERSION);
    p_curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    p_curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    p_curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    p_curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    p_curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    p_curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)call);
    p_curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)r->timeout);
    curl_trust(easy);
    /* Over a kept connection that turns out to be dead, libcurl sends anew by itself. */
    if (r->once)
        p_curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    set_method(call, r->method);
    return 0;
}

static void rest(struct http_client *c, struct http_call *call)
{
    p_curl_slist_free_all(call->headers);
    call->headers = NULL;
    p_curl_easy_reset(call->easy);
    call->next = c->rest;
    c->rest = call;
}

struct http_call *http_start(struct http_client *c, const struct http_request *r, struct err *e)
{
    struct http_call *call = new_call(c);
    if (call == NULL) {
        err_memory(e);
        return NULL;
    }
    if (set_up(call, r, e) == -1) {
        rest(c, call);
        return NULL;
    }
    if (p_curl_multi_add_handle(c->multi, call->easy) != CURLM_OK) {
        rest(c, call);
        err_memory(e);
        return NULL;
    }
    http_turn(c);
    return call;
}

/* Where a redirect of the same origin leads, the call goes on. */
static bool follow(struct http_client *c, struct http_call *call)
{
    char *to = NULL, *from = NULL;
    p_curl_easy_getinfo(call->easy, CURLINFO_REDIRECT_URL, &to);
    p_curl_easy_getinfo(call->easy, CURLINFO_EFFECTIVE_URL, &from);
    if (call->code != CURLE_OK || to == NULL || from == NULL || call->redirects == REDIRECTS_MOST ||
        !http_same_origin(str_of(to), str_of(from)))
        return false;
    buf_reset(&call->url);
    buf_put(&call->url, str_of(to));
    buf_byte(&call->url, '\0');
    buf_reset(&call->body);
    call->redirects++;
    p_curl_multi_remove_handle(c->multi, call->easy);
    p_curl_easy_setopt(call->easy, CURLOPT_URL, call->url.p);
    return buf_ok(&call->url) && p_curl_multi_add_handle(c->multi, call->easy) == CURLM_OK;
}

void http_turn(struct http_client *c)
{
    int running, left;
    const CURLMsg *m;
    do {
        p_curl_multi_perform(c->multi, &running);
        left = 0;
        while ((m = p_curl_multi_info_read(c->multi, &left)) != NULL) {
            struct http_call *call = NULL;
            if (m->msg != CURLMSG_DONE)
                continue;
            CURLcode code = m->data.result;
            p_curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&call);
            call->code = code;
            if (follow(c, call)) {
                left = 1; /* to be moved at once */
                continue;
            }
            call->done = true;
            p_curl_multi_remove_handle(c->multi, call->easy);
        }
    } while (left > 0);
}

static enum http_failure failure_of(const struct http_call *call)
{
    switch (call->code) {
    case CURLE_OK: return HTTP_ANSWERED;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return HTTP_UNREACHED;
    case CURLE_OPERATION_TIMEDOUT: return HTTP_SLOW;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return HTTP_UNTRUSTED;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return HTTP_IMPOSSIBLE;
    case CURLE_WRITE_ERROR: return call->large ? HTTP_TOO_LARGE : HTTP_BROKEN;
    default: return HTTP_BROKEN;
    }
}

const struct http_answer *http_wait(struct http_client *c, struct http_call *call, struct err *e)
{
    http_turn(c);
    while (!call->done) {
        p_curl_multi_poll(c->multi, NULL, 0, 1000, NULL);
        http_turn(c);
    }
    if (!buf_ok(&call->body) || !buf_ok(&call->answer.headers)) {
        err_memory(e);
        return NULL;
    }
    long status = 0;
    char *url = NULL;
    p_curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    p_curl_easy_getinfo(call->easy, CURLINFO_EFFECTIVE_URL, &url);
    buf_grow(&call->body, 1);
    call->answer.failure = failure_of(call);
    call->answer.why = p_curl_easy_strerror(call->code);
    call->answer.status = (int)status;
    call->answer.url = str_of(url != NULL ? url : "");
    call->answer.body = buf_str(&call->body);
    return &call->answer;
}

void http_end(struct http_client *c, struct http_call *call)
{
    if (call == NULL)
        return;
    if (!call->done)
        p_curl_multi_remove_handle(c->multi, call->easy);
    rest(c, call);
}

#else

struct http_client *http_new(struct err *e)
{
    lazy_absent("HTTP", "libcurl", e);
    return NULL;
}

void http_free(struct http_client *c)
{
    (void)c;
}

struct http_call *http_start(struct http_client *c, const struct http_request *r, struct err *e)
{
    (void)c, (void)r, (void)e;
    return NULL;
}

void http_turn(struct http_client *c)
{
    (void)c;
}

const struct http_answer *http_wait(struct http_client *c, struct http_call *call, struct err *e)
{
    (void)c, (void)call, (void)e;
    return NULL;
}

void http_end(struct http_client *c, struct http_call *call)
{
    (void)c, (void)call;
}

#endif
