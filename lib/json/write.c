#include "json/json.h"

#include "base/words.h"
#include "json/escape.h"
#include "json/pieces.h"

/* Offset of the first byte that a JSON string cannot hold as it is, or s.n. */
static size_t clean_prefix(struct str s)
{
    size_t i = 0;
    for (; s.n - i >= 8; i += 8) {
        uint64_t marks = word_unclean(word_load(s.p + i));
        if (marks != 0)
            return i + word_first(marks);
    }
    size_t rest = s.n - i;
    uint64_t marks = word_unclean(word_load_few(s.p + i, rest) | word_blanks(rest));
    return marks != 0 ? i + word_first(marks) : s.n;
}

bool json_is_clean(struct str s)
{
    if (s.n < 8)
        return word_unclean(word_load_few(s.p, s.n) | word_blanks(s.n)) == 0;
    uint64_t marks = word_unclean(word_load(s.p + s.n - 8));
    for (size_t i = 0; i + 8 < s.n; i += 8)
        marks |= word_unclean(word_load(s.p + i));
    return marks == 0;
}

/* Copies S; whether it is clean. */
static inline bool copy_clean(char *to, struct str s)
{
    if (s.n < 8) {
        copy_bytes(to, s.p, s.n);
        return json_is_clean(s);
    }
    uint64_t last = word_load(s.p + s.n - 8), marks = word_unclean(last);
    for (size_t i = 0; i + 8 < s.n; i += 8) {
        uint64_t word = word_load(s.p + i);
        memcpy(to + i, &word, sizeof word);
        marks |= word_unclean(word);
    }
    memcpy(to + s.n - 8, &last, sizeof last);
    return marks == 0;
}

static bool needs_escape(char c)
{
    return c == '"' || c == '\\' || (unsigned char)c < ' ';
}

/* RFC 8785 §3.2.2.2: the short form where there is one, else \u00xx in lower case. */
static char *put_escape(char *to, char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char brief[] = {
        ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    *to++ = '\\';
    if (brief[(unsigned char)c] != '\0') {
        *to++ = brief[(unsigned char)c];
        return to;
    }
    memcpy(to, "u00", 3);
    to[3] = hex[(unsigned char)c >> 4];
    to[4] = hex[c & 15];
    return to + 5;
}

/* Bytes of the escape AT in a JSON text, if it is the one that put_escape makes; else 0. */
static size_t canonical_escape(const char *at)
{
    if (at[1] != 'u')
        return at[1] != '/' ? 2 : 0;
    unsigned high = (unsigned)(at[4] - '0'), low = (unsigned)(at[5] <= '9' ? at[5] - '0' : at[5] - 'a' + 10);
    char made[6];
    if (at[2] != '0' || at[3] != '0' || high > 1 || low > 15)
        return 0;
    return (size_t)(put_escape(made, (char)(high * 16 + low)) - made) == sizeof made ? sizeof made : 0;
}

bool json_escapes_are_canonical(struct str text)
{
    const char *at = text.p, *end = text.p + text.n;
    while ((at = memchr(at, '\\', (size_t)(end - at))) != NULL) {
        size_t n = canonical_escape(at);
        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

char *json_put_escaped(char *to, struct str value)
{
    while (value.n > 0) {
        size_t clean = clean_prefix(value);
        copy_bytes(to, value.p, clean);
        to += clean;
        value = str_slice(value, clean, value.n);
        for (; value.n > 0 && needs_escape(value.p[0]); value = str_slice(value, 1, value.n))
            to = put_escape(to, value.p[0]);
    }
    return to;
}

/* Bytes of VALUE with its escapes. */
static size_t escaped_size(struct str value)
{
    size_t size = value.n;
    for (size_t i = 0; i < value.n; i++)
        if (needs_escape(value.p[i])) {
            char escape[6];
            size += (size_t)(put_escape(escape, value.p[i]) - escape) - 1;
        }
    return size;
}

static void write_escaped(struct buf *out, struct str value)
{
    char *room = buf_room(out, escaped_size(value) + 2);
    if (room == NULL)
        return;
    *room = '"';
    char *behind = json_put_escaped(room + 1, value);
    *behind++ = '"';
    out->n += (size_t)(behind - room);
}

/* In one pass where nothing needs an escape, as is most often so. */
void json_write_string(struct buf *out, struct str value)
{
    char *room = buf_room(out, value.n + 2);
    if (room == NULL)
        return;
    if (UNLIKELY(!copy_clean(room + 1, value))) {
        write_escaped(out, value);
        return;
    }
    room[0] = room[value.n + 1] = '"';
    out->n += value.n + 2;
}

/* A container whose text is what would be written: by json_write, by json_write_canonical. */
static bool is_text(const struct json_node *v, bool canonical)
{
    return v->p != NULL && (canonical ? v->form == JSON_CLEAN : v->form != JSON_PLAIN);
}

/* A value being written: room is asked for piece by piece, before each is put. */
struct writing {
    struct buf *out;
    char *end; /* of the room */
    bool canonical;
};

/* TO, or where that went, with N more bytes behind it; NULL where they are not to be had. */
static inline char *more_room(struct writing *w, char *to, size_t n)
{
    if (LIKELY((size_t)(w->end - to) > n))
        return to;
    w->out->n = (size_t)(to - w->out->p);
    to = buf_room(w->out, n);
    w->end = w->out->p + w->out->cap;
    return to;
}

static inline bool is_clean_string(const struct json_node *v)
{
    return v->type == JSON_STRING && v->form == JSON_CLEAN;
}

/* Between quotes; there is room. */
static inline char *put_quoted(char *to, const struct json_node *v)
{
    *to++ = '"';
    copy_bytes(to, v->p, v->n);
    to += v->n;
    *to++ = '"';
    return to;
}

static char *put_string(struct writing *w, char *to, const struct json_node *v)
{
    bool as_is = v->form == JSON_CLEAN || (v->form == JSON_ESCAPED && !w->canonical);
    /* Respelled, an escape gets no longer. */
    size_t size = v->form == JSON_PLAIN ? escaped_size(json_text(v)) : v->n;
    to = more_room(w, to, size + 2);
    if (UNLIKELY(to == NULL))
        return NULL;
    if (LIKELY(as_is))
        return put_quoted(to, v);
    struct json_pieces pieces = json_pieces_of(v);
    *to++ = '"';
    for (struct str piece; json_pieces_next(&pieces, &piece);)
        to = json_put_escaped(to, piece);
    *to++ = '"';
    return to;
}

static char *put_container(struct writing *w, char *to, const struct json_node *v);

static inline char *put_value(struct writing *w, char *to, const struct json_node *v)
{
    if (LIKELY(v->type == JSON_STRING))
        return put_string(w, to, v);
    if (v->type >= JSON_ARRAY && !is_text(v, w->canonical))
        return put_container(w, to, v);
    to = more_room(w, to, v->n);
    if (UNLIKELY(to == NULL))
        return NULL;
    copy_bytes(to, v->p, v->n);
    return to + v->n;
}

static char *put_byte(struct writing *w, char *to, char byte)
{
    to = more_room(w, to, 1);
    if (LIKELY(to != NULL))
        *to++ = byte;
    return to;
}

/* Behind BEFORE, a bracket or a comma. */
static inline char *put_member(struct writing *w, char *to, char before, const struct json_node *key)
{
    const struct json_node *value = json_value_of(key);
    if (LIKELY(is_clean_string(key) && is_clean_string(value))) {
        to = more_room(w, to, (size_t)key->n + value->n + 6);
        if (UNLIKELY(to == NULL))
            return NULL;
        *to++ = before;
        to = put_quoted(to, key);
        *to++ = ':';
        return put_quoted(to, value);
    }
    to = put_byte(w, to, before);
    to = to != NULL ? put_string(w, to, key) : NULL;
    to = to != NULL ? put_byte(w, to, ':') : NULL;
    return to != NULL ? put_value(w, to, value) : NULL;
}

static char *put_container(struct writing *w, char *to, const struct json_node *v)
{
    const struct json_node *end = json_next(v), *at = v + 1;
    bool object = v->type == JSON_OBJECT;
    char before = object ? '{' : '[';
    for (; object && at < end && to != NULL; at = json_next_key(at), before = ',')
        to = put_member(w, to, before, at);
    for (; at < end && to != NULL; at = json_next(at), before = ',') {
        to = put_byte(w, to, before);
        to = to != NULL ? put_value(w, to, at) : NULL;
    }
    if (v->span == 1 && to != NULL)
        to = put_byte(w, to, before);
    return to != NULL ? put_byte(w, to, object ? '}' : ']') : NULL;
}

static void write_value(struct buf *out, const struct json_node *value, bool canonical)
{
    size_t before = out->n;
    char *to = buf_room(out, 1);
    if (to == NULL)
        return;
    struct writing w = {.out = out, .end = out->p + out->cap, .canonical = canonical};
    to = put_value(&w, to, value);
    /* What does not fit is not begun. */
    out->n = to != NULL ? (size_t)(to - out->p) : before;
}

void json_write(struct buf *out, const struct json_node *value)
{
    write_value(out, value, false);
}

void json_write_canonical(struct buf *out, const struct json_node *value)
{
    write_value(out, value, true);
}
