#include "source/postgres_value.h"

#ifdef SONAME_LIBPQ

#include "base/base64.h"

int postgres_reader_init(struct postgres_reader *r)
{
    buf_init(&r->text, JSON_BYTES);
    buf_init(&r->item, JSON_BYTES);
    return value_init(&r->value);
}

void postgres_reader_release(struct postgres_reader *r)
{
    buf_release(&r->text);
    buf_release(&r->item);
    value_release(&r->value);
}

/* ---- types ---- */

/* The server's own have the same numbers everywhere (pg_type.dat). */
static const struct {
    uint32_t oid, array;
    enum postgres_class class;
} known[] = {
    {16, 1000, POSTGRES_BOOL},    {17, 1001, POSTGRES_BYTES},   {18, 1002, POSTGRES_TEXT},
    {19, 1003, POSTGRES_TEXT},    {20, 1016, POSTGRES_INTEGER}, {21, 1005, POSTGRES_INTEGER},
    {23, 1007, POSTGRES_INTEGER}, {25, 1009, POSTGRES_TEXT},    {26, 1028, POSTGRES_INTEGER},
    {114, 199, POSTGRES_JSON},    {700, 1021, POSTGRES_REAL},   {701, 1022, POSTGRES_REAL},
    {790, 791, POSTGRES_TEXT},    {1042, 1014, POSTGRES_TEXT},  {1043, 1015, POSTGRES_TEXT},
    {1082, 1182, POSTGRES_TEXT},  {1083, 1183, POSTGRES_TEXT},  {1114, 1115, POSTGRES_STAMP},
    {1184, 1185, POSTGRES_TIME},  {1700, 1231, POSTGRES_TEXT},  {2950, 2951, POSTGRES_TEXT},
    {3802, 3807, POSTGRES_JSON},
};

/* 1; 0: not one of the server's own. */
static int know(struct postgres_type *type, uint32_t oid)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].oid != oid && known[i].array != oid)
            continue;
        *type = (struct postgres_type){known[i].class, known[i].array == oid, ','};
        return 1;
    }
    return 0;
}

static uint32_t number_of(struct str text)
{
    uint32_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n = n * 10 + (uint32_t)(text.p[i] - '0');
    return n;
}

/* An array of a type of one's own, or of a domain, is one of what it holds; all else is a text. */
static int ask(struct postgres_type *type, struct postgres *pg, uint32_t oid, struct err *e)
{
    static const char sql[] = "SELECT coalesce(nullif(e.typbasetype, 0), e.oid), e.typdelim FROM pg_type t "
                              "JOIN pg_type e ON e.oid = "
                              "t.typelem WHERE t.oid = $1::oid AND t.typcategory = 'A'";
    struct buf number;
    buf_init(&number, 64);
    buf_u64(&number, oid);
    struct str text = buf_str(&number);
    int done = postgres_query(pg, sql, &text, 1, e);
    buf_release(&number);
    if (done == -1)
        return -1;
    *type = (struct postgres_type){.class = POSTGRES_TEXT};
    if (postgres_rows(pg) == 0)
        return 0;
    struct str delimiter = postgres_value(pg, 0, 1);
    if (!know(type, number_of(postgres_value(pg, 0, 0))) || type->array)
        *type = (struct postgres_type){.class = POSTGRES_TEXT};
    type->array = true;
    type->delimiter = delimiter.n == 1 ? delimiter.p[0] : ',';
    return 0;
}

const struct postgres_type *postgres_type_of(struct postgres *pg, uint32_t oid, struct arena *a,
                                             struct err *e)
{
    struct postgres_type *type = arena_alloc(a, sizeof *type);
    if (type == NULL) {
        err_memory(e);
        return NULL;
    }
    return know(type, oid) == 1 || ask(type, pg, oid, e) == 0 ? type : NULL;
}

/* ---- values ---- */

/* "2026-05-01 13:58:12.5+00" becomes "2026-05-01T13:58:12.5Z". Years beyond 9999, those before Christ and
 * infinity have no such form: they stay as they are. */
static void put_time(struct str text, const char *zone, struct buf *out)
{
    bool plain = text.n >= 19 && text.p[4] == '-' && text.p[10] == ' ' && text.p[text.n - 1] != 'C';
    if (plain && zone[0] != '\0') {
        plain = str_ends(text, STR("+00"));
        text.n -= plain ? 3 : 0;
    }
    if (!plain) {
        json_write_string(out, text);
        return;
    }
    buf_byte(out, '"');
    buf_put(out, str_slice(text, 0, 10));
    buf_byte(out, 'T');
    buf_put(out, str_slice(text, 11, text.n));
    buf_put(out, str_of(zone));
    buf_byte(out, '"');
}

static unsigned char digit_of(char c)
{
    return (unsigned char)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* \x and two hex digits a byte. */
static int put_bytes(struct postgres_reader *r, struct str text, struct buf *out, struct err *e)
{
    buf_reset(&r->text);
    for (size_t i = 2; i + 1 < text.n; i += 2)
        buf_byte(&r->text, (char)(digit_of(text.p[i]) << 4 | digit_of(text.p[i + 1])));
    if (!buf_ok(&r->text))
        return err_set(e, "limit", "more than %d MiB", JSON_BYTES >> 20);
    buf_byte(out, '"');
    base64_encode(out, r->text.n > 0 ? buf_str(&r->text) : STR(""));
    buf_byte(out, '"');
    return 0;
}

static int put_json(struct postgres_reader *r, struct str text, struct buf *out, struct err *e)
{
    buf_reset(&r->text);
    buf_put(&r->text, text);
    if (!buf_ok(&r->text))
        return err_set(e, "limit", "more than %d MiB", JSON_BYTES >> 20);
    if (value_parse(&r->value, buf_str(&r->text), e) == -1 ||
        json_check_record(r->value.tape.node, r->value.unique, e) == -1)
        return -1;
    json_write(out, r->value.tape.node);
    return 0;
}

static int put_one(struct postgres_reader *r, enum postgres_class class, struct str text, struct buf *out,
                   struct err *e)
{
    switch (class) {
    case POSTGRES_BOOL: buf_put(out, text.n > 0 && text.p[0] == 't' ? STR("true") : STR("false")); return 0;
    case POSTGRES_INTEGER: buf_put(out, text); return 0;
    case POSTGRES_REAL:
        if (text.n > 0 && text.p[text.n - 1] >= '0' && text.p[text.n - 1] <= '9')
            buf_put(out, text);
        else
            json_write_string(out, text);
        return 0;
    case POSTGRES_TIME: put_time(text, "Z", out); return 0;
    case POSTGRES_STAMP: put_time(text, "", out); return 0;
    case POSTGRES_BYTES: return put_bytes(r, text, out, e);
    case POSTGRES_JSON: return put_json(r, text, out, e);
    case POSTGRES_TEXT: json_write_string(out, text); return 0;
    }
    return 0;
}

/* ---- arrays ---- */

/* An item from AT on, up to a delimiter or the brace that closes; a backslash takes the next byte as it is,
 * in quotes or not. Returns the offset behind it. */
static size_t take_item(struct postgres_reader *r, struct str text, size_t at, char delimiter, bool *quoted)
{
    bool inside = false;
    *quoted = false;
    buf_reset(&r->item);
    for (; at < text.n; at++) {
        char c = text.p[at];
        if (c == '"') {
            inside = !inside;
            *quoted = true;
        } else if (c == '\\' && at + 1 < text.n) {
            buf_byte(&r->item, text.p[++at]);
        } else if (!inside && (c == delimiter || c == '}')) {
            break;
        } else {
            buf_byte(&r->item, c);
        }
    }
    return at;
}

/* {1,2}, {{1,2},{3,NULL}}, [0:1]={1,2}: lists in lists; where they start to count is not kept. */
static int put_array(struct postgres_reader *r, const struct postgres_type *type, struct str text,
                     struct buf *out, struct err *e)
{
    size_t at = text.n > 0 && text.p[0] == '[' ? str_find(text, '{') : 0;
    while (at < text.n) {
        char c = text.p[at];
        if (c == '{' || c == '}' || c == type->delimiter) {
            buf_byte(out, c == '{' ? '[' : c == '}' ? ']' : ',');
            at++;
            if (c == '}' || (at < text.n && (text.p[at] == '{' || text.p[at] == '}')))
                continue;
        }
        bool quoted;
        at = take_item(r, text, at, type->delimiter, &quoted);
        if (!buf_ok(&r->item))
            return err_set(e, "limit", "more than %d MiB", JSON_BYTES >> 20);
        struct str item = r->item.n > 0 ? buf_str(&r->item) : STR("");
        if (!quoted && str_eq(item, STR("NULL")))
            buf_put(out, STR("null"));
        else if (put_one(r, type->class, item, out, e) == -1)
            return -1;
    }
    return 0;
}

int postgres_put_value(struct postgres_reader *r, const struct postgres_type *type, struct str text,
                       struct buf *out, struct err *e)
{
    return type->array ? put_array(r, type, text, out, e) : put_one(r, type->class, text, out, e);
}

#endif
