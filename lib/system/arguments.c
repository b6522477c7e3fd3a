#include "system/arguments.h"

#include <stdio.h>

#include "base/utf8.h"
#include "system/settings.h"
#include "system/table.h"

void arguments_init(struct arguments *g)
{
    enum { DESCRIPTIONS_MOST = 1 << 30 };
    *g = (struct arguments){0};
    arena_init(&g->arena, DESCRIPTIONS_MOST);
}

void arguments_release(struct arguments *g)
{
    if (g->system != NULL)
        system_release(g->system);
    arena_release(&g->arena);
}

static int take_pair(struct arguments_pair *list, size_t *n, const char *text, struct err *e)
{
    struct str all = str_of(text);
    size_t eq = str_find(all, '=');
    if (eq == 0 || eq == all.n)
        return err_set(e, "usage", "NAME=VALUE is due, not %s", err_quote(all));
    if (utf8_check(all) != all.n)
        return err_set(e, "usage", "not UTF-8: %s", err_quote(all));
    if (*n == ARGUMENTS_MOST)
        return err_set(e, "usage", "more than %d names are given", ARGUMENTS_MOST);
    list[*n].name = str_slice(all, 0, eq);
    list[*n].value = str_slice(all, eq + 1, all.n);
    list[*n].node = json_string_node(list[*n].value);
    ++*n;
    return 0;
}

int arguments_param(struct arguments *g, const char *text, struct err *e)
{
    return take_pair(g->param, &g->nparams, text, e);
}

int arguments_table(struct arguments *g, const char *text, struct err *e)
{
    return take_pair(g->table, &g->ntables, text, e);
}

static const struct arguments_pair *last_named(const struct arguments_pair *list, size_t n, struct str name)
{
    while (n-- > 0) {
        if (str_eq(list[n].name, name))
            return &list[n];
    }
    return NULL;
}

void arguments_connection(struct arguments *g, struct str connection)
{
    g->connection = connection;
}

/* Opened when a parameter is asked of it: most maps have none. */
static struct system *system_of(struct arguments *g)
{
    struct diag_list *diags = arena_alloc(&g->arena, sizeof *diags);
    struct system *s = arena_alloc(&g->arena, sizeof *s);
    struct err e;
    if (diags == NULL || s == NULL)
        return NULL;
    diags->arena = &g->arena;
    if (system_open(s, g->connection, &g->arena, diags, &e) == 0)
        return s;
    system_release(s);
    return NULL;
}

static const struct json_node *variable(struct arguments *g, struct str name)
{
    if (g->system == NULL && g->connection.p != NULL) {
        g->system = system_of(g);
        if (g->system == NULL)
            g->connection = (struct str){0};
    }
    struct str value = g->system != NULL ? settings_variable(g->system, name, &g->arena) : (struct str){0};
    struct json_node *node = value.p != NULL ? arena_alloc(&g->arena, sizeof *node) : NULL;
    if (node != NULL)
        *node = json_string_node(value);
    return node;
}

static const struct json_node *param(void *arg, struct str name)
{
    struct arguments *g = arg;
    const struct arguments_pair *pair = last_named(g->param, g->nparams, name);
    return pair != NULL ? &pair->node : variable(g, name);
}

static int rows(void *arg, struct str table, struct str file, struct str map_path, struct arena *a,
                lookup_row *row, void *row_arg, struct err *e)
{
    const struct arguments *g = arg;
    const struct arguments_pair *pair = last_named(g->table, g->ntables, table);
    size_t folder = map_path.n;
    if (pair != NULL)
        return table_rows(pair->value.p, a, row, row_arg, e);
    while (folder > 0 && map_path.p[folder - 1] != '/')
        folder--;
    if (file.n > 0 && file.p[0] == '/')
        folder = 0;
    struct str path = arena_printf(a, "%.*s%.*s", (int)folder, map_path.p, (int)file.n, file.p);
    if (path.p == NULL)
        return err_memory(e);
    int done = table_rows(path.p, a, row, row_arg, e);
    size_t n = strlen(e->message);
    if (done == -1)
        snprintf(e->message + n, sizeof e->message - n, " (-l %.*s=FILE names another)", (int)table.n,
                 table.p);
    return done;
}

static bool cells(void *arg, struct str stream)
{
    struct arguments *g = arg;
    struct system_stream found;
    struct err e = {0};
    return system_stream_lookup(&found, stream, &g->arena, &e) == 1 &&
           (str_eq(found.format, STR("csv")) || str_eq(found.format, STR("tsv")));
}

void arguments_env(struct arguments *g, struct map_env *env)
{
    env->param = param;
    env->rows = rows;
    env->cells = cells;
    env->arg = g;
}

int arguments_check(const struct arguments *g, const struct map_set *maps, struct err *e)
{
    for (size_t i = 0; i < g->nparams; i++) {
        if (map_set_knows(maps, MAP_PARAM, g->param[i].name, e) == -1)
            return -1;
    }
    for (size_t i = 0; i < g->ntables; i++) {
        if (map_set_knows(maps, MAP_TABLE, g->table[i].name, e) == -1)
            return -1;
    }
    return 0;
}
