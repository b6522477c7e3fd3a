/*
 * Laws: every set of vector instructions gives the same tape or the same fault at the same place; what is
 * written reads back equal and is written alike again; canonical bytes of a sorted value are a fixed point;
 * sorting changes no value and is done once; keys that were found are what json_get finds; a text in which no
 * key repeats has none after it was sorted, and the other way round; a text that is expected, and what only
 * begins like it, is parsed as if it were not.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/simd.h"
#include "base/utf8.h"
#include "json/json.h"
#include "json/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES, .nodes = 0};
static const struct str names[] = {{"a", 1}, {"b", 1}, {"id", 2}, {"data", 4}};

enum { NAMES = sizeof names / sizeof names[0] };

struct work {
    struct buf text, once, twice;
    struct json_tape tape, other, sorted;
    struct json_unique *unique;
    struct json_keys *keys;
    struct arena arena;
    struct err err;
};

static void must(bool law)
{
    if (!law)
        abort();
}

static bool same_tape(const struct json_tape *a, const struct json_tape *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->node, b->node, a->n * sizeof *a->node) == 0);
}

/* With other bytes behind the text for each level. */
static const struct json_node *parse_at_all_levels(struct work *w)
{
    size_t n = w->text.n, at = 0;
    must(simd_use(SIMD_PORTABLE));
    memset(buf_room(&w->text, JSON_PAD), '"', JSON_PAD);
    int status = json_parse(&w->tape, buf_str(&w->text), &limits, &at, &w->err);
    for (int level = SIMD_SSE2; level <= SIMD_NEON; level++) {
        if (!simd_use((enum simd_level)level))
            continue;
        struct err err = {0};
        size_t place = 0;
        memset(w->text.p + n, "\\}]0 \x80"[level], JSON_PAD);
        must(json_parse(&w->other, buf_str(&w->text), &limits, &place, &err) == status);
        must(place == at && strcmp(err.message, w->err.message) == 0);
        must(same_tape(&w->tape, &w->other));
    }
    must(status == 0 || at <= n);
    return status == 0 ? w->tape.node : NULL;
}

static const struct json_node *reparse(struct work *w, struct buf *text)
{
    must(buf_ok(text) && buf_room(text, JSON_PAD) != NULL);
    must(json_parse(&w->other, buf_str(text), &limits, NULL, &w->err) == 0);
    return w->other.node;
}

static void write(struct buf *b, const struct json_node *value, bool canonical)
{
    buf_reset(b);
    if (canonical)
        json_write_canonical(b, value);
    else
        json_write(b, value);
    must(buf_ok(b));
}

static void reads_back(struct work *w, const struct json_node *value, bool canonical)
{
    write(&w->once, value, canonical);
    const struct json_node *again = reparse(w, &w->once);
    /* U+FFFD is written for a lone surrogate, and so is what is compared. */
    must(json_equal(value, again));
    write(&w->twice, again, canonical);
    must(str_eq(buf_str(&w->once), buf_str(&w->twice)));
}

static void sorts(struct work *w, const struct json_node *root)
{
    w->sorted.n = 0;
    must(json_sort(&w->sorted, root));
    const struct json_node *sorted = w->sorted.node;
    must(json_equal(root, sorted) && json_equal(sorted, root));
    reads_back(w, sorted, true);
    w->other.n = 0;
    must(json_sort(&w->other, sorted));
    must(same_tape(&w->sorted, &w->other));
    struct err err = {0};
    int before = json_check_record(root, w->unique, &w->err);
    must(json_check_record(sorted, w->unique, &err) == before);
}

/* Of the first N bytes of a text that is known. */
static void parses_the_known(struct work *w, size_t n, int verdict)
{
    struct str text = str_slice(buf_str(&w->text), 0, n);
    for (int level = SIMD_PORTABLE; level <= SIMD_NEON; level++) {
        if (!simd_use((enum simd_level)level))
            continue;
        struct err err = {0}, expected = {0};
        bool checked = false;
        int status = json_parse(&w->sorted, text, &limits, NULL, &err);
        must(json_parse_record(&w->other, text, &limits, w->unique, &checked, &expected) == status);
        must(same_tape(&w->sorted, &w->other) && strcmp(err.message, expected.message) == 0);
        must(!checked || verdict == 0);
    }
}

static void expects(struct work *w, const struct json_node *root)
{
    int verdict = json_check_record(root, w->unique, &w->err);
    parses_the_known(w, w->text.n, verdict);
    parses_the_known(w, w->text.n - w->text.n / 4, 0);
}

static void finds_keys(struct work *w, const struct json_node *root)
{
    const struct json_node *found[NAMES];
    for (int times = 0; times < 3; times++) {
        json_keys_find(w->keys, root, found);
        for (size_t i = 0; i < NAMES; i++)
            must(found[i] == json_get(root, names[i]));
    }
}

static void decodes(struct work *w, const struct json_node *root)
{
    for (const struct json_node *v = root; v < json_next(root); v++) {
        if (v->type != JSON_STRING)
            continue;
        struct str value = json_string(v, &w->arena);
        must(value.p != NULL && utf8_check(value) == value.n && json_string_is(v, value));
        struct json_node node = json_string_node(value);
        must(json_equal(v, &node));
    }
}

static void start(struct work *w)
{
    buf_init(&w->text, 1 << 24);
    buf_init(&w->once, 1 << 24);
    buf_init(&w->twice, 1 << 24);
    arena_init(&w->arena, 1 << 24);
    w->unique = json_unique_new();
    w->keys = json_keys_new(names, NAMES);
    must(w->unique != NULL && w->keys != NULL);
}

static void stop(struct work *w)
{
    buf_release(&w->text);
    buf_release(&w->once);
    buf_release(&w->twice);
    arena_release(&w->arena);
    json_tape_release(&w->tape);
    json_tape_release(&w->other);
    json_tape_release(&w->sorted);
    json_unique_free(w->unique);
    json_keys_free(w->keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 20)
        return 0;
    struct work w = {0};
    start(&w);
    buf_put(&w.text, (struct str){(const char *)data, size});
    const struct json_node *root = parse_at_all_levels(&w);
    if (root != NULL) {
        reads_back(&w, root, false);
        reads_back(&w, root, true);
        sorts(&w, root);
        expects(&w, root);
        finds_keys(&w, root);
        decodes(&w, root);
    }
    stop(&w);
    return 0;
}
