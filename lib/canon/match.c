#include "canon/machine.h"

/*
 * Texts with holes, both ways. Taken apart: the first alternative fits whose literals are found with
 * something in each hole that the hole's codecs take; holes take as little as they can. Made: the first
 * alternative whose holes all have values, and only if taking it apart gives these values back.
 */

/* Tries of one text, so that no text makes the search go on for long. */
enum { TRIES = 100000 };

struct attempt {
    struct machine *m;
    const struct pattern *p;
    const struct json_node **field;
    struct str text;
    bool clean; /* it is known to be clean, as each part of it is then */
    unsigned tries;
    size_t from[PATTERN_HOLES], to[PATTERN_HOLES]; /* what each hole holds */
};

/* TEXT, as a hole holds it. */
static const struct json_node *hole_node(struct attempt *a, struct str text)
{
    struct json_node *node = arena_raw(a->m->arena, sizeof *node);
    if (node == NULL)
        return machine_memory(a->m);
    *node = a->clean ? json_clean_node(text) : json_string_node(text);
    return node;
}

/* The hole's value of TEXT; NULL where its codecs refuse it. */
static const struct json_node *hole_value(struct attempt *a, size_t i, struct str text)
{
    struct machine *m = a->m;
    const struct json_node *node = hole_node(a, text);
    if (node == NULL)
        return NULL;
    *a->p->slot[i] = node;
    const struct json_node *v = machine_value(m, a->p->decode[i]);
    if (machine_failed(m) && !str_eq(str_of(m->err.code), STR("memory")))
        machine_forgive(m);
    return v;
}

/* V for hole I, where a hole before it that is of the same field does not hold something else. *FIRST: there
 * is none. */
static bool agrees(struct attempt *a, size_t i, const struct json_node *v, bool *first)
{
    const struct json_node **field = &a->field[a->p->field[i]];
    *first = *field == NULL;
    if (*first)
        *field = v;
    return *first || json_equal(*field, v);
}

/* Holes I and later against the text from AT, which stands behind literal I. */
static bool fits(struct attempt *a, size_t i, size_t at)
{
    const struct pattern *p = a->p;
    bool last = i + 1 == p->nholes;
    struct str stop = p->literal[i + 1];
    for (size_t to = at + 1; to <= a->text.n && a->tries < TRIES; to++) {
        if (last) {
            if (a->text.n < at + 1 + stop.n)
                return false;
            to = a->text.n - stop.n;
        } else {
            to = str_search(a->text, stop, to);
            if (to > a->text.n)
                return false;
        }
        if (!str_starts(str_slice(a->text, to, a->text.n), stop))
            return false;
        a->tries++;
        const struct json_node *v = hole_value(a, i, str_slice(a->text, at, to));
        bool first = false;
        if (v != NULL && agrees(a, i, v, &first) && (last || fits(a, i + 1, to + stop.n))) {
            a->from[i] = at;
            a->to[i] = to;
            return true;
        }
        if (first)
            a->field[p->field[i]] = NULL;
        if (last || machine_failed(a->m))
            return false;
    }
    return false;
}

/* Whether hole I has no codec: it takes any text. */
static bool is_bare(const struct pattern *p, size_t i)
{
    return p->decode[i]->op == OP_CONST;
}

/* One hole that takes any text. */
static bool takes_any(const struct pattern *p)
{
    return p->nholes == 1 && is_bare(p, 0);
}

/* The same of such a pattern: what stands between its literals. */
static bool fits_any(struct attempt *a)
{
    struct str before = a->p->literal[0], behind = a->p->literal[1], text = a->text;
    if (text.n <= before.n + behind.n || !str_starts(text, before) || !str_ends(text, behind))
        return false;
    a->from[0] = before.n;
    a->to[0] = text.n - behind.n;
    a->field[a->p->field[0]] = hole_node(a, str_slice(text, a->from[0], a->to[0]));
    return !machine_failed(a->m);
}

static bool take_apart(struct attempt *a, struct machine *m, const struct match *match,
                       const struct pattern *p, struct str text, const struct json_node **field)
{
    a->m = m;
    a->p = p;
    a->field = field;
    a->text = text;
    a->tries = 0;
    for (unsigned i = 0; i < match->nfields; i++)
        field[i] = NULL;
    if (p->nholes == 0)
        return str_eq(text, p->literal[0]);
    if (takes_any(p))
        return fits_any(a);
    return str_starts(text, p->literal[0]) && fits(a, 0, p->literal[0].n);
}

static struct match_result *run_match(struct machine *m, const struct match *match)
{
    struct match_result *r = &m->frame[match->frame->index].match[match->index];
    struct attempt a;
    if (r->done)
        return r;
    r->done = true;
    r->field = NULL;
    r->null = false;
    const struct json_node *v = machine_value(m, match->input);
    if (json_is_nothing(v)) {
        r->null = v != NULL;
        return r;
    }
    struct str text = machine_word(m, v);
    a.clean = v->type == JSON_STRING && v->form == JSON_CLEAN;
    r->field = arena_raw(m->arena, (match->nfields + 1) * sizeof *r->field);
    if (r->field == NULL || text.p == NULL) {
        if (!machine_failed(m))
            machine_refuse(m, "pattern", "a list or an object where a text is due");
        return r;
    }
    for (size_t i = 0; i < match->nalternatives; i++) {
        if (take_apart(&a, m, match, &match->alternative[i], text, r->field) || machine_failed(m))
            return r;
    }
    machine_refuse(m, "pattern", "no pattern fits %s", err_quote(text));
    r->done = false; /* each field that asks is refused */
    return r;
}

const struct json_node *machine_match(struct machine *m, const struct code *x)
{
    const struct match_result *r = run_match(m, x->match);
    if (machine_failed(m))
        return NULL;
    if (r->field == NULL)
        return r->null ? machine_null() : NULL;
    return r->field[x->hole];
}

/* The text of one alternative, and where each hole stands in it; .p NULL: a hole has no value (*null: it is
 * null). */
static struct str make(struct machine *m, const struct pattern *p, struct attempt *made, bool *null)
{
    struct str piece[PATTERN_HOLES];
    size_t total = p->literal[0].n;
    for (size_t i = 0; i < p->nholes; i++) {
        const struct json_node *v = machine_value(m, p->encode[i]);
        if (json_is_nothing(v)) {
            *null |= v != NULL;
            return (struct str){0};
        }
        piece[i] = is_bare(p, i) ? machine_word(m, v) : machine_text(m, v);
        if (piece[i].p == NULL)
            return piece[i];
        made->from[i] = total;
        made->to[i] = total + piece[i].n;
        total = made->to[i] + p->literal[i + 1].n;
    }
    char *text = arena_raw(m->arena, total + 1);
    if (text == NULL) {
        machine_memory(m);
        return (struct str){0};
    }
    memcpy(text, p->literal[0].p, p->literal[0].n);
    for (size_t i = 0; i < p->nholes; i++) {
        memcpy(text + made->from[i], piece[i].p, piece[i].n);
        memcpy(text + made->to[i], p->literal[i + 1].p, p->literal[i + 1].n);
    }
    return (struct str){text, total};
}

/* Whether the text of the first alternative needs no look to say that it is read back: one hole that takes
 * any text holds what was put there. */
static bool is_plain(const struct pattern *p, const struct attempt *made)
{
    return takes_any(p) && made->to[0] > made->from[0];
}

/* Whether the text is read back as what it was made of: no earlier alternative fits, and each hole is found
 * where it was put. */
static bool reads_back(struct machine *m, const struct match *match, size_t chosen, struct str text,
                       const struct attempt *made)
{
    const struct json_node *field[PATTERN_HOLES];
    struct attempt again;
    if (chosen == 0 && is_plain(&match->alternative[0], made))
        return true;
    again.clean = false;
    for (size_t i = 0; i < chosen; i++) {
        if (take_apart(&again, m, match, &match->alternative[i], text, field))
            return false;
    }
    const struct pattern *p = &match->alternative[chosen];
    if (!take_apart(&again, m, match, p, text, field))
        return false;
    for (size_t i = 0; i < p->nholes; i++) {
        if (again.from[i] != made->from[i] || again.to[i] != made->to[i])
            return false;
    }
    return true;
}

const struct json_node *machine_pattern(struct machine *m, const struct code *x)
{
    const struct match *match = x->match;
    bool null = false;
    for (size_t i = 0; i < match->nalternatives; i++) {
        struct attempt made;
        struct str text = make(m, &match->alternative[i], &made, &null);
        if (machine_failed(m))
            return NULL;
        if (text.p == NULL)
            continue;
        if (reads_back(m, match, i, text, &made))
            return machine_text_node(m, text);
        if (!machine_failed(m))
            machine_refuse(m, "pattern", "%s would not be read back as it was", err_quote(text));
        return NULL;
    }
    return null ? machine_null() : NULL;
}
