#include "base/pointer.h"
#include "canon/diag.h"
#include "canon/schema_walk.h"

static void put_pointer(struct buf *out, const struct walk_place *at, struct arena *a)
{
    if (at == NULL)
        return;
    put_pointer(out, at->outer, a);
    if (at->key == NULL)
        pointer_put_index(out, at->index);
    else
        pointer_put(out, json_string(at->key, a));
}

int schema_fail_at(struct walk *w, const struct walk_place *at, struct str name)
{
    struct buf pointer;
    buf_init(&pointer, sizeof w->e->field);
    put_pointer(&pointer, at, w->arena);
    if (name.p != NULL)
        pointer_put(&pointer, name);
    err_field(w->e, buf_str(&pointer).p != NULL ? buf_str(&pointer) : STR(""));
    buf_release(&pointer);
    return -1;
}

static const char *shown(struct walk *w, const struct json_node *value)
{
    if (value->type == JSON_STRING) {
        struct str text = json_string(value, w->arena);
        return err_quote(text.p != NULL ? text : STR(""));
    }
    if (value->type == JSON_OBJECT || value->type == JSON_ARRAY)
        return value->type == JSON_OBJECT ? "an object" : "a list";
    struct str text = arena_str(w->arena, str_slice(json_text(value), 0, 60));
    return text.p != NULL ? text.p : "";
}

int schema_fail(struct walk *w, const struct walk_place *at, const char *message,
                const struct json_node *value)
{
    err_set(w->e, "contract", "%s: %s", message, shown(w, value));
    return schema_fail_at(w, at, (struct str){0});
}

int schema_fail_memory(struct walk *w)
{
    return err_memory(w->e);
}

int schema_fail_type(struct walk *w, const struct schema *s, const struct walk_place *at,
                     const struct json_node *value)
{
    static const struct {
        unsigned types;
        const char *name;
    } kinds[] = {{TAKES_STRING, "a text"}, {TAKES_INTEGER, "an integer"}, {TAKES_BOOL, "true or false"},
                 {TAKES_ARRAY, "a list"},  {TAKES_OBJECT, "an object"},   {TAKES_NULL, "null"}};
    struct buf names;
    buf_init(&names, 256);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (s->types & kinds[i].types)
            buf_printf(&names, "%s%s", names.n > 0 ? " or " : "", kinds[i].name);
    err_set(w->e, "contract", "not %.*s: %s", (int)names.n, names.n > 0 ? names.p : "", shown(w, value));
    buf_release(&names);
    return schema_fail_at(w, at, (struct str){0});
}

int schema_fail_choice(struct walk *w, const struct schema *s, const struct walk_place *at,
                       const struct json_node *value)
{
    enum { SHOWN = 12 };
    struct buf names;
    buf_init(&names, 512);
    for (size_t i = 0; i < s->nchoices && i < SHOWN; i++)
        buf_printf(&names, "%s%.*s", i > 0 ? ", " : "", (int)s->choice[i].n, s->choice[i].p);
    err_set(w->e, "contract", "not %s%.*s%s: %s", s->nchoices > 1 ? "one of " : "", (int)names.n,
            names.n > 0 ? names.p : "", s->nchoices > SHOWN ? ", …" : "", shown(w, value));
    buf_release(&names);
    return schema_fail_at(w, at, (struct str){0});
}

int schema_fail_missing(struct walk *w, const struct walk_place *at, struct str name)
{
    err_set(w->e, "contract", "is missing");
    return schema_fail_at(w, at, name);
}

int schema_fail_unknown(struct walk *w, const struct schema *s, const struct walk_place *at)
{
    struct str name = json_string(at->key, w->arena);
    struct str *names = arena_array(w->arena, s->nproperties, sizeof *names);
    if (names == NULL || name.p == NULL)
        return schema_fail_memory(w);
    for (size_t i = 0; i < s->nproperties; i++)
        names[i] = s->property[i].name;
    struct str nearest = nearest_name(name, names, s->nproperties);
    struct str entity = w->schema->entity;
    if (nearest.p != NULL)
        err_set(w->e, "contract", "is not known to the contract of %.*s (did you mean %s?)", (int)entity.n,
                entity.p, err_quote(nearest));
    else
        err_set(w->e, "contract", "is not known to the contract of %.*s", (int)entity.n, entity.p);
    return schema_fail_at(w, at, (struct str){0});
}
