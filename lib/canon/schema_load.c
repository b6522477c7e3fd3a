/*
 * The keywords of JSON Schema, one function each, from their configuration into the tree that schema_apply.c
 * walks.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/config.h"
#include "base/utf8.h"
#include "canon/diag.h"
#include "canon/schema_load.h"

static struct schema *compile(struct load *l, const struct config *c);

static int integer_of(struct load *l, const char *keyword, const struct config *c, int64_t least,
                      int64_t *out)
{
    if (c->type != CONFIG_INTEGER || c->integer < least)
        return load_refuse(l, "%s must be an integer%s", keyword, least == 0 ? ", not negative" : "");
    *out = c->integer;
    return 0;
}

static int bool_of(struct load *l, const char *keyword, const struct config *c, bool *out)
{
    if (c->type != CONFIG_BOOL)
        return load_refuse(l, "%s must be true or false", keyword);
    *out = c->truth;
    return 0;
}

static int add_type(struct load *l, struct schema *s, const struct config *c)
{
    static const struct {
        const char *name;
        unsigned types;
    } known[] = {{"null", TAKES_NULL},     {"boolean", TAKES_BOOL}, {"integer", TAKES_INTEGER},
                 {"string", TAKES_STRING}, {"array", TAKES_ARRAY},  {"object", TAKES_OBJECT}};
    struct str name = config_string(c);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (name.p != NULL && str_eq(name, str_of(known[i].name))) {
            s->types |= known[i].types;
            return 0;
        }
    if (name.p != NULL && str_eq(name, STR("number")))
        return load_refuse(
            l, "type \"number\": canonical numbers are integers; write a string with format decimal");
    return load_refuse(l, "unknown type %s", name.p != NULL ? err_quote(name) : "(not a text)");
}

static int take_type(struct load *l, struct schema *s, const struct config *c)
{
    s->types = 0;
    if (c->type != CONFIG_LIST)
        return add_type(l, s, c);
    for (size_t i = 0; i < c->count; i++)
        if (add_type(l, s, c->member[i].value) == -1)
            return -1;
    return c->count > 0 ? 0 : load_refuse(l, "type is an empty list");
}

static int choice_of(struct load *l, struct json_node *out, const struct config *c)
{
    struct str number;
    switch (c->type) {
    case CONFIG_NULL: *out = json_literal_node(JSON_NULL); return 0;
    case CONFIG_BOOL: *out = json_literal_node(c->truth ? JSON_TRUE : JSON_FALSE); return 0;
    case CONFIG_STRING: *out = json_string_node(c->string); return 0;
    case CONFIG_INTEGER:
        number = arena_printf(&l->contract->arena, "%" PRId64, c->integer);
        *out = json_number_node(number);
        return number.p != NULL ? 0 : err_memory(l->e);
    case CONFIG_LIST:
    case CONFIG_OBJECT: break;
    }
    return load_refuse(l, "enum and const may hold texts, integers, true, false and null");
}

static int take_enum(struct load *l, struct schema *s, const struct config *c)
{
    if (c->type != CONFIG_LIST || c->count == 0)
        return load_refuse(l, "enum must be a list that is not empty");
    if (s->choice != NULL)
        return load_refuse(l, "enum and const together");
    struct json_node *choice = arena_array(&l->contract->arena, c->count, sizeof *choice);
    if (choice == NULL)
        return err_memory(l->e);
    for (size_t i = 0; i < c->count; i++)
        if (choice_of(l, &choice[i], c->member[i].value) == -1)
            return -1;
    s->choice = choice;
    s->nchoices = c->count;
    return 0;
}

static int take_const(struct load *l, struct schema *s, const struct config *c)
{
    struct config_member member = {.value = c};
    struct config list = {.type = CONFIG_LIST, .member = &member, .count = 1};
    return take_enum(l, s, &list);
}

static int take_format(struct load *l, struct schema *s, const struct config *c)
{
    struct str name = config_string(c);
    s->format = name.p != NULL ? format_find(name) : FORMAT_NONE;
    if (s->format == FORMAT_NONE)
        return load_refuse(l, "unknown format %s", name.p != NULL ? err_quote(name) : "(not a text)");
    return 0;
}

static int by_name(const void *x, const void *y)
{
    const struct schema_property *a = x, *b = y;
    return utf8_cmp_utf16(a->name, b->name);
}

static int take_properties(struct load *l, struct schema *s, const struct config *c)
{
    if (c->type != CONFIG_OBJECT)
        return load_refuse(l, "properties must be an object");
    if (c->count > SCHEMA_PROPERTIES)
        return load_refuse(l, "more than %d properties", SCHEMA_PROPERTIES);
    struct schema_property *property = arena_array(&l->contract->arena, c->count, sizeof *property);
    if (property == NULL)
        return err_memory(l->e);
    for (size_t i = 0; i < c->count; i++) {
        size_t at = load_enter(l, "/properties/%.*s", c->member[i].key);
        property[i].name = c->member[i].key;
        property[i].sign = key_sign_of(property[i].name);
        property[i].schema = compile(l, c->member[i].value);
        if (property[i].schema == NULL)
            return -1;
        load_leave(l, at);
    }
    qsort(property, c->count, sizeof *property, by_name);
    s->seen = arena_alloc(&l->contract->arena, sizeof *s->seen);
    if (s->seen == NULL)
        return err_memory(l->e);
    s->property = property;
    s->nproperties = c->count;
    return 0;
}

static int require(struct load *l, struct schema *s, struct str name)
{
    for (size_t i = 0; i < s->nproperties && name.p != NULL; i++)
        if (str_eq(s->property[i].name, name)) {
            s->nrequired += !s->property[i].required;
            s->property[i].required = true;
            return 0;
        }
    return load_refuse(l, "required names what is no property: %s",
                       name.p != NULL ? err_quote(name) : "(not a text)");
}

static int take_required(struct load *l, struct schema *s, const struct config *c)
{
    if (c->type != CONFIG_LIST)
        return load_refuse(l, "required must be a list");
    for (size_t i = 0; i < c->count; i++)
        if (require(l, s, config_string(c->member[i].value)) == -1)
            return -1;
    return 0;
}

static int take_others(struct load *l, struct schema *s, const struct config *c)
{
    if (c->type == CONFIG_BOOL) {
        if (!c->truth)
            s->others = NULL;
        return 0;
    }
    size_t at = load_enter(l, "%.*s", STR("/additionalProperties"));
    s->others = compile(l, c);
    load_leave(l, at);
    return s->others != NULL ? 0 : -1;
}

static int take_items(struct load *l, struct schema *s, const struct config *c)
{
    size_t at = load_enter(l, "%.*s", STR("/items"));
    s->items = compile(l, c);
    load_leave(l, at);
    return s->items != NULL ? 0 : -1;
}

static int take_ref(struct load *l, struct schema *s, const struct config *c)
{
    struct str ref = config_string(c);
    if (ref.p == NULL)
        return load_refuse(l, "$ref must be a text");
    s->target = load_reference(l, ref);
    s->next_reference = l->contract->references;
    l->contract->references = s;
    return s->target != NULL ? 0 : -1;
}

static int take_defs(struct load *l, struct schema *s, const struct config *c)
{
    (void)s;
    if (c->type != CONFIG_OBJECT)
        return load_refuse(l, "$defs must be an object");
    for (size_t i = 0; i < c->count; i++) {
        size_t at = load_enter(l, "/$defs/%.*s", c->member[i].key);
        if (load_place(l, c->member[i].value) == NULL)
            return -1;
        load_leave(l, at);
    }
    return 0;
}

static int take_currency(struct load *l, struct schema *s, const struct config *c)
{
    struct str name = config_string(c);
    if (name.n == 0)
        return load_refuse(
            l, "x-currency must be the name of a property, or \"/NAME\" of one of the whole record");
    bool root = name.p[0] == '/';
    s->currency_at = root ? CURRENCY_ROOT : CURRENCY_HERE;
    s->currency = str_slice(name, root, name.n);
    for (size_t i = 0; i < s->nproperties; i++)
        if (str_eq(s->property[i].name, s->currency) && !root) {
            s->property[i].is_currency = true;
            return 0;
        }
    return root ? 0 : load_refuse(l, "x-currency names what is no property: %s", err_quote(name));
}

static int take_min_length(struct load *l, struct schema *s, const struct config *c)
{
    return integer_of(l, "minLength", c, 0, &s->shortest);
}

static int take_max_length(struct load *l, struct schema *s, const struct config *c)
{
    return integer_of(l, "maxLength", c, 0, &s->longest);
}

static int take_min_items(struct load *l, struct schema *s, const struct config *c)
{
    return integer_of(l, "minItems", c, 0, &s->least_items);
}

static int take_max_items(struct load *l, struct schema *s, const struct config *c)
{
    return integer_of(l, "maxItems", c, 0, &s->most_items);
}

static int take_minimum(struct load *l, struct schema *s, const struct config *c)
{
    return integer_of(l, "minimum", c, INT64_MIN, &s->minimum);
}

static int take_maximum(struct load *l, struct schema *s, const struct config *c)
{
    return integer_of(l, "maximum", c, INT64_MIN, &s->maximum);
}

static int take_version(struct load *l, struct schema *s, const struct config *c)
{
    return integer_of(l, "x-version", c, 0, &s->version);
}

static int take_set(struct load *l, struct schema *s, const struct config *c)
{
    return bool_of(l, "x-set", c, &s->is_set);
}

static int take_dialect(struct load *l, struct schema *s, const struct config *c)
{
    (void)s;
    struct str dialect = config_string(c), known = STR("https://json-schema.org/draft/2020-12/schema");
    if (dialect.p == NULL || !str_eq(dialect, known))
        return load_refuse(l, "$schema must be %s", err_quote(known));
    return 0;
}

static int take_nothing(struct load *l, struct schema *s, const struct config *c)
{
    (void)l, (void)s, (void)c;
    return 0;
}

/* In the order in which they are taken: required, x-currency and x-checks after properties. */
static const struct {
    const char *name;
    int (*take)(struct load *l, struct schema *s, const struct config *c);
    bool beside_ref;
} keywords[] = {
    {"$schema", take_dialect, true},
    {"$id", take_nothing, true},
    {"$defs", take_defs, true},
    {"title", take_nothing, true},
    {"description", take_nothing, true},
    {"type", take_type, true},
    {"$ref", take_ref, true},
    {"properties", take_properties, false},
    {"required", take_required, false},
    {"additionalProperties", take_others, false},
    {"items", take_items, false},
    {"enum", take_enum, false},
    {"const", take_const, false},
    {"format", take_format, false},
    {"minLength", take_min_length, false},
    {"maxLength", take_max_length, false},
    {"minItems", take_min_items, false},
    {"maxItems", take_max_items, false},
    {"minimum", take_minimum, false},
    {"maximum", take_maximum, false},
    {"x-version", take_version, false},
    {"x-currency", take_currency, false},
    {"x-set", take_set, false},
    {"x-names", load_names, false},
    {"x-checks", load_checks, false},
};

enum { KEYWORDS = sizeof keywords / sizeof keywords[0] };

static int check_keywords(struct load *l, const struct config *c)
{
    struct str names[KEYWORDS];
    bool refers = config_get(c, "$ref") != NULL;
    for (size_t k = 0; k < KEYWORDS; k++)
        names[k] = str_of(keywords[k].name);
    for (size_t i = 0; i < c->count; i++) {
        struct str key = c->member[i].key;
        size_t k = 0;
        while (k < KEYWORDS && !str_eq(key, names[k]))
            k++;
        struct str nearest = k == KEYWORDS ? nearest_name(key, names, KEYWORDS) : (struct str){0};
        if (nearest.p != NULL)
            return load_refuse(l, "unknown keyword %s (did you mean %s?)", err_quote(key),
                               err_quote(nearest));
        if (k == KEYWORDS)
            return load_refuse(l, "unknown keyword %s", err_quote(key));
        if (refers && !keywords[k].beside_ref)
            return load_refuse(l, "%s beside a $ref: only type, title and description may stand there",
                               keywords[k].name);
    }
    return 0;
}

/* A set needs its items decoded, and texts. */
static int finish_set(struct load *l, struct schema *s)
{
    if (!s->is_set)
        return 0;
    if (s->items == NULL || s->items->target != NULL || s->items->types != TAKES_STRING)
        return load_refuse(l, "the items of an x-set must be described here, with type \"string\"");
    struct schema *items = arena_alloc(&l->contract->arena, sizeof *items);
    if (items == NULL)
        return err_memory(l->e);
    *items = *s->items;
    items->as_is = 0;
    s->items = items;
    return 0;
}

static void set_as_is(struct schema *s)
{
    bool any_length = s->shortest == 0 && s->longest == INT64_MAX && s->nchoices == 0;
    bool plain = s->format == FORMAT_NONE && any_length;
    s->choices_only = s->format == FORMAT_NONE && s->shortest == 0 && s->longest == INT64_MAX;
    s->formats_only = (s->types & TAKES_STRING) != 0 && any_length;
    s->as_is = s->types & (TAKES_NULL | TAKES_BOOL | (plain ? TAKES_STRING : 0));
    if (s->nchoices > 0)
        s->as_is = 0;
}

static int compile_keywords(struct load *l, struct schema *s, const struct config *c)
{
    if (c->type != CONFIG_OBJECT)
        return load_refuse(l, "a schema must be an object");
    if (check_keywords(l, c) == -1)
        return -1;
    for (size_t k = 0; k < KEYWORDS; k++) {
        const struct config *value = config_get(c, keywords[k].name);
        if (value != NULL && keywords[k].take(l, s, value) == -1)
            return -1;
    }
    if (s->nchoices > 0)
        s->types &= ~(TAKES_ARRAY | TAKES_OBJECT);
    set_as_is(s);
    return finish_set(l, s);
}

int load_compile(struct load *l, struct schema *s, const struct config *c)
{
    if (l->depth == LOAD_DEPTH_MOST)
        return load_refuse(l, "schemas in schemas, more than %d deep", LOAD_DEPTH_MOST);
    l->depth++;
    int status = compile_keywords(l, s, c);
    l->depth--;
    return status;
}

/* What {} says: anything, and of its members and items again anything. */
struct schema *load_new(struct load *l)
{
    struct contract *c = l->contract;
    const struct schema all = {.types = TAKES_ALL,
                               .as_is = TAKES_NULL | TAKES_BOOL | TAKES_STRING,
                               .others = c->anything,
                               .items = c->anything,
                               .most_items = INT64_MAX,
                               .longest = INT64_MAX,
                               .minimum = INT64_MIN,
                               .maximum = INT64_MAX,
                               .version = 1};
    struct schema *s = arena_alloc(&c->arena, sizeof *s);
    if (s != NULL)
        *s = all;
    return s;
}

static struct schema *compile(struct load *l, const struct config *c)
{
    struct schema *s = load_new(l);
    if (s == NULL) {
        err_memory(l->e);
        return NULL;
    }
    return load_compile(l, s, c) == 0 ? s : NULL;
}

struct schema *schema_load(struct contract *c, struct str path, struct err *e)
{
    struct load l = {.contract = c, .e = e};
    const struct schema_check *known = c->checks;
    if (c->anything == NULL) {
        struct schema *anything = load_new(&l);
        if (anything == NULL) {
            err_memory(e);
            return NULL;
        }
        anything->others = anything->items = c->anything = anything;
    }
    if (load_file(&l, path) == -1)
        return NULL;
    struct schema *s = load_place(&l, l.file->root);
    if (s == NULL)
        return NULL;
    return load_resolve(&l) == 0 && load_check_names(&l, s, known) == 0 ? s : NULL;
}
