#include "canon/conform.h"

#include "base/decimal.h"
#include "base/utf8.h"
#include "canon/code.h"
#include "canon/iso.h"
#include "canon/schema_tree.h"

/* What one check asks: where each of its values is told, by their places; NULL: no rule makes it. */
struct conform_asked {
    uint32_t **told;
    size_t count;
};

/* ---- binding ---- */

static struct conform_rule rule_of(const struct schema *schema)
{
    return (struct conform_rule){.schema = schema, .takes = (uint8_t)(schema != NULL ? schema->as_is : 0)};
}

static bool bind_member(struct out_node *child, const struct schema *object, struct arena *a)
{
    size_t at = 0;
    while (at < object->nproperties && !str_eq(object->property[at].name, json_text(&child->key)))
        at++;
    if (at == object->nproperties)
        return conform_bind(child, object->others, a);
    const struct schema_property *property = &object->property[at];
    if (!conform_bind(child, property->schema, a))
        return false;
    child->contract.property = (uint8_t)at;
    child->contract.is_property = true;
    child->contract.required = property->required;
    child->contract.is_currency = property->is_currency;
    if (property->is_currency)
        child->contract.takes = 0; /* it has to be seen */
    return true;
}

static bool bind_check(struct conform_asked *asked, const struct schema_check *check, struct out_node *o,
                       struct arena *a)
{
    if (check->place == NULL)
        return true;
    asked->count = expr_places(check->expr);
    asked->told = arena_array(a, asked->count, sizeof *asked->told);
    bool ok = asked->told != NULL;
    for (struct out_node *child = o->children; ok && child != NULL; child = child->next) {
        struct conform_rule *rule = &child->contract;
        uint8_t place = rule->is_property ? check->place[rule->property] : CHECK_NO_PLACE;
        if (place == CHECK_NO_PLACE)
            continue;
        if (rule->told == NULL)
            rule->told = arena_alloc(a, sizeof *rule->told);
        ok = rule->told != NULL;
        asked->told[place] = rule->told;
    }
    return ok;
}

static bool bind_checks(struct out_node *o, const struct schema *schema, struct arena *a)
{
    struct conform_asked *asked = arena_array(a, schema->nchecks, sizeof *asked);
    bool ok = asked != NULL;
    for (size_t i = 0; ok && i < schema->nchecks; i++)
        ok = bind_check(&asked[i], &schema->check[i], o, a);
    o->contract.asked = asked;
    return ok;
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

static bool bind_object(struct out_node *o, const struct schema *schema, struct arena *a)
{
    if (!(schema->types & TAKES_OBJECT) || schema->currency_at == CURRENCY_ROOT || !is_in_order(o))
        return true;
    o->contract = rule_of(schema);
    for (struct out_node *child = o->children; child != NULL; child = child->next)
        if (!bind_member(child, schema, a))
            return false;
    return schema->nchecks == 0 || bind_checks(o, schema, a);
}

/* A rule's value: its codec may vouch for it; or the contract for what the codec would give. */
static bool bind_value(struct out_node *o, const struct schema *schema)
{
    const struct code *code = o->code;
    o->contract = rule_of(schema);
    if (code == NULL || code->op != OP_DECODE || !schema->formats_only || schema->format == FORMAT_NONE)
        return true;
    const struct codec_use *use = code->use;
    if (schema->format == use->codec->gives)
        o->contract.takes |= TAKES_STRING;
    else if (use->codec->keeps >> schema->format & 1 && use->nargs == 0 && code->arg[0]->op == OP_PATH &&
             o->memo < 0)
        o->contract.direct = code->arg[0]->path;
    return true;
}

static bool bind_list(struct out_node *o, const struct schema *schema, struct arena *a)
{
    if (!(schema->types & TAKES_ARRAY))
        return true;
    o->contract = rule_of(schema);
    for (struct producer *p = o->producers; p != NULL; p = p->next) {
        p->values = rule_of(schema->items);
        if (p->body != NULL && !conform_bind(p->body, schema->items, a))
            return false;
    }
    return true;
}

bool conform_bind(struct out_node *o, const struct schema *schema, struct arena *a)
{
    o->contract = (struct conform_rule){0};
    if (schema == NULL)
        return true;
    switch ((enum out_kind)o->kind) {
    case OUT_OBJECT: return bind_object(o, schema, a);
    case OUT_LIST: return bind_list(o, schema, a);
    case OUT_VALUE: return bind_value(o, schema);
    case OUT_NONE: break;
    }
    return true;
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

/* Bytes of the shortest spelling of a decimal, or CONFORM_WRONG. */
static uint32_t decimal_bytes(struct str text)
{
    unsigned places;
    if (!decimal_is_plain(text, &places))
        return CONFORM_WRONG;
    size_t n = text.n;
    for (; places > 0 && text.p[n - 1] == '0'; places--)
        n--;
    n -= places == 0 && text.p[n - 1] == '.';
    return (uint32_t)n;
}

uint32_t conform_kept(struct conform *c, const struct conform_rule *rule, const struct json_node *value)
{
    const struct schema *s = rule->schema;
    bool right;
    if (s == NULL || value->type != JSON_STRING || value->form != JSON_CLEAN)
        return s != NULL && s->as_is >> value->type & 1 ? value->n : CONFORM_WRONG;
    if (rule->is_currency)
        c->scope.currency = value;
    if (s->nchoices > 0)
        right = s->choices_only && schema_is_choice(s, value);
    else if (!s->formats_only)
        right = false;
    else if (s->format == FORMAT_DECIMAL)
        return decimal_bytes(json_text(value));
    else if (s->format == FORMAT_MONEY)
        right = is_money(&c->scope, json_text(value));
    else
        right = format_is_canonical(s->format, json_text(value), NULL);
    return right ? value->n : CONFORM_WRONG;
}

uint32_t conform_look(struct conform *c, const struct conform_rule *rule, const struct json_node *value)
{
    uint32_t kept = conform_kept(c, rule, value);
    c->holds = kept != CONFORM_WRONG;
    return c->holds ? kept : value->n;
}

/* ---- containers ---- */

struct conform_scope conform_open(struct conform *c, const struct conform_rule *rule)
{
    struct conform_scope around = c->scope;
    const struct schema *s = rule->schema;
    if (s == NULL)
        return around;
    if (s->currency_at == CURRENCY_HERE)
        c->scope = (struct conform_scope){.places = CONFORM_NO_MONEY};
    for (size_t i = 0; i < s->nchecks; i++)
        for (size_t k = 0; k < rule->asked[i].count; k++)
            if (rule->asked[i].told[k] != NULL)
                *rule->asked[i].told[k] = 0;
    return around;
}

static bool has_its_money(const struct conform_scope *scope)
{
    return scope->places == CONFORM_NO_MONEY ||
           (scope->currency != NULL && currency_exponent(json_text(scope->currency)) == scope->places);
}

static bool meets(const struct schema_check *check, const struct conform_asked *asked,
                  const struct json_tape *tape, size_t at)
{
    struct err why; /* schema_apply says it */
    enum expr_answer answer;
    if (check->place != NULL) {
        const struct json_node **value = expr_start(check->expr, tape->node + at);
        for (size_t i = 0; i < asked->count; i++)
            if (asked->told[i] != NULL && *asked->told[i] > 0)
                value[i] = tape->node + *asked->told[i];
        answer = expr_run(check->expr, &why);
    } else {
        answer = expr_test(check->expr, tape->node + at, &why);
    }
    return answer == EXPR_TRUE || answer == EXPR_SKIPPED;
}

void conform_object(struct conform *c, const struct conform_rule *rule, const struct json_tape *tape,
                    size_t at, size_t required, struct conform_scope around)
{
    const struct schema *s = rule->schema;
    if (!c->holds)
        return;
    c->holds = s != NULL && required == s->nrequired;
    if (!c->holds)
        return;
    if (s->currency_at == CURRENCY_HERE) {
        c->holds = has_its_money(&c->scope);
        c->scope = around;
    }
    for (size_t i = 0; c->holds && i < s->nchecks; i++)
        c->holds = meets(&s->check[i], &rule->asked[i], tape, at);
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
}
