#include "canon/function.h"

#include "base/digest.h"
#include "canon/iso.h"
#include "canon/machine.h"

static const struct json_node *arg(struct machine *m, const struct code *x, size_t i)
{
    return i < x->nargs ? machine_value(m, x->arg[i]) : NULL;
}

/* An argument that must be a whole number: *OUT; false: absent or refused. */
static bool whole_number(struct machine *m, const struct code *x, int64_t *out)
{
    struct decimal d;
    if (machine_number(m, x, &d) == NUMBER_ABSENT)
        return false;
    if (decimal_to_i64(&d, out))
        return true;
    machine_refuse(m, "number", "not a whole number");
    return false;
}

static bool places_of(struct machine *m, const struct code *x, uint32_t *places)
{
    int64_t n;
    if (!whole_number(m, x, &n))
        return false;
    if (n < 0 || n > 1000) {
        machine_refuse(m, "number", "not a number of places: %lld", (long long)n);
        return false;
    }
    *places = (uint32_t)n;
    return true;
}

static const struct json_node *run_if(struct machine *m, const struct code *x)
{
    if (machine_true(m, x->arg[0]))
        return machine_value(m, x->arg[1]);
    return machine_failed(m) ? NULL : arg(m, x, 2);
}

static const struct json_node *run_has(struct machine *m, const struct code *x)
{
    size_t from = m->nstack;
    bool found = false;
    if (machine_values(m, x->arg[0])) {
        for (size_t i = from; i < m->nstack; i++)
            found |= !json_is_nothing(m->stack[i]);
    }
    m->nstack = from;
    return machine_failed(m) ? NULL : machine_bool(found);
}

/* ---- lists ---- */

/* One item of a list as a number, or what the second argument says of it. */
static enum machine_number item_number(struct machine *m, const struct code *x, const struct json_node *item,
                                       size_t nth, struct decimal *out)
{
    if (x->nargs > 1) {
        machine_enter(m, x->frame, item, nth);
        return machine_number(m, x->arg[1], out);
    }
    struct code constant = {.op = OP_CONST, .constant = item};
    return machine_number(m, &constant, out);
}

static const struct json_node *run_sum(struct machine *m, const struct code *x)
{
    struct decimal total, next;
    size_t from = m->nstack;
    if (!machine_items(m, x->arg[0])) {
        m->nstack = from;
        return NULL;
    }
    size_t to = m->nstack;
    bool ok = decimal_from_i64(&total, 0, m->arena);
    for (size_t i = from; ok && i < to; i++) {
        if (item_number(m, x, m->stack[i], i - from + 1, &next) == NUMBER_OK)
            ok = decimal_add(&total, &total, &next, m->arena);
        if (machine_failed(m))
            break;
    }
    m->nstack = from;
    if (!ok)
        return machine_digits(m);
    return machine_failed(m) ? NULL : machine_decimal_node(m, &total);
}

static const struct json_node *run_count(struct machine *m, const struct code *x)
{
    size_t from = m->nstack;
    struct decimal n;
    if (!machine_items(m, x->arg[0])) {
        m->nstack = from;
        return NULL;
    }
    bool ok = decimal_from_i64(&n, (int64_t)(m->nstack - from), m->arena);
    m->nstack = from;
    return ok ? machine_decimal_node(m, &n) : machine_memory(m);
}

static const struct json_node *extreme(struct machine *m, const struct code *x, int sign)
{
    struct decimal best, next;
    bool any = false;
    size_t from = m->nstack;
    if (machine_items(m, x->arg[0])) {
        for (size_t i = from, to = m->nstack; i < to && !machine_failed(m); i++) {
            if (item_number(m, x, m->stack[i], i - from + 1, &next) == NUMBER_ABSENT)
                continue;
            if (!any || decimal_cmp(&next, &best) * sign > 0)
                best = next;
            any = true;
        }
    }
    m->nstack = from;
    return any && !machine_failed(m) ? machine_decimal_node(m, &best) : NULL;
}

static const struct json_node *run_min(struct machine *m, const struct code *x)
{
    return extreme(m, x, -1);
}

static const struct json_node *run_max(struct machine *m, const struct code *x)
{
    return extreme(m, x, 1);
}

/* ---- numbers ---- */

static const struct json_node *run_abs(struct machine *m, const struct code *x)
{
    struct decimal d;
    if (machine_number(m, x->arg[0], &d) == NUMBER_ABSENT)
        return NULL;
    d.negative = false;
    return machine_decimal_node(m, &d);
}

/* Halves go to the even neighbour. */
static const struct json_node *run_round(struct machine *m, const struct code *x)
{
    struct decimal d;
    uint32_t places;
    if (machine_number(m, x->arg[0], &d) == NUMBER_ABSENT || !places_of(m, x->arg[1], &places))
        return NULL;
    if (!decimal_to_places(&d, &d, places, DECIMAL_HALF_EVEN, m->arena))
        return machine_digits(m);
    return machine_decimal_node(m, &d);
}

static const struct json_node *run_div(struct machine *m, const struct code *x)
{
    struct decimal a, b;
    uint32_t places;
    if (machine_number(m, x->arg[0], &a) == NUMBER_ABSENT ||
        machine_number(m, x->arg[1], &b) == NUMBER_ABSENT || !places_of(m, x->arg[2], &places))
        return NULL;
    if (decimal_is_zero(&b))
        return machine_refuse(m, "number", "division by zero");
    if (!decimal_div(&a, &a, &b, places, DECIMAL_HALF_EVEN, m->arena))
        return machine_digits(m);
    return machine_decimal_node(m, &a);
}

/* ---- texts ---- */

static struct str text_arg(struct machine *m, const struct code *x, size_t i)
{
    const struct json_node *v = arg(m, x, i);
    if (json_is_nothing(v))
        return (struct str){0};
    struct str text = machine_text(m, v);
    if (text.p == NULL && !machine_failed(m))
        machine_refuse(m, "text", "a list or an object where a text is due");
    return text;
}

/* The byte at which character N starts; negative N counts from the end. */
static size_t character(struct str s, int64_t n)
{
    size_t at = 0;
    if (n < 0) {
        for (at = s.n; n < 0 && at > 0; n++) {
            do
                at--;
            while (at > 0 && ((unsigned char)s.p[at] & 0xC0) == 0x80);
        }
        return at;
    }
    for (; n > 0 && at < s.n; n--) {
        do
            at++;
        while (at < s.n && ((unsigned char)s.p[at] & 0xC0) == 0x80);
    }
    return at;
}

static const struct json_node *run_slice(struct machine *m, const struct code *x)
{
    int64_t from = 0, to = 0;
    struct str s = text_arg(m, x, 0);
    if (s.p == NULL || !whole_number(m, x->arg[1], &from) ||
        (x->nargs > 2 && !whole_number(m, x->arg[2], &to)))
        return NULL;
    size_t start = character(s, from), end = x->nargs > 2 ? character(s, to) : s.n;
    return machine_text_node(m, str_slice(s, start < end ? start : end, end));
}

static const struct json_node *run_lower(struct machine *m, const struct code *x)
{
    struct str s = text_arg(m, x, 0);
    char *out = s.p != NULL ? arena_raw(m->arena, s.n + 1) : NULL;
    if (out == NULL)
        return s.p != NULL ? machine_memory(m) : NULL;
    for (size_t i = 0; i < s.n; i++)
        out[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
    return machine_text_node(m, (struct str){out, s.n});
}

/* join(separator, value…): values that are absent, null or empty are left out. */
static const struct json_node *run_join(struct machine *m, const struct code *x)
{
    struct str separator = text_arg(m, x, 0);
    size_t from = m->nstack, total = 0;
    if (separator.p == NULL)
        return NULL;
    for (size_t i = 1; i < x->nargs && !machine_failed(m); i++)
        machine_values(m, x->arg[i]);
    for (size_t i = from; i < m->nstack && !machine_failed(m); i++) {
        const struct json_node *v = m->stack[i];
        if (!json_is_nothing(v))
            total += separator.n + machine_text(m, v).n;
    }
    char *out = machine_failed(m) ? NULL : arena_raw(m->arena, total + 1);
    size_t n = 0, at = 0;
    for (size_t i = from; out != NULL && i < m->nstack; i++) {
        struct str piece = json_is_nothing(m->stack[i]) ? (struct str){0} : machine_text(m, m->stack[i]);
        if (piece.n == 0)
            continue;
        if (n++ > 0) {
            memcpy(out + at, separator.p, separator.n);
            at += separator.n;
        }
        memcpy(out + at, piece.p, piece.n);
        at += piece.n;
    }
    m->nstack = from;
    if (machine_failed(m) || n == 0)
        return NULL;
    return machine_text_node(m, (struct str){out, at});
}

static const struct json_node *run_replace(struct machine *m, const struct code *x)
{
    struct str s = text_arg(m, x, 0), old = text_arg(m, x, 1), new = text_arg(m, x, 2);
    if (s.p == NULL || old.p == NULL || new.p == NULL)
        return NULL;
    size_t hits = 0;
    for (size_t at = 0; old.n > 0 && (at = str_search(s, old, at)) <= s.n; at += old.n)
        hits++;
    char *out = arena_raw(m->arena, s.n + hits * new.n + 1);
    if (out == NULL)
        return machine_memory(m);
    size_t n = 0, from = 0;
    while (hits-- > 0) {
        size_t at = str_search(s, old, from);
        memcpy(out + n, s.p + from, at - from);
        n += at - from;
        memcpy(out + n, new.p, new.n);
        n += new.n;
        from = at + old.n;
    }
    memcpy(out + n, s.p + from, s.n - from);
    return machine_text_node(m, (struct str){out, n + s.n - from});
}

static const struct json_node *run_places(struct machine *m, const struct code *x)
{
    static const char digits[] = "01234";
    struct str code = text_arg(m, x, 0);
    int exponent = code.p != NULL ? currency_exponent(code) : 0;
    if (code.p == NULL)
        return NULL;
    if (exponent == -1)
        return machine_refuse(m, "currency", "not a currency of ISO 4217: %s", err_quote(code));
    return machine_text_node(m, (struct str){digits + exponent, 1});
}

static const struct json_node *run_md5(struct machine *m, const struct code *x)
{
    char hex[DIGEST_MD5];
    struct str text = text_arg(m, x, 0);
    if (text.p == NULL)
        return NULL;
    if (digest_md5(hex, text, &m->err) == -1)
        return NULL;
    return machine_text_node(m, arena_str(m->arena, str_of(hex)));
}

const struct function function_table[] = {
    /* name, least and most arguments, which are lists, each, asks, gives */
    {"abs", 1, 1, 0, false, false, GIVES_NUMBER, run_abs},
    {"allocate", 3, 3, 1 << 1, false, false, GIVES_NUMBER, function_allocate},
    {"count", 1, 1, 1, false, true, GIVES_NUMBER, run_count},
    {"div", 3, 3, 0, false, false, GIVES_NUMBER, run_div},
    {"each", 2, 2, 1, true, false, GIVES_ARGUMENT, function_each},
    {"has", 1, 1, 1, false, true, GIVES_VALUE, run_has},
    {"if", 2, 3, 0, false, false, GIVES_ARGUMENT, run_if},
    {"join", 2, 32, ~1u, false, false, GIVES_VALUE, run_join},
    {"lower", 1, 1, 0, false, false, GIVES_VALUE, run_lower},
    {"max", 1, 2, 1, true, false, GIVES_NUMBER, run_max},
    {"md5", 1, 1, 0, false, false, GIVES_VALUE, run_md5},
    {"min", 1, 2, 1, true, false, GIVES_NUMBER, run_min},
    {"places", 1, 1, 0, false, false, GIVES_NUMBER, run_places},
    {"replace", 3, 3, 0, false, false, GIVES_VALUE, run_replace},
    {"round", 2, 2, 0, false, false, GIVES_NUMBER, run_round},
    {"slice", 2, 3, 0, false, false, GIVES_VALUE, run_slice},
    {"sort", 1, 2, 1, true, false, GIVES_ITEMS, function_sort},
    {"sum", 1, 2, 1, true, false, GIVES_NUMBER, run_sum},
    {0},
};

const struct function *function_find(struct str name)
{
    for (const struct function *f = function_table; f->name != NULL; f++) {
        if (str_eq(name, str_of(f->name)))
            return f;
    }
    return NULL;
}
