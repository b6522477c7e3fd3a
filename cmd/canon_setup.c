#include "canon.h"

#include <stdio.h>

#include "base/search.h"

static int load_map(struct canon *t, const char *name, struct err *e)
{
    const char *path = search_locate(name, &t->arena, e);
    return path != NULL ? map_set_load(t->maps, path, e) : -1;
}

/* What a template writes is no record, and has no marks; those of the input are checked, and go no further.
 */
static int drop_mark(void *arg, const struct record_mark *mark, struct err *e)
{
    struct canon *t = arg;
    (void)mark, (void)e;
    t->cmd->write_marks = false;
    return 0;
}

static int load_template(struct canon *t, struct err *e)
{
    t->cmd->on_mark = drop_mark;
    t->cmd->mark_arg = t;
    t->cmd->write_marks = false;
    const char *path = search_locate(t->template_name, &t->arena, e);
    t->template = path != NULL ? template_load(t->maps, path, e) : NULL;
    if (t->template == NULL)
        return -1;
    for (size_t i = 0; i < t->nentities; i++) {
        if (template_check(t->template, t->entity[i], e) == -1)
            return -1;
    }
    return 0;
}

static int check_where(struct canon *t, struct err *e)
{
    for (size_t i = 0; t->where != NULL && i < t->nentities; i++) {
        if (where_check(t->where, t->entity[i], e) == -1)
            return -1;
    }
    return 0;
}

static int check_entity(struct canon *t, struct str name, struct err *e)
{
    if (contract_entity(t->contract, name, e) != NULL)
        return 0;
    struct str near = contract_near(name, &t->arena);
    if (near.p == NULL || str_eq(near, name))
        return -1;
    return err_set(e, "usage", "no entity is called %s; did you mean %.*s?", err_quote(name), (int)near.n,
                   near.p);
}

/* What the options name must be there: a word that nobody knows would be without effect. */
static int check_names(struct canon *t, struct err *e)
{
    bool none = t->nmaps == 0 && t->template_name == NULL && t->where_text == NULL;
    if (none && t->arguments.nparams + t->arguments.ntables > 0)
        return err_set(e, "usage", "-%c is for maps, and none is named",
                       t->arguments.nparams > 0 ? 'D' : 'l');
    if (arguments_check(&t->arguments, t->maps, e) == -1)
        return -1;
    for (size_t i = 0; i < t->nentities && t->template_name == NULL; i++) {
        if (t->nmaps > 0 ? map_set_knows(t->maps, MAP_ENTITY, t->entity[i], e) == -1
                         : check_entity(t, t->entity[i], e) == -1)
            return -1;
    }
    return 0;
}

static const char *unread_option(const struct canon *t)
{
    return t->unread == MAP_UNREAD_REFUSE ? "strict" : "keep-unmapped";
}

/* Options that have no meaning together: none is passed over in silence. */
static int check_usage(const struct canon *t, struct err *e)
{
    bool maps = t->nmaps > 0 || t->stream_name != NULL;
    if (t->template_name != NULL && (maps || t->reverse))
        return err_set(e, "usage",
                       "-T takes records as they are: run maps (-m, -s, -R) before it in the pipe");
    if (t->reverse && !maps)
        return err_set(e, "usage", "-R needs the maps of a stream: -s CONNECTION:STREAM, or -m");
    if (t->explain && (!maps || t->test || t->reverse || t->where_text != NULL))
        return err_set(e, "usage",
                       "--explain is of maps, both ways: name them by -m or -s, without -t, -R and -w");
    if (t->test && (t->reverse || t->where_text != NULL || !maps))
        return err_set(e, "usage", "-t tests maps, both ways: name them by -m or -s, without -R, -w and -T");
    if (t->json && !t->test && !t->explain)
        return err_set(e, "usage", "--json is for -t and --explain");
    if (t->unread != MAP_UNREAD_COUNT && (t->test || t->reverse || !maps))
        return err_set(e, "usage", "--%s is for maps that read: name them by -m or -s, without -R and -t",
                       unread_option(t));
    return 0;
}

/* Of canonical records rules of the business take what they need. */
static int check_unread(const struct canon *t, struct err *e)
{
    if (t->unread == MAP_UNREAD_COUNT || map_set_unread_streams(t->maps) != NULL)
        return 0;
    return err_set(e, "usage", "--%s looks at native records, and no map reads any", unread_option(t));
}

/* Maps that are named may write a stream of which nothing is described. */
static int find_stream(struct canon *t, struct err *e)
{
    struct str name = str_of(t->stream_name);
    int known = t->reverse && t->nmaps > 0 ? system_is_known(name, &t->arena, e) : 1;
    if (known == 0)
        t->stream.stream = name;
    else if (known == -1 || system_stream_find(&t->stream, name, &t->arena, &t->diags, e) == -1)
        return -1;
    if (known == 1)
        arguments_connection(&t->arguments, t->stream.source);
    if (t->nmaps == 0)
        t->map[t->nmaps++] = t->stream.folder.p;
    return 0;
}

/* Where it is not said, it is the only one that the maps write. */
static int infer_stream(struct canon *t, struct err *e)
{
    t->stream.stream = map_set_written(t->maps);
    if (t->stream.stream.p != NULL)
        return 0;
    return err_set(e, "usage", "the maps do not write just one stream: -R needs -s CONNECTION:STREAM");
}

int canon_load(struct canon *t, struct err *e)
{
    struct map_env env = {.contract = t->contract, .warn = canon_warn, .warn_arg = t};
    arguments_env(&t->arguments, &env);
    if (t->explain)
        env.rows = NULL; /* what maps do is said without their tables */
    t->maps = map_set_new(&env);
    if (t->maps == NULL)
        return err_memory(e);
    if (check_usage(t, e) == -1)
        return -1;
    t->diags.arena = &t->arena;
    if (t->stream_name != NULL && find_stream(t, e) == -1)
        return -1;
    for (size_t i = 0; i < t->nmaps; i++) {
        if (load_map(t, t->map[i], e) == -1)
            return -1;
    }
    if (t->reverse && t->stream_name == NULL && map_set_diags(t->maps)->n == 0 && infer_stream(t, e) == -1)
        return -1;
    map_set_entities(t->maps, t->entity, t->nentities);
    if (t->template_name != NULL && load_template(t, e) == -1)
        return -1;
    bool both = t->test || t->explain;
    unsigned directions = both ? MAP_READ | MAP_WRITE : t->reverse ? MAP_WRITE : MAP_READ;
    map_set_unread(t->maps, t->test ? MAP_UNREAD_IGNORE : t->unread);
    if (map_set_compile(t->maps, directions, e) == -1 || check_unread(t, e) == -1)
        return -1;
    if (t->where_text != NULL && (t->where = where_compile(t->maps, str_of(t->where_text), "-w", e)) == NULL)
        return -1;
    if (t->test && (t->roundtrip = roundtrip_new(t->maps, e)) == NULL)
        return -1;
    return check_names(t, e) == -1 ? -1 : check_where(t, e);
}
