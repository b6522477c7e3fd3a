/*
 * The keywords that name fields: x-checks and x-names. What they name is only known where all that is
 * referred to is.
 */
#include <stdio.h>

#include "canon/diag.h"
#include "canon/schema_load.h"

/* ---- x-checks ---- */

/* So that the members that were matched with properties are handed to the check. */
static int place_properties(struct load *l, const struct schema *s, struct schema_check *check)
{
    size_t places = expr_places(check->expr);
    if (places >= CHECK_NO_PLACE)
        return 0;
    check->place = arena_array(&l->contract->arena, s->nproperties, 1);
    if (check->place == NULL)
        return err_memory(l->e);
    for (size_t p = 0; p < s->nproperties; p++) {
        check->place[p] = CHECK_NO_PLACE;
        for (size_t i = 0; i < places; i++)
            if (str_eq(expr_name(check->expr, i), s->property[p].name))
                check->place[p] = (uint8_t)i;
    }
    return 0;
}

static int take_check(struct load *l, const struct schema *s, struct schema_check *check,
                      const struct config *c)
{
    struct contract *contract = l->contract;
    struct str text = config_string(config_get(c, "check")), level = config_string(config_get(c, "level"));
    struct str message = config_string(config_get(c, "message"));
    if (text.p == NULL || message.p == NULL || level.p == NULL || c->count != 3)
        return load_refuse(l, "each of x-checks has the texts check, message and level");
    check->warns = str_eq(level, STR("warn"));
    if (!check->warns && !str_eq(level, STR("refuse")))
        return load_refuse(l, "the level of a check is refuse or warn: %s", err_quote(level));
    check->text = arena_str(&contract->arena, text);
    check->message = arena_str(&contract->arena, message);
    if (check->text.p == NULL || check->message.p == NULL)
        return err_memory(l->e);
    struct str place =
        arena_printf(&contract->arena, "%.*s: %s/check", (int)l->file->path.n, l->file->path.p, l->pointer);
    if (place.p == NULL)
        return err_memory(l->e);
    check->expr = expr_compile(text, place.p, EXPR_CHECK, l->e);
    if (check->expr == NULL)
        return -1;
    check->of = s;
    check->next = contract->checks;
    contract->checks = check;
    return place_properties(l, s, check);
}

int load_checks(struct load *l, struct schema *s, const struct config *c)
{
    if (c->type != CONFIG_LIST)
        return load_refuse(l, "x-checks must be a list");
    s->check = arena_array(&l->contract->arena, c->count, sizeof *s->check);
    if (s->check == NULL)
        return err_memory(l->e);
    s->nchecks = c->count;
    for (size_t i = 0; i < c->count; i++) {
        char number[24];
        int n = snprintf(number, sizeof number, "%zu", i);
        size_t at = load_enter(l, "/x-checks/%.*s", (struct str){number, n > 0 ? (size_t)n : 0});
        if (take_check(l, s, &s->check[i], c->member[i].value) == -1)
            return -1;
        load_leave(l, at);
    }
    return 0;
}

/* ---- x-names ---- */

static int take_name(struct load *l, struct schema_name *name, struct str path)
{
    if (path.n == 0)
        return load_refuse(l, "x-names is a list of names, with a dot before what is in one");
    name->path = path;
    name->step = arena_array(&l->contract->arena, path.n + 1, sizeof *name->step);
    if (name->step == NULL)
        return err_memory(l->e);
    for (size_t at = 0; at <= path.n; at += name->step[name->nsteps++].n + 1) {
        struct str rest = str_slice(path, at, path.n);
        name->step[name->nsteps] = str_slice(rest, 0, str_find(rest, '.'));
    }
    return 0;
}

int load_names(struct load *l, struct schema *s, const struct config *c)
{
    if (c->type != CONFIG_LIST)
        return load_refuse(l, "x-names must be a list");
    s->name = arena_array(&l->contract->arena, c->count, sizeof *s->name);
    if (s->name == NULL)
        return err_memory(l->e);
    for (; s->nnames < c->count; s->nnames++)
        if (take_name(l, &s->name[s->nnames], config_string(c->member[s->nnames].value)) == -1)
            return -1;
    return 0;
}

/* ---- what they name ---- */

static int check_name(struct load *l, const struct schema *s, const struct schema_name *name)
{
    struct str near;
    if (schema_has_path(s, name->step, name->nsteps, &near) == 1)
        return 0;
    if (near.p != NULL)
        return load_refuse(l, "x-names names what is no property: %s (did you mean %s?)",
                           err_quote(name->path), err_quote(near));
    return load_refuse(l, "x-names names what is no property: %s", err_quote(name->path));
}

int load_check_names(struct load *l, const struct schema *root, const struct schema_check *end)
{
    for (const struct schema_check *check = l->contract->checks; check != end; check = check->next)
        if (expr_check_names(check->expr, check->of, l->e) == -1)
            return -1;
    for (size_t i = 0; i < root->nnames; i++)
        if (check_name(l, root, &root->name[i]) == -1)
            return -1;
    return 0;
}
