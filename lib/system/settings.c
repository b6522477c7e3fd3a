#include "system/settings.h"

#include <stdlib.h>

#include "base/file.h"

enum { SETTING_MOST = 1 << 20 };

struct setting {
    struct arena *arena;
    const struct description *said_in;
    const struct json_node *node;
    struct str name;
    bool invented;
};

static int not_set(const struct setting *s, struct str what, const char *why, struct err *e)
{
    err_place(e, "%s", s->said_in->doc.source.name.p);
    return err_set(e, "config", "%s %s, which @%.*s needs", err_quote(what), why, (int)s->name.n, s->name.p);
}

/* What ${INSIDE} stands for. */
static int put_one(const struct setting *s, struct str inside, struct buf *out, struct err *e)
{
    struct str name = arena_str(s->arena, inside), text;
    if (name.p == NULL)
        return err_memory(e);
    if (!str_starts(name, STR("file:"))) {
        const char *value = getenv(name.p);
        if (value == NULL && !s->invented)
            return not_set(s, name, "is not set in the environment", e);
        buf_put(out, value != NULL ? str_of(value) : s->name);
        return 0;
    }
    struct err why = {0};
    if (file_read(&text, name.p + 5, SETTING_MOST, s->arena, &why) == 0)
        buf_put(out, str_slice(text, 0, str_find(text, '\n')));
    else if (s->invented)
        buf_put(out, s->name);
    else
        return not_set(s, str_slice(name, 5, name.n), "cannot be read", e);
    return 0;
}

static int put_setting(const struct setting *s, struct buf *out, struct err *e)
{
    struct str text = description_string(s->said_in, s->node);
    size_t from = 0;
    for (size_t at; (at = str_search(text, STR("${"), from)) < text.n;) {
        struct str rest = str_slice(text, at + 2, text.n);
        size_t close = str_find(rest, '}');
        buf_put(out, str_slice(text, from, at));
        if (put_one(s, str_slice(rest, 0, close), out, e) == -1)
            return -1;
        from = at + 2 + close + 1;
    }
    buf_put(out, str_slice(text, from, text.n));
    return buf_ok(out) ? 0 : err_memory(e);
}

/* MAP's NAME: as the connection says it, else as the system does. */
static struct setting setting_of(struct system *s, struct str map, struct str name, bool invented)
{
    const struct json_node *own = s->has_account ? json_get(description_root(&s->account), map) : NULL;
    const struct json_node *mine = json_get(own, name);
    return (struct setting){
        .arena = s->described.doc.arena,
        .said_in = mine != NULL ? &s->account : &s->described,
        .node = mine != NULL ? mine : json_get(json_get(description_root(&s->described), map), name),
        .name = name,
        .invented = invented};
}

static int load_map(struct system *s, struct str map, struct bindings *b, struct secrets *secrets,
                    bool invented, struct err *e)
{
    const struct json_node *object = json_get(description_root(&s->described), map);
    const struct json_node *end = object != NULL ? json_next(object) : NULL;
    struct arena *a = s->described.doc.arena;
    struct buf value;
    int done = 0;
    buf_init(&value, SETTING_MOST);
    for (const struct json_node *key = object != NULL ? object + 1 : NULL; key < end && done == 0;
         key = json_next_key(key)) {
        struct setting setting = setting_of(s, map, description_string(&s->described, key), invented);
        struct str name = arena_printf(a, "@%.*s", (int)setting.name.n, setting.name.p);
        buf_reset(&value);
        done = name.p == NULL ? err_memory(e) : put_setting(&setting, &value, e);
        if (done == 0)
            bindings_set_text(b, name, value.n > 0 ? buf_str(&value) : STR(""));
        if (done == 0 && secrets != NULL && secrets_add(secrets, buf_str(&value)) == -1)
            done = err_memory(e);
    }
    buf_release(&value);
    return done;
}

/* A connection gives values to names that its system has. */
static int check_own(struct system *s, struct str map, struct err *e)
{
    const struct json_node *own = s->has_account ? json_get(description_root(&s->account), map) : NULL;
    const struct json_node *end = own != NULL ? json_next(own) : NULL;
    for (const struct json_node *key = own != NULL ? own + 1 : NULL; key < end; key = json_next_key(key))
        if (json_get(json_get(description_root(&s->described), map), description_string(&s->account, key)) ==
            NULL) {
            doc_fault(&s->account.doc, key, "the system %.*s has no such name in its %.*s", (int)s->name.n,
                      s->name.p, (int)map.n, map.p);
            return diag_first(s->account.doc.diags, e);
        }
    return 0;
}

int settings_load(struct system *s, struct bindings *b, struct secrets *secrets, bool invented, struct err *e)
{
    if (check_own(s, STR("vars"), e) == -1 || check_own(s, STR("secrets"), e) == -1 ||
        load_map(s, STR("vars"), b, NULL, invented, e) == -1 ||
        load_map(s, STR("secrets"), b, secrets, invented, e) == -1)
        return -1;
    return b->failed ? err_memory(e) : 0;
}

struct str settings_variable(struct system *s, struct str name, struct arena *a)
{
    struct setting setting = setting_of(s, STR("vars"), name, false);
    struct str text = {0};
    struct buf value;
    struct err e;
    if (setting.node == NULL)
        return text;
    buf_init(&value, SETTING_MOST);
    if (put_setting(&setting, &value, &e) == 0)
        text = arena_str(a, value.n > 0 ? buf_str(&value) : STR(""));
    buf_release(&value);
    return text;
}
