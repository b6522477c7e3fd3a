/*
 * csv and tsv: the first row names the columns, each row below becomes an object of texts.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "source/csv_columns.h"
#include "json/escape.h"
#include "json/json.h"

enum {
    ROW_SHORT = 64 << 10, /* bytes of a row that is written without asking for room cell by cell */
    NOTE_MOST = 512
};

struct csv_source {
    const char *name; /* of the input */
    struct csv_reader *csv;
    struct csv_columns columns;
    const struct str *footer; /* patterns */
    size_t nfooters;
    uint64_t footer_line; /* where the footer begins; 0: not yet */
    struct csv_row row;   /* of which records are given, the next one for this turn */
    size_t turn;
    bool noted; /* what `note` says was told; it is to be before the first row, unless it is "" */
    char note[NOTE_MOST];
};

static int fail_at(const struct csv_source *s, uint64_t line, struct err *e)
{
    err_place(e, "%s:%" PRIu64, s->name, line);
    return -1;
}

/* ---- the header ---- */

static int take_header(struct csv_source *s, const struct csv_row *row, const struct source_options *o,
                       struct err *e)
{
    if (row->fault == CSV_NUL)
        return err_set(
            e, "header",
            "the name of column %zu has a NUL byte: is it UTF-16? (--encoding UTF-16LE or UTF-16BE)",
            row->fault_cell + 1);
    if (row->fault != CSV_SOUND)
        return err_set(e, "header",
                       "the name of column %zu is not UTF-8: say with --encoding what it is (windows-1252)",
                       row->fault_cell + 1);
    if (row->n > CSV_CELLS_MOST)
        return err_set(e, "limit", "%zu columns: at most %d are read", row->n, CSV_CELLS_MOST);
    return csv_columns_init(&s->columns, row, o, e);
}

/* What was guessed is told, unless it is what the name of the format says, without a doubt. */
static int guess_delimiter(struct csv_source *s, struct err *e)
{
    bool sure;
    char c = csv_guess_delimiter(s->csv, &sure, e);
    char text[] = {'"', c, '"', '\0'};
    if (c == '\0')
        return -1;
    if (c != ',' || !sure)
        snprintf(s->note, sizeof s->note,
                 "%s: read with %s between the cells, by its header (--delimiter names another)", s->name,
                 c == '\t' ? "a tab" : text);
    return 0;
}

static int read_header(struct csv_source *s, const struct source_options *o, bool guess, struct err *e)
{
    if (csv_reader_skip(s->csv, o->skip, e) == -1 || (guess && guess_delimiter(s, e) == -1))
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
    return take_header(s, &row, o, e) == 0 ? 0 : fail_at(s, row.line, e);
}

static void source_csv_close(void *source)
{
    struct csv_source *s = source;
    if (s == NULL)
        return;
    csv_reader_free(s->csv);
    csv_columns_release(&s->columns);
    free(s);
}

/* DELIMITER: that of the format. */
static void *open_with(const struct input *input, const struct source_options *o, char delimiter,
                       struct err *e)
{
    bool guess = o->guess_delimiter && o->delimiter == '\0' && delimiter == ',';
    struct csv_source *s = calloc(1, sizeof *s);
    if (s == NULL) {
        err_memory(e);
        return NULL;
    }
    s->name = input->name;
    s->footer = o->footer;
    s->nfooters = o->nfooters;
    s->csv =
        csv_reader_new(input->bytes, s->name, o->delimiter != '\0' ? o->delimiter : delimiter, CSV_ROW_MOST);
    if (s->csv == NULL)
        err_memory(e);
    if (s->csv != NULL && read_header(s, o, guess, e) == 0)
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

/* Writes CSV_COPY bytes or more: the source has them, and the place has the room. Most cells and prefixes are
 * shorter, and a copy of a fixed size is one or two instructions. */
static char *put(char *at, struct str s)
{
    memcpy(at, s.p, CSV_COPY);
    if (s.n > CSV_COPY)
        memcpy(at + CSV_COPY, s.p + CSV_COPY, s.n - CSV_COPY);
    return at + s.n;
}

static char *put_cells(char *at, const struct csv_row *row, const struct csv_column *column, size_t n)
{
    const struct str *cell = row->cell;
    const struct csv_column *end = column + n;
    if (row->clean)
        for (; column < end; column++)
            at = put(put(at, column->prefix), cell[column->cell]);
    else
        for (; column < end; column++)
            at = json_escape(put(at, column->prefix), cell[column->cell]);
    return at;
}

static void write_short(const struct csv_columns *c, const struct csv_row *row, const struct csv_turn *turn,
                        struct buf *out)
{
    size_t most =
        c->longest + row->raw.n * (row->clean ? 1 : JSON_ESCAPE_MOST) + JSON_ESCAPE_SLACK + CSV_COPY + 2;
    char *at = buf_room(out, most);
    if (at == NULL)
        return;
    at = put_cells(at, row, c->fixed, c->nfixed);
    if (turn != NULL)
        at = put_cells(put(at, turn->prefix), row, turn->column, turn->n);
    *at++ = '"';
    *at++ = '}';
    out->n = (size_t)(at - out->p);
}

static void write_cells(const struct csv_row *row, const struct csv_column *column, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        struct str prefix = column[i].prefix;
        buf_put(out, str_slice(prefix, 0, prefix.n - 1));
        json_write_string(out, row->cell[column[i].cell]);
        /* The next prefix begins with the quote that json_write_string has written already. */
        if (buf_ok(out))
            out->n--;
    }
}

static void write_long(const struct csv_columns *c, const struct csv_row *row, const struct csv_turn *turn,
                       struct buf *out)
{
    write_cells(row, c->fixed, c->nfixed, out);
    if (turn != NULL) {
        buf_put(out, turn->prefix);
        write_cells(row, turn->column, turn->n, out);
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
    const char *what = row->fault == CSV_NUL ? "a NUL byte" : "not UTF-8 (--encoding names another)";
    if (row->fault_cell < s->columns.nnames)
        err_set(e, "csv", "column %s: %s, at byte %zu of the cell",
                err_quote(s->columns.name[row->fault_cell]), what, row->fault_at + 1);
    else
        err_set(e, "csv", "column %zu: %s", row->fault_cell + 1, what);
    return refuse(s, row, e);
}

/* Cells under blank names at the end of the header must be blank, too. */
static size_t named_too_little(const struct csv_source *s, const struct csv_row *row)
{
    for (size_t i = s->columns.nnames; i < s->columns.nheader; i++)
        if (row->cell[i].n > 0)
            return i + 1;
    return 0;
}

static enum source_got check_row(const struct csv_source *s, const struct csv_row *row, struct err *e)
{
    if (row->n != s->columns.nheader) {
        err_set(e, "csv", "%zu cells, where the header has %zu", row->n, s->columns.nheader);
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
    static const char nothing[CSV_COPY];
    static const struct str blank = {nothing, 0};
    enum csv_got got;
    do {
        got = csv_reader_next(s->csv, row, e);
    } while (got == CSV_OK && row->n == 0 && s->columns.nheader > 1);
    if (got == CSV_OK && row->n == 0) {
        row->cell = &blank;
        row->n = 1;
    }
    return got;
}

/* ---- the footer ---- */

static bool is_footer(const struct csv_source *s, const struct csv_row *row)
{
    size_t i = 0, n = row->n < CSV_CELLS_MOST ? row->n : CSV_CELLS_MOST;
    while (i < n && row->cell[i].n == 0)
        i++;
    if (i == n)
        return true;
    for (size_t k = 0; k < s->nfooters; k++)
        if (str_like(row->cell[i], s->footer[k]))
            return true;
    return false;
}

/* Where a row stands behind a footer, either may be what it does not look like: none of them is dropped. */
static enum source_got check_footer(struct csv_source *s, struct err *e)
{
    if (is_footer(s, &s->row)) {
        s->footer_line = s->footer_line > 0 ? s->footer_line : s->row.line;
        return SOURCE_LEFT_OUT;
    }
    if (s->footer_line == 0)
        return SOURCE_OK;
    err_set(e, "csv", "a row behind the footer, which begins in line %" PRIu64, s->footer_line);
    fail_at(s, s->row.line, e);
    return SOURCE_FATAL;
}

/* ---- records ---- */

static enum source_got take_row(struct csv_source *s, struct err *e)
{
    enum csv_got got = next_row(s, &s->row, e);
    if (got != CSV_OK)
        return got == CSV_END ? SOURCE_END : SOURCE_FATAL;
    enum source_got footer = s->nfooters > 0 ? check_footer(s, e) : SOURCE_OK;
    return footer == SOURCE_OK ? check_row(s, &s->row, e) : footer;
}

static enum source_got source_csv_next(void *source, struct source_item *item, struct buf *data,
                                       struct err *e)
{
    struct csv_source *s = source;
    const struct csv_columns *c = &s->columns;
    item->note = str_of(s->note[0] != '\0' && !s->noted ? s->note : NULL);
    s->noted = true;
    if (item->note.p != NULL)
        return SOURCE_NOTE;
    enum source_got got = s->turn == 0 ? take_row(s, e) : SOURCE_OK;
    item->line = s->row.line;
    item->raw = s->row.raw;
    if (got != SOURCE_OK)
        return got;
    if (c->group != SIZE_MAX)
        item->key = s->row.cell[c->group];
    const struct csv_turn *turn = c->turn != NULL ? &c->turn[s->turn] : NULL;
    if (turn != NULL)
        s->turn = s->turn + 1 < c->nturns ? s->turn + 1 : 0;
    if (s->row.raw.n < ROW_SHORT)
        write_short(c, &s->row, turn, data);
    else
        write_long(c, &s->row, turn, data);
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
