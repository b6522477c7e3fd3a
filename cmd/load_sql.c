/*
 * hub-load into a database that a system describes: a target with sql (hub-system.5).
 */
#include "load.h"
#include "sink/sql.h"
#include "system/session.h"

/* What such a target has no use for would be silently without effect. */
static int check_keys(const struct json_node *target, struct err *e)
{
    static const char *const known[] = {"sql", "database", "changed", "repeat"};
    for (const struct json_node *key = target + 1, *end = json_next(target); key < end;
         key = json_next_key(key)) {
        bool is = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            is |= json_string_is(key, str_of(known[i]));
        if (!is)
            return err_set(e, "config", "a target with sql has database and changed beside it, not %s",
                           err_quote(json_text(key)));
    }
    return 0;
}

static enum table_changed changed_of(const struct json_node *target)
{
    const struct json_node *said = json_get(target, STR("changed"));
    return said == NULL                          ? TABLE_APPLIES
           : json_string_is(said, STR("ignore")) ? TABLE_IGNORES
           : json_string_is(said, STR("refuse")) ? TABLE_REFUSES
                                                 : TABLE_APPLIES;
}

static int describe(struct load *t, struct session *s, const struct json_node *target, struct err *e)
{
    const struct description *d = &s->system->described;
    const struct json_node *database = json_get(target, STR("database"));
    struct str url = {0}, file = description_string(d, json_get(target, STR("sql")));
    if (check_keys(target, e) == -1)
        return -1;
    t->rows.options.changed = changed_of(target);
    if (database == NULL)
        return err_set(e, "config", "a target with sql names its database: sqlite:FILE or postgresql://...");
    if (session_text(s, database, NULL, NULL, &s->arena, &url, e) == -1)
        return -1;
    struct str path =
        arena_printf(&s->arena, "%.*s/%.*s", (int)d->folder.n, d->folder.p, (int)file.n, file.p);
    struct str ended = arena_printf(&s->arena, "%.*s", (int)url.n, url.n > 0 ? url.p : "");
    if (path.p == NULL || ended.p == NULL)
        return err_memory(e);
    if (!sql_is(ended.p))
        return err_set(e, "config", "no database: %s (sqlite:FILE, postgresql://...)", err_quote(ended));
    t->rows.sql = path.p;
    t->rows.url = ended.p;
    t->rows.options.name = str_of(t->target);
    return 0;
}

bool load_to_sql(struct load *t)
{
    struct str connection, name;
    struct session_options none = {0};
    struct session session = {0};
    struct system system = {0};
    struct arena arena;
    struct err e = {0};
    arena_init(&arena, (size_t)64 << 20);
    struct diag_list diags = {.arena = &arena};
    const struct json_node *target = NULL;
    /* What is wrong with the description is said by who takes all other targets. */
    if (system_split(str_of(t->target), &connection, &name) &&
        system_open(&system, connection, &arena, &diags, &e) == 0)
        target = system_find_target(&system, name);
    bool is = target != NULL && json_get(target, STR("sql")) != NULL;
    if (is) {
        if (t->parallel != NULL || t->answers != NULL || t->nresend > 0)
            err_set(&e, "usage", "-j, -a and --resend are not for a target with sql");
        else if (session_open(&session, &system, &none, &e) == 0 && describe(t, &session, target, &e) == 0)
            load_to_table(t);
        if (e.code != NULL && e.place[0] == '\0')
            err_place(&e, "%s", t->target);
        if (e.code != NULL)
            load_fail(t, &e);
        session_close(&session);
    }
    system_release(&system);
    arena_release(&arena);
    return is;
}
