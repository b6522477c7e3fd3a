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
    struct str name;
    size_t row;
};

static int take_row(void *arg, const struct json_node *object, struct err *e)
{
    struct loading *l = arg;
    l->row++;
    machine_start(l->key, l->c->arena, object, 0, NULL);
    const struct json_node *key = machine_value(l->key, l->key_code);
    if (machine_failed(l->key)) {
        *e = l->key->err;
        return -1;
    }
    if (json_is_nothing(key))
        return 0;
    const struct json_node *value = object;
    if (l->value != NULL) {
        machine_start(l->value, l->c->arena, object, 0, NULL);
        value = machine_value(l->value, l->value_code);
        if (machine_failed(l->value)) {
            *e = l->value->err;
            return -1;
        }
        if (value == NULL)
            return 0;
    }
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
    struct loading l = {.c = c, .lookup = lookup_new(c->arena, decl->name, false), .name = decl->name};
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
