#include "system/session.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/siphash.h"
#include "base/utf8.h"
#include "system/files.h"
#include "system/kept.h"
#include "system/link.h"
#include "system/login.h"
#include "system/settings.h"
#include "system/verdict.h"

enum {
    TIMEOUT = 60000,
    RETRIES = 5,
    ANSWER_MOST = JSON_BYTES,
    PATIENCE = 10 * 60 * 1000 /* milliseconds that a run waits where an answer asks for it */
};

static int over(struct err *e)
{
    e->temporary = true;
    return err_set(e, "http", "the time for the whole run is over (limits/run)");
}

int session_sleep(struct session *s, int64_t milliseconds, struct err *e)
{
    if (s->deadline > 0 && clock_now() + milliseconds >= s->deadline)
        return over(e);
    if (s->options.idle != NULL && s->options.idle(s->options.idle_arg, e) == -1)
        return -1;
    struct timespec t = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    while (nanosleep(&t, &t) == -1 && errno == EINTR)
        ;
    return 0;
}

/* ---- life ---- */

static void read_limits(struct session *s)
{
    const struct description *d = &s->system->described;
    const struct json_node *limits = json_get(description_root(d), STR("limits"));
    int64_t calls = 0, each = 0, run = description_duration(json_get(limits, STR("run")), 0);
    struct str rate = description_string(d, json_get(limits, STR("rate")));
    if (rate.p != NULL)
        rate_parse(rate, &calls, &each);
    pace_init(&s->pace, calls, each, description_integer(json_get(limits, STR("burst")), 0), clock_now());
    s->timeout = description_duration(json_get(limits, STR("timeout")), TIMEOUT);
    s->answer_max = description_size(json_get(limits, STR("answer")), ANSWER_MOST);
    s->retries = description_integer(json_get(limits, STR("retries")), RETRIES);
    s->daily = description_integer(json_get(limits, STR("daily")), 0);
    s->deadline = run > 0 ? clock_now() + run : 0;
}

static int read_base(struct session *s, struct err *e)
{
    const struct json_node *base = json_get(description_root(&s->system->described), STR("base"));
    struct view v;
    struct err why = {0};
    session_view(s, &v, NULL, NULL);
    s->base = STR("");
    if (base == NULL)
        return 0;
    struct str text = text_string(description_text(&s->system->described, base), &v, &why);
    if (why.code != NULL || text.p == NULL) {
        *e = why;
        return why.code != NULL ? -1 : err_set(e, "config", "a variable of /base has no value");
    }
    while (str_ends(text, STR("/")))
        text.n--;
    bool whole = str_starts(text, STR("http://")) || str_starts(text, STR("https://")) || files_scheme(text);
    if (!whole && s->recording.read == NULL) {
        err_field(e, STR("/base"));
        err_place(e, "%.*s", (int)s->system->described.doc.source.name.n,
                  s->system->described.doc.source.name.p);
        return err_set(e, "config", "must be a URL of https, http, sftp, ftps or ftpes");
    }
    /* Where answers are played back, variables need not be set. */
    s->base = whole ? arena_str(&s->arena, text) : STR("http://played.back");
    return s->base.p != NULL ? 0 : err_memory(e);
}

int session_open(struct session *s, struct system *system, const struct session_options *o, struct err *e)
{
    *s = (struct session){.system = system, .options = *o};
    arena_init(&s->arena, (size_t)1 << 30);
    arena_init(&s->scratch, (size_t)1 << 30);
    bindings_init(&s->names);
    s->secrets.arena = &s->arena;
    bindings_set_text(&s->names, STR("source"), system->source);
    if (recording_start(&s->recording, o->record, o->replay, e) == -1 ||
        settings_load(system, &s->names, &s->secrets, o->replay != NULL, e) == -1 || read_base(s, e) == -1)
        return -1;
    read_limits(s);
    if (o->replay != NULL)
        return 0;
    s->http = http_new(e);
    return s->http == NULL ? -1 : login_is_described(s) ? login_load(s, e) : 0;
}

void session_close(struct session *s)
{
    http_free(s->http);
    s->http = NULL;
    bindings_release(&s->names);
    arena_release(&s->arena);
    arena_release(&s->scratch);
}

void exchange_init(struct exchange *x)
{
    *x = (struct exchange){0};
    request_init(&x->request);
    json_tape_init(&x->tape);
    buf_init(&x->played_body, JSON_BYTES);
    buf_init(&x->played.headers, 1 << 20);
}

static void end_call(struct session *s, struct exchange *x)
{
    if (x->http != NULL)
        http_end(s->http, x->http);
    x->http = NULL;
}

void exchange_release(struct session *s, struct exchange *x)
{
    end_call(s, x);
    request_release(&x->request);
    json_tape_release(&x->tape);
    buf_release(&x->played_body);
    buf_release(&x->played.headers);
}

/* ---- what expressions see ---- */

static struct str header_of(void *arg, struct str name)
{
    const struct exchange *x = arg;
    struct str value = x->answer != NULL ? http_header(x->answer, name) : (struct str){0};
    return utf8_check(value) == value.n ? value : (struct str){0};
}

static struct str link_of(void *arg, struct str relation, struct arena *a)
{
    const struct exchange *x = arg;
    struct str target = link_find(header_of(arg, STR("Link")), relation);
    return target.p != NULL && x->answer != NULL ? link_resolve(x->answer->url, target, a) : target;
}

void session_view(struct session *s, struct view *v, const struct json_node *value, const struct exchange *x)
{
    *v = (struct view){.value = value, .arena = &s->scratch};
    v->around.names = bindings_object(&s->names);
    v->around.answer = x != NULL ? &x->answer_of : NULL;
}

int session_text(struct session *s, const struct json_node *node, const struct json_node *value,
                 const struct exchange *x, struct arena *a, struct str *out, struct err *e)
{
    const struct text *text = description_text(&s->system->described, node);
    struct err why = {0};
    struct view v;
    *out = (struct str){0};
    if (text == NULL)
        return 0;
    session_view(s, &v, value, x);
    struct str got = text_string(text, &v, &why);
    if (why.code != NULL) {
        *e = why;
        return -1;
    }
    if (got.p != NULL)
        *out = arena_str(a, got);
    return got.p == NULL || out->p != NULL ? 0 : err_memory(e);
}

const char *session_secrets_from(struct session *s)
{
    const char *maps[] = {"secrets", "vars"};
    for (size_t m = 0; m < 2; m++) {
        struct buf text;
        buf_init(&text, 1 << 16);
        const struct json_node *object = json_get(description_root(&s->system->described), str_of(maps[m]));
        const struct json_node *end = object != NULL ? json_next(object) : NULL;
        for (const struct json_node *key = object != NULL ? object + 1 : NULL; key < end;
             key = json_next_key(key)) {
            const struct json_node *own =
                s->system->has_account
                    ? json_get(json_get(description_root(&s->system->account), str_of(maps[m])),
                               json_string(key, &s->arena))
                    : NULL;
            struct str setting = json_string(own != NULL ? own : json_value_of(key), &s->arena);
            /* Only what names a place may be shown: a value that stands there itself is the secret. */
            bool names = str_starts(setting, STR("${")) && str_ends(setting, STR("}"));
            buf_printf(&text, "%s%.*s", text.n > 0 ? ", " : "", (int)(names ? setting.n : key->n),
                       names ? setting.p : key->p);
        }
        struct str copy = text.n > 0 ? arena_str(&s->arena, buf_str(&text)) : (struct str){0};
        buf_release(&text);
        if (copy.p != NULL)
            return copy.p;
    }
    return "auth in system.json";
}

/* ---- calls ---- */

/* Waits until a call may start. */
static int wait_turn(struct session *s, struct err *e)
{
    for (int64_t wait; (wait = pace_due(&s->pace, clock_now())) > 0;)
        if (session_sleep(s, wait, e) == -1)
            return -1;
    int may = s->daily > 0 ? kept_count_call(s, s->daily, e) : 1;
    if (may != 0)
        return may == 1 ? 0 : -1;
    e->temporary = true;
    return err_set(e, "http", "%lld calls were made today (UTC), and no more are allowed (limits/daily)",
                   (long long)s->daily);
}

static bool is_login(const struct session *s, const struct exchange *x)
{
    return x->call == json_get(json_get(description_root(&s->system->described), STR("auth")), STR("login"));
}

/* What auth and the system add to each request, to the one at hand as it was before. */
static int add_common(struct session *s, struct exchange *x, struct err *e)
{
    const struct description *d = &s->system->described;
    const struct json_node *root = description_root(d), *auth = json_get(root, STR("auth"));
    bool authorized = auth != NULL && !is_login(s, x) &&
                      !json_is(json_get(x->call, STR("auth")), JSON_FALSE) &&
                      (s->base.n == 0 || http_same_origin(s->base, buf_str(&x->request.url)));
    struct view v;
    session_view(s, &v, NULL, NULL);
    v.arena = &x->request.arena;
    x->request.url.n = x->own_url;
    x->request.nheaders = x->own_headers;
    if (authorized && request_add(&x->request, d, auth, &v, e) == -1)
        return -1;
    const struct json_node *headers = json_get(root, STR("headers"));
    return headers != NULL ? request_add(&x->request, d, root, &v, e) : 0;
}

static int send(struct session *s, struct exchange *x, struct err *e)
{
    end_call(s, x);
    x->tries++;
    if (s->http == NULL)
        return 0;
    struct request *r = &x->request;
    struct http_request asked = {.method = r->method,
                                 .url = buf_str(&r->url),
                                 .header = r->header,
                                 .nheaders = r->nheaders,
                                 .timeout = s->timeout,
                                 .answer_max = (uint64_t)s->answer_max,
                                 .once = x->once};
    if (r->has_body)
        asked.body = buf_str(&r->body);
    if (wait_turn(s, e) == -1)
        return -1;
    int64_t left = s->deadline > 0 ? s->deadline - clock_now() : 0;
    if (s->deadline > 0 && left <= 0)
        return over(e);
    if (s->deadline > 0 && (s->timeout == 0 || left < s->timeout))
        asked.timeout = left;
    x->http = http_start(s->http, &asked, e);
    return x->http != NULL ? 0 : -1;
}

static int make(struct session *s, struct exchange *x, const struct view *v, const struct json_node *changes,
                struct err *e)
{
    struct view named = *v;
    named.around.names = bindings_object(&s->names);
    named.arena = &x->request.arena;
    if (named.around.names == NULL)
        return err_memory(e);
    if (request_make(&x->request, &s->system->described, x->call, s->base, &named, changes, e) == -1)
        return -1;
    if (request_add_basic(&x->request, &s->system->described, x->call, &named, e) == -1)
        return -1;
    x->own_url = x->request.url.n;
    x->own_headers = x->request.nheaders;
    return add_common(s, x, e);
}

int session_start(struct session *s, struct exchange *x, const struct json_node *call, const struct view *v,
                  const struct json_node *changes, struct err *e)
{
    x->call = call;
    x->tries = 0;
    x->value = NULL;
    x->answer = NULL;
    x->answer_of = (struct expr_answer_of){header_of, link_of, x};
    if (!is_login(s, x)) {
        x->logins = 0;
        if (s->http != NULL && !json_is(json_get(call, STR("auth")), JSON_FALSE) && login_due(s, e) == -1)
            return -1;
    }
    if (make(s, x, v, changes, e) == -1 || send(s, x, e) == -1) {
        secrets_hide_err(&s->secrets, e);
        return -1;
    }
    return 0;
}

static int receive(struct session *s, struct exchange *x, struct err *e)
{
    static const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES};
    if (s->http != NULL) {
        x->answer = http_wait(s->http, x->http, e);
    } else {
        x->answer = &x->played;
        if (recording_get(&s->recording, x->request.method, buf_str(&x->request.url), &x->played,
                          &x->played_body, e) == -1)
            return -1;
        x->played.url = buf_str(&x->request.url);
    }
    if (x->answer == NULL)
        return -1;
    bool due = !x->raw && x->answer->failure == HTTP_ANSWERED && x->answer->body.n > 0;
    struct str text = x->answer->body;
    if (str_starts(text, STR("\xEF\xBB\xBF"))) /* a mark that may be ignored (RFC 8259 §8.1) */
        text = str_slice(text, 3, text.n);
    err_clear(&x->unread);
    bool parsed = due && json_parse(&x->tape, text, &limits, NULL, &x->unread) == 0;
    x->value = parsed ? x->tape.node : NULL;
    return 0;
}

/* Without the query, which may hold anything. */
void session_place(const struct session *s, const struct exchange *x, struct err *e)
{
    struct str url = buf_str(&x->request.url);
    struct buf shown;
    buf_init(&shown, 1 << 20);
    secrets_hide(&s->secrets, &shown, str_slice(url, 0, str_find(url, '?')));
    if (e->place[0] == '\0')
        err_place(e, "%.*s: %s%.*s %.*s", (int)s->system->source.n, s->system->source.p,
                  is_login(s, x) ? "login: " : "", (int)x->request.method.n, x->request.method.p,
                  (int)shown.n, shown.p != NULL ? shown.p : "");
    buf_release(&shown);
}

static enum session_got failed(struct session *s, struct exchange *x, struct err *e)
{
    session_place(s, x, e);
    secrets_hide_err(&s->secrets, e);
    return SESSION_FAILED;
}

/* Sends it again after a while; -1: it was sent often enough, or must not be. */
static int again(struct session *s, struct exchange *x, int64_t after, struct err *e)
{
    /* A login that was perhaps heard may have used up its token. */
    bool unsafe =
        (is_login(s, x) && (x->answer->failure == HTTP_BROKEN || x->answer->failure == HTTP_SLOW)) ||
        (x->once && x->lost);
    if (unsafe || s->http == NULL || x->tries > (uint64_t)s->retries) {
        size_t n = strlen(e->message);
        if (x->tries > 1)
            snprintf(e->message + n, sizeof e->message - n, " (tried %u times)", x->tries);
        e->temporary = true;
        return -1;
    }
    if (after > PATIENCE) {
        size_t n = strlen(e->message);
        snprintf(e->message + n, sizeof e->message - n, " (it asks to be left alone for %lld seconds)",
                 (long long)after / 1000);
        e->temporary = true;
        return -1;
    }
    if (after < 0)
        after = pace_backoff(x->tries, siphash_random_key().k0);
    pace_hold(&s->pace, clock_now() + after);
    err_clear(e);
    return send(s, x, e);
}

static int log_in_again(struct session *s, struct exchange *x, struct err *e)
{
    x->logins++;
    err_clear(e);
    return login_again(s, e) == 0 && add_common(s, x, e) == 0 ? send(s, x, e) : -1;
}

enum session_got session_finish(struct session *s, struct exchange *x, struct err *e)
{
    for (;;) {
        int64_t after;
        if (receive(s, x, e) == -1)
            return failed(s, x, e);
        enum verdict v = x->verdict = verdict_of(s, x, &after, e);
        if (v != VERDICT_ERROR && verdict_pause(s, x, e) == -1)
            return failed(s, x, e);
        switch (v) {
        case VERDICT_OK:
        case VERDICT_NONE:
            if (!is_login(s, x) && recording_put(&s->recording, &s->secrets, x->request.method,
                                                 buf_str(&x->request.url), x->answer, x->value, e) == -1)
                return SESSION_FAILED;
            return v == VERDICT_OK ? SESSION_OK : SESSION_NONE;
        case VERDICT_RETRY:
            if (again(s, x, after, e) == -1)
                return failed(s, x, e);
            break;
        case VERDICT_LOGIN:
            if (!login_is_described(s) || s->http == NULL) {
                size_t n = strlen(e->message);
                snprintf(e->message + n, sizeof e->message - n, "; look at %s", session_secrets_from(s));
                return failed(s, x, e);
            }
            if (log_in_again(s, x, e) == -1)
                return failed(s, x, e);
            break;
        default: return failed(s, x, e);
        }
    }
}
