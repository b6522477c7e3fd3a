/*
 * Laws of the sources, over any bytes: what is given is a JSON object, what
 * is refused has its bytes and a place, a checkpoint is JSON, and how the bytes are cut into reads changes
 * nothing.
 */
#include <stdint.h>
#include <stdlib.h>

#include "pieces.h"
#include "source/source.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void law(bool holds)
{
    if (!holds)
        abort();
}

static bool is_json(struct str text, bool object)
{
    static const struct json_limits limits = {.depth = JSON_DEPTH_MOST, .bytes = JSON_BYTES};
    struct json_tape tape;
    struct buf padded;
    struct err e = {0};
    json_tape_init(&tape);
    buf_init(&padded, JSON_BYTES);
    buf_put(&padded, text);
    bool is = json_parse(&tape, buf_str(&padded), &limits, NULL, &e) == 0 &&
              (!object || tape.node->type == JSON_OBJECT);
    json_tape_release(&tape);
    buf_release(&padded);
    return is;
}

struct sum {
    uint64_t ok, bad, rest;
    size_t bytes;
    enum source_got end;
};

static struct sum read_all(struct str text, size_t step, const struct source_options *o)
{
    struct pieces bytes = {text, step};
    struct input input = {.name = "in", .file = STR("in"), .bytes = {pieces_read, &bytes}};
    struct err e = {0};
    struct sum sum = {.end = SOURCE_FATAL};
    struct source_item item = {0};
    struct buf data;
    const struct source_kind *kind = source_kind_for(&input, o, &e);
    void *source = kind->open(&input, o, &e);
    buf_init(&data, JSON_BYTES);
    while (source != NULL && (sum.end = kind->next(source, &item, &data, &e)) > SOURCE_END) {
        sum.ok += sum.end == SOURCE_OK;
        sum.bad += sum.end == SOURCE_BAD;
        sum.rest += sum.end > SOURCE_BAD;
        law(sum.end != SOURCE_OK || is_json(buf_str(&data), true));
        law(sum.end == SOURCE_OK || data.n == 0);
        law(sum.end != SOURCE_MARK || is_json(item.checkpoint, false));
        law(sum.end != SOURCE_BAD || (item.raw.n > 0 && e.code != NULL && e.place[0] != '\0'));
        sum.bytes += data.n;
        buf_reset(&data);
        err_clear(&e);
    }
    law(sum.end == SOURCE_END || (e.code != NULL && e.place[0] != '\0'));
    kind->close(source);
    buf_release(&data);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str patterns[] = {{"a*", 2}, {"*b", 2}, {"T*", 2}};
    static const struct source_options kinds[] = {
        {.format = {"singer", 6}},
        {.format = {"airbyte", 7}},
        {.format = {"airbyte", 7}, .pick = {"a", 1}},
        {.format = {"ndjson", 6}, .parent = {"up", 2}},
        {.format = {"json", 4}, .parent = {"up", 2}},
        {.format = {"csv", 3}, .guess_delimiter = true},
        {.format = {"csv", 3}, .unpivot = patterns, .nunpivot = 1, .footer = patterns + 2, .nfooters = 1},
        {.format = {"csv", 3}, .group = {"a", 1}, .footer = patterns + 2, .nfooters = 1},
        {.format = {"tsv", 3}, .unpivot = patterns, .nunpivot = 2},
        {.format = {"csv", 3}, .skip = 1, .guess_delimiter = true, .unpivot = patterns, .nunpivot = 2},
    };
    if (size == 0)
        return 0;
    const struct source_options *o = &kinds[data[0] % (sizeof kinds / sizeof *kinds)];
    struct str text = {(const char *)data + 1, size - 1};
    struct sum whole = read_all(text, SIZE_MAX, o), cut = read_all(text, 1, o);
    law(whole.ok == cut.ok && whole.bad == cut.bad && whole.rest == cut.rest && whole.bytes == cut.bytes &&
        whole.end == cut.end);
    return 0;
}
