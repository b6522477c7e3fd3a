#include "system/verdict.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "system/link.h"

/* In the order of enum verdict. */
static const struct str words[] = {STR("ok"),     STR("none"),   STR("retry"),    STR("login"),
                                   STR("refuse"), STR("exists"), STR("conflict"), STR("stop")};

/* "503 Service Unavailable" is the server's; what stands in the body is often the reason. */
static void describe(struct session *s, struct exchange *x, struct err *e)
{
    struct buf text;
    buf_init(&text, 1 << 16);
    struct str body = str_trim(str_slice(x->answer->body, 0, 300));
    secrets_hide(&s->secrets, &text, body);
    err_set(e, "http", "%d%s%s", x->answer->status, text.n > 0 ? ": " : "",
            text.n > 0 ? err_quote(buf_str(&text)) : "");
    buf_release(&text);
}

static int64_t milliseconds(const struct text *after, const struct view *v, struct err *e)
{
    struct str text = after != NULL ? text_string(after, v, e) : (struct str){0};
    return text.p != NULL ? pace_retry_after(text, (int64_t)time(NULL)) : -1;
}

/* 1: an entry fits, and *OUT is what it says. */
static int said_by(struct session *s, struct exchange *x, const struct json_node *list, enum verdict *out,
                   int64_t *after, struct err *e)
{
    const struct description *d = &s->system->described;
    const struct json_node *end = list != NULL ? json_next(list) : NULL;
    struct view v;
    session_view(s, &v, x->value, x);
    for (const struct json_node *entry = list != NULL ? list + 1 : NULL; entry < end;
         entry = json_next(entry)) {
        const struct text *when = description_text(d, json_get(entry, STR("when")));
        int fits = when != NULL ? text_test(when, &v, e) : 1;
        if (fits != 1) {
            if (fits == -1)
                return -1;
            continue;
        }
        const struct json_node *what = json_get(entry, STR("do"));
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (what != NULL && json_string_is(what, words[i]))
                *out = (enum verdict)i;
        *after = milliseconds(description_text(d, json_get(entry, STR("after"))), &v, e);
        const struct text *say = description_text(d, json_get(entry, STR("say")));
        struct str text = say != NULL ? text_string(say, &v, e) : (struct str){0};
        if (e->code != NULL)
            return -1;
        describe(s, x, e);
        if (text.p != NULL)
            err_set(e, "http", "%.*s", (int)text.n, text.p);
        return 1;
    }
    return 0;
}

/* A page for people, as a server shows that is not the one that was called. There are files that are sent as
 * one and are none. */
static bool is_page(const struct exchange *x)
{
    struct str type = http_header(x->answer, STR("Content-Type"));
    return str_starts(type, STR("text/html")) && (!x->raw || str_starts(str_trim(x->answer->body), STR("<")));
}

enum { NO_CONTENT = 204 };

/* What an answer that went well is due to have. */
static bool has_body(const struct exchange *x)
{
    if (x->answer->body.n == 0)
        return !x->list || x->answer->status == NO_CONTENT;
    return x->raw || x->effect ? !is_page(x) : x->value != NULL;
}

static enum verdict by_status(const struct exchange *x)
{
    int status = x->answer->status;
    if (status >= 200 && status < 300)
        return has_body(x) ? VERDICT_OK : VERDICT_RETRY;
    switch (status) {
    case 401: return x->logins == 0 ? VERDICT_LOGIN : VERDICT_STOP;
    case 403: return VERDICT_STOP;
    case 404:
    case 410: return VERDICT_NONE;
    case 409: return VERDICT_EXISTS;
    case 412: return VERDICT_CONFLICT;
    case 408:
    case 425:
    case 429: return VERDICT_RETRY;
    default: return status >= 500 ? VERDICT_RETRY : VERDICT_REFUSE;
    }
}

static enum verdict by_failure(struct exchange *x, struct err *e)
{
    err_set(e, "http", "%s", x->answer->why);
    x->down = x->answer->failure == HTTP_UNREACHED;
    x->lost = x->answer->failure == HTTP_BROKEN || x->answer->failure == HTTP_SLOW ||
              x->answer->failure == HTTP_TOO_LARGE;
    switch (x->answer->failure) {
    case HTTP_UNREACHED:
    case HTTP_BROKEN:
    case HTTP_SLOW: return VERDICT_RETRY;
    case HTTP_TOO_LARGE:
        err_set(e, "limit", "the answer is larger than the limit for answers allows (limits/answer)");
        return VERDICT_STOP;
    default: return VERDICT_STOP;
    }
}

static void say_no_body(const struct exchange *x, struct err *e)
{
    const char *start = err_quote(str_slice(x->answer->body, 0, 60));
    int status = x->answer->status;
    if (x->answer->body.n == 0)
        err_set(e, "http", "%d, but the answer is empty", status);
    else if (x->raw || x->unread.code == NULL || is_page(x))
        err_set(e, "http", "%d, but a page for people: %s", status, start);
    else
        err_set(e, "http", "%d, but no JSON (%s): %s", status, x->unread.message, start);
}

static void say_redirect(struct session *s, const struct exchange *x, struct err *e)
{
    struct str where = http_header(x->answer, STR("Location"));
    struct str whole = link_resolve(x->answer->url, where, &s->scratch);
    if (whole.p != NULL && http_same_origin(whole, x->answer->url))
        err_set(e, "http", "%d: it redirects again and again, at last to %s", x->answer->status,
                err_quote(where));
    else
        err_set(e, "http", "%d: it redirects to %s, where no credentials go", x->answer->status,
                err_quote(where));
}

static void say_status(struct session *s, struct exchange *x, enum verdict v, struct err *e)
{
    int status = x->answer->status;
    describe(s, x, e);
    if (status >= 200 && status < 300)
        say_no_body(x, e);
    else if (status >= 300 && status < 400)
        say_redirect(s, x, e);
    else if ((status == 401 || status == 403) && v == VERDICT_STOP) {
        size_t n = strlen(e->message);
        snprintf(e->message + n, sizeof e->message - n, "; look at %s", session_secrets_from(s));
    }
}

enum verdict verdict_of(struct session *s, struct exchange *x, int64_t *after, struct err *e)
{
    enum verdict out = VERDICT_OK;
    *after = -1;
    x->lost = x->down = false;
    arena_reset(&s->scratch);
    if (x->answer->failure != HTTP_ANSWERED)
        return by_failure(x, e);
    bindings_set_count(&s->names, STR("status"), (uint64_t)x->answer->status);
    /* Too many requests, and a service that is not available (RFC 6585 §4, RFC 9110 §15.6.4), are not about
     * one request. */
    x->down = x->answer->status == 429 || x->answer->status == 503;
    int said = said_by(s, x, json_get(x->call, STR("answers")), &out, after, e);
    if (said == 0)
        said =
            said_by(s, x, json_get(description_root(&s->system->described), STR("answers")), &out, after, e);
    if (said == -1)
        return VERDICT_ERROR;
    x->said = said == 1;
    if (said == 0) {
        out = by_status(x);
        x->lost = out == VERDICT_RETRY && (x->answer->status >= 500 || x->answer->status < 300);
        say_status(s, x, out, e);
    }
    struct str retry_after = http_header(x->answer, STR("Retry-After"));
    if (*after < 0 && retry_after.p != NULL)
        *after = pace_retry_after(retry_after, (int64_t)time(NULL));
    if (*after == 0 && said == 0) /* a moment that is over says nothing of when */
        *after = -1;
    if (out == VERDICT_OK || out == VERDICT_NONE)
        err_clear(e);
    /* A login that was done already did not help. */
    return out == VERDICT_LOGIN && x->logins > 0 ? VERDICT_STOP : out;
}

int verdict_pause(struct session *s, struct exchange *x, struct err *e)
{
    const struct json_node *limits = json_get(description_root(&s->system->described), STR("limits"));
    const struct text *pause = description_text(&s->system->described, json_get(limits, STR("pause")));
    struct view v;
    struct err why = {0};
    if (pause == NULL || x->answer->failure != HTTP_ANSWERED)
        return 0;
    session_view(s, &v, x->value, x);
    int64_t wait = milliseconds(pause, &v, &why);
    if (why.code != NULL) {
        *e = why;
        return -1;
    }
    if (wait > 0)
        pace_hold(&s->pace, clock_now() + wait);
    return 0;
}
