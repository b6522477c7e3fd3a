/*
 * csv and tsv: an object a row; of a native {"rows":[…]} each of the rows.
 */
#include <stdlib.h>

#include "base/decimal.h"
#include "base/pointer.h"
#include "io/csv.h"
#include "io/iconv.h"
#include "sink/columns.h"
#include "sink/format.h"
#include "system/system.h"
#include "json/keys.h"

enum { COLUMNS_MOST = 16384, ARENA_MOST = 512 << 20 };

struct format {
    const struct format_options *options;
    char plain_delimiter, delimiter;
    bool projects; /* what is no column is left out, since a person chose the columns; else it is refused */
    bool said;     /* the columns were said (by options or system.json), and hold for all files */
    struct columns columns; /* none: not chosen yet */
    struct json_keys *keys;
    const struct json_node **found; /* by column, of the row at hand */
    struct str *cell;
    bool headed;         /* this file has its header */
    struct arena chosen; /* column and the like */
    struct arena row;    /* what had to be decoded or defused */
};

static void forget_columns(struct format *f)
{
    json_keys_free(f->keys);
    f->keys = NULL;
    f->columns.n = 0;
    arena_reset(&f->chosen);
}

/* F has its columns. */
static int use_columns(struct format *f, struct err *e)
{
    size_t n = f->columns.n;
    f->keys = json_keys_new(f->columns.name, n);
    f->found = arena_array(&f->chosen, n, sizeof *f->found);
    f->cell = arena_array(&f->chosen, n, sizeof *f->cell);
    return f->keys != NULL && f->found != NULL && f->cell != NULL ? 0 : err_memory(e);
}

static int set_columns(struct format *f, const struct str *column, size_t n, struct err *e)
{
    if (!columns_init(&f->columns, n, &f->chosen))
        return err_memory(e);
    for (size_t i = 0; i < n; i++)
        columns_add(&f->columns, column[i]);
    return use_columns(f, e);
}

static void close_format(void *arg)
{
    struct format *f = arg;
    if (f == NULL)
        return;
    json_keys_free(f->keys);
    arena_release(&f->chosen);
    arena_release(&f->row);
    free(f);
}

static void *open_format(const struct format_options *options, char delimiter, struct err *e)
{
    struct format *f = calloc(1, sizeof *f);
    if (f == NULL) {
        err_memory(e);
        return NULL;
    }
    f->options = options;
    f->plain_delimiter = f->delimiter = options->delimiter != 0 ? options->delimiter : delimiter;
    arena_init(&f->chosen, ARENA_MOST);
    arena_init(&f->row, ARENA_MOST);
    if (options->columns == NULL)
        return f;
    f->said = f->projects = true;
    if (set_columns(f, options->columns, options->ncolumns, e) == 0)
        return f;
    close_format(f);
    return NULL;
}

static void *open_csv(const struct format_options *options, struct err *e)
{
    return open_format(options, ',', e);
}

static void *open_tsv(const struct format_options *options, struct err *e)
{
    return open_format(options, '\t', e);
}

/* ---- rows ---- */

/* What one record gives: the object itself, or those of its list. */
struct rows {
    const struct json_node *first, *end;
    bool listed;
};

/* A list called rows, and nothing beside it, is what hub-extract -g makes of several rows. */
static bool rows_of(struct rows *rows, const struct record *r, const struct json_node *content)
{
    const struct json_node *list = r->kind == RECORD_NATIVE ? json_get(content, STR("rows")) : NULL;
    *rows = (struct rows){content, json_next(content), false};
    if (!json_is(list, JSON_ARRAY) || json_next(list) != rows->end || list != content + 2)
        return true;
    *rows = (struct rows){list + 1, json_next(list), true};
    for (const struct json_node *row = rows->first; row < rows->end; row = json_next(row))
        if (row->type != JSON_OBJECT)
            return false;
    return true;
}

/* E says where: /KEY, or /rows/INDEX/KEY. */
static enum format_put refuse(const struct rows *rows, const struct json_node *row, struct str key,
                              struct err *e)
{
    struct buf pointer;
    buf_init(&pointer, POINTER_MOST);
    if (rows->listed) {
        size_t index = 0;
        for (const struct json_node *at = rows->first; at < row; at = json_next(at))
            index++;
        pointer_put(&pointer, STR("rows"));
        pointer_put_index(&pointer, index);
    }
    if (key.p != NULL)
        pointer_put(&pointer, key);
    if (buf_ok(&pointer))
        err_field(e, buf_str(&pointer));
    buf_release(&pointer);
    return FORMAT_REFUSED;
}

/* ---- columns ---- */

/* A header that hub-extract would not read as it is: without a name, or with what stands for a mark of UTF-8
 * at the start of the file. */
static int check_name(struct str name, size_t place, struct err *e)
{
    if (name.n == 0)
        return err_set(e, "record", "a field without a name cannot be a column");
    if (place == 0 && str_starts(name, STR("\xEF\xBB\xBF")))
        return err_set(e, "record", "the first column would be read without its U+FEFF: %s", err_quote(name));
    return 0;
}

static int add_column(struct format *f, struct str name, struct err *e)
{
    struct columns *c = &f->columns;
    if (check_name(name, c->n, e) == -1)
        return -1;
    if (c->n == c->most)
        return err_set(e, "limit", "more than %d columns", COLUMNS_MOST);
    struct str kept = arena_str(&f->chosen, name);
    if (kept.p == NULL)
        return err_memory(e);
    columns_add(c, kept);
    return 0;
}

/* The keys of a row that are no columns yet. */
static int take_keys(struct format *f, const struct json_node *row, struct err *e)
{
    const struct json_node *end = json_next(row);
    for (const struct json_node *key = row + 1; key < end; key = json_next_key(key)) {
        struct str name = json_string(key, &f->row);
        if (name.p == NULL)
            return err_memory(e);
        if (!columns_have(&f->columns, name) && add_column(f, name, e) == -1)
            return -1;
    }
    return 0;
}

/* All keys of the rows, each where it first stands. */
static int columns_of_keys(struct format *f, const struct rows *rows, struct err *e)
{
    size_t most = 0;
    for (const struct json_node *row = rows->first; row < rows->end; row = json_next(row))
        most += json_count(row);
    if (!columns_init(&f->columns, most < COLUMNS_MOST ? most : COLUMNS_MOST, &f->chosen))
        return err_memory(e);
    for (const struct json_node *row = rows->first; row < rows->end; row = json_next(row))
        if (take_keys(f, row, e) == -1)
            return -1;
    if (f->columns.n == 0)
        return err_set(e, "record", "it has no fields to be the columns");
    return use_columns(f, e);
}

/* As system.json says for the stream: 1, 0 where it does not, -1. */
static int columns_of_stream(struct format *f, struct str stream, struct err *e)
{
    struct system_stream s;
    int found = stream.p != NULL ? system_stream_lookup(&s, stream, &f->chosen, e) : 0;
    if (found < 1)
        return found;
    if (s.nunpivot > 0)
        return err_set(e, "config",
                       "%s is read with unpivot, and not written: a row of it is several of its records",
                       err_quote(stream));
    if (s.encoding.p != NULL && !encoding_is_utf8(s.encoding))
        return err_set(e, "config", "the encoding of %s is %s, and only UTF-8 is written", err_quote(stream),
                       err_quote(s.encoding));
    if (s.delimiter.p != NULL && f->options->delimiter == 0)
        f->delimiter = csv_delimiter(s.delimiter);
    if (s.columns == NULL)
        return 0;
    if (set_columns(f, s.columns, s.ncolumns, e) == -1)
        return -1;
    f->said = true;
    return 1;
}

static enum format_put choose_columns(struct format *f, const struct record *r, const struct rows *rows,
                                      struct err *e)
{
    int chosen = columns_of_stream(f, r->stream, e);
    if (chosen == 0)
        chosen = columns_of_keys(f, rows, e);
    if (chosen != -1)
        return FORMAT_OK;
    bool fatal = strcmp(e->code, "memory") == 0 || strcmp(e->code, "config") == 0;
    return fatal ? FORMAT_FATAL : FORMAT_REFUSED;
}

/* ---- cells ---- */

/* A cell that a spreadsheet would run is made a text by an apostrophe; a number stays one. */
static bool is_formula(struct str text, struct arena *a)
{
    struct decimal number;
    if (text.n == 0 || memchr("=+-@\t\r", text.p[0], 6) == NULL)
        return false;
    return !decimal_parse(&number, text, a);
}

static bool defuse(struct format *f, struct str *text)
{
    if (!f->options->safe_cells || !is_formula(*text, &f->row))
        return true;
    char *made = arena_raw(&f->row, text->n + 1);
    if (made == NULL)
        return false;
    made[0] = '\'';
    memcpy(made + 1, text->p, text->n);
    *text = (struct str){made, text->n + 1};
    return true;
}

static enum format_put cell_of(struct format *f, struct str *cell, const struct json_node *value,
                               struct err *e)
{
    *cell = STR("");
    if (value == NULL || value->type == JSON_NULL)
        return FORMAT_OK;
    if (value->type == JSON_ARRAY || value->type == JSON_OBJECT) {
        err_set(e, "record", "%s does not fit into a cell",
                value->type == JSON_ARRAY ? "a list" : "an object");
        return FORMAT_REFUSED;
    }
    *cell = value->type == JSON_STRING ? json_string(value, &f->row) : json_text(value);
    if (cell->p != NULL && defuse(f, cell))
        return FORMAT_OK;
    err_memory(e);
    return FORMAT_FATAL;
}

static enum format_put refuse_strange_key(struct format *f, const struct rows *rows,
                                          const struct json_node *row, struct err *e)
{
    const struct json_node *end = json_next(row);
    struct str name = {0};
    for (const struct json_node *key = row + 1; key < end; key = json_next_key(key)) {
        name = json_string(key, &f->row);
        if (name.p != NULL && !columns_have(&f->columns, name))
            break;
    }
    err_set(e, "record", "%s is none of the columns", err_quote(name.p != NULL ? name : STR("")));
    return refuse(rows, row, name, e);
}

static enum format_put put_row(struct format *f, struct buf *out, const struct rows *rows,
                               const struct json_node *row, struct err *e)
{
    if (json_keys_find(f->keys, row, f->found) > 0 && !f->projects)
        return refuse_strange_key(f, rows, row, e);
    for (size_t i = 0; i < f->columns.n; i++) {
        enum format_put done = cell_of(f, &f->cell[i], f->found[i], e);
        if (done == FORMAT_REFUSED)
            return refuse(rows, row, f->columns.name[i], e);
        if (done == FORMAT_FATAL)
            return done;
    }
    csv_put_row(out, f->cell, f->columns.n, f->delimiter);
    return FORMAT_OK;
}

static enum format_put put_header(struct format *f, struct buf *out, struct err *e)
{
    for (size_t i = 0; i < f->columns.n; i++) {
        f->cell[i] = f->columns.name[i];
        if (!defuse(f, &f->cell[i])) {
            err_memory(e);
            return FORMAT_FATAL;
        }
    }
    csv_put_row(out, f->cell, f->columns.n, f->delimiter);
    f->headed = true;
    return FORMAT_OK;
}

/* ---- the format ---- */

static enum format_put put_rows(struct format *f, struct buf *out, const struct record *r,
                                const struct rows *rows, struct err *e)
{
    enum format_put done = f->columns.n == 0 ? choose_columns(f, r, rows, e) : FORMAT_OK;
    if (done == FORMAT_OK && !f->headed)
        done = put_header(f, out, e);
    for (const struct json_node *row = rows->first; row < rows->end && done == FORMAT_OK;
         row = json_next(row))
        done = put_row(f, out, rows, row, e);
    return done;
}

static enum format_put put(void *arg, struct buf *out, const struct record *r, struct err *e)
{
    struct format *f = arg;
    struct rows rows;
    const struct json_node *content = record_state(r);
    arena_reset(&f->row);
    if (r->kind != RECORD_NATIVE && r->kind != RECORD_CANONICAL) {
        err_set(e, "record", "neither a native nor a canonical record");
        return FORMAT_REFUSED;
    }
    if (content == NULL)
        return FORMAT_NOTHING;
    if (!rows_of(&rows, r, content)) {
        err_set(e, "record", "not every one of the rows is an object");
        return refuse(&(struct rows){0}, NULL, STR("rows"), e);
    }
    size_t start = out->n;
    bool headed = f->headed, chosen = f->columns.n > 0;
    enum format_put done = put_rows(f, out, r, &rows, e);
    if (done == FORMAT_OK)
        return FORMAT_OK;
    out->n = start;
    f->headed = headed;
    if (!chosen && !f->said)
        forget_columns(f);
    return done;
}

static void begin(void *arg, struct buf *out)
{
    struct format *f = arg;
    (void)out;
    f->headed = false;
    if (!f->said) {
        forget_columns(f);
        f->delimiter = f->plain_delimiter;
    }
}

/* A file without records has a header where the columns are known. */
static void end(void *arg, struct buf *out)
{
    struct format *f = arg;
    struct err e = {0};
    if (!f->headed && f->columns.n > 0 && put_header(f, out, &e) == FORMAT_FATAL)
        out->failed = true;
}

const struct format_kind format_csv = {.name = "csv",
                                       .suffixes = ".csv ",
                                       .open = open_csv,
                                       .begin = begin,
                                       .put = put,
                                       .end = end,
                                       .close = close_format};

const struct format_kind format_tsv = {.name = "tsv",
                                       .suffixes = ".tsv ",
                                       .open = open_tsv,
                                       .begin = begin,
                                       .put = put,
                                       .end = end,
                                       .close = close_format};
