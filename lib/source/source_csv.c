/*
 * csv and tsv: the first row names the columns, each row below becomes an object of texts.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "io/csv.h"
#include "source/source.h"
#include "json/escape.h"
#include "json/json.h"

enum {
    HEADER_MOST = 16 << 20,
    ROW_SHORT = 64 << 10, /* bytes of a row that is written without asking for room cell by cell */
    COPY = 32             /* bytes that put() writes at least */
};

struct column {
    struct str name;
    struct str prefix; /* what stands before its value: ","NAME":" with COPY readable bytes */
    size_t number;     /* of the header, from 1 */
};

struct csv_source {
    const char *name; /* of the input */
    struct csv_reader *csv;
    struct arena arena;
    struct column *column;
    size_t ncolumns;
    size_t nheader; /* cells of the header: ncolumns, and blank ones behind them */
    size_t fixed;   /* bytes of all prefixes */
    size_t group;   /* index of a column; SIZE_MAX: none */
};

static int fail_at(const struct csv_source *s, uint64_t line, struct err *e)
{
    err_place(e, "%s:%" PRIu64, s->name, line);
    return -1;
}

/* ---- the header ---- */

static int by_name(const void *a, const void *b)
{
    const struct column *const *x = a, *const *y = b;
    int order = str_cmp((*x)->name, (*y)->name);
    return order != 0 ? order : (*x)->number < (*y)->number ? -1 : 1;
}

static int check_duplicates(struct csv_source *s, struct err *e)
{
    struct column **sorted = arena_array(&s->arena, s->ncolumns, sizeof(struct column *));
    if (sorted == NULL)
        return err_memory(e);
    for (size_t i = 0; i < s->ncolumns; i++)
        sorted[i] = &s->column[i];
    qsort(sorted, s->ncolumns, sizeof(struct column *), by_name);
    for (size_t i = 1; i < s->ncolumns; i++)
        if (str_eq(sorted[i - 1]->name, sorted[i]->name))
            return err_set(e, "header", "the columns %zu and %zu have one name: %s", sorted[i - 1]->number,
                           sorted[i]->number, err_quote(sorted[i]->name));
    return 0;
}

static int make_column(struct csv_source *s, struct column *c, struct str name, struct buf *work,
                       struct err *e)
{
    buf_reset(work);
    buf_put(work, c == s->column ? STR("{") : STR("\","));
    json_write_string(work, name);
    buf_put(work, STR(":\""));
    s->fixed += work->n;
    c->prefix.n = work->n;
    for (int i = 0; i < COPY; i++)
        buf_byte(work, '\0');
    c->name = arena_str(&s->arena, name);
    c->prefix.p = buf_ok(work) ? arena_str(&s->arena, buf_str(work)).p : NULL;
    return c->name.p != NULL && c->prefix.p != NULL ? 0 : err_memory(e);
}

static int make_columns(struct csv_source *s, const struct csv_row *header, struct err *e)
{
    s->column = arena_array(&s->arena, s->ncolumns, sizeof *s->column);
    if (s->column == NULL)
        return err_memory(e);
    struct buf work;
    buf_init(&work, HEADER_MOST);
    int done = 0;
    for (size_t i = 0; i < s->ncolumns && done == 0; i++) {
        s->column[i].number = i + 1;
        done = header->cell[i].n == 0 ? err_set(e, "header", "the column %zu has no name", i + 1)
                                      : make_column(s, &s->column[i], header->cell[i], &work, e);
    }
    buf_release(&work);
    return done;
}

static int find_group(struct csv_source *s, struct str group, struct err *e)
{
    s->group = SIZE_MAX;
    if (group.p == NULL)
        return 0;
    for (size_t i = 0; i < s->ncolumns; i++)
        if (str_eq(s->column[i].name, group))
            s->group = i;
    return s->group != SIZE_MAX
               ? 0
               : err_set(e, "header", "no column is called %s, to group by", err_quote(group));
}

static int take_header(struct csv_source *s, const struct csv_row *row, struct str group, struct err *e)
{
    if (row->fault != CSV_SOUND)
        return err_set(e, "header",
                       "the name of column %zu is not UTF-8 text: convert the file first (iconv)",
                       row->fault_cell + 1);
    if (row->n > CSV_CELLS_MOST)
        return err_set(e, "limit", "%zu columns: at most %d are read", row->n, CSV_CELLS_MOST);
    s->nheader = s->ncolumns = row->n;
    while (s->ncolumns > 0 && row->cell[s->ncolumns - 1].n == 0)
        s->ncolumns--;
    if (s->ncolumns == 0)
        return err_set(e, "header", "the header names no column");
    if (make_columns(s, row, e) == -1 || check_duplicates(s, e) == -1)
        return -1;
    return find_group(s, group, e);
}

static int read_header(struct csv_source *s, const struct source_options *o, struct err *e)
{
    if (csv_reader_skip(s->csv, o->skip, e) == -1)
        return -1;
    struct csv_row row;
    enum csv_got got;
    do {
        got = csv_reader_next(s->csv, &row, e);
    } while (got == CSV_OK && row.n == 0);
    if (got == CSV_FATAL)
        return -1;
    if (got == CSV_END) {
        err_set(e, "header", o->skip > 0 ? "no header behind the lines to skip" : "empty: a header is due");
        err_place(e, "%s", s->name);
        return -1;
    }
    return take_header(s, &row, o->group, e) == 0 ? 0 : fail_at(s, row.line, e);
}

static void source_csv_close(void *source)
{
    struct csv_source *s = source;
    if (s == NULL)
        return;
    csv_reader_free(s->csv);
    arena_release(&s->arena);
    free(s);
}

static void *open_with(const struct input *input, const struct source_options *o, char delimiter,
                       struct err *e)
{
    struct csv_source *s = calloc(1, sizeof *s);
    if (s == NULL) {
        err_memory(e);
        return NULL;
    }
    arena_init(&s->arena, (size_t)4 * HEADER_MOST);
    s->name = input->name;
    s->csv =
        csv_reader_new(input->bytes, s->name, o->delimiter != '\0' ? o->delimiter : delimiter, CSV_ROW_MOST);
    if (s->csv == NULL)
        err_memory(e);
    if (s->csv != NULL && read_header(s, o, e) == 0)
        return s;
    source_csv_close(s);
    return NULL;
}

static void *open_csv(const struct input *input, const struct source_options *o, struct err *e)
{
    return open_with(input, o, ',', e);
}

static void *open_tsv(const struct input *input, const struct source_options *o, struct err *e)
{
    return open_with(input, o, '\t', e);
}

/* ---- rows ---- */

/* Writes COPY bytes or more: the source has them, and the place has the room. Most cells and prefixes are
 * shorter, and a copy of a fixed size is one or two instructions. */
static char *put(char *at, struct str s)
{
    memcpy(at, s.p, COPY);
    if (s.n > COPY)
        memcpy(at + COPY, s.p + COPY, s.n - COPY);
    return at + s.n;
}

static void write_short(const struct csv_source *s, const struct csv_row *row, struct buf *out)
{
    size_t most = s->fixed + row->raw.n * (row->clean ? 1 : JSON_ESCAPE_MOST) + JSON_ESCAPE_SLACK + COPY + 2;
    char *at = buf_room(out, most);
    if (at == NULL)
        return;
    for (size_t i = 0; i < s->ncolumns; i++) {
        at = put(at, s->column[i].prefix);
        at = row->clean ? put(at, row->cell[i]) : json_escape(at, row->cell[i]);
    }
    *at++ = '"';
    *at++ = '}';
    out->n = (size_t)(at - out->p);
}

static void write_long(const struct csv_source *s, const struct csv_row *row, struct buf *out)
{
    for (size_t i = 0; i < s->ncolumns; i++) {
        struct str prefix = s->column[i].prefix;
        buf_put(out, str_slice(prefix, 0, prefix.n - 1));
        json_write_string(out, row->cell[i]);
        /* The next prefix begins with the quote that json_write_string has written already. */
        if (buf_ok(out))
            out->n--;
    }
    buf_put(out, STR("\"}"));
}

static enum source_got refuse(const struct csv_source *s, const struct csv_row *row, struct err *e)
{
    fail_at(s, row->line, e);
    return SOURCE_BAD;
}

static enum source_got refuse_bytes(const struct csv_source *s, const struct csv_row *row, struct err *e)
{
    const char *what = row->fault == CSV_NUL ? "a NUL byte" : "not UTF-8";
    if (row->fault_cell < s->ncolumns)
        err_set(e, "csv", "column %s: %s, at byte %zu of the cell",
                err_quote(s->column[row->fault_cell].name), what, row->fault_at + 1);
    else
        err_set(e, "csv", "column %zu: %s", row->fault_cell + 1, what);
    return refuse(s, row, e);
}

/* Cells under blank names at the end of the header must be blank, too. */
static size_t named_too_little(const struct csv_source *s, const struct csv_row *row)
{
    for (size_t i = s->ncolumns; i < s->nheader; i++)
        if (row->cell[i].n > 0)
            return i + 1;
    return 0;
}

static enum source_got check_row(const struct csv_source *s, const struct csv_row *row, struct err *e)
{
    if (row->n != s->nheader) {
        err_set(e, "csv", "%zu cells, where the header has %zu", row->n, s->nheader);
        return refuse(s, row, e);
    }
    if (row->fault != CSV_SOUND)
        return refuse_bytes(s, row, e);
    size_t unnamed = named_too_little(s, row);
    if (unnamed == 0)
        return SOURCE_OK;
    err_set(e, "csv", "column %zu has no name, but a value: %s", unnamed, err_quote(row->cell[unnamed - 1]));
    return refuse(s, row, e);
}

/* An empty line is a row only where a row can be one empty cell. */
static enum csv_got next_row(struct csv_source *s, struct csv_row *row, struct err *e)
{
    static const char nothing[COPY];
    static const struct str blank = {nothing, 0};
    enum csv_got got;
    do {
        got = csv_reader_next(s->csv, row, e);
    } while (got == CSV_OK && row->n == 0 && s->nheader > 1);
    if (got == CSV_OK && row->n == 0) {
        row->cell = &blank;
        row->n = 1;
    }
    return got;
}

static enum source_got source_csv_next(void *source, struct source_item *item, struct buf *data,
                                       struct err *e)
{
    struct csv_source *s = source;
    struct csv_row row;
    enum csv_got got = next_row(s, &row, e);
    if (got != CSV_OK)
        return got == CSV_END ? SOURCE_END : SOURCE_FATAL;
    item->line = row.line;
    item->raw = row.raw;
    enum source_got checked = check_row(s, &row, e);
    if (checked != SOURCE_OK)
        return checked;
    if (s->group != SIZE_MAX)
        item->key = row.cell[s->group];
    if (row.raw.n < ROW_SHORT)
        write_short(s, &row, data);
    else
        write_long(s, &row, data);
    return SOURCE_OK;
}

const struct source_kind source_csv = {.name = "csv",
                                       .suffixes = ".csv ",
                                       .has_columns = true,
                                       .open = open_csv,
                                       .next = source_csv_next,
                                       .close = source_csv_close};

const struct source_kind source_tsv = {.name = "tsv",
                                       .suffixes = ".tsv .tab ",
                                       .has_columns = true,
                                       .open = open_tsv,
                                       .next = source_csv_next,
                                       .close = source_csv_close};
