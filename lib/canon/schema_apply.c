/*
 * The walk over a record: checked and respelled at once, into room for as many nodes as it has. An object in
 * the order of RFC 8785 is matched against its properties, which are in that order too, side by side; others
 * are sorted first.
 */
#include "base/decimal.h"
#include "base/utf8.h"
#include "canon/iso.h"
#include "canon/schema_walk.h"

static int apply(struct walk *w, const struct schema *s, const struct json_node *value,
                 const struct walk_place *at, const struct format_money *money);

/* ---- scalars ---- */

static inline int put(struct walk *w, const struct json_node *value)
{
    *w->out++ = *value;
    return 0;
}

/* VALUE in the one spelling of its format, itself or MADE. NULL: refused. */
static const struct json_node *respell(struct walk *w, const struct schema *s, const struct json_node *value,
                                       const struct walk_place *at, const struct format_money *money,
                                       struct json_node *made)
{
    const char *why;
    struct str given = json_text(value);
    struct str text = format_apply(s->format, given, money, w->arena, &why);
    if (text.p == given.p)
        return value;
    if (text.p == NULL && why == NULL) {
        schema_fail_memory(w);
        return NULL;
    }
    if (text.p == NULL) {
        schema_fail(w, at, why, value);
        w->e->code = format_name(s->format);
        return NULL;
    }
    *made = json_string_node(text);
    return made;
}

/* The other keywords hold of the one spelling, so that what passed once passes again. */
static int apply_string(struct walk *w, const struct schema *s, const struct json_node *value,
                        const struct walk_place *at, const struct format_money *money)
{
    struct json_node decoded, respelled;
    const struct json_node *text = value;
    if (value->form == JSON_ESCAPED) {
        struct str bytes = json_string(value, w->arena);
        if (bytes.p == NULL)
            return schema_fail_memory(w);
        decoded = json_string_node(bytes);
        text = &decoded;
    }
    if (s->format != FORMAT_NONE && (text = respell(w, s, text, at, money, &respelled)) == NULL)
        return -1;
    if (text != value)
        w->changes += text != &decoded || !json_escapes_are_canonical(json_text(value));
    if (s->nchoices > 0 && !schema_is_choice(s, text))
        return schema_fail_choice(w, s, at, value);
    if (s->shortest > 0 || s->longest < INT64_MAX) {
        int64_t length = (int64_t)utf8_count(json_text(text));
        if (length < s->shortest)
            return schema_fail(w, at, "too short", value);
        if (length > s->longest)
            return schema_fail(w, at, "too long", value);
    }
    return put(w, text);
}

/* By value, as JSON Schema §4.2.3 has it: 1.0 is the integer 1. Canonical data holds no number beyond 2^53-1
 * (RFC 7493 §2.2). */
static int apply_number(struct walk *w, const struct schema *s, const struct json_node *value,
                        const struct walk_place *at)
{
    const int64_t most = (INT64_C(1) << 53) - 1;
    struct decimal d;
    int64_t integer;
    if (!decimal_parse(&d, json_text(value), w->arena) || !decimal_to_i64(&d, &integer))
        return schema_fail(w, at, "not an integer", value);
    if (integer > most || integer < -most)
        return schema_fail(w, at, "beyond 2^53-1", value);
    if (integer < s->minimum)
        return schema_fail(w, at, "too small", value);
    if (integer > s->maximum)
        return schema_fail(w, at, "too large", value);
    struct json_node respelled = json_number_node(decimal_text(&d, DECIMAL_SHORTEST, w->arena));
    if (respelled.p == NULL)
        return schema_fail_memory(w);
    if (s->nchoices > 0 && !schema_is_choice(s, &respelled))
        return schema_fail_choice(w, s, at, value);
    w->changes += !str_eq(json_text(&respelled), json_text(value));
    return put(w, &respelled);
}

/* ---- lists ---- */

static struct json_node *open_at(struct walk *w, enum json_type type)
{
    *w->out = (struct json_node){.type = type & 7};
    return w->out++;
}

/* CHANGES: how many there were when it was opened. What holds none has the text of VALUE, so that it need not
 * be written anew. */
static void close_at(struct walk *w, struct json_node *container, const struct json_node *value,
                     size_t changes)
{
    if (w->changes == changes)
        *container = *value;
    container->span = (unsigned)(w->out - container) & 0x7ffffff;
}

/* Sorts COUNT strings by their bytes (heap sort: in place, and never quadratic). */
static void sift(struct json_node *item, size_t root, size_t count)
{
    struct json_node moving = item[root];
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && str_cmp(json_text(&item[child]), json_text(&item[child + 1])) < 0)
            child++;
        if (str_cmp(json_text(&moving), json_text(&item[child])) >= 0)
            break;
        item[root] = item[child];
    }
    item[root] = moving;
}

static void sort_strings(struct json_node *item, size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        sift(item, i, count);
    for (size_t last = count; last-- > 1;) {
        struct json_node largest = item[0];
        item[0] = item[last];
        item[last] = largest;
        sift(item, 0, last);
    }
}

/* The items from FIRST on, sorted and each once: how many. They were decoded when they were applied. */
static size_t make_set(struct walk *w, struct json_node *first)
{
    size_t count = (size_t)(w->out - first), kept = 0;
    bool sorted = true;
    for (size_t i = 1; i < count && sorted; i++)
        sorted = str_cmp(json_text(&first[i - 1]), json_text(&first[i])) < 0;
    if (sorted)
        return count;
    w->changes++;
    sort_strings(first, count);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !str_eq(json_text(&first[kept - 1]), json_text(&first[i])))
            first[kept++] = first[i];
    w->out = first + kept;
    return kept;
}

static int apply_array(struct walk *w, const struct schema *s, const struct json_node *value,
                       const struct walk_place *at, const struct format_money *money)
{
    struct json_node *list = open_at(w, JSON_ARRAY);
    size_t changes = w->changes;
    struct walk_place here = {.outer = at};
    const struct json_node *end = value + value->span;
    for (const struct json_node *item = value + 1; item < end; item = json_next(item), here.index++)
        if (apply(w, s->items, item, &here, money) == -1)
            return -1;
    size_t count = s->is_set ? make_set(w, list + 1) : here.index;
    if ((int64_t)count < s->least_items || (int64_t)count > s->most_items) {
        err_set(w->e, "contract", "%s items: %zu", (int64_t)count < s->least_items ? "too few" : "too many",
                count);
        return schema_fail_at(w, at, (struct str){0});
    }
    close_at(w, list, value, changes);
    return 0;
}

/* ---- objects ---- */

static int apply_member(struct walk *w, const struct schema *s, const struct json_node *key,
                        const struct walk_place *at, const struct format_money *money)
{
    struct walk_place here = {.outer = at, .key = key};
    put(w, key);
    return apply(w, s, json_value_of(key), &here, money);
}

/* The members of an object that has known keys only, in canonical order. */
struct match {
    uint8_t property[SCHEMA_PROPERTIES];
    size_t count;
    const struct json_node *code; /* the currency's, where the object has it */
};

/* Key for key what the last object of this schema had, which was in order and lacked nothing. */
static bool match_seen(const struct schema *s, const struct json_node *value, struct match *m)
{
    const struct schema_seen *seen = s->seen;
    const struct json_node *key = value + 1, *end = json_next(value);
    size_t n = 0;
    for (; n < seen->count && key < end; n++, key = json_next_key(key)) {
        const struct schema_property *property = &s->property[seen->property[n]];
        if (!key_is(key, &property->sign, property->name.p))
            return false;
        if (property->is_currency)
            m->code = json_value_of(key);
        m->property[n] = seen->property[n];
    }
    m->count = n;
    return key == end && n == seen->count && n > 0;
}

/* Behind the last one; without any there is no array to point into. */
static inline const struct schema_property *last_property(const struct schema *s)
{
    return s->nproperties > 0 ? s->property + s->nproperties : s->property;
}

/* False: a key is not known, is escaped, or is out of order, or one that is required is missing. */
static bool match(const struct schema *s, const struct json_node *value, struct match *m)
{
    const struct schema_property *property = s->property, *last = last_property(s);
    const struct json_node *end = json_next(value);
    size_t n = 0, required = 0;
    m->code = NULL;
    if (s->nproperties > 0 && match_seen(s, value, m))
        return true;
    m->code = NULL;
    for (const struct json_node *key = value + 1; key < end; key = json_next_key(key), property++) {
        while (property < last && !key_is(key, &property->sign, property->name.p))
            property++;
        if (property == last)
            return false;
        if (property->is_currency)
            m->code = json_value_of(key);
        required += property->required;
        m->property[n++] = (uint8_t)(property - s->property);
    }
    m->count = n;
    if (required < s->nrequired)
        return false;
    if (n > 0) {
        s->seen->count = n;
        memcpy(s->seen->property, m->property, n);
    }
    return true;
}

/* Whether a value is what the schema would make of it, seen at a glance. */
static inline bool is_right(const struct schema *s, const struct json_node *value,
                            const struct format_money *money)
{
    if (s->as_is >> value->type & 1)
        return true;
    return s->formats_only && value->type == JSON_STRING && value->form == JSON_CLEAN &&
           format_is_canonical(s->format, json_text(value), money);
}

static int apply_matched(struct walk *w, const struct schema *s, const struct json_node *value,
                         const struct match *m, const struct walk_place *at, const struct format_money *money)
{
    const struct json_node *key = value + 1;
    for (size_t i = 0; i < m->count; i++) {
        const struct schema *member = s->property[m->property[i]].schema;
        if (is_right(member, key + 1, money)) {
            put(w, key++);
            put(w, key++);
            continue;
        }
        if (apply_member(w, member, key, at, money) == -1)
            return -1;
        key = json_next_key(key);
    }
    return 0;
}

struct member {
    struct str name;
    const struct json_node *key;
};

static void sift_member(struct member *m, size_t root, size_t count)
{
    struct member moving = m[root];
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && utf8_cmp_utf16(m[child].name, m[child + 1].name) < 0)
            child++;
        if (utf8_cmp_utf16(moving.name, m[child].name) >= 0)
            break;
        m[root] = m[child];
    }
    m[root] = moving;
}

static void sort_members(struct member *m, size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        sift_member(m, i, count);
    for (size_t last = count; last-- > 1;) {
        struct member largest = m[0];
        m[0] = m[last];
        m[last] = largest;
        sift_member(m, 0, last);
    }
}

/* The members of an object in canonical order, with their names decoded. NULL: memory. */
static struct member *members_of(struct walk *w, const struct json_node *value, size_t *count)
{
    *count = json_count(value);
    struct member *m = arena_raw(w->arena, *count * sizeof *m);
    const struct json_node *key = value + 1;
    bool sorted = true;
    for (size_t i = 0; m != NULL && i < *count; i++, key = json_next_key(key)) {
        m[i] = (struct member){json_string(key, w->arena), key};
        if (m[i].name.p == NULL)
            return NULL;
        sorted = sorted && (i == 0 || utf8_cmp_utf16(m[i - 1].name, m[i].name) < 0);
    }
    if (m != NULL && !sorted) {
        sort_members(m, *count);
        w->changes++;
    }
    return m;
}

/* Objects with other members than properties, with missing ones, or out of order. */
static int apply_unmatched(struct walk *w, const struct schema *s, const struct json_node *value,
                           const struct walk_place *at, const struct format_money *money)
{
    size_t count;
    const struct member *m = members_of(w, value, &count);
    const struct schema_property *property = s->property, *last = last_property(s);
    if (m == NULL)
        return schema_fail_memory(w);
    for (size_t i = 0; i < count; i++) {
        int order = 1;
        for (; property < last && (order = utf8_cmp_utf16(property->name, m[i].name)) < 0; property++)
            if (property->required)
                return schema_fail_missing(w, at, property->name);
        const struct schema *schema = property < last && order == 0 ? property++->schema : s->others;
        struct walk_place here = {.outer = at, .key = m[i].key};
        if (schema == NULL)
            return schema_fail_unknown(w, s, &here);
        if (apply_member(w, schema, m[i].key, at, money) == -1)
            return -1;
    }
    for (; property < last; property++)
        if (property->required)
            return schema_fail_missing(w, at, property->name);
    return 0;
}

static struct format_money money_of(struct walk *w, const struct json_node *code)
{
    struct format_money money = {.exponent = -1};
    if (json_is(code, JSON_STRING)) {
        money.currency = json_string(code, w->arena);
        money.exponent = currency_exponent(money.currency);
    }
    return money;
}

/* KNOWN: the members of the object as they were matched with properties, or NULL. */
static enum expr_answer ask(const struct schema_check *check, const struct json_node *object,
                            const struct match *known, struct err *e)
{
    if (known == NULL || check->place == NULL)
        return expr_test(check->expr, object, e);
    const struct json_node **found = expr_start(check->expr, object);
    const struct json_node *key = object + 1;
    for (size_t i = 0; i < known->count; i++, key = json_next_key(key)) {
        uint8_t place = check->place[known->property[i]];
        if (place != CHECK_NO_PLACE)
            found[place] = json_value_of(key);
    }
    return expr_run(check->expr, e);
}

static int run_check(struct walk *w, const struct schema_check *check, const struct json_node *object,
                     const struct match *known, const struct walk_place *at)
{
    struct err why;
    enum expr_answer answer = ask(check, object, known, &why);
    struct str message = check->message;
    if (answer == EXPR_TRUE || answer == EXPR_SKIPPED)
        return 0;
    if (answer == EXPR_ERROR && strcmp(why.code, "memory") == 0)
        return schema_fail_memory(w);
    if (answer == EXPR_ERROR)
        message = arena_printf(w->arena, "the check %s cannot be reckoned: %s", err_quote(check->text),
                               why.message);
    if (message.p == NULL)
        return schema_fail_memory(w);
    if (check->warns) {
        if (w->run->warn != NULL)
            w->run->warn(w->run->warn_arg, check->text.p, message.p);
        return 0;
    }
    err_set(w->e, "contract", "%.*s", (int)message.n, message.p);
    return schema_fail_at(w, at, (struct str){0});
}

static int apply_object(struct walk *w, const struct schema *s, const struct json_node *value,
                        const struct walk_place *at, const struct format_money *outer)
{
    struct match m;
    struct format_money own;
    const struct format_money *money = outer;
    bool matched = match(s, value, &m);
    if (at == NULL)
        w->run->in_order = matched;
    if (s->currency_at == CURRENCY_ROOT)
        m.code = json_get(w->root, s->currency);
    else if (s->currency_at == CURRENCY_HERE && !matched)
        m.code = json_get(value, s->currency);
    if (s->currency_at != CURRENCY_OUTER) {
        own = money_of(w, m.code);
        money = &own;
    }
    struct json_node *object = open_at(w, JSON_OBJECT);
    size_t changes = w->changes;
    int status =
        matched ? apply_matched(w, s, value, &m, at, money) : apply_unmatched(w, s, value, at, money);
    if (status == -1)
        return -1;
    close_at(w, object, value, changes);
    for (size_t i = 0; i < s->nchecks; i++)
        if (run_check(w, &s->check[i], object, matched ? &m : NULL, at) == -1)
            return -1;
    return 0;
}

static int apply(struct walk *w, const struct schema *s, const struct json_node *value,
                 const struct walk_place *at, const struct format_money *money)
{
    if (is_right(s, value, money))
        return put(w, value);
    if (!(s->types >> value->type & 1))
        return schema_fail_type(w, s, at, value);
    switch ((enum json_type)value->type) {
    case JSON_STRING: return apply_string(w, s, value, at, money);
    case JSON_NUMBER: return apply_number(w, s, value, at);
    case JSON_ARRAY: return apply_array(w, s, value, at, money);
    case JSON_OBJECT: return apply_object(w, s, value, at, money);
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE: break;
    }
    return schema_is_choice(s, value) ? put(w, value) : schema_fail_choice(w, s, at, value);
}

int schema_apply(const struct schema *s, const struct json_node *data, struct json_tape *out,
                 struct schema_run *run, struct err *e)
{
    static const struct format_money none = {.exponent = -1};
    struct json_node *room = json_tape_room(out, data->span);
    if (room == NULL)
        return err_memory(e);
    struct walk w = {.out = room, .root = data, .schema = s, .arena = run->arena, .run = run, .e = e};
    if (apply(&w, s, data, NULL, &none) == -1)
        return -1;
    out->n += (size_t)(w.out - room);
    return 0;
}
