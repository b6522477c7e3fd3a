#include "io/csv.h"

#include <csv.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "json/json.h"

enum { BLOCK = 128 << 10 };

struct csv_reader {
    struct reader from;
    const char *name;
    char delimiter;
    size_t most;

    /* p[row..at) is what was taken of the present row, p[at..end) is read and not taken yet. */
    char *p;
    size_t cap, row, at, end;
    bool eof;
    size_t lf, cr;  /* the first "\n" and "\r" at or behind `at`; `end` where there is none */
    size_t checked; /* p[..checked) is UTF-8, or was told to be none */
    uint64_t line;  /* number of the line that begins at `at` */

    struct csv_parser parser;
    bool done;       /* libcsv has ended the row */
    struct buf text; /* the cells that libcsv gave, one behind the other */
    struct str *cell;
    size_t cell_cap;
    struct csv_row *now;
};

/* A physical line in r->p, without and with its end. */
struct line {
    struct str text;
    size_t whole;
};

static int no_space(unsigned char c)
{
    (void)c;
    return 0;
}

/* By so many bytes libcsv's own buffer grows; left alone, it is moved for every 128 of a large cell. */
enum { ENTRY_GROWTH = 64 << 10 };

/* That buffer, with bytes behind it that may be read. */
static void *grow_entry(void *p, size_t n)
{
    return n > SIZE_MAX - BUF_PAD ? NULL : realloc(p, n + BUF_PAD);
}

char csv_delimiter(struct str text)
{
    if (str_eq(text, STR("\\t")) || str_eq(text, STR("tab")))
        return '\t';
    unsigned char c = text.n == 1 ? (unsigned char)text.p[0] : 0;
    return (char)(c == '"' || c == '\n' || c == '\r' || c >= 0x80 ? 0 : c);
}

bool csv_is_unpivot(struct str pattern)
{
    size_t star = str_find(pattern, '*');
    return star < pattern.n && str_find(str_slice(pattern, star + 1, pattern.n), '*') == pattern.n - star - 1;
}

struct csv_reader *csv_reader_new(struct reader from, const char *name, char delimiter, size_t most)
{
    struct csv_reader *r = calloc(1, sizeof *r);
    if (r == NULL || csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        free(r);
        return NULL;
    }
    csv_set_space_func(&r->parser, no_space);
    csv_set_realloc_func(&r->parser, grow_entry);
    csv_set_blk_size(&r->parser, ENTRY_GROWTH);
    csv_set_delim(&r->parser, (unsigned char)delimiter);
    buf_init(&r->text, most + BLOCK);
    r->from = from;
    r->name = name;
    r->delimiter = delimiter;
    r->most = most;
    r->line = 1;
    return r;
}

void csv_reader_free(struct csv_reader *r)
{
    if (r == NULL)
        return;
    csv_free(&r->parser);
    buf_release(&r->text);
    free(r->cell);
    free(r->p);
    free(r);
}

static int fail(struct csv_reader *r, uint64_t line, struct err *e)
{
    err_place(e, "%s:%" PRIu64, r->name, line);
    return -1;
}

static int too_long(struct csv_reader *r, struct err *e)
{
    err_set(e, "limit", "a row of more than %zu bytes starts here; is a quote never closed?", r->most);
    return fail(r, r->now != NULL ? r->now->line : r->line, e);
}

/* ---- lines ---- */

static int make_room(struct csv_reader *r, struct err *e)
{
    if (r->row > 0) {
        memmove(r->p, r->p + r->row, r->end - r->row);
        r->at -= r->row;
        r->end -= r->row;
        r->lf -= r->row;
        r->cr -= r->row;
        r->checked = r->checked > r->row ? r->checked - r->row : 0;
        r->row = 0;
    }
    if (r->end < r->cap)
        return 0;
    size_t most = r->most + BLOCK;
    size_t cap = r->cap == 0 ? BLOCK : r->cap > most / 2 ? most : r->cap * 2;
    char *p = realloc(r->p, cap + BUF_PAD);
    if (p == NULL)
        return err_memory(e);
    r->p = p;
    r->cap = cap;
    return 0;
}

static size_t find(const struct csv_reader *r, char c, size_t from)
{
    const char *found = from < r->end ? memchr(r->p + from, c, r->end - from) : NULL;
    return found != NULL ? (size_t)(found - r->p) : r->end;
}

static int fill(struct csv_reader *r, struct err *e)
{
    if (r->end - r->row > r->most)
        return too_long(r, e);
    if (make_room(r, e) == -1)
        return fail(r, r->line, e);
    ssize_t got = r->from.read(r->from.arg, r->p + r->end, r->cap - r->end, e);
    if (got == -1)
        return e->place[0] != '\0' ? -1 : fail(r, r->line, e);
    size_t old = r->end;
    r->eof = got == 0;
    r->end += (size_t)got;
    memset(r->p + r->end, 0, BUF_PAD);
    if (r->lf == old)
        r->lf = find(r, '\n', old);
    if (r->cr == old)
        r->cr = find(r, '\r', old);
    return 0;
}

/* Takes the next physical line: 1, or 0 at the end. A file without a "\r" is searched for one once, by
 * blocks. */
static int take_line(struct csv_reader *r, struct line *line, struct err *e)
{
    while ((r->lf == r->end && (r->cr == r->end || r->cr + 1 == r->end)) && !r->eof)
        if (fill(r, e) == -1)
            return -1;
    if (r->at == r->end)
        return 0;
    size_t stop = r->lf < r->cr ? r->lf : r->cr, next = stop;
    if (stop < r->end)
        next += stop == r->cr && r->lf == stop + 1 && r->lf < r->end ? 2 : 1;
    line->text = (struct str){r->p + r->at, stop - r->at};
    line->whole = next - r->at;
    r->at = next;
    r->line++;
    if (r->lf < next)
        r->lf = find(r, '\n', next);
    if (r->cr < next)
        r->cr = find(r, '\r', next);
    return 1;
}

int csv_reader_skip(struct csv_reader *r, uint64_t n, struct err *e)
{
    struct line line;
    int got = 1;
    while (n-- > 0 && (got = take_line(r, &line, e)) > 0)
        r->row = r->checked = r->at;
    return got == -1 ? -1 : 0;
}

int csv_reader_peek(struct csv_reader *r, size_t seen, struct str *ahead, struct err *e)
{
    r->row = r->at;
    if (r->end - r->at <= seen && !r->eof && fill(r, e) == -1)
        return -1;
    *ahead = (struct str){r->p + r->at, r->end - r->at};
    return 0;
}

void csv_reader_set_delimiter(struct csv_reader *r, char delimiter)
{
    r->delimiter = delimiter;
    csv_set_delim(&r->parser, (unsigned char)delimiter);
}

/* ---- cells ---- */

static bool add_cell(struct csv_reader *r, const char *p, size_t n)
{
    size_t i = r->now->n++;
    if (i >= CSV_CELLS_MOST)
        return true;
    if (i == r->cell_cap) {
        size_t cap = i == 0 ? 64 : i * 2;
        struct str *cell = realloc(r->cell, cap * sizeof *cell);
        if (cell == NULL)
            return false;
        r->cell = cell;
        r->cell_cap = cap;
    }
    r->cell[i] = (struct str){p, n};
    return true;
}

/* Without quotes a row is what stands between its delimiters: no need of a parser, and no copy. */
static bool split(struct csv_reader *r, struct str text)
{
    const char *at = text.p, *end = text.p + text.n, *stop;
    while ((stop = memchr(at, r->delimiter, (size_t)(end - at))) != NULL) {
        if (!add_cell(r, at, (size_t)(stop - at)))
            return false;
        at = stop + 1;
    }
    return add_cell(r, at, (size_t)(end - at));
}

/* A cell of a row that may move, as it may go on in the next line: the cells get their pointers when it is
 * whole. */
static void take_cell(struct csv_reader *r, struct str value)
{
    if (value.n > 0 && r->now->n < CSV_CELLS_MOST)
        buf_put(&r->text, value);
    if (!add_cell(r, NULL, value.n))
        r->text.failed = true;
}

/* The cells before the first one with a quote need no parser either. Returns where that one starts. */
static size_t take_plain_cells(struct csv_reader *r, struct str text)
{
    const char *quote = memchr(text.p, '"', text.n), *at = text.p, *stop;
    while ((stop = memchr(at, r->delimiter, (size_t)(quote - at))) != NULL) {
        take_cell(r, (struct str){at, (size_t)(stop - at)});
        at = stop + 1;
    }
    return (size_t)(at - text.p);
}

/* What libcsv calls. */
static void cell_given(void *p, size_t n, void *arg)
{
    take_cell(arg, (struct str){p, n});
}

static void row_given(int end, void *arg)
{
    struct csv_reader *r = arg;
    (void)end;
    r->done = true;
}

static void place_cells(struct csv_reader *r)
{
    const char *at = r->text.p;
    for (size_t i = 0; i < r->now->n && i < CSV_CELLS_MOST; i++) {
        r->cell[i].p = at;
        at += r->cell[i].n;
    }
}

/* Gives libcsv a line, but for its first FROM bytes. */
static int feed(struct csv_reader *r, const struct line *line, size_t from, struct err *e)
{
    size_t used =
        from + csv_parse(&r->parser, line->text.p + from, line->whole - from, cell_given, row_given, r);
    if (used < line->whole && csv_error(&r->parser) == CSV_EPARSE) {
        err_set(e, "csv",
                "a quote where none may stand, at byte %zu of the line (its row starts in line %" PRIu64 ")",
                used + 1, r->now->line);
        return fail(r, r->line - 1, e);
    }
    if (used == line->whole && buf_ok(&r->text))
        return 0;
    err_memory(e);
    return fail(r, r->line - 1, e);
}

/* At the end of the file: the last row may lack its end of line, but not its last quote. */
static int end_row(struct csv_reader *r, struct err *e)
{
    if (csv_fini(&r->parser, cell_given, row_given, r) == 0)
        return 0;
    err_set(e, "csv", "a quote in the row that starts here is never closed");
    return fail(r, r->now->line, e);
}

/* ---- rows ---- */

/* Each byte is looked at once: the check runs ahead over what was read, and waits at a fault for its row. */
static bool line_is_utf8(struct csv_reader *r)
{
    if (r->at <= r->checked)
        return true;
    r->checked += utf8_check((struct str){r->p + r->checked, r->end - r->checked});
    if (r->at <= r->checked)
        return true;
    r->checked = r->at;
    return false;
}

/* The characters that give a row its form are ASCII, so bytes that are no UTF-8 make some cell bad. */
static void find_fault(const struct csv_reader *r, struct csv_row *row)
{
    for (row->fault_cell = 0; row->fault_cell < row->n && row->fault_cell < CSV_CELLS_MOST;
         row->fault_cell++) {
        struct str cell = r->cell[row->fault_cell];
        row->fault_at = row->fault == CSV_NUL ? str_find(cell, '\0') : utf8_check(cell);
        if (row->fault_at < cell.n)
            return;
    }
    row->fault_at = 0;
}

/* A row with quotes, which may take several lines. */
static int take_quoted(struct csv_reader *r, struct csv_row *row, struct line line, struct err *e)
{
    buf_room(&r->text, line.whole);
    size_t from = take_plain_cells(r, line.text);
    for (int got = 1; !r->done; from = 0) {
        if (!line_is_utf8(r))
            row->fault = CSV_NOT_UTF8;
        if ((got == 1 ? feed(r, &line, from, e) : end_row(r, e)) == -1)
            return -1;
        if (r->at - r->row > r->most)
            return too_long(r, e);
        if (!r->done && (got = take_line(r, &line, e)) == -1)
            return -1;
    }
    place_cells(r);
    return 0;
}

/* What must be escaped in JSON includes the quote: a clean line is a row by itself. */
static int take_cells(struct csv_reader *r, struct csv_row *row, const struct line *line, struct err *e)
{
    row->clean = json_is_clean(line->text);
    if (!row->clean && memchr(line->text.p, '"', line->text.n) != NULL)
        return take_quoted(r, row, *line, e);
    if (!line_is_utf8(r))
        row->fault = CSV_NOT_UTF8;
    if (split(r, line->text))
        return 0;
    err_memory(e);
    return fail(r, row->line, e);
}

enum csv_got csv_reader_next(struct csv_reader *r, struct csv_row *row, struct err *e)
{
    *row = (struct csv_row){.line = r->line};
    r->row = r->at;
    r->now = row;
    r->done = false;
    buf_reset(&r->text);
    struct line line;
    int got = take_line(r, &line, e);
    if (got < 1)
        return got == 0 ? CSV_END : CSV_FATAL;
    if (line.text.n > 0 && take_cells(r, row, &line, e) == -1)
        return CSV_FATAL;
    row->raw = (struct str){r->p + r->row, r->at - r->row};
    row->cell = r->cell;
    if (!row->clean && row->fault == CSV_SOUND && memchr(row->raw.p, '\0', row->raw.n) != NULL)
        row->fault = CSV_NUL;
    if (row->fault != CSV_SOUND)
        find_fault(r, row);
    return CSV_OK;
}

/* ---- writing ---- */

static bool needs_quotes(struct str cell, char delimiter)
{
    for (size_t i = 0; i < cell.n; i++) {
        char c = cell.p[i];
        if (c == delimiter || c == '"' || c == '\n' || c == '\r')
            return true;
    }
    return false;
}

static void put_quoted(struct buf *out, struct str cell)
{
    size_t most = cell.n > SIZE_MAX / 2 - 1 ? SIZE_MAX : cell.n * 2 + 2;
    char *room = buf_room(out, most);
    if (room != NULL)
        out->n += csv_write(room, most, cell.p, cell.n);
}

void csv_put_cell(struct buf *out, struct str cell, char delimiter)
{
    if (needs_quotes(cell, delimiter))
        put_quoted(out, cell);
    else
        buf_put(out, cell);
}

void csv_put_row(struct buf *out, const struct str *cell, size_t n, char delimiter)
{
    if (n == 1 && cell[0].n == 0)
        put_quoted(out, cell[0]);
    else
        for (size_t i = 0; i < n; i++) {
            if (i > 0)
                buf_byte(out, delimiter);
            csv_put_cell(out, cell[i], delimiter);
        }
    buf_byte(out, '\n');
}
