/*
 * The record reader over any line. Laws: what is read is written so that it is read again as the same kind
 * and written as the same bytes (for canonical data: once its keys are sorted); and the reject of a line is
 * one line that gives it back, byte for byte.
 */
#include <stdlib.h>

#include "record/record.h"
#include "record/reject.h"
#include "record/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool law)
{
    if (!law)
        abort();
}

/* Reads S from a copy that ends where S ends, but for the padding that the reader is promised. */
static enum record_got read_line(struct record_in *in, struct buf *copy, struct str s, struct record *r,
                                 struct err *e)
{
    buf_reset(copy);
    buf_put(copy, s);
    buf_byte(copy, '\n');
    demand(buf_ok(copy));
    return record_of_line(in, str_slice(buf_str(copy), 0, s.n), r, e);
}

static void check_writing(struct record_in *in, const struct record *r)
{
    struct buf first, second, copy;
    struct record again = {0};
    struct err e = {0};
    buf_init(&first, 1 << 26);
    buf_init(&second, 1 << 26);
    buf_init(&copy, 1 << 26);
    enum record_kind kind = r->kind;
    record_write(&first, r);
    demand(buf_ok(&first) && str_find(buf_str(&first), '\n') == first.n - 1);
    demand(read_line(in, &copy, str_slice(buf_str(&first), 0, first.n - 1), &again, &e) == RECORD_OK);
    demand(again.kind == kind);
    record_write(&second, &again);
    demand(str_eq(buf_str(&first), buf_str(&second)));
    buf_release(&first);
    buf_release(&second);
    buf_release(&copy);
}

static void check_reject(struct record_in *in, struct str line, const struct record *r, const struct err *why)
{
    struct buf out, copy;
    struct record again = {0};
    struct err e = {0};
    buf_init(&out, 1 << 26);
    buf_init(&copy, 1 << 26);
    reject_write(&out, &(struct reject_by){.tool = "fuzz"}, line, r, why);
    demand(buf_ok(&out) && str_find(buf_str(&out), '\n') == out.n - 1);
    (void)read_line(in, &copy, str_slice(buf_str(&out), 0, out.n - 1), &again, &e);
    demand(str_eq(again.line, line));
    buf_release(&out);
    buf_release(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct record_in in, other;
    struct record r = {.input = "fuzz", .number = 1};
    struct err e = {.code = "codec", .message = "none"};
    struct buf line;
    buf_init(&line, 1 << 26);
    demand(record_in_init(&in, RECORD_MARKS_AS_FOUND, &e) == 0);
    demand(record_in_init(&other, RECORD_MARKS_AS_FOUND, &e) == 0);
    enum record_got got = read_line(&in, &line, (struct str){(const char *)data, size}, &r, &e);
    struct record_mark mark;
    if (got == RECORD_OK && r.kind == RECORD_MARK)
        (void)record_mark_of(&in, &r, &mark, &e);
    else if (got == RECORD_OK)
        check_writing(&other, &r);
    check_reject(&other, r.line, &r, &e);
    record_in_release(&in);
    record_in_release(&other);
    buf_release(&line);
    return 0;
}
