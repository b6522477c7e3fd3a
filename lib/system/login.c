#include "system/login.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/size.h"
#include "system/kept.h"

enum { KEPT_MOST = 1 << 20, EARLY = 30 /* seconds before a token ends that another one is asked for */ };

static const struct json_node *described(const struct session *s)
{
    return json_get(json_get(description_root(&s->system->described), STR("auth")), STR("login"));
}

bool login_is_described(const struct session *s)
{
    return described(s) != NULL;
}

/* ---- what is kept ---- */

static int bind(struct session *s, const struct json_node *kept, struct err *e)
{
    const struct json_node *end = json_next(kept);
    uint64_t until;
    for (const struct json_node *key = kept + 1; key < end; key = json_next_key(key))
        if (json_is(json_value_of(key), JSON_STRING) &&
            secrets_add(&s->secrets, json_string(json_value_of(key), &s->arena)) == -1)
            return err_memory(e);
    const struct json_node *expires = json_get(kept, STR("expires_at"));
    s->expires =
        json_is(expires, JSON_NUMBER) && count_parse(json_text(expires), &until) ? (int64_t)until : 0;
    bindings_set(&s->names, STR("auth"), kept);
    return s->names.failed ? err_memory(e) : 0;
}

int login_load(struct session *s, struct err *e)
{
    static const struct json_limits limits = {.depth = 16, .bytes = KEPT_MOST};
    struct json_tape tape;
    struct str text, path = kept_path(s, "login.json", e);
    struct err why = {0};
    if (path.p == NULL)
        return -1;
    if (file_read(&text, path.p, KEPT_MOST, &s->arena, &why) == -1)
        return 0;
    json_tape_init(&tape);
    int done = 0;
    if (json_parse(&tape, text, &limits, NULL, &why) == 0 && json_is(tape.node, JSON_OBJECT))
        done = bind(s, tape.node, e);
    json_tape_release(&tape);
    return done;
}

static int save(struct session *s, const struct json_node *kept, struct err *e)
{
    struct file_write w;
    struct str path = kept_path(s, "login.json", e);
    if (path.p == NULL)
        return -1;
    kept_make_folders(s, path);
    if (file_write_open(&w, path.p, 0600, e) == -1)
        return -1;
    json_write(&w.out.buf, kept);
    buf_byte(&w.out.buf, '\n');
    return file_write_commit(&w, e);
}

/* ---- logging in ---- */

static int append_text(struct json_tape *tape, struct str key, struct json_node value)
{
    struct json_node name = json_string_node(key);
    return json_append(tape, &name) && json_append(tape, &value) ? 0 : -1;
}

/* What was kept before, with what the answer gives in its place; expires_at out of `expires`, a number of
 * seconds. */
static int keep(struct session *s, struct exchange *x, struct json_tape *out, struct err *e)
{
    const struct description *d = &s->system->described;
    const struct json_node *rules = json_get(described(s), STR("keep"));
    const struct json_node *before = bindings_get(&s->names, STR("auth"));
    const struct json_node *end = rules != NULL ? json_next(rules) : NULL;
    struct view v;
    session_view(s, &v, x->value, x);
    size_t start = json_open(out, JSON_OBJECT);
    bool ok = start != SIZE_MAX;
    for (const struct json_node *key = rules != NULL ? rules + 1 : NULL; ok && key < end;
         key = json_next_key(key)) {
        struct str name = description_string(d, key);
        struct err why = {0};
        struct str text = text_string(description_text(d, json_value_of(key)), &v, &why);
        if (why.code != NULL) {
            *e = why;
            return -1;
        }
        const struct json_node *old = json_get(before, name);
        uint64_t seconds;
        if (text.p == NULL && old == NULL)
            continue;
        struct json_node value = text.p != NULL ? json_string_node(arena_str(&s->arena, text)) : *old;
        ok = append_text(out, name, value) == 0;
        if (ok && str_eq(name, STR("expires")) && text.p != NULL && count_parse(text, &seconds) &&
            seconds < UINT64_C(1) << 32) {
            struct str at = arena_printf(&s->arena, "%lld", (long long)time(NULL) + (long long)seconds);
            ok = at.p != NULL && append_text(out, STR("expires_at"), json_number_node(at)) == 0;
        }
    }
    if (!ok)
        return err_memory(e);
    json_close(out, start);
    return 0;
}

static int call_login(struct session *s, struct exchange *x, struct json_tape *kept, struct err *e)
{
    struct view v;
    session_view(s, &v, NULL, NULL);
    if (session_start(s, x, described(s), &v, NULL, e) == -1)
        return -1;
    enum session_got got = session_finish(s, x, e);
    if (got == SESSION_NONE)
        err_set(e, "http", "%d", x->answer->status);
    if (got != SESSION_OK || keep(s, x, kept, e) == -1)
        return -1;
    if (json_count(kept->node) == 0)
        return err_set(e, "http", "the answer has nothing to keep; look at %s", session_secrets_from(s));
    return save(s, kept->node, e) == 0 ? bind(s, kept->node, e) : -1;
}

/* Who has put a new secret where the message says is told what is taken before it. */
static void say_kept(struct session *s, struct err *e)
{
    struct err none = {0};
    struct str path = kept_path(s, "login.json", &none);
    size_t n = strlen(e->message);
    if (path.p != NULL)
        snprintf(e->message + n, sizeof e->message - n,
                 "; what the last login gave goes first, and lies in %.*s: remove it where a secret is newer",
                 (int)path.n, path.p);
}

static int make_login(struct session *s, struct err *e)
{
    struct exchange x;
    struct json_tape kept;
    bool has_kept = bindings_get(&s->names, STR("auth")) != NULL;
    exchange_init(&x);
    json_tape_init(&kept);
    x.logins = 1; /* a login that is turned away does not log in first */
    int done = call_login(s, &x, &kept, e);
    size_t n = strlen(e->message);
    if (done == -1 && !e->temporary && strstr(e->message, "; look at ") == NULL)
        snprintf(e->message + n, sizeof e->message - n, "; look at %s", session_secrets_from(s));
    if (done == -1 && !e->temporary && has_kept)
        say_kept(s, e);
    json_tape_release(&kept);
    exchange_release(s, &x);
    return done;
}

/* 1: what is kept now is not what this session has; -1. */
static int load_newer(struct session *s, struct err *e)
{
    struct buf before, after;
    buf_init(&before, KEPT_MOST);
    buf_init(&after, KEPT_MOST);
    if (bindings_get(&s->names, STR("auth")) != NULL)
        json_write(&before, bindings_get(&s->names, STR("auth")));
    int done = login_load(s, e);
    if (done == 0 && bindings_get(&s->names, STR("auth")) != NULL)
        json_write(&after, bindings_get(&s->names, STR("auth")));
    bool newer = !str_eq(buf_str(&before), buf_str(&after));
    buf_release(&before);
    buf_release(&after);
    return done == -1 ? -1 : newer;
}

int login_again(struct session *s, struct err *e)
{
    struct str path = kept_path(s, "login.lock", e);
    if (path.p == NULL)
        return -1;
    kept_make_folders(s, path);
    int lock = file_lock(path.p, true, e);
    if (lock == -1)
        return -1;
    int newer = load_newer(s, e);
    int done = newer == 0 ? make_login(s, e) : newer == 1 ? 0 : -1;
    close(lock);
    return done;
}

int login_due(struct session *s, struct err *e)
{
    if (!login_is_described(s) || (bindings_get(&s->names, STR("auth")) != NULL &&
                                   (s->expires == 0 || time(NULL) + EARLY < s->expires)))
        return 0;
    return login_again(s, e);
}
