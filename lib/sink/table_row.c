#include "sink/table_parts.h"

#include "base/base64.h"
#include "base/size.h"

const char *table_text(struct table *t, struct err *e)
{
    buf_byte(&t->sql, '\0');
    if (buf_ok(&t->sql))
        return t->sql.p;
    err_set(e, "limit", "a statement is too long");
    return NULL;
}

/* ---- columns ---- */

static size_t find_column(const struct table *t, struct str name)
{
    size_t i = 0;
    while (i < t->table.ncolumns && !str_eq(t->table.column[i], name))
        i++;
    return i;
}

static int column_of(const struct table *t, struct str name, size_t *index, struct err *e)
{
    *index = find_column(t, name);
    if (*index < t->table.ncolumns)
        return 0;
    return err_set(e, "usage", "the table %s has no column %s", err_quote(t->options->table),
                   err_quote(name));
}

/* NAME=POINTER; a name alone is a field. */
static int take_columns(struct table *t, struct err *e)
{
    for (size_t i = 0; i < t->options->ncolumns; i++) {
        struct str text = t->options->column[i], name = str_slice(text, 0, str_find(text, '='));
        t->pointer[i] = name.n < text.n ? str_slice(text, name.n + 1, text.n) : (struct str){0};
        if (t->pointer[i].n > 0 && t->pointer[i].p[0] != '/')
            return err_set(e, "usage", "a JSON Pointer starts with a slash: %s", err_quote(text));
        if (column_of(t, name, &t->listed[i], e) == -1)
            return -1;
    }
    return 0;
}

static int take_key(struct table *t, struct err *e)
{
    bool said = t->options->nkeys > 0;
    t->nkeys = said ? t->options->nkeys : t->table.nkeys;
    if (t->nkeys == 0)
        return err_set(e, "usage", "the table %s has no primary key: name its key with --key",
                       err_quote(t->options->table));
    for (size_t i = 0; i < t->nkeys; i++)
        if (column_of(t, said ? t->options->key[i] : t->table.key[i], &t->key[i], e) == -1)
            return -1;
    return 0;
}

int table_describe(struct table *t, const struct record *r, struct err *e)
{
    if (t->db->kind->describe(t->db, t->options->table, &t->table, &t->arena, e) == -1)
        return -1;
    if (t->table.ncolumns == 0 && t->options->create &&
        (table_make(t, r, e) == -1 ||
         t->db->kind->describe(t->db, t->options->table, &t->table, &t->arena, e) == -1))
        return -1;
    if (t->table.ncolumns == 0)
        return err_set(e, "usage", "there is no table %s: --create makes it", err_quote(t->options->table));
    static const struct str envelope[TABLE_ENVELOPE] = {STR("id"), STR("source"), STR("entity")};
    for (size_t i = 0; i < TABLE_ENVELOPE; i++)
        t->envelope[i] = find_column(t, envelope[i]);
    t->described = true;
    return take_columns(t, e) == -1 || take_key(t, e) == -1 ? -1 : 0;
}

/* ---- values ---- */

static struct sql_value json_value(struct table *t, const struct json_node *v, struct err *e)
{
    buf_reset(&t->text);
    json_write(&t->text, v);
    struct str text = buf_ok(&t->text) ? arena_str(&t->row, buf_str(&t->text)) : (struct str){0};
    if (text.p == NULL)
        err_memory(e);
    return (struct sql_value){.type = SQL_TEXT, .text = text};
}

/* What an integer and a truth value are: PostgreSQL reads their texts by the type of the column. */
struct sql_value table_value(struct table *t, enum sql_class class, const struct json_node *v, struct err *e)
{
    struct sql_value out = {.type = SQL_TEXT};
    bool texts = t->db->kind->copy_in != NULL;
    if (v == NULL || v->type == JSON_NULL)
        return (struct sql_value){.type = SQL_NULL};
    if (class == SQL_JSON || v->type == JSON_ARRAY || v->type == JSON_OBJECT)
        return json_value(t, v, e);
    switch ((enum json_type)v->type) {
    case JSON_STRING:
        out.text = json_string(v, &t->row);
        if (out.text.p == NULL)
            err_memory(e);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        if (texts)
            out.text = json_text(v);
        else
            out = (struct sql_value){.type = SQL_INT, .number = v->type == JSON_TRUE};
        return out;
    default:
        out.text = json_text(v);
        if (!texts && int_parse(out.text, &out.number))
            out.type = SQL_INT;
        return out;
    }
    if (class != SQL_BINARY || out.text.p == NULL)
        return out;
    buf_reset(&t->text);
    if (!base64_decode(&t->text, out.text))
        err_set(e, "constraint", "the column holds bytes, and this is not Base64: %s", err_quote(out.text));
    else if (!buf_ok(&t->text) ||
             (out.text = arena_str(&t->row, t->text.n > 0 ? buf_str(&t->text) : STR(""))).p == NULL)
        err_memory(e);
    out.type = SQL_BYTES;
    return out;
}

void table_field(struct err *e, struct str column)
{
    char field[256] = "/";
    size_t n = column.n < sizeof field - 2 ? column.n : sizeof field - 2;
    memcpy(field + 1, column.p, n);
    err_field(e, (struct str){field, n + 1});
}

static int set(struct table *t, size_t column, struct sql_value value, const struct err *e)
{
    t->value[column] = value;
    t->has[column / 64] |= UINT64_C(1) << column % 64;
    return e->code == NULL ? 0 : -1;
}

/* The envelope gives columns of these names what the data leaves open. */
static int set_envelope(struct table *t, const struct record *r, const struct err *e)
{
    const struct str texts[TABLE_ENVELOPE] = {r->id, r->source, r->entity};
    for (size_t i = 0; i < TABLE_ENVELOPE; i++) {
        size_t column = t->envelope[i];
        if (column == t->table.ncolumns || (t->has[column / 64] >> column % 64 & 1) != 0 ||
            texts[i].p == NULL)
            continue;
        if (set(t, column, (struct sql_value){.type = SQL_TEXT, .text = texts[i]}, e) == -1)
            return -1;
    }
    return 0;
}

static int set_listed(struct table *t, const struct json_node *content, struct err *e)
{
    for (size_t i = 0; i < t->options->ncolumns; i++) {
        size_t column = t->listed[i];
        const struct json_node *v = t->pointer[i].p != NULL ? json_pointer(content, t->pointer[i])
                                                            : json_get(content, t->table.column[column]);
        if (v == NULL)
            continue;
        if (set(t, column, table_value(t, t->table.class[column], v, e), e) == -1) {
            table_field(e, t->table.column[column]);
            return -1;
        }
    }
    return 0;
}

/* Records of one kind mostly have their keys in one order. */
static int set_all(struct table *t, const struct json_node *content, struct err *e)
{
    const struct json_node *end = json_next(content);
    size_t i = 0;
    for (const struct json_node *key = content + 1; key < end; key = json_next_key(key), i++) {
        size_t column = i < SQL_COLUMNS ? t->guess[i] : t->table.ncolumns;
        struct str name = json_text(key);
        if (key->form == JSON_ESCAPED)
            name = json_string(key, &t->row);
        if (column >= t->table.ncolumns || !str_eq(t->table.column[column], name))
            column = find_column(t, name);
        if (column == t->table.ncolumns) {
            table_field(e, name);
            return err_set(e, "constraint", "the table has no column %s: --columns says which are written",
                           err_quote(name));
        }
        if (i < SQL_COLUMNS)
            t->guess[i] = column;
        if (set(t, column, table_value(t, t->table.class[column], json_value_of(key), e), e) == -1) {
            table_field(e, name);
            return -1;
        }
    }
    return 0;
}

static int check_key(struct table *t, struct err *e)
{
    for (size_t i = 0; i < t->nkeys; i++) {
        size_t column = t->key[i];
        if ((t->has[column / 64] >> column % 64 & 1) == 0 || t->value[column].type == SQL_NULL)
            return err_set(e, "constraint", "it has no value for %s, a column of the key",
                           err_quote(t->table.column[column]));
    }
    return 0;
}

static struct table_shape *shape_of(struct table *t, struct err *e)
{
    for (size_t i = 0; i < t->nshapes; i++)
        if (memcmp(t->shape[i]->has, t->has, sizeof t->has) == 0)
            return t->shape[i];
    struct table_shape *s = t->nshapes < TABLE_SHAPES ? arena_alloc(&t->arena, sizeof *s) : NULL;
    if (s == NULL) {
        err_set(e, "limit", "records with more than %d different sets of columns", TABLE_SHAPES);
        return NULL;
    }
    memcpy(s->has, t->has, sizeof t->has);
    for (size_t i = 0; i < t->table.ncolumns; i++)
        if ((t->has[i / 64] >> i % 64 & 1) != 0)
            s->column[s->ncolumns++] = i;
    t->shape[t->nshapes++] = s;
    return s;
}

/* 1: the record is refused, as E says. */
int table_values(struct table *t, const struct record *r, struct table_shape **shape, struct err *e)
{
    const struct json_node *content = record_state(r);
    memset(t->has, 0, sizeof t->has);
    int done = t->options->column != NULL ? set_listed(t, content, e) : set_all(t, content, e);
    if (done == 0)
        done = set_envelope(t, r, e);
    if (done == 0)
        done = check_key(t, e);
    if (done == -1)
        return strcmp(e->code, "memory") == 0 ? -1 : 1;
    *shape = shape_of(t, e);
    return *shape != NULL ? 0 : -1;
}

/* Of a deletion: the key by what it was, where that is told, else by the envelope. */
int table_key_values(struct table *t, const struct record *r, struct err *e)
{
    memset(t->has, 0, sizeof t->has);
    int done = 0;
    if (r->before != NULL)
        done = t->options->column != NULL ? set_listed(t, r->before, e) : set_all(t, r->before, e);
    if (done == 0)
        done = set_envelope(t, r, e);
    return done == 0 ? check_key(t, e) : -1;
}

/* ---- statements ---- */

void table_pack(struct table *t, const struct table_shape *s)
{
    for (size_t i = 0; i < s->ncolumns; i++)
        t->packed[i] = t->value[s->column[i]];
}

int table_prepare_upsert(struct table *t, struct table_shape *s, struct err *e)
{
    if (s->prepared)
        return 0;
    buf_reset(&t->sql);
    buf_put(&t->sql, STR("INSERT INTO "));
    t->db->kind->put_table(&t->sql, t->options->table);
    for (size_t i = 0; i < s->ncolumns; i++) {
        buf_put(&t->sql, i == 0 ? STR(" (") : STR(", "));
        sql_put_name(&t->sql, t->table.column[s->column[i]]);
    }
    for (size_t i = 0; i < s->ncolumns; i++)
        buf_printf(&t->sql, "%s$%zu", i == 0 ? ") VALUES (" : ", ", i + 1);
    buf_put(&t->sql, STR(")"));
    table_put_conflict(t, s);
    const char *sql = table_text(t, e);
    if (sql == NULL || t->db->kind->prepare(t->db, sql, &s->upsert, e) == -1)
        return -1;
    s->prepared = true;
    return 0;
}

static bool is_key(const struct table *t, size_t column)
{
    for (size_t i = 0; i < t->nkeys; i++)
        if (t->key[i] == column)
            return true;
    return false;
}

void table_put_conflict(struct table *t, const struct table_shape *s)
{
    for (size_t i = 0; i < t->nkeys; i++) {
        buf_put(&t->sql, i == 0 ? STR(" ON CONFLICT (") : STR(", "));
        sql_put_name(&t->sql, t->table.column[t->key[i]]);
    }
    size_t n = 0;
    for (size_t i = 0; i < s->ncolumns; i++) {
        if (is_key(t, s->column[i]))
            continue;
        buf_put(&t->sql, n++ == 0 ? STR(") DO UPDATE SET ") : STR(", "));
        sql_put_name(&t->sql, t->table.column[s->column[i]]);
        buf_put(&t->sql, STR(" = excluded."));
        sql_put_name(&t->sql, t->table.column[s->column[i]]);
    }
    if (n == 0)
        buf_put(&t->sql, STR(") DO NOTHING"));
}
