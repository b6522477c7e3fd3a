#include "json/parse.h"

#include <inttypes.h>

#include "base/ascii.h"
#include "base/simd.h"
#include "base/utf8.h"

const char *json_scan_due(struct json_scan *s, const char *at, const char *due)
{
    s->at = at;
    s->due = due;
    s->stop = JSON_SCAN_DUE;
    return NULL;
}

bool json_scan_grow(struct json_scan *s, size_t n, const char *at)
{
    s->at = at;
    s->tape->n = n;
    if (n >= s->nodes) {
        s->stop = JSON_SCAN_NODES;
        return false;
    }
    s->stop = JSON_SCAN_MEMORY;
    if (json_tape_room(s->tape, 1) == NULL)
        return false;
    s->room = s->tape->cap < s->nodes ? s->tape->cap : s->nodes;
    return true;
}

const char *json_scan_space(struct json_scan *s, const char *at)
{
    const char *start = at;
    while (at < s->end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
        at++;
    if (at > start)
        s->last_space = start;
    return at;
}

static bool is_digit(const char *at, const char *end)
{
    return at < end && ascii_is_digit(*at);
}

/* One digit or more; NULL where there is none. */
static const char *digits(struct json_scan *s, const char *at)
{
    if (!is_digit(at, s->end))
        return json_scan_due(s, at, "a digit");
    do
        at++;
    while (is_digit(at, s->end));
    return at;
}

/* RFC 8259 §6. */
static const char *number(struct json_scan *s, const char *at)
{
    if (*at == '-')
        at++;
    if (at < s->end && *at == '0')
        at++;
    else
        at = digits(s, at);
    if (at != NULL && at < s->end && *at == '.')
        at = digits(s, at + 1);
    if (at != NULL && at < s->end && (*at | 0x20) == 'e') {
        at++;
        if (at < s->end && (*at == '+' || *at == '-'))
            at++;
        at = digits(s, at);
    }
    return at;
}

/* WORD in quotes, as a message says it. */
static const char *literal(struct json_scan *s, const char *at, const char *word)
{
    for (const char *c = word + 1; *c != '"'; c++, at++)
        if (at == s->end || *at != *c)
            return json_scan_due(s, at, word);
    return at;
}

const char *json_scan_scalar(struct json_scan *s, const char *at, struct json_node *out)
{
    static const char value[] = "a value";
    if (at == s->end)
        return json_scan_due(s, at, value);
    const char *behind;
    enum json_type type;
    switch (*at) {
    case 't':
        type = JSON_TRUE;
        behind = literal(s, at, "\"true\"");
        break;
    case 'f':
        type = JSON_FALSE;
        behind = literal(s, at, "\"false\"");
        break;
    case 'n':
        type = JSON_NULL;
        behind = literal(s, at, "\"null\"");
        break;
    default:
        if (*at != '-' && !is_digit(at, s->end))
            return json_scan_due(s, at, value);
        type = JSON_NUMBER;
        behind = number(s, at);
    }
    if (behind != NULL)
        *out = (struct json_node){.p = at, .n = (uint32_t)(behind - at), .span = 1, .type = type};
    return behind;
}

const char *json_scan_escape(struct json_scan *s, const char *at)
{
    s->last_escape = at;
    at++;
    if (at == s->end)
        return json_scan_due(s, at, "an escape");
    switch (*at) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return at + 1;
    case 'u': break;
    default: return json_scan_due(s, at, "an escape");
    }
    for (int i = 1; i <= 4; i++)
        if (at + i >= s->end || !ascii_is_hex(at[i]))
            return json_scan_due(s, at + i, "a hexadecimal digit");
    s->surrogates |= (at[1] | 0x20) == 'd' && at[2] >= '8';
    return at + 5;
}

static int scan(struct json_scan *s)
{
    switch (simd_level()) {
#if defined __x86_64__
    case SIMD_AVX2: return json_scan_avx2(s);
    case SIMD_SSE2: return json_scan_sse2(s);
#elif defined __aarch64__
    case SIMD_NEON: return json_scan_neon(s);
#endif
    default: return json_scan_portable(s);
    }
}

static int explain(const struct json_scan *s, const struct json_limits *limits, struct err *e)
{
    uint64_t at = limits->offset + (size_t)(s->at - s->text);
    switch (s->stop) {
    case JSON_SCAN_DEPTH:
        return err_set(e, "limit", "nested deeper than %zu, at byte %" PRIu64, limits->depth, at);
    case JSON_SCAN_NODES:
        return err_set(e, "limit", "more than %zu values, at byte %" PRIu64, limits->nodes, at);
    case JSON_SCAN_MEMORY: return err_memory(e);
    case JSON_SCAN_DUE: break;
    }
    if (s->at == s->end)
        return err_set(e, "json", "the text ends where %s is due, at byte %" PRIu64, s->due, at);
    return err_set(e, "json", "%s is due, at byte %" PRIu64, s->due, at);
}

/* Fails where the bytes before s->at are not UTF-8: they are ASCII but within strings, of which the loop has
 * only seen that they hold no control characters. */
static bool check_utf8(struct json_scan *s)
{
    struct str seen = {s->text, (size_t)(s->at - s->text)};
    size_t good = utf8_check(seen);
    return good == seen.n || json_scan_due(s, s->text + good, "UTF-8") != NULL;
}

static size_t most_bytes(const struct json_limits *limits)
{
    return limits->bytes < JSON_BYTES_MOST ? limits->bytes : JSON_BYTES_MOST;
}

static int parse(struct json_tape *t, struct str text, const struct json_limits *limits, bool first,
                 struct expect *expect, bool *surrogates, size_t *at, struct err *e)
{
    struct json_scan s = {
        .expect = expect,
        .tape = t,
        .text = text.p,
        .end = text.p + text.n,
        .depth = limits->depth < JSON_DEPTH_MOST ? limits->depth : JSON_DEPTH_MOST,
        .nodes = limits->nodes > 0 ? limits->nodes : SIZE_MAX,
        .last_space = text.p,
        .last_escape = text.p,
        .first = first,
    };
    t->n = 0;
    bool good = scan(&s) == 0;
    if (!good || s.high)
        good = check_utf8(&s) && good;
    if (surrogates != NULL)
        *surrogates = s.surrogates;
    if (at != NULL && (first || !good))
        *at = (size_t)(s.at - s.text);
    if (good)
        return 0;
    t->n = 0;
    return explain(&s, limits, e);
}

int json_parse_expected(struct json_tape *t, struct str text, const struct json_limits *limits,
                        struct expect *expect, bool *surrogates, size_t *at, struct err *e)
{
    size_t most = most_bytes(limits);
    if (text.n <= most)
        return parse(t, text, limits, false, expect, surrogates, at, e);
    t->n = 0;
    if (at != NULL)
        *at = most;
    return err_set(e, "limit", "longer than %zu bytes, at byte %" PRIu64, most, limits->offset + most);
}

int json_parse(struct json_tape *t, struct str text, const struct json_limits *limits, size_t *at,
               struct err *e)
{
    return json_parse_expected(t, text, limits, NULL, NULL, at, e);
}

int json_parse_made(struct json_tape *t, const struct buf *text, struct err *e)
{
    static const struct json_limits widest = {.depth = JSON_DEPTH_MOST, .bytes = JSON_BYTES_MOST};
    return buf_ok(text) ? json_parse(t, buf_str(text), &widest, NULL, e) : err_memory(e);
}

struct str json_padded(struct str text, struct arena *a)
{
    char *copy = arena_raw(a, text.n + JSON_PAD);
    if (copy == NULL)
        return (struct str){0};
    if (text.n > 0)
        memcpy(copy, text.p, text.n);
    memset(copy + text.n, 0, JSON_PAD);
    return (struct str){copy, text.n};
}

int json_parse_first(struct json_tape *t, struct str text, const struct json_limits *limits, size_t *at,
                     struct err *e)
{
    return parse(t, str_slice(text, 0, most_bytes(limits)), limits, true, NULL, NULL, at, e);
}
