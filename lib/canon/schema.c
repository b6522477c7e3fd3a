#include "canon/schema.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/search.h"
#include "canon/diag.h"
#include "canon/schema_tree.h"

enum { CONTRACT_MEMORY = 64 << 20 };

struct contract *contract_new(void)
{
    struct contract *c = calloc(1, sizeof *c);
    if (c != NULL)
        arena_init(&c->arena, CONTRACT_MEMORY);
    return c;
}

void contract_free(struct contract *c)
{
    if (c == NULL)
        return;
    for (struct schema_check *check = c->checks; check != NULL; check = check->next)
        expr_free(check->expr);
    arena_release(&c->arena);
    free(c);
}

/* Names come from records, and become names of files. */
static bool is_entity_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!ascii_is_letter(c) && !ascii_is_digit(c) && c != '_' && c != '-')
            return false;
    }
    return name.n > 0 && name.n <= 64;
}

static const struct schema *load_entity(struct contract *c, struct str name, struct err *e)
{
    struct arena_mark before = arena_mark(&c->arena);
    struct schema_entity *entity = arena_alloc(&c->arena, sizeof *entity);
    struct str kept = arena_str(&c->arena, name);
    struct str file = arena_printf(&c->arena, "schema/%.*s.json", (int)name.n, name.p);
    struct str path;
    if (entity == NULL || kept.p == NULL || file.p == NULL) {
        err_memory(e);
        return NULL;
    }
    if (search_find(&path, file, &c->arena, e) == -1) {
        /* Records may name any number of entities that are not there. */
        arena_rewind(&c->arena, before);
        e->code = e->code != NULL && strcmp(e->code, "memory") == 0 ? e->code : "contract";
        return NULL;
    }
    struct schema *s = schema_load(c, path, e);
    if (s == NULL) {
        c->broken = true;
        return NULL;
    }
    s->entity = kept;
    *entity = (struct schema_entity){c->entities, kept, path, s};
    c->entities = entity;
    return s;
}

const struct schema *contract_entity(struct contract *c, struct str name, struct err *e)
{
    for (const struct schema_entity *entity = c->entities; entity != NULL; entity = entity->next)
        if (str_eq(entity->name, name))
            return entity->schema;
    if (c->broken) {
        err_set(e, "config", "the contract could not be read");
        return NULL;
    }
    if (is_entity_name(name))
        return load_entity(c, name, e);
    err_set(e, "contract", "not a name of an entity: %s", err_quote(name));
    return NULL;
}

static bool twin_entity(struct contract *twin, const struct schema_entity *of)
{
    struct err e;
    struct schema_entity *entity = arena_alloc(&twin->arena, sizeof *entity);
    struct schema *s = entity != NULL ? schema_load(twin, of->path, &e) : NULL;
    if (s == NULL)
        return false;
    s->entity = of->name;
    *entity = (struct schema_entity){twin->entities, of->name, of->path, s};
    twin->entities = entity;
    return true;
}

struct contract *contract_twin(const struct contract *c)
{
    struct contract *twin = c->broken ? NULL : contract_new();
    bool ok = twin != NULL;
    for (const struct schema_file *f = c->files; ok && f != NULL; f = f->next) {
        struct schema_file *file = arena_alloc(&twin->arena, sizeof *file);
        ok = file != NULL;
        if (ok) {
            *file = (struct schema_file){twin->files, f->path, f->root};
            twin->files = file;
        }
    }
    for (const struct schema_entity *of = c->entities; ok && of != NULL; of = of->next)
        ok = twin_entity(twin, of);
    if (ok)
        return twin;
    contract_free(twin);
    return NULL;
}

/* The schemas of one folder, behind the N that NAMES has. */
static size_t folder_names(struct str folder, struct str *names, size_t n, size_t most, struct arena *a)
{
    struct str path = arena_printf(a, "%.*s/schema", (int)folder.n, folder.p);
    DIR *open = path.p != NULL ? opendir(path.p) : NULL;
    if (open == NULL)
        return n;
    for (const struct dirent *d; n < most && (d = readdir(open)) != NULL;) {
        struct str file = str_of(d->d_name), suffix = STR(".json");
        if (str_ends(file, suffix))
            names[n++] = arena_str(a, str_slice(file, 0, file.n - suffix.n));
    }
    closedir(open);
    return n;
}

struct str contract_near(struct str entity, struct arena *a)
{
    struct str names[256];
    size_t folders = 0, n = 0;
    const struct str *folder = search_folders(&folders, a);
    for (size_t i = 0; folder != NULL && i < folders; i++)
        n = folder_names(folder[i], names, n, sizeof names / sizeof *names, a);
    return nearest_name(entity, names, n);
}

int64_t schema_version(const struct schema *s)
{
    return s->version;
}

static int take_name(const struct schema_name *name, size_t step, const struct json_node *value,
                     int (*take)(void *arg, const struct json_node *name), void *arg)
{
    int done = 0;
    if (json_is(value, JSON_ARRAY)) {
        const struct json_node *end = json_next(value);
        for (const struct json_node *item = value + 1; item < end && done != -1; item = json_next(item))
            done = take_name(name, step, item, take, arg);
        return done;
    }
    if (step < name->nsteps)
        return value != NULL ? take_name(name, step + 1, json_get(value, name->step[step]), take, arg) : 0;
    return json_is(value, JSON_STRING) ? take(arg, value) : 0;
}

int schema_names(const struct schema *s, const struct json_node *data,
                 int (*take)(void *arg, const struct json_node *name), void *arg)
{
    int done = 0;
    for (size_t i = 0; i < s->nnames && done != -1; i++)
        done = take_name(&s->name[i], 0, data, take, arg);
    return done;
}

static const struct schema *member_named(const struct schema *s, struct str name)
{
    for (size_t i = 0; i < s->nproperties; i++)
        if (str_eq(s->property[i].name, name))
            return s->property[i].schema;
    return s->others;
}

static struct str nearest_property(const struct schema *s, struct str name)
{
    struct str names[SCHEMA_PROPERTIES];
    for (size_t i = 0; i < s->nproperties; i++)
        names[i] = s->property[i].name;
    return nearest_name(name, names, s->nproperties);
}

/* Where S takes objects and lists, what it says of the objects counts, unless it says something of the items,
 * too: what says nothing has itself as its items. */
static bool looks_at_items(const struct schema *s)
{
    return s->types & TAKES_ARRAY && (!(s->types & TAKES_OBJECT) || s->items != s->items->items);
}

/* Lists in lists that a path passes through: their schema may refer to itself. */
enum { LISTS_DEEP = 32 };

/* NULL: the contract has none there; *NEAREST as in schema_has_path. */
static const struct schema *schema_at(const struct schema *s, const struct str *path, size_t n,
                                      unsigned lists, struct str *nearest)
{
    if (n == 0)
        return s;
    const struct schema *member = s->types & TAKES_OBJECT ? member_named(s, path[0]) : NULL;
    if (member != NULL)
        return schema_at(member, path + 1, n - 1, lists, nearest);
    if (s->types & TAKES_OBJECT)
        *nearest = nearest_property(s, path[0]);
    return looks_at_items(s) && lists > 0 ? schema_at(s->items, path, n, lists - 1, nearest) : NULL;
}

int schema_has_path(const struct schema *s, const struct str *path, size_t n, struct str *nearest)
{
    *nearest = (struct str){0};
    return schema_at(s, path, n, LISTS_DEEP, nearest) != NULL;
}

bool schema_takes(const struct schema *s, const struct str *path, size_t n, enum json_type type)
{
    struct str nearest;
    s = schema_at(s, path, n, LISTS_DEEP, &nearest);
    return s != NULL && s->types >> type & 1;
}
