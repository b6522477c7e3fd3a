#include "sink/table_parts.h"

#include "base/ascii.h"

/* ---- :NAME ---- */

static bool is_name(char c)
{
    return ascii_is_letter(c) || ascii_is_digit(c) || c == '_' || c == '.';
}

/* Behind what stands in quotes, or is a comment; FROM where nothing of the kind starts there. */
static size_t pass(struct str sql, size_t from)
{
    char c = sql.p[from];
    if (c == '\'' || c == '"') {
        size_t end = from + 1 + str_find(str_slice(sql, from + 1, sql.n), c);
        return end < sql.n ? end + 1 : sql.n;
    }
    if (str_starts(str_slice(sql, from, sql.n), STR("--")))
        return from + str_find(str_slice(sql, from, sql.n), '\n');
    if (str_starts(str_slice(sql, from, sql.n), STR("/*"))) {
        size_t end = str_search(sql, STR("*/"), from + 2);
        return end < sql.n ? end + 2 : sql.n;
    }
    return from;
}

/* "after.shipping.city": /shipping/city of what it is now. */
static int understand(struct table *t, struct str name, struct table_parameter *p, struct err *e)
{
    static const struct {
        const char *name;
        int from;
    } words[] = {{"id", TABLE_ID},        {"source", TABLE_SOURCE},   {"entity", TABLE_ENTITY},
                 {"op", TABLE_OP},        {"version", TABLE_VERSION}, {"after", TABLE_AFTER},
                 {"before", TABLE_BEFORE}};
    struct str first = str_slice(name, 0, str_find(name, '.'));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!str_eq(first, str_of(words[i].name)))
            continue;
        p->from = words[i].from;
        bool whole = first.n == name.n, data = p->from == TABLE_AFTER || p->from == TABLE_BEFORE;
        if (data == whole || str_ends(name, STR(".")))
            break;
        struct str pointer = arena_str(&t->arena, str_slice(name, first.n, name.n));
        if (pointer.p == NULL)
            return err_memory(e);
        for (size_t k = 0; k < pointer.n; k++)
            if (pointer.p[k] == '.')
                ((char *)(uintptr_t)pointer.p)[k] = '/';
        p->pointer = pointer;
        return 0;
    }
    return err_set(
        e, "config",
        "no parameter :%.*s: there are :after.FIELD, :before.FIELD, :id, :source, :entity, :op and "
        ":version",
        (int)name.n, name.p);
}

static bool alike(const struct table_parameter *a, const struct table_parameter *b)
{
    return a->from == b->from && str_eq(a->pointer, b->pointer);
}

static int put_parameter(struct table *t, struct str name, struct err *e)
{
    struct table_parameter p = {0};
    size_t i = 0;
    if (understand(t, name, &p, e) == -1)
        return -1;
    while (i < t->nparameters && !alike(&t->parameter[i], &p))
        i++;
    if (i == TABLE_PARAMETERS)
        return err_set(e, "limit", "more than %d parameters", TABLE_PARAMETERS);
    if (i == t->nparameters)
        t->parameter[t->nparameters++] = p;
    buf_printf(&t->sql, "$%zu", i + 1);
    return 0;
}

int table_compile(struct table *t, struct err *e)
{
    struct str sql = str_trim(t->options->statement);
    while (sql.n > 0 && sql.p[sql.n - 1] == ';')
        sql = str_trim(str_slice(sql, 0, sql.n - 1));
    buf_reset(&t->sql);
    for (size_t i = 0; i < sql.n;) {
        size_t behind = pass(sql, i);
        bool cast = sql.p[i] == ':' && i + 1 < sql.n && sql.p[i + 1] == ':';
        if (behind == i && cast)
            behind = i + 2;
        if (behind > i) {
            buf_put(&t->sql, str_slice(sql, i, behind));
            i = behind;
            continue;
        }
        size_t end = i + 1;
        while (sql.p[i] == ':' && end < sql.n && is_name(sql.p[end]))
            end++;
        if (sql.p[i] == ':' && end > i + 1) {
            if (put_parameter(t, str_slice(sql, i + 1, end), e) == -1)
                return -1;
        } else {
            buf_byte(&t->sql, sql.p[i]);
        }
        i = end;
    }
    const char *text = table_text(t, e);
    return text != NULL ? t->db->kind->prepare(t->db, text, &t->statement, e) : -1;
}

/* ---- running it ---- */

int table_run_statement(struct table *t, const struct record *r, const struct table_item *item, struct err *e)
{
    /* What the target was given last, or, where nothing was, what a change says. */
    const struct json_node *after = record_state(r), *before = t->before.n > 0 ? t->before.node : r->before;
    const struct str texts[] = {[TABLE_ID] = item->id,
                                [TABLE_SOURCE] = item->source,
                                [TABLE_ENTITY] = item->entity,
                                [TABLE_OP] = item->op,
                                [TABLE_VERSION] = str_of(item->version)};
    for (size_t i = 0; i < t->nparameters; i++) {
        const struct table_parameter *p = &t->parameter[i];
        if (p->from == TABLE_AFTER || p->from == TABLE_BEFORE) {
            const struct json_node *data = p->from == TABLE_AFTER ? after : before;
            t->packed[i] = table_value(t, SQL_ANY, data != NULL ? json_pointer(data, p->pointer) : NULL, e);
        } else {
            t->packed[i] = (struct sql_value){.type = SQL_TEXT, .text = texts[p->from]};
        }
    }
    return e->code == NULL ? t->db->kind->run(t->db, t->statement, t->packed, t->nparameters, e) : -1;
}
