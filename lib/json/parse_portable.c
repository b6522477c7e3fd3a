#include "json/parse.h"

#define JSON_SCAN json_scan_portable
#define TARGET
#define INLINE static inline __attribute__((always_inline))

enum { STEP = 8 };

typedef struct {
    uint64_t all;
} scan_seen;

INLINE struct json_marks scan_step(const char *p, scan_seen *seen)
{
    uint64_t word = word_load(p);
    seen->all |= word;
    return (struct json_marks){
        .quote = word_equal(word, '"'),
        .stop = word_equal(word, '\\') | word_below(word, ' '),
    };
}

INLINE uint64_t scan_differ(const char *p, const char *q)
{
    return word_load(p) ^ word_load(q);
}

INLINE size_t first_mark(uint64_t marks)
{
    return word_first(marks);
}

INLINE bool scan_high(scan_seen seen)
{
    return (seen.all & WORD_HIGHS) != 0;
}

#include "json/parse_loop.inc"
