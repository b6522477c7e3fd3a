#include "canon/conform.h"

#include <stdlib.h>

#include "base/decimal.h"
#include "base/list.h"
#include "base/utf8.h"
#include "canon/code.h"
#include "canon/iso.h"
#include "canon/schema_tree.h"

void conform_release(struct conform *c)
{
    free(c->due);
    *c = (struct conform){0};
}

/* ---- binding ---- */

static void bind(struct out_node *o, const struct schema *schema);

static struct conform_rule rule_of(const struct schema *schema)
{
    return (struct conform_rule){.schema = schema, .takes = (uint8_t)(schema != NULL ? schema->as_is : 0)};
}

static void bind_member(struct out_node *child, const struct schema *object)
{
    size_t at = 0;
    while (at < object->nproperties && !str_eq(object->property[at].name, json_text(&child->key)))
        at++;
    if (at == object->nproperties) {
        bind(child, object->others);
        return;
    }
    const struct schema_property *property = &object->property[at];
    bind(child, property->schema);
    child->contract.property = (uint8_t)at;
    child->contract.is_property = true;
    child->contract.required = property->required;
    child->contract.is_currency = property->is_currency;
    if (property->is_currency)
        child->contract.takes = 0; /* it has to be seen */
}

/* Whether the members of an object are made in canonical order, under keys that are spelled in one way. */
static bool is_in_order(const struct out_node *object)
{
    for (const struct out_node *o = object->children; o != NULL; o = o->next) {
        if (o->key.form != JSON_CLEAN)
            return false;
        if (o->next != NULL && utf8_cmp_utf16(json_text(&o->key), json_text(&o->next->key)) >= 0)
            return false;
    }
    return true;
}

static void bind_object(struct out_node *o, const struct schema *schema)
{
    if (!(schema->types & TAKES_OBJECT) || schema->currency_at == CURRENCY_ROOT || !is_in_order(o))
        return;
    o->contract = rule_of(schema);
    for (struct out_node *child = o->children; child != NULL; child = child->next)
        bind_member(child, schema);
}

/* A rule's value, which its codec may vouch for. */
static void bind_value(struct out_node *o, const struct schema *schema)
{
    const struct code *code = o->code;
    o->contract = rule_of(schema);
    if (code == NULL || code->op != OP_DECODE || code->use->codec->gives == FORMAT_NONE)
        return;
    if (schema->formats_only && schema->format == code->use->codec->gives)
        o->contract.takes |= TAKES_STRING;
}

static void bind_list(struct out_node *o, const struct schema *schema)
{
    if (!(schema->types & TAKES_ARRAY))
        return;
    o->contract = rule_of(schema);
    for (struct producer *p = o->producers; p != NULL; p = p->next) {
        p->values = rule_of(schema->items);
        if (p->body != NULL)
            bind(p->body, schema->items);
    }
}

static void bind(struct out_node *o, const struct schema *schema)
{
    o->contract = (struct conform_rule){0};
    if (schema == NULL)
        return;
    switch ((enum out_kind)o->kind) {
    case OUT_OBJECT: bind_object(o, schema); break;
    case OUT_LIST: bind_list(o, schema); break;
    case OUT_VALUE: bind_value(o, schema); break;
    case OUT_NONE: break;
    }
}

void conform_bind(struct out_node *out, const struct schema *schema)
{
    bind(out, schema);
}

/* ---- values ---- */

/* Whether TEXT is an amount by itself, and with as many places as the others around it. */
static bool is_money(struct conform_scope *scope, struct str text)
{
    unsigned places;
    if (!decimal_is_plain(text, &places))
        return false;
    if (scope->places == CONFORM_NO_MONEY)
        scope->places = (int)places;
    return scope->places == (int)places;
}

static bool is_right(struct conform *c, const struct conform_rule *rule, const struct json_node *value)
{
    const struct schema *s = rule->schema;
    if (s == NULL || value->type != JSON_STRING || value->form != JSON_CLEAN)
        return s != NULL && s->as_is >> value->type & 1;
    if (rule->is_currency)
        c->scope.currency = value;
    if (s->nchoices > 0)
        return s->choices_only && schema_is_choice(s, value);
    if (!s->formats_only)
        return false;
    return s->format == FORMAT_MONEY ? is_money(&c->scope, json_text(value))
                                     : format_is_canonical(s->format, json_text(value), NULL);
}

void conform_look(struct conform *c, const struct conform_rule *rule, const struct json_node *value)
{
    c->holds = is_right(c, rule, value);
}

/* ---- containers ---- */

struct conform_scope conform_open(struct conform *c, const struct conform_rule *rule)
{
    struct conform_scope around = c->scope;
    if (rule->schema != NULL && rule->schema->currency_at == CURRENCY_HERE)
        c->scope = (struct conform_scope){.places = CONFORM_NO_MONEY};
    return around;
}

static bool add_due(struct conform *c, size_t at, const struct out_node *o)
{
    struct conform_due *list = list_room(c->due, c->ndue, &c->room, sizeof *list);
    if (list == NULL)
        return false;
    c->due = list;
    c->due[c->ndue++] = (struct conform_due){at, o};
    return true;
}

static bool has_its_money(const struct conform_scope *scope)
{
    return scope->places == CONFORM_NO_MONEY ||
           (scope->currency != NULL && currency_exponent(json_text(scope->currency)) == scope->places);
}

void conform_object(struct conform *c, const struct out_node *o, size_t at, size_t required,
                    struct conform_scope around)
{
    const struct schema *s = o->contract.schema;
    if (!c->holds)
        return;
    c->holds = s != NULL && required == s->nrequired;
    if (!c->holds)
        return;
    if (s->currency_at == CURRENCY_HERE) {
        c->holds = has_its_money(&c->scope);
        c->scope = around;
    }
    if (s->nchecks > 0)
        c->holds = c->holds && add_due(c, at, o);
}

/* Texts in order, each once. */
static bool is_set(const struct json_node *list)
{
    const struct json_node *end = json_next(list);
    for (const struct json_node *item = list + 1; item < end; item++)
        if (item->type != JSON_STRING ||
            (item > list + 1 && str_cmp(json_text(item - 1), json_text(item)) >= 0))
            return false;
    return true;
}

void conform_list(struct conform *c, const struct conform_rule *rule, const struct json_node *list)
{
    const struct schema *s = rule->schema;
    if (!c->holds)
        return;
    c->holds = s != NULL && (!s->is_set || is_set(list));
    if (!c->holds || (s->least_items == 0 && s->most_items == INT64_MAX))
        return;
    int64_t count = (int64_t)json_count(list);
    c->holds = count >= s->least_items && count <= s->most_items;
}

/* ---- the whole ---- */

void conform_start(struct conform *c, const struct out_node *out)
{
    c->holds = out->contract.schema != NULL;
    c->scope = (struct conform_scope){.places = CONFORM_NO_MONEY};
    c->ndue = 0;
}

/* The members of OBJECT were made by children of O, in their order, and have their keys. False: others too.
 */
static bool find(const struct schema_check *check, const struct out_node *o, const struct json_node *object)
{
    const struct json_node **found = expr_start(check->expr, object);
    const struct json_node *key = object + 1, *end = json_next(object);
    for (const struct out_node *child = o->children; child != NULL && key < end; child = child->next) {
        if (child->key.p != key->p)
            continue;
        const struct conform_rule *rule = &child->contract;
        uint8_t place = rule->is_property ? check->place[rule->property] : CHECK_NO_PLACE;
        if (place != CHECK_NO_PLACE)
            found[place] = json_value_of(key);
        key = json_next_key(key);
    }
    return key == end;
}

static bool meets(const struct schema_check *check, const struct out_node *o, const struct json_node *object)
{
    struct err why; /* schema_apply says it */
    enum expr_answer answer = EXPR_ERROR;
    if (check->place == NULL)
        answer = expr_test(check->expr, object, &why);
    else if (find(check, o, object))
        answer = expr_run(check->expr, &why);
    return answer == EXPR_TRUE || answer == EXPR_SKIPPED;
}

bool conform_holds(struct conform *c, const struct json_node *start)
{
    for (size_t i = 0; c->holds && i < c->ndue; i++) {
        const struct out_node *o = c->due[i].made_by;
        const struct schema *s = o->contract.schema;
        for (size_t k = 0; c->holds && k < s->nchecks; k++)
            c->holds = meets(&s->check[k], o, start + c->due[i].at);
    }
    return c->holds;
}
