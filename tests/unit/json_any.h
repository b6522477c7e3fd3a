/*
 * Random JSON texts for the tests of lib/json, from a fixed seed.
 */
#ifndef HUB_TESTS_JSON_ANY_H
#define HUB_TESTS_JSON_ANY_H

#include <stdlib.h>

#include "base/utf8.h"
#include "random.h"
#include "json/json.h"

static const struct json_limits any_limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES, .nodes = 0};

static inline void any_space(struct buf *b, bool compact)
{
    while (!compact && random_below(4) == 0)
        buf_byte(b, " \t\n\r"[random_below(4)]);
}

/* Between quotes: no lone surrogates. */
static inline void any_string(struct buf *b)
{
    static const struct str parts[] = {{"\\n", 2},
                                       {"\\\"", 2},
                                       {"\\\\", 2},
                                       {"\\/", 2},
                                       {"\\u0041", 6},
                                       {"\\u00e9", 6},
                                       {"\\uD83D\\uDE00", 12},
                                       {"\\u0000", 6},
                                       {"\xC3\xA9", 2},
                                       {"\xE2\x82\xAC", 3},
                                       {"\xF0\x9F\x98\x80", 4},
                                       {"\\u001F", 6},
                                       {"\x7F", 1},
                                       {"\xEF\xAC\xB3", 3},
                                       {"\\u20AC", 6}};
    buf_byte(b, '"');
    bool plain = random_below(3) > 0;
    for (uint32_t n = random_below(4) == 0 ? random_below(90) : random_below(12); n > 0; n--) {
        if (plain || random_below(3) > 0)
            buf_byte(b, (char)('a' + random_below(26)));
        else
            buf_put(b, parts[random_below(sizeof parts / sizeof parts[0])]);
    }
    buf_byte(b, '"');
}

static inline void any_scalar(struct buf *b)
{
    static const char *const parts[] = {"null",  "true", "false", "0",   "-0",     "1",
                                        "-17",   "1.50", "0.001", "1e5", "2E-308", "12345678901234567890",
                                        "1.5e+3"};
    uint32_t i = random_below(2 * sizeof parts / sizeof parts[0]);
    if (i < sizeof parts / sizeof parts[0])
        buf_put(b, str_of(parts[i]));
    else
        any_string(b);
}

static inline void any_value(struct buf *b, uint32_t depth, bool compact)
{
    uint32_t kind = depth > 0 ? random_below(4) : 0;
    if (kind < 2) {
        any_scalar(b);
        return;
    }
    bool object = kind == 3;
    buf_byte(b, object ? '{' : '[');
    any_space(b, compact);
    for (uint32_t i = 0, n = random_below(8) == 0 ? random_below(40) : random_below(5); i < n; i++) {
        if (i > 0) {
            buf_byte(b, ',');
            any_space(b, compact);
        }
        if (object) {
            any_string(b);
            /* A number of its own, so that no key repeats. */
            b->n--;
            buf_u64(b, i);
            buf_byte(b, '"');
            any_space(b, compact);
            buf_byte(b, ':');
            any_space(b, compact);
        }
        any_value(b, depth - 1, compact);
        any_space(b, compact);
    }
    buf_byte(b, object ? '}' : ']');
}

/* A whole text, padded; good until the next call with this B. */
static inline struct str any_text(struct buf *b)
{
    bool compact = random_below(2) == 0;
    buf_reset(b);
    any_space(b, compact);
    any_value(b, 1 + random_below(5), compact);
    any_space(b, compact);
    if (buf_room(b, JSON_PAD) == NULL)
        abort();
    return buf_str(b);
}

static inline const struct json_node *any_parse(struct json_tape *t, struct str text)
{
    struct err e = {0};
    if (json_parse(t, text, &any_limits, NULL, &e) == -1)
        return NULL;
    return t->node;
}

/* The same for a text that need not be padded; good until the next call with this B. */
static inline const struct json_node *any_parse_copy(struct json_tape *t, struct buf *b, struct str text)
{
    buf_reset(b);
    buf_put(b, text);
    if (buf_room(b, JSON_PAD) == NULL)
        abort();
    return any_parse(t, buf_str(b));
}

#endif
