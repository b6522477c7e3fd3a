#include "sink/table_parts.h"

#include "base/file.h"
#include "base/search.h"

enum { SCHEMA_MOST = 4 << 20 };

/* ---- types ---- */

static bool says(const struct json_node *type, const char *word)
{
    struct str s = str_of(word);
    if (json_is(type, JSON_STRING))
        return json_string_is(type, s);
    if (!json_is(type, JSON_ARRAY))
        return false;
    for (const struct json_node *v = type + 1, *end = json_next(type); v < end; v = json_next(v))
        if (json_is(v, JSON_STRING) && json_string_is(v, s))
            return true;
    return false;
}

/* By what the contract says of a property. */
static enum sql_make type_of_property(const struct json_node *property)
{
    static const struct {
        const char *format;
        enum sql_make make;
    } formats[] = {{"money", SQL_MAKE_DECIMAL},
                   {"decimal", SQL_MAKE_DECIMAL},
                   {"date-time", SQL_MAKE_TIME},
                   {"date", SQL_MAKE_DATE}};
    const struct json_node *type = json_get(property, STR("type")),
                           *format = json_get(property, STR("format"));
    for (size_t i = 0; json_is(format, JSON_STRING) && i < sizeof formats / sizeof *formats; i++)
        if (json_string_is(format, str_of(formats[i].format)))
            return formats[i].make;
    if (says(type, "boolean"))
        return SQL_MAKE_BOOLEAN;
    if (says(type, "integer"))
        return SQL_MAKE_INTEGER;
    if (says(type, "string"))
        return SQL_MAKE_TEXT;
    return SQL_MAKE_JSON;
}

static enum sql_make type_of_value(const struct json_node *v)
{
    switch ((enum json_type)v->type) {
    case JSON_TRUE:
    case JSON_FALSE: return SQL_MAKE_BOOLEAN;
    case JSON_NUMBER: return SQL_MAKE_NUMBER;
    case JSON_ARRAY:
    case JSON_OBJECT: return SQL_MAKE_JSON;
    default: return SQL_MAKE_TEXT;
    }
}

/* The properties of the contract of a canonical record's entity; NULL where there is none, and for native
 * records. */
static int read_contract(struct table *t, const struct record *r, struct json_tape *tape,
                         const struct json_node **properties, struct err *e)
{
    static const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = SCHEMA_MOST};
    struct str path, text;
    *properties = NULL;
    if (r->entity.p == NULL || r->stream.p != NULL)
        return 0;
    struct str name = arena_printf(&t->arena, "schema/%.*s.json", (int)r->entity.n, r->entity.p);
    if (name.p == NULL)
        return err_memory(e);
    if (search_find(&path, name, &t->arena, e) == -1 ||
        file_read(&text, path.p, SCHEMA_MOST, &t->arena, e) == -1)
        return -1;
    if (json_parse(tape, text, &limits, NULL, e) == -1) {
        err_place(e, "%s", path.p);
        return -1;
    }
    const struct json_node *found = json_get(tape->node, STR("properties"));
    *properties = json_is(found, JSON_OBJECT) ? found : NULL;
    return 0;
}

/* ---- the statement ---- */

struct making {
    struct table *t;
    size_t n;
    bool has_id, has_source;
};

static void put_column(struct making *m, struct str name, enum sql_make make)
{
    struct buf *sql = &m->t->sql;
    const struct table_options *o = m->t->options;
    bool key = o->nkeys == 0 && (str_eq(name, STR("id")) || str_eq(name, STR("source")));
    for (size_t i = 0; i < o->nkeys; i++)
        key |= str_eq(o->key[i], name);
    m->has_id |= str_eq(name, STR("id"));
    m->has_source |= str_eq(name, STR("source"));
    buf_put(sql, m->n++ == 0 ? STR(" (") : STR(", "));
    sql_put_name(sql, name);
    buf_byte(sql, ' ');
    buf_put(sql, str_of(m->t->db->kind->types[make]));
    if (key)
        buf_put(sql, STR(" NOT NULL"));
}

static void put_listed(struct making *m, const struct json_node *properties, const struct json_node *content)
{
    const struct table_options *o = m->t->options;
    for (size_t i = 0; i < o->ncolumns; i++) {
        struct str name = str_slice(o->column[i], 0, str_find(o->column[i], '='));
        struct str pointer = str_slice(o->column[i], name.n + 1, o->column[i].n);
        bool plain = name.n == o->column[i].n;
        struct str field = plain ? name : str_slice(pointer, 1, pointer.n);
        const struct json_node *property = json_get(properties, field);
        const struct json_node *v = plain ? json_get(content, name) : json_pointer(content, pointer);
        put_column(m, name,
                   property != NULL ? type_of_property(property)
                   : v != NULL      ? type_of_value(v)
                                    : SQL_MAKE_TEXT);
    }
}

static void put_all(struct making *m, const struct json_node *properties, const struct json_node *content)
{
    const struct json_node *of = properties != NULL ? properties : content;
    for (const struct json_node *key = of + 1, *end = json_next(of); key < end; key = json_next_key(key)) {
        const struct json_node *v = json_value_of(key);
        put_column(m, json_string(key, &m->t->arena),
                   properties != NULL ? type_of_property(v) : type_of_value(v));
    }
}

int table_make(struct table *t, const struct record *r, struct err *e)
{
    const struct json_node *properties, *content = record_state(r);
    struct making m = {.t = t};
    struct json_tape tape;
    json_tape_init(&tape);
    int done = read_contract(t, r, &tape, &properties, e);
    if (done == 0 && content == NULL)
        done = err_set(e, "usage", "a table is not made by a deletion");
    if (done == 0) {
        buf_reset(&t->sql);
        buf_put(&t->sql, STR("CREATE TABLE "));
        t->db->kind->put_table(&t->sql, t->options->table);
        if (t->options->column != NULL)
            put_listed(&m, properties, content);
        else
            put_all(&m, properties, content);
        if (!m.has_source && t->options->nkeys == 0)
            put_column(&m, STR("source"), SQL_MAKE_TEXT);
        if (!m.has_id && t->options->nkeys == 0)
            put_column(&m, STR("id"), SQL_MAKE_TEXT);
        buf_put(&t->sql, STR(", PRIMARY KEY ("));
        for (size_t i = 0; i < t->options->nkeys; i++) {
            buf_put(&t->sql, i > 0 ? STR(", ") : STR(""));
            sql_put_name(&t->sql, t->options->key[i]);
        }
        buf_put(&t->sql, t->options->nkeys == 0 ? STR("source, id))") : STR("))"));
        const char *sql = table_text(t, e);
        done = sql != NULL ? t->db->kind->exec(t->db, sql, e) : -1;
    }
    json_tape_release(&tape);
    return done;
}
