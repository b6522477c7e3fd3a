/*
 * lib/io/csv: what is written reads back, however the bytes are cut into reads; lines, limits and faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "io/csv.h"
#include "random.h"

/* Gives at most STEP bytes at a time. */
struct bytes {
    struct str left;
    size_t step;
};

static ssize_t bytes_read(void *arg, char *p, size_t n, struct err *e)
{
    struct bytes *b = arg;
    (void)e;
    n = n < b->step ? n : b->step;
    n = n < b->left.n ? n : b->left.n;
    if (n > 0)
        memcpy(p, b->left.p, n);
    b->left = str_slice(b->left, n, b->left.n);
    return (ssize_t)n;
}

static ssize_t broken_read(void *arg, char *p, size_t n, struct err *e)
{
    (void)arg, (void)p, (void)n;
    return err_set(e, "io", "broken");
}

static struct csv_reader *reader(struct bytes *bytes, char delimiter, size_t most)
{
    struct csv_reader *r = csv_reader_new((struct reader){bytes_read, bytes}, "test.csv", delimiter, most);
    assert_non_null(r);
    return r;
}

/* ---- laws ---- */

enum { CELLS = 6 };

/* Cells of what has a meaning in CSV, and of long plain text. */
static void random_row(struct buf *text, struct str cell[CELLS])
{
    static const char alphabet[] = "\"\"\",,;\t\n\r ab";
    size_t length[CELLS];
    buf_reset(text);
    for (size_t i = 0; i < CELLS; i++) {
        length[i] = random_next() % (random_next() % 50 == 0 ? 5000 : 12);
        for (size_t k = 0; k < length[i]; k++)
            buf_byte(text, alphabet[random_next() % (sizeof alphabet - 1)]);
    }
    assert_true(buf_ok(text));
    const char *at = text->p != NULL ? text->p : "";
    for (size_t i = 0; i < CELLS; at += length[i], i++)
        cell[i] = (struct str){at, length[i]};
}

static void reads_as(struct str csv, const struct str *cell, size_t n, char delimiter, size_t step)
{
    struct bytes bytes = {csv, step};
    struct csv_reader *r = reader(&bytes, delimiter, CSV_ROW_MOST);
    struct csv_row row;
    struct err e = {0};
    assert_int_equal(csv_reader_next(r, &row, &e), CSV_OK);
    assert_int_equal(row.n, n);
    assert_int_equal(row.fault, CSV_SOUND);
    for (size_t i = 0; i < n; i++)
        assert_true(str_eq(row.cell[i], cell[i]));
    assert_true(str_eq(row.raw, csv));
    assert_int_equal(csv_reader_next(r, &row, &e), CSV_END);
    csv_reader_free(r);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    static const char delimiters[] = ",;\t";
    static const size_t steps[] = {1, 7, SIZE_MAX};
    random_seed(1);
    struct buf text, csv;
    buf_init(&text, 1 << 20);
    buf_init(&csv, 1 << 20);
    for (size_t i = 0; i < 3000; i++) {
        struct str cell[CELLS];
        random_row(&text, cell);
        size_t n = 1 + random_next() % CELLS;
        buf_reset(&csv);
        csv_put_row(&csv, cell, n, delimiters[i % 3]);
        reads_as(buf_str(&csv), cell, n, delimiters[i % 3], steps[random_next() % 3]);
    }
    buf_release(&text);
    buf_release(&csv);
}

/* ---- examples ---- */

static void check_row(struct csv_reader *r, uint64_t line, const char *joined)
{
    struct csv_row row;
    struct err e = {0};
    assert_int_equal(csv_reader_next(r, &row, &e), CSV_OK);
    assert_int_equal(row.line, line);
    char got[256] = "";
    size_t at = 0;
    for (size_t i = 0; i < row.n; i++) {
        assert_true(at + row.cell[i].n + 2 < sizeof got);
        memcpy(got + at, row.cell[i].p, row.cell[i].n);
        at += row.cell[i].n;
        got[at++] = '|';
        got[at] = '\0';
    }
    assert_string_equal(got, joined);
}

static void lines_are_physical(void **state)
{
    (void)state;
    for (size_t step = 1; step < 30; step += 28) {
        struct bytes bytes = {STR("a,b\r\n1,\"x\r\ny\nz\"\n\n\"\"\r2,3\r\r\nend"), step};
        struct csv_reader *r = reader(&bytes, ',', CSV_ROW_MOST);
        check_row(r, 1, "a|b|");
        check_row(r, 2, "1|x\r\ny\nz|");
        check_row(r, 5, "");
        check_row(r, 6, "|");
        check_row(r, 7, "2|3|");
        check_row(r, 8, "");
        check_row(r, 9, "end|");
        csv_reader_free(r);
    }
}

static void skipped_lines_are_not_parsed(void **state)
{
    (void)state;
    struct bytes bytes = {STR("\"open\n\xff\na,b\n"), SIZE_MAX};
    struct csv_reader *r = reader(&bytes, ',', CSV_ROW_MOST);
    struct err e = {0};
    assert_int_equal(csv_reader_skip(r, 2, &e), 0);
    check_row(r, 3, "a|b|");
    csv_reader_free(r);
}

static void ends_with(const char *csv, size_t most, const char *code, const char *place)
{
    struct bytes bytes = {str_of(csv), SIZE_MAX};
    struct csv_reader *r = reader(&bytes, ',', most);
    struct csv_row row;
    struct err e = {0};
    enum csv_got got;
    while ((got = csv_reader_next(r, &row, &e)) == CSV_OK)
        ;
    assert_int_equal(got, CSV_FATAL);
    assert_string_equal(e.code, code);
    assert_string_equal(e.place, place);
    csv_reader_free(r);
}

static void bad_quotes_and_long_rows_end_the_reading(void **state)
{
    (void)state;
    ends_with("a\nx\"y\n", CSV_ROW_MOST, "csv", "test.csv:2");
    ends_with("a\n\"x\ny\" z\n", CSV_ROW_MOST, "csv", "test.csv:3");
    ends_with("a\nb,\"x\n\n", CSV_ROW_MOST, "csv", "test.csv:2");
    ends_with("a\nb,\"123456789\n123456789\n\"", 16, "limit", "test.csv:2");
}

static void a_broken_read_ends_the_reading(void **state)
{
    (void)state;
    struct csv_reader *r = csv_reader_new((struct reader){broken_read, NULL}, "test.csv", ',', CSV_ROW_MOST);
    struct csv_row row;
    struct err e = {0};
    assert_int_equal(csv_reader_next(r, &row, &e), CSV_FATAL);
    assert_string_equal(e.code, "io");
    csv_reader_free(r);
}

static void faults_name_cell_and_byte(void **state)
{
    (void)state;
    struct bytes bytes = {STR("a,b\xff\nc,\"d\n\"\"\xc3\"\ne,f\n\0x,g\n"), 3};
    struct csv_reader *r = reader(&bytes, ',', CSV_ROW_MOST);
    struct csv_row row;
    struct err e = {0};
    static const struct {
        enum csv_fault fault;
        size_t cell, at;
    } want[] = {{CSV_NOT_UTF8, 1, 1}, {CSV_NOT_UTF8, 1, 3}, {CSV_SOUND, 0, 0}, {CSV_NUL, 0, 0}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(csv_reader_next(r, &row, &e), CSV_OK);
        assert_int_equal(row.fault, want[i].fault);
        assert_int_equal(row.fault_cell, want[i].cell);
        assert_int_equal(row.fault_at, want[i].at);
    }
    csv_reader_free(r);
}

static void cells_beyond_the_most_are_counted(void **state)
{
    (void)state;
    struct buf csv;
    buf_init(&csv, 1 << 20);
    for (size_t i = 0; i < CSV_CELLS_MOST + 9; i++)
        buf_put(&csv, STR("\"\","));
    struct bytes bytes = {buf_str(&csv), SIZE_MAX};
    struct csv_reader *r = reader(&bytes, ',', CSV_ROW_MOST);
    struct csv_row row;
    struct err e = {0};
    assert_int_equal(csv_reader_next(r, &row, &e), CSV_OK);
    assert_int_equal(row.n, CSV_CELLS_MOST + 10);
    csv_reader_free(r);
    buf_release(&csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(lines_are_physical),
        cmocka_unit_test(skipped_lines_are_not_parsed),
        cmocka_unit_test(bad_quotes_and_long_rows_end_the_reading),
        cmocka_unit_test(a_broken_read_ends_the_reading),
        cmocka_unit_test(faults_name_cell_and_byte),
        cmocka_unit_test(cells_beyond_the_most_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
