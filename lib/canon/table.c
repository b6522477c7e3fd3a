#include <stdint.h>

#include "canon/compile.h"
#include "canon/machine.h"

/* Enumerations and tables of a file, made into lookups when a rule first uses them. */

struct table_made {
    const struct ast_decl *decl;
    struct lookup *lookup;
    struct table_made *next;
};

static struct json_node *text_node(struct compiler *c, struct str text)
{
    struct json_node *node = compile_make(c, sizeof *node);
    *node = json_string_node(text);
    return node;
}

static struct lookup *make_enum(struct compiler *c, struct scope *s, const struct ast_decl *decl)
{
    struct lookup *l = lookup_new(c->arena, decl->name, true);
    for (const struct ast_word *w = decl->words; l != NULL && w != NULL; w = w->next) {
        const struct json_node *value = text_node(c, w->name);
        if (w->rest && lookup_rest(l) != NULL)
            compile_error(c, s, decl->at, "two names of %.*s take all other words", (int)decl->name.n,
                          decl->name.p);
        if (w->rest)
            lookup_set_rest(l, value);
        for (size_t i = 0; i < w->nwords; i++) {
            if (lookup_add(l, w->word[i], value) == 1)
                compile_error(c, s, decl->at, "%s stands for two names in %.*s", err_quote(w->word[i]),
                              (int)decl->name.n, decl->name.p);
        }
    }
    return l;
}

struct loading {
    struct compiler *c;
    struct lookup *lookup;
    struct machine *key, *value;
    const struct code *key_code, *value_code;
    const struct ast_decl *decl;
    struct str name;
    size_t row;
    bool named;  /* the file has a header: what a row lacks there is an empty cell */
    bool valued; /* a row has a value */
};

static int refuse_lacking(const struct loading *l, const char *what, const struct ast_path *path,
                          struct err *e)
{
    return err_set(e, "config", "no %.*s, which is the %s of %.*s", (int)path->text.n, path->text.p, what,
                   (int)l->name.n, l->name.p);
}

/* What CODE gives of a row; false: refused. */
static bool of_row(struct loading *l, struct machine *m, const struct code *code,
                   const struct json_node *object, const struct json_node **value, struct err *e)
{
    machine_start(m, l->c->arena, object, 0, NULL);
    *value = machine_value(m, code);
    if (machine_failed(m))
        *e = m->err;
    return !machine_failed(m);
}

static int take_row(void *arg, const struct json_node *object, bool names, struct err *e)
{
    struct loading *l = arg;
    const struct json_node *key, *value = object;
    if (!of_row(l, l->key, l->key_code, object, &key, e) ||
        (l->value != NULL && !of_row(l, l->value, l->value_code, object, &value, e)))
        return -1;
    if (key == NULL && (names || !l->named))
        return refuse_lacking(l, "key", l->decl->key, e);
    if (value == NULL && names)
        return refuse_lacking(l, "value", l->decl->value, e);
    l->named |= names;
    l->row += !names;
    l->valued |= value != NULL;
    if (names || json_is_nothing(key) || value == NULL)
        return 0;
    struct str text = machine_text(l->key, key);
    if (text.p == NULL)
        return err_set(e, "config", "the key of row %zu of %.*s is a list or an object", l->row,
                       (int)l->name.n, l->name.p);
    int added = lookup_add(l->lookup, text, value);
    if (added == 1)
        return err_set(e, "config", "the key %s stands twice in %.*s, with different values", err_quote(text),
                       (int)l->name.n, l->name.p);
    return added == -1 ? err_memory(e) : 0;
}

static struct lookup *make_table(struct compiler *c, struct scope *s, const struct ast_decl *decl)
{
    /* The paths of a table are compiled by a compiler of their own, so that the map at hand is left as it is.
     */
    struct compiler own = {.arena = c->arena, .diags = c->diags};
    struct loading l = {
        .c = c, .decl = decl, .lookup = lookup_new(c->arena, decl->name, false), .name = decl->name};
    struct code *key = NULL, *value = NULL;
    struct err e = {0};
    struct program *key_program = compile_path_on(&own, decl->key, &key);
    struct program *value_program = decl->value != NULL ? compile_path_on(&own, decl->value, &value) : NULL;
    l.key_code = key;
    l.value_code = value;
    l.key = key_program != NULL ? machine_new(key_program) : NULL;
    l.value = value_program != NULL ? machine_new(value_program) : NULL;
    int done = -1;
    if (l.lookup == NULL || l.key == NULL || (decl->value != NULL && l.value == NULL))
        err_memory(&e);
    else if (c->looks)
        done = 0;
    else if (c->rows == NULL)
        err_set(&e, "config", "no table can be read here");
    else
        done = c->rows(c->arg, decl, c->arena, take_row, &l, &e);
    if (done == 0 && l.row > 0 && !l.valued)
        done = refuse_lacking(&l, "value", decl->value, &e);
    machine_free(l.key);
    machine_free(l.value);
    program_release(key_program);
    program_release(value_program);
    if (done == -1)
        compile_error(c, s, decl->at, "%s%s%s", e.place, e.place[0] != '\0' ? ": " : "", e.message);
    return l.lookup;
}

struct lookup *compile_lookup(struct compiler *c, struct scope *s, struct str name,
                              const struct ast_decl **decl)
{
    for (struct table_made *t = c->tables; t != NULL; t = t->next) {
        if (str_eq(t->decl->name, name)) {
            *decl = t->decl;
            return t->lookup;
        }
    }
    const struct ast_decl *d = c->decls;
    while (d != NULL && !((d->kind == DECL_ENUM || d->kind == DECL_TABLE) && str_eq(d->name, name)))
        d = d->next;
    if (d == NULL)
        return NULL;
    struct scope there = *s;
    there.source = d->source;
    struct table_made *made = compile_make(c, sizeof *made);
    made->decl = d;
    if (d->kind == DECL_ENUM)
        made->lookup = make_enum(c, &there, d);
    else
        made->lookup = d->broken ? lookup_new(c->arena, d->name, false) : make_table(c, &there, d);
    made->next = c->tables;
    c->tables = made;
    *decl = d;
    return made->lookup;
}
