/*
 * hub-diff's comparison of any two states: a line that starts with "<" is a record of the one, with ">" of
 * the other. Laws: what is given is a change, with at least one place where it is an update; the way back has
 * as many changes, with creations and deletions swapped; and no state differs from itself.
 */
#include <stdlib.h>

#include "compare/diff.h"
#include "compare/show.h"
#include "record/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool law)
{
    if (!law)
        abort();
}

static const struct str ignored[] = {STR("/i"), STR("/a/i")};
static const struct str keys[] = {STR("/k")};

struct counts {
    size_t created, updated, deleted;
};

static void take_side(struct diff *d, enum diff_side side, char sign, struct record_in *in, struct str text)
{
    struct buf line;
    buf_init(&line, 1 << 26);
    while (text.n > 0) {
        size_t n = str_find(text, '\n');
        struct record r = {.input = "fuzz"};
        struct err e = {0};
        buf_reset(&line);
        buf_put(&line, str_slice(text, 1, n));
        buf_byte(&line, '\n');
        if (text.p[0] == sign &&
            record_of_line(in, str_slice(buf_str(&line), 0, line.n - 1), &r, &e) == RECORD_OK)
            demand(diff_take(d, side, &r, &e) != DIFF_FATAL);
        text = str_slice(text, n + 1, text.n);
    }
    buf_release(&line);
}

static void check_change(struct record_in *in, const struct record *change)
{
    struct buf line, shown;
    struct record again = {.input = "fuzz"};
    struct err e = {0};
    buf_init(&line, 1 << 26);
    buf_init(&shown, 1 << 26);
    record_write(&line, change);
    show_change(&shown, change, false);
    demand(buf_ok(&line) && buf_ok(&shown));
    demand(record_of_line(in, str_slice(buf_str(&line), 0, line.n - 1), &again, &e) == RECORD_OK);
    demand(again.kind == RECORD_CHANGE && (change->changed == NULL || json_count(change->changed) > 0));
    buf_release(&line);
    buf_release(&shown);
}

static struct counts compare(const struct diff_options *options, struct record_in *in, struct str text,
                             const char *signs)
{
    struct counts counts = {0};
    struct record change;
    struct err e = {0};
    struct diff *d = diff_new(options, &e);
    demand(d != NULL);
    take_side(d, DIFF_OLD, signs[0], in, text);
    take_side(d, DIFF_NEW, signs[1], in, text);
    int got;
    while ((got = diff_next(d, &change, &e)) == 1) {
        check_change(in, &change);
        counts.created += str_eq(change.op, STR("create"));
        counts.updated += str_eq(change.op, STR("update"));
        counts.deleted += str_eq(change.op, STR("delete"));
    }
    demand(got == 0);
    diff_free(d);
    return counts;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct record_in in;
    struct err e = {0};
    if (size == 0)
        return 0;
    struct diff_options options = {.keys = keys, .ignored = ignored};
    options.nkeys = data[0] & 1;
    options.nignored = (data[0] >> 1 & 1) != 0 ? 2 : 0;
    struct str text = {(const char *)data + 1, size - 1};
    demand(record_in_init(&in, RECORD_MARKS_IGNORED, &e) == 0);
    struct counts there = compare(&options, &in, text, "<>"), back = compare(&options, &in, text, "><");
    demand(there.created == back.deleted && there.updated == back.updated && there.deleted == back.created);
    struct counts same = compare(&options, &in, text, "<<");
    demand(same.created == 0 && same.updated == 0 && same.deleted == 0);
    record_in_release(&in);
    return 0;
}
