#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/decimal.h"
#include "io/csv.h"
#include "sink/format.h"

enum { ROUNDS = 300, COLUMNS = 4, BYTES = 1 << 20 };

static uint64_t seed = 1;

static unsigned below(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)(seed >> 33) % n;
}

static struct record_in in;
static struct buf line;

/* A native record with this data; good until the next one. */
static struct record native(struct str data)
{
    struct record r = {.input = "test"};
    struct err e = {0};
    buf_reset(&line);
    buf_put(&line, STR("{\"data\":"));
    buf_put(&line, data);
    buf_put(&line, STR(",\"source\":\"s\",\"stream\":\"none:x\"}"));
    if (record_of_line(&in, buf_str(&line), &r, &e) != RECORD_OK)
        fail_msg("%s", e.message);
    return r;
}

/* ---- laws ---- */

struct memory {
    struct str left;
};

static ssize_t read_memory(void *arg, char *p, size_t n, struct err *e)
{
    struct memory *m = arg;
    (void)e;
    if (n > m->left.n)
        n = m->left.n;
    memcpy(p, m->left.p, n);
    m->left = str_slice(m->left, n, m->left.n);
    return (ssize_t)n;
}

static struct buf make_cell(void)
{
    static const char *const parts[] = {"a", "\"", ",",  "\t", "\n",       "\r\n", "=",
                                        "-", "1",  ".5", " ",  "\xc3\xa9", "@",    "+"};
    struct buf b;
    buf_init(&b, BYTES);
    for (unsigned n = below(5); n > 0; n--)
        buf_put(&b, str_of(parts[below(sizeof parts / sizeof *parts)]));
    buf_room(&b, 1);
    return b;
}

static void assert_rows_come_back(const struct format_kind *kind, char delimiter, bool safe)
{
    struct format_options options = {.safe_cells = safe};
    struct buf out, data, cell[ROUNDS][COLUMNS];
    struct err e = {0};
    buf_init(&out, BYTES);
    buf_init(&data, BYTES);
    void *f = kind->open(&options, &e);
    kind->begin(f, &out);
    for (int row = 0; row < ROUNDS; row++) {
        buf_reset(&data);
        for (int i = 0; i < COLUMNS; i++) {
            cell[row][i] = make_cell();
            buf_printf(&data, "%s\"c%d\":", i > 0 ? "," : "{", i);
            json_write_string(&data, buf_str(&cell[row][i]));
        }
        buf_byte(&data, '}');
        struct record r = native(buf_str(&data));
        assert_int_equal(kind->put(f, &out, &r, &e), FORMAT_OK);
    }
    kind->end(f, &out);
    kind->close(f);

    struct memory m = {buf_str(&out)};
    struct csv_reader *csv =
        csv_reader_new((struct reader){read_memory, &m}, "test", delimiter, CSV_ROW_MOST);
    struct csv_row got;
    struct arena a;
    arena_init(&a, BYTES);
    assert_int_equal(csv_reader_next(csv, &got, &e), CSV_OK);
    assert_int_equal(got.n, COLUMNS);
    for (int row = 0; row < ROUNDS; row++) {
        assert_int_equal(csv_reader_next(csv, &got, &e), CSV_OK);
        assert_int_equal(got.n, COLUMNS);
        for (int i = 0; i < COLUMNS; i++) {
            struct str text = got.cell[i], wanted = buf_str(&cell[row][i]);
            struct decimal number;
            if (safe && text.n > 0 && text.p[0] == '\'')
                text = str_slice(text, 1, text.n);
            else if (safe && text.n > 0)
                assert_true(memchr("=+-@\t\r", text.p[0], 6) == NULL || decimal_parse(&number, text, &a));
            assert_true(str_eq(text, wanted));
            buf_release(&cell[row][i]);
        }
    }
    assert_int_equal(csv_reader_next(csv, &got, &e), CSV_END);
    csv_reader_free(csv);
    arena_release(&a);
    buf_release(&data);
    buf_release(&out);
}

static void what_is_written_as_csv_is_read_again(void **state)
{
    (void)state;
    assert_rows_come_back(&format_csv, ',', false);
    assert_rows_come_back(&format_tsv, '\t', false);
}

static void no_safe_cell_is_a_formula(void **state)
{
    (void)state;
    assert_rows_come_back(&format_csv, ',', true);
    assert_rows_come_back(&format_tsv, '\t', true);
}

/* Each of these, wherever it comes, changes nothing for those that are taken. */
static void what_is_refused_leaves_no_trace(void **state)
{
    (void)state;
    static const char *const good[] = {"{\"a\":1,\"b\":\"x\"}", "{\"rows\":[{\"a\":2},{\"b\":null}]}", "{}"};
    static const char *const bad[] = {"{\"a\":{}}", "{\"rows\":[{\"a\":1},{\"c\":1}],\"x\":1}",
                                      "{\"rows\":[{\"a\":9},{\"a\":[]}]}", "{\"rows\":[{\"a\":1},2]}"};
    static const struct format_options options = {0};
    struct buf plain, mixed;
    struct err e = {0};
    buf_init(&plain, BYTES);
    buf_init(&mixed, BYTES);
    void *f = format_csv.open(&options, &e), *g = format_csv.open(&options, &e);
    format_csv.begin(f, &plain);
    format_csv.begin(g, &mixed);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
            struct record r = native(str_of(bad[k]));
            size_t before = mixed.n;
            assert_int_equal(format_csv.put(g, &mixed, &r, &e), FORMAT_REFUSED);
            assert_int_equal(mixed.n, before);
        }
        struct record r = native(str_of(good[i]));
        assert_int_equal(format_csv.put(f, &plain, &r, &e), FORMAT_OK);
        assert_int_equal(format_csv.put(g, &mixed, &r, &e), FORMAT_OK);
    }
    assert_true(str_eq(buf_str(&plain), STR("a,b\n1,x\n2,\n,\n,\n")));
    assert_true(str_eq(buf_str(&plain), buf_str(&mixed)));
    format_csv.close(f);
    format_csv.close(g);
    buf_release(&plain);
    buf_release(&mixed);
}

/* ---- examples ---- */

static void formats_are_known_by_name_and_suffix(void **state)
{
    (void)state;
    assert_ptr_equal(format_named(STR("tsv")), &format_tsv);
    assert_null(format_named(STR("xml")));
    assert_ptr_equal(format_of_file(STR("a/b.csv")), &format_csv);
    assert_ptr_equal(format_of_file(STR("x.jsonl")), &format_ndjson);
    assert_ptr_equal(format_of_file(STR("x.ndjson")), &format_ndjson);
    assert_ptr_equal(format_of_file(STR("x.json")), &format_json);
    assert_null(format_of_file(STR("csv")));
    for (size_t i = 0; format_kinds[i] != NULL; i++)
        assert_ptr_equal(format_named(str_of(format_kinds[i]->name)), format_kinds[i]);
}

static void columns_are_for_rows_only(void **state)
{
    (void)state;
    static const struct str columns[] = {STR("a")};
    const struct format_options options = {.columns = columns, .ncolumns = 1};
    struct err e = {0};
    assert_null(format_json.open(&options, &e));
    assert_string_equal(e.code, "usage");
}

static void each_file_has_columns_of_its_own(void **state)
{
    (void)state;
    static const struct format_options options = {0};
    struct buf out;
    struct err e = {0};
    buf_init(&out, BYTES);
    void *f = format_csv.open(&options, &e);
    static const char *const data[] = {"{\"a\":1}", "{\"b\":2}"};
    for (size_t i = 0; i < 2; i++) {
        struct record r = native(str_of(data[i]));
        format_csv.begin(f, &out);
        assert_int_equal(format_csv.put(f, &out, &r, &e), FORMAT_OK);
        format_csv.end(f, &out);
    }
    assert_true(str_eq(buf_str(&out), STR("a\n1\nb\n2\n")));
    format_csv.close(f);
    buf_release(&out);
}

static int start(void **state)
{
    struct err e = {0};
    (void)state;
    buf_init(&line, BYTES);
    return record_in_init(&in, RECORD_MARKS_IGNORED, &e);
}

static int stop(void **state)
{
    (void)state;
    buf_release(&line);
    record_in_release(&in);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_as_csv_is_read_again),
        cmocka_unit_test(no_safe_cell_is_a_formula),
        cmocka_unit_test(what_is_refused_leaves_no_trace),
        cmocka_unit_test(formats_are_known_by_name_and_suffix),
        cmocka_unit_test(columns_are_for_rows_only),
        cmocka_unit_test(each_file_has_columns_of_its_own),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
