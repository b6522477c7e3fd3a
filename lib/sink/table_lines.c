#include "base/hex.h"
#include "base/words.h"
#include "sink/table_parts.h"

/* Rows in the text format of COPY. */

static bool is_plain(uint64_t word)
{
    return (word_below(word, ' ') | word_equal(word, '\\')) == 0;
}

static char *put_byte(char *to, char c)
{
    char letter = c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c;
    if (letter != c || c == '\\')
        *to++ = '\\';
    *to++ = letter;
    return to;
}

/* False: it has a NUL, which the server does not take. */
static bool put_escaped(struct buf *out, struct str text)
{
    bool whole = true;
    char *to = buf_room(out, 2 * text.n), *start = to;
    if (to == NULL)
        return true;
    size_t i = 0;
    while (i < text.n) {
        size_t n = text.n - i < 8 ? text.n - i : 8;
        uint64_t word = n == 8 ? word_load(text.p + i) : word_load_few(text.p + i, n) | word_blanks(n);
        if (is_plain(word)) {
            copy_bytes(to, text.p + i, n);
            to += n;
            i += n;
        } else {
            whole = whole && text.p[i] != '\0';
            to = put_byte(to, text.p[i++]);
        }
    }
    out->n += (size_t)(to - start);
    return whole;
}

static bool put_value(struct buf *out, const struct sql_value *v)
{
    switch (v->type) {
    case SQL_NULL: buf_put(out, STR("\\N")); break;
    case SQL_INT: buf_printf(out, "%lld", (long long)v->number); break;
    case SQL_TEXT: return put_escaped(out, v->text);
    case SQL_BYTES: buf_put(out, STR("\\\\x")); hex_put(out, v->text);
    }
    return true;
}

int table_put_copy(struct table *t, const struct table_shape *s, struct err *e)
{
    struct buf *rows = &t->filling->rows;
    for (size_t i = 0; i < s->ncolumns; i++) {
        if (i > 0)
            buf_byte(rows, '\t');
        if (put_value(rows, &t->packed[i]))
            continue;
        table_field(e, t->table.column[s->column[i]]);
        return err_set(e, "constraint", "PostgreSQL holds no text with a NUL character");
    }
    buf_byte(rows, '\n');
    return buf_ok(rows) ? 0 : err_memory(e);
}

/* ---- hub_delivered ---- */

static void put_names(struct buf *out, const struct table_item *item)
{
    const struct str texts[] = {item->source, item->entity, item->id};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put_escaped(out, texts[i]);
        buf_byte(out, '\t');
    }
}

static void put_version(struct buf *out, const char *hex)
{
    buf_put(out, hex[0] != '\0' ? STR("\\\\x") : STR("\\N"));
    buf_put(out, str_of(hex));
}

void table_put_key(struct buf *out, size_t place, const struct table_item *item)
{
    buf_u64(out, place);
    buf_byte(out, '\t');
    put_names(out, item);
    put_version(out, item->version);
    buf_byte(out, '\t');
    put_version(out, item->was);
    buf_byte(out, '\n');
}

/* The binary format: numbers with their highest byte first. */
static void put_number(struct buf *out, uint32_t n, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        buf_byte(out, (char)(n >> 8 * i & 0xFF));
}

static void put_field(struct buf *out, struct str value)
{
    put_number(out, (uint32_t)value.n, 4);
    buf_put(out, value);
}

int table_put_delivered(struct table *t, const struct table_item *item, struct err *e)
{
    static const struct str start = {"PGCOPY\n\377\r\n\0"
                                     "\0\0\0\0"
                                     "\0\0\0\0",
                                     19};
    struct buf *out = &t->filling->delivered;
    char version[(sizeof item->version - 1) / 2];
    const struct str fields[] = {t->target, item->source, item->entity, item->id, {version, sizeof version}};
    hex_read(version, str_of(item->version));
    if (out->n == 0)
        buf_put(out, start);
    put_number(out, sizeof fields / sizeof *fields, 2);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        put_field(out, fields[i]);
    return buf_ok(out) ? 0 : err_memory(e);
}

void table_end_delivered(struct buf *out)
{
    if (out->n > 0)
        buf_put(out, STR("\377\377"));
}
