/*
 * Files of the contract, and what refers from one place to another. Each place that is named ("order.json",
 * "#/$defs/x") is compiled once, with references left open, so that a schema may refer to itself; then what
 * is referred to is copied over the references.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/search.h"
#include "canon/schema_load.h"

int load_refuse(struct load *l, const char *fmt, ...)
{
    char what[512];
    va_list args;
    va_start(args, fmt);
    if (vsnprintf(what, sizeof what, fmt, args) < 0)
        what[0] = '\0';
    va_end(args);
    err_place(l->e, "%.*s", (int)l->file->path.n, l->file->path.p);
    return err_set(l->e, "config", "%s: %s", l->pointer[0] != '\0' ? l->pointer : "/", what);
}

size_t load_enter(struct load *l, const char *fmt, struct str name)
{
    size_t at = strlen(l->pointer);
    int n = snprintf(l->pointer + at, sizeof l->pointer - at, fmt, (int)name.n, name.p);
    if (n < 0)
        l->pointer[at] = '\0';
    return at;
}

void load_leave(struct load *l, size_t at)
{
    l->pointer[at] = '\0';
}

int load_file(struct load *l, struct str path)
{
    struct contract *c = l->contract;
    for (struct schema_file *f = c->files; f != NULL; f = f->next)
        if (str_eq(f->path, path)) {
            l->file = f;
            return 0;
        }
    struct schema_file *f = arena_alloc(&c->arena, sizeof *f);
    if (f == NULL)
        return err_memory(l->e);
    f->path = arena_str(&c->arena, path);
    if (f->path.p == NULL)
        return err_memory(l->e);
    f->root = config_read(f->path.p, &c->arena, l->e);
    if (f->root == NULL)
        return -1;
    f->next = c->files;
    c->files = f;
    l->file = f;
    return 0;
}

/* "address.json": beside the file that names it, else on the search path (so that a user's order.json can use
 * the shipped one). */
static int open_beside(struct load *l, struct str name)
{
    struct arena *a = &l->contract->arena;
    struct str path = l->file->path;
    size_t folder = path.n;
    while (folder > 0 && path.p[folder - 1] != '/')
        folder--;
    struct str beside = arena_printf(a, "%.*s%.*s", (int)folder, path.p, (int)name.n, name.p);
    if (beside.p == NULL)
        return err_memory(l->e);
    if (access(beside.p, F_OK) == -1) {
        struct str relative = arena_printf(a, "schema/%.*s", (int)name.n, name.p);
        if (relative.p == NULL)
            return err_memory(l->e);
        struct err why;
        if (search_find(&beside, relative, a, &why) == -1)
            return strcmp(why.code, "memory") == 0 ? err_memory(l->e)
                                                   : load_refuse(l, "$ref: %s", why.message);
    }
    return load_file(l, beside);
}

/* The schema at a place, compiled when it is met first. */
struct schema *load_place(struct load *l, const struct config *config)
{
    struct contract *c = l->contract;
    for (struct schema_place *p = c->places; p != NULL; p = p->next)
        if (p->config == config)
            return p->schema;
    struct schema_place *p = arena_alloc(&c->arena, sizeof *p);
    struct schema *s = p != NULL ? load_new(l) : NULL;
    if (s == NULL) {
        err_memory(l->e);
        return NULL;
    }
    *p = (struct schema_place){c->places, config, s};
    c->places = p;
    return load_compile(l, s, config) == 0 ? s : NULL;
}

/* "#", "#/$defs/NAME", "FILE.json" and "FILE.json#/$defs/NAME". */
struct schema *load_reference(struct load *l, struct str ref)
{
    struct str fragment_start = STR("/$defs/");
    size_t hash = str_find(ref, '#');
    struct str file = str_slice(ref, 0, hash), fragment = str_slice(ref, hash + 1, ref.n);
    struct load there = *l;
    if (str_find(file, '/') < file.n || (file.n > 0 && !str_ends(file, STR(".json"))) ||
        (fragment.n > 0 && !str_starts(fragment, fragment_start))) {
        load_refuse(l, "$ref must be \"NAME.json\" (a file beside this one) or \"#/$defs/NAME\": %s",
                    err_quote(ref));
        return NULL;
    }
    if (file.n > 0 && open_beside(&there, file) == -1)
        return NULL;
    if (file.n > 0 || fragment.n == 0)
        there.pointer[0] = '\0';
    const struct config *config = there.file->root;
    if (fragment.n > 0) {
        struct str name = str_slice(fragment, fragment_start.n, fragment.n);
        struct str text = arena_str(&l->contract->arena, name);
        config = text.p != NULL ? config_get(config_get(config, "$defs"), text.p) : NULL;
        there.pointer[0] = '\0';
        load_enter(&there, "/$defs/%.*s", name);
    }
    if (config == NULL) {
        load_refuse(l, "$ref to what is not there: %s", err_quote(ref));
        return NULL;
    }
    return load_place(&there, config);
}

/* Copies over S what it refers to; both must hold. */
static int resolve(struct load *l, struct schema *s, size_t depth)
{
    const struct schema *target = s->target;
    if (target == NULL)
        return 0;
    if (depth == LOAD_DEPTH_MOST)
        return load_refuse(l, "a $ref leads back to itself");
    for (struct schema *r = l->contract->references; r != NULL; r = r->next_reference)
        if (r == target && resolve(l, r, depth + 1) == -1)
            return -1;
    struct schema *next = s->next_reference;
    unsigned types = s->types;
    *s = *target;
    s->types &= types;
    s->as_is &= types;
    s->formats_only = s->formats_only && (types & TAKES_STRING) != 0;
    s->next_reference = next;
    s->target = NULL;
    return 0;
}

int load_resolve(struct load *l)
{
    for (struct schema *r = l->contract->references; r != NULL; r = r->next_reference)
        if (resolve(l, r, 0) == -1)
            return -1;
    return 0;
}
