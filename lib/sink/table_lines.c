#include "base/hex.h"
#include "sink/table_parts.h"

/* Rows in the text format of COPY. */

static void put_escaped(struct buf *out, struct str text)
{
    size_t start = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i], letter = c == '\t'   ? 't'
                                     : c == '\n' ? 'n'
                                     : c == '\r' ? 'r'
                                     : c == '\\' ? '\\'
                                                 : '\0';
        if (letter == '\0')
            continue;
        buf_put(out, str_slice(text, start, i));
        buf_byte(out, '\\');
        buf_byte(out, letter);
        start = i + 1;
    }
    buf_put(out, str_slice(text, start, text.n));
}

static void put_value(struct buf *out, const struct sql_value *v)
{
    switch (v->type) {
    case SQL_NULL: buf_put(out, STR("\\N")); break;
    case SQL_INT: buf_printf(out, "%lld", (long long)v->number); break;
    case SQL_TEXT: put_escaped(out, v->text); break;
    case SQL_BYTES: buf_put(out, STR("\\\\x")); hex_put(out, v->text);
    }
}

int table_put_copy(struct table *t, const struct table_shape *s, struct err *e)
{
    struct buf *rows = &t->filling->rows;
    for (size_t i = 0; i < s->ncolumns; i++) {
        if (i > 0)
            buf_byte(rows, '\t');
        if (t->packed[i].type == SQL_TEXT && memchr(t->packed[i].text.p, '\0', t->packed[i].text.n) != NULL)
            return err_set(e, "constraint", "PostgreSQL holds no text with a NUL character");
        put_value(rows, &t->packed[i]);
    }
    buf_byte(rows, '\n');
    return buf_ok(rows) ? 0 : err_memory(e);
}

void table_put_texts(struct buf *out, const struct table_item *item)
{
    const struct str texts[] = {item->source, item->entity, item->id, str_of(item->version)};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buf_byte(out, '\t');
        put_escaped(out, texts[i]);
    }
}

int table_put_delivered(struct table *t, const struct table_item *item, struct err *e)
{
    struct buf *out = &t->filling->delivered;
    put_escaped(out, t->target);
    table_put_texts(out, item);
    buf_put(out, STR("\t1\t0\n"));
    return buf_ok(out) ? 0 : err_memory(e);
}
