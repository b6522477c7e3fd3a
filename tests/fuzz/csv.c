/*
 * Laws of lib/io/csv over any bytes: rows are the bytes of the file in order, none left out; a row that is
 * written again reads back as the same cells; how the bytes are cut into reads changes nothing.
 */
#include <stdint.h>
#include <stdlib.h>

#include "io/csv.h"
#include "pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void law(bool holds)
{
    if (!holds)
        abort();
}

static uint64_t lines_in(struct str s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n' || (s.p[i] == '\r' && (i + 1 == s.n || s.p[i + 1] != '\n'));
    return n;
}

/* A row of empty cells alone is an empty line where it has one. */
static void reads_back(const struct csv_row *row, char delimiter)
{
    struct buf text;
    buf_init(&text, SIZE_MAX / 4);
    csv_put_row(&text, row->cell, row->n, delimiter);
    struct pieces bytes = {buf_str(&text), SIZE_MAX};
    struct csv_reader *r =
        csv_reader_new((struct reader){pieces_read, &bytes}, "again", delimiter, CSV_ROW_MOST);
    struct csv_row again;
    struct err e = {0};
    law(r != NULL && csv_reader_next(r, &again, &e) == CSV_OK && again.n == row->n);
    for (size_t i = 0; i < row->n; i++)
        law(str_eq(again.cell[i], row->cell[i]));
    law(csv_reader_next(r, &again, &e) == CSV_END);
    csv_reader_free(r);
    buf_release(&text);
}

struct sum {
    uint64_t rows, cells, bytes, last_line;
    enum csv_got end;
};

static struct sum read_all(struct str data, size_t step, char delimiter)
{
    struct pieces bytes = {data, step};
    struct csv_reader *r =
        csv_reader_new((struct reader){pieces_read, &bytes}, "in", delimiter, CSV_ROW_MOST);
    law(r != NULL);
    struct sum sum = {0};
    struct csv_row row;
    struct err e = {0};
    while ((sum.end = csv_reader_next(r, &row, &e)) == CSV_OK) {
        law(row.raw.n > 0 && str_eq(row.raw, str_slice(data, sum.bytes, sum.bytes + row.raw.n)));
        law(row.line == 1 + lines_in(str_slice(data, 0, sum.bytes)));
        if (row.n > 0 && row.n <= CSV_CELLS_MOST)
            reads_back(&row, delimiter);
        sum.rows++;
        sum.cells += row.n;
        sum.bytes += row.raw.n;
        sum.last_line = row.line;
    }
    law(sum.end == CSV_FATAL || sum.bytes == data.n);
    law(sum.end == CSV_END || (e.code != NULL && e.place[0] != '\0'));
    csv_reader_free(r);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    if (size == 0)
        return 0;
    char delimiter = text.p[0] == '\t' ? '\t' : text.p[0] == ';' ? ';' : ',';
    struct sum whole = read_all(text, SIZE_MAX, delimiter), cut = read_all(text, 1, delimiter);
    law(whole.rows == cut.rows && whole.cells == cut.cells && whole.bytes == cut.bytes &&
        whole.end == cut.end && whole.last_line == cut.last_line);
    return 0;
}
