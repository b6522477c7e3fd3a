/*
 * Laws of lib/io/iconv under lib/io/csv, over any bytes: the text is UTF-8, whatever came before a fault is
 * given, a fault has its place, and how the bytes are cut into reads changes nothing.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "io/csv.h"
#include "io/iconv.h"
#include "pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void law(bool holds)
{
    if (!holds)
        abort();
}

/* The whole text, and how it ended. */
static void decode(struct str data, size_t step, size_t room, struct str encoding, struct buf *text,
                   struct err *e)
{
    struct pieces bytes = {data, step};
    struct decoder *d = decoder_new((struct reader){pieces_read, &bytes}, "in", encoding, e);
    char part[256];
    ssize_t got;
    law(d != NULL && room <= sizeof part);
    while ((got = decoder_read(d, part, room, e)) > 0)
        buf_put(text, (struct str){part, (size_t)got});
    law(got == 0 || (e->code != NULL && e->place[0] != '\0'));
    law(utf8_check(buf_str(text)) == text->n);
    decoder_free(d);
}

static uint64_t read_rows(struct str data, size_t step, struct str encoding, struct err *e)
{
    struct pieces bytes = {data, step};
    struct decoder *d = decoder_new((struct reader){pieces_read, &bytes}, "in", encoding, e);
    law(d != NULL);
    struct csv_reader *r = csv_reader_new((struct reader){decoder_read, d}, "in", ',', CSV_ROW_MOST);
    struct csv_row row;
    uint64_t rows = 0;
    enum csv_got got;
    law(r != NULL);
    while ((got = csv_reader_next(r, &row, e)) == CSV_OK) {
        law(row.fault != CSV_NOT_UTF8);
        rows++;
    }
    law(got == CSV_END || (e->code != NULL && e->place[0] != '\0'));
    csv_reader_free(r);
    decoder_free(d);
    return rows;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str encodings[] = {
        {"UTF-16LE", 8},  {"UTF-16BE", 8},     {"UTF-16", 6},      {"windows-1252", 12},
        {"SHIFT_JIS", 9}, {"ISO-2022-JP", 11}, {"BIG5-HKSCS", 10}, {"UTF-32", 6},
    };
    struct buf whole, cut;
    struct err e = {0}, other = {0};
    if (size == 0)
        return 0;
    struct str encoding = encodings[data[0] % (sizeof encodings / sizeof *encodings)];
    struct str bytes = {(const char *)data + 1, size - 1};
    buf_init(&whole, SIZE_MAX / 4);
    buf_init(&cut, SIZE_MAX / 4);
    decode(bytes, SIZE_MAX, 256, encoding, &whole, &e);
    decode(bytes, 1, 3, encoding, &cut, &other);
    law(str_eq(buf_str(&whole), buf_str(&cut)) && strcmp(e.place, other.place) == 0 &&
        strcmp(e.message, other.message) == 0);
    buf_release(&whole);
    buf_release(&cut);
    e = other = (struct err){0};
    law(read_rows(bytes, SIZE_MAX, encoding, &e) == read_rows(bytes, 1, encoding, &other) &&
        strcmp(e.place, other.place) == 0);
    return 0;
}
