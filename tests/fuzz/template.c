/*
 * Any text as a template, and any line as a record for it: a line with the name of its file, the template, a
 * line "---", then lines of records. Nothing crashes; what is refused writes nothing; the same record gives
 * the same text again. Run where pipelines/ is.
 */
#include <stdint.h>
#include <stdlib.h>

#include "canon/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void law(bool holds)
{
    if (!holds)
        abort();
}

struct bench {
    struct contract *contract;
    struct record_in in;
    struct buf line, once, again;
};

static struct bench *bench(void)
{
    static struct bench b;
    struct err e = {0};
    if (b.contract == NULL) {
        b.contract = contract_new();
        law(b.contract != NULL && record_in_init(&b.in, RECORD_MARKS_IGNORED, &e) == 0);
        buf_init(&b.line, 1 << 24);
        buf_init(&b.once, 1 << 24);
        buf_init(&b.again, 1 << 24);
    }
    return &b;
}

static int write_once(struct template *t, const struct record *r, struct buf *out)
{
    struct err e = {0};
    buf_reset(out);
    buf_put(out, STR("before"));
    int done = template_write(t, r, out, &e);
    law(done == 0 || (e.code != NULL && str_eq(buf_str(out), STR("before"))));
    return done;
}

static void run_line(struct bench *b, struct template *t, struct str line)
{
    struct record r = {.input = "fuzz", .number = 1};
    struct err e = {0};
    buf_reset(&b->line);
    buf_put(&b->line, line);
    if (record_of_line(&b->in, buf_str(&b->line), &r, &e) != RECORD_OK || r.kind == RECORD_MARK)
        return;
    if (r.entity.p != NULL && template_check(t, r.entity, &e) == -1)
        law(e.code != NULL);
    law(write_once(t, &r, &b->once) == write_once(t, &r, &b->again));
    law(str_eq(buf_str(&b->once), buf_str(&b->again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench *b = bench();
    struct str all = {(const char *)data, size}, separator = STR("\n---\n");
    size_t first = str_find(all, '\n'), split = str_search(all, separator, first);
    struct str records = str_slice(all, split + separator.n, size);
    const struct map_env env = {.contract = b->contract};
    struct map_set *maps = map_set_new(&env);
    struct err e = {0};
    char name[32] = "";
    law(maps != NULL);
    memcpy(name, all.p, first < sizeof name ? first : 0);
    struct template *t = template_load_text(maps, name, str_slice(all, first + 1, split), &e);
    law(t != NULL || e.code != NULL);
    while (t != NULL && records.n > 0) {
        size_t end = str_find(records, '\n');
        run_line(b, t, str_slice(records, 0, end));
        records = str_slice(records, end + 1, records.n);
    }
    template_free(t);
    map_set_free(maps);
    return 0;
}
