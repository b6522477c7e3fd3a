/*
 * The hot path of who writes JSON strings by the million: escapes (RFC 8785 §3.2.2.2) straight to a place
 * that has room, eight bytes at a time.
 *
 *     char *at = buf_room(&out, value.n * JSON_ESCAPE_MOST + JSON_ESCAPE_SLACK);
 *     at = json_escape(at, value);
 *
 * No quotes are written. Eight bytes behind the value may be read, and JSON_ESCAPE_SLACK behind the place
 * written.
 */
#ifndef HUB_JSON_ESCAPE_H
#define HUB_JSON_ESCAPE_H

#include "base/str.h"
#include "base/words.h"

enum { JSON_ESCAPE_MOST = 6 /* bytes that one becomes */, JSON_ESCAPE_SLACK = 8 };

/* The same for any value: reads and writes nothing beyond. Returns the end of what it wrote. */
char *json_put_escaped(char *to, struct str value);

static inline char *json_escape(char *to, struct str value)
{
    for (size_t i = 0; i < value.n; i += 8) {
        uint64_t word = word_load(value.p + i);
        memcpy(to + i, &word, sizeof word);
        uint64_t marks = word_unclean(word);
        if (value.n - i < 8)
            marks &= (UINT64_C(1) << (value.n - i) * 8) - 1;
        if (UNLIKELY(marks != 0))
            return json_put_escaped(to + i, str_slice(value, i, value.n));
    }
    return to + value.n;
}

#endif
