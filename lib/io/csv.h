/*
 * CSV (RFC 4180), by libcsv in its strict mode: a reader of rows that is pulled, and a writer of cells.
 *
 *     struct csv_reader *csv = csv_reader_new(from, "orders.csv", ',', CSV_ROW_MOST);
 *     while ((got = csv_reader_next(csv, &row, &e)) == CSV_OK)
 *         use(row.cell, row.n, row.line);
 *     csv_reader_free(csv);
 *
 * Nothing is trimmed, guessed or repaired: a cell is the text between its delimiters, or between its quotes
 * with doubled quotes made single. Lines end with LF, CRLF or CR. A quote where none may stand, and one that
 * is never closed, end the reading, since going on behind it would invent rows.
 *
 * Everything in a row is good until the next call, with BUF_PAD readable bytes behind each cell.
 */
#ifndef HUB_IO_CSV_H
#define HUB_IO_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/reader.h"

enum {
    CSV_ROW_MOST = 64 << 20, /* bytes of a row */
    CSV_CELLS_MOST = 16384   /* cells that a row gives; those beyond are counted */
};

enum csv_got { CSV_FATAL = -1, CSV_END = 0, CSV_OK = 1 };

/* Bytes that no text has. */
enum csv_fault { CSV_SOUND, CSV_NOT_UTF8, CSV_NUL };

struct csv_row {
    uint64_t line;          /* physical line in which it starts, from 1 */
    struct str raw;         /* the bytes as they came, with the end of the line */
    const struct str *cell; /* the first CSV_CELLS_MOST of them */
    size_t n;               /* cells found; 0: an empty line */
    bool clean;             /* no cell has anything that must be escaped in JSON */
    enum csv_fault fault;
    size_t fault_cell,
        fault_at; /* where: cell, from 0 (CSV_CELLS_MOST: one of those beyond), and byte in it */
};

/* One ASCII character that is no quote, no end of line and no NUL; a tab may be named "tab" or "\\t". '\0':
 * TEXT names none. */
char csv_delimiter(struct str text);

/* What names columns that unpivot turns into records: a text with one "*". */
bool csv_is_unpivot(struct str pattern);

struct csv_reader;

/* NAME is for the place of errors; it is kept, not copied. MOST: longest row. NULL: memory. */
struct csv_reader *csv_reader_new(struct reader from, const char *name, char delimiter, size_t most);
void csv_reader_free(struct csv_reader *r);

/* Passes over N physical lines, whatever they hold; before the first row. */
int csv_reader_skip(struct csv_reader *r, uint64_t n, struct err *e);

/* What is ahead and not taken yet: more than SEEN bytes, unless the input ends or a row would be too long.
 * Good until the next call. */
int csv_reader_peek(struct csv_reader *r, size_t seen, struct str *ahead, struct err *e);

/* From the next row on. */
void csv_reader_set_delimiter(struct csv_reader *r, char delimiter);

enum { CSV_GUESS_MOST = 1 << 20 /* bytes that are looked at */ };

/* Sets the delimiter by what is ahead: that of , ; tab | which stands in the header, as often as in the row
 * below it where one does, and most often of those; else the comma. *SURE: no other one stands in the header.
 * '\0': E. */
char csv_guess_delimiter(struct csv_reader *r, bool *sure, struct err *e);

/* CSV_FATAL: code `csv` (quotes), `limit` (row too long), `io`, `memory`; E has "NAME:LINE" as its place. */
enum csv_got csv_reader_next(struct csv_reader *r, struct csv_row *row, struct err *e);

/* Appends a cell, in quotes only where it needs them: it holds the delimiter, a quote or an end of line. */
void csv_put_cell(struct buf *out, struct str cell, char delimiter);

/* Appends a row and "\n". A row of one empty cell is written as "" in quotes, since an empty line is none. */
void csv_put_row(struct buf *out, const struct str *cell, size_t n, char delimiter);

#endif
