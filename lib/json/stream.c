#include "json/stream.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    BLOCK = 256 << 10,
    CUT =
        8 /* bytes at the end of the window in which a fault may be that of a character or word that is cut */
};

void json_stream_init(struct json_stream *s, struct reader from)
{
    *s = (struct json_stream){.from = from, .line = 1};
    json_tape_init(&s->tape);
}

void json_stream_release(struct json_stream *s)
{
    free(s->p);
    s->p = NULL;
    s->cap = s->at = s->end = 0;
    json_tape_release(&s->tape);
}

/* ---- the window ---- */

static int grow(struct json_stream *s, struct err *e)
{
    size_t cap = s->cap == 0 ? BLOCK : s->cap * 2;
    char *p = realloc(s->p, cap + JSON_PAD);
    if (p == NULL)
        return err_memory(e);
    s->p = p;
    s->cap = cap;
    return 0;
}

/* Reads more behind p[at..end), which may move. */
static int fill(struct json_stream *s, struct err *e)
{
    if (s->at > 0) {
        memmove(s->p, s->p + s->at, s->end - s->at);
        s->end -= s->at;
        s->at = 0;
    }
    if (s->end == s->cap && grow(s, e) == -1)
        return -1;
    ssize_t got = s->from.read(s->from.arg, s->p + s->end, s->cap - s->end, e);
    if (got == -1)
        return -1;
    s->eof = got == 0;
    s->end += (size_t)got;
    memset(s->p + s->end, 0, JSON_PAD);
    return 0;
}

static uint64_t lines_in(struct str s)
{
    uint64_t n = 0;
    for (const char *at = s.p, *end = s.p + s.n; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        n++;
    return n;
}

/* Passes over N bytes, which the window has. */
static void pass(struct json_stream *s, size_t n)
{
    s->line += lines_in((struct str){s->p + s->at, n});
    s->offset += n;
    s->at += n;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

int json_stream_peek(struct json_stream *s, struct err *e)
{
    for (;;) {
        size_t n = 0, left = s->end - s->at;
        while (n < left && is_space(s->p[s->at + n]))
            n++;
        if (n > 0)
            pass(s, n);
        if (n < left)
            return (unsigned char)s->p[s->at];
        if (s->eof)
            return JSON_STREAM_END;
        if (fill(s, e) == -1)
            return JSON_STREAM_FAILED;
    }
}

void json_stream_step(struct json_stream *s)
{
    s->offset++;
    s->at++;
}

/* ---- where a bad value ends ---- */

/* What json_stream_pass knows of the value's bytes so far. */
struct skim {
    unsigned char open[JSON_DEPTH_MOST]; /* the closing brackets that are due, outermost first */
    size_t depth;
    bool in_string, escaped;
    char last; /* the last byte outside of strings that was no white space; '"' of a string; 0: none */
};

enum skim_got { SKIM_UNSURE, SKIM_ON, SKIM_ENDS_BEFORE, SKIM_ENDS_BEHIND };

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_of_word(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || is_one_of(c, "+-._");
}

static enum skim_got skim_string(struct skim *k, char c)
{
    if ((unsigned char)c < ' ')
        return SKIM_UNSURE;
    bool closes = c == '"' && !k->escaped;
    k->escaped = c == '\\' && !k->escaped;
    k->in_string = !closes;
    return closes && k->depth == 0 ? SKIM_ENDS_BEHIND : SKIM_ON;
}

/* Whether a string or a container may stand behind what was last. */
static bool may_begin(const struct skim *k)
{
    return k->last == '\0' || is_one_of(k->last, "{[,:");
}

static enum skim_got skim_open(struct skim *k, char c)
{
    if (k->depth == JSON_DEPTH_MOST || !may_begin(k))
        return SKIM_UNSURE;
    k->open[k->depth++] = c == '{' ? '}' : ']';
    return SKIM_ON;
}

static enum skim_got skim_close(struct skim *k, char c)
{
    if (k->depth == 0)
        return SKIM_ENDS_BEFORE;
    if (k->open[--k->depth] != (unsigned char)c)
        return SKIM_UNSURE;
    return k->depth == 0 ? SKIM_ENDS_BEHIND : SKIM_ON;
}

/* One byte outside of a string. */
static enum skim_got skim_outside(struct skim *k, char c)
{
    enum skim_got got = SKIM_ON;
    if (is_space(c))
        return SKIM_ON;
    if (c == '"') {
        k->in_string = true;
        got = may_begin(k) ? SKIM_ON : SKIM_UNSURE;
    } else if (c == '{' || c == '[') {
        got = skim_open(k, c);
    } else if (c == '}' || c == ']') {
        got = skim_close(k, c);
    } else if (c == ',' && k->depth == 0) {
        got = SKIM_ENDS_BEFORE;
    } else if (c != ',' && c != ':') {
        got = is_of_word(c) && k->last != '"' ? SKIM_ON : SKIM_UNSURE;
    }
    k->last = c;
    return got;
}

/* Looks at the bytes of the value from the N-th on. */
static enum skim_got skim(struct skim *k, struct str value, size_t *n)
{
    for (; *n < value.n; ++*n) {
        char c = value.p[*n];
        enum skim_got got = k->in_string ? skim_string(k, c) : skim_outside(k, c);
        if (got == SKIM_ENDS_BEHIND)
            ++*n;
        if (got != SKIM_ON)
            return got;
    }
    return SKIM_ON;
}

/* Forgets what the window has behind the first KEPT bytes. */
static void drop(struct json_stream *s, size_t kept)
{
    s->line += lines_in((struct str){s->p + s->at + kept, s->end - s->at - kept});
    s->offset += s->end - s->at - kept;
    s->end = s->at + kept;
}

enum json_stream_got json_stream_pass(struct json_stream *s, struct err *e)
{
    struct skim k = {.depth = 0};
    struct err why = {0};
    size_t n = 0; /* bytes of the value that were looked at, and are in the window */
    for (;;) {
        enum skim_got got = skim(&k, (struct str){s->p + s->at, s->end - s->at}, &n);
        if (got == SKIM_UNSURE || (got == SKIM_ON && s->eof))
            return JSON_STREAM_FATAL;
        if (got != SKIM_ON)
            break;
        if (n > JSON_BYTES) {
            drop(s, JSON_BYTES);
            n = JSON_BYTES;
        }
        if (fill(s, &why) == -1) {
            *e = why;
            return JSON_STREAM_FATAL;
        }
    }
    s->text = (struct str){s->p + s->at, n < JSON_BYTES ? n : JSON_BYTES};
    pass(s, n);
    return JSON_STREAM_BAD;
}

/* ---- values ---- */

static enum json_stream_got refuse(struct json_stream *s, size_t at, struct err *e)
{
    if (strcmp(e->code, "memory") == 0)
        return JSON_STREAM_FATAL;
    if (s->eof && at == s->end - s->at) {
        e->code = "cut_off";
        return JSON_STREAM_FATAL;
    }
    return json_stream_pass(s, e);
}

/* A fault of the first LIMIT bytes of N that is one only because they end there. */
static bool is_long(size_t at, size_t limit, size_t n)
{
    return n > limit && at + CUT > limit;
}

enum json_stream_got json_stream_value(struct json_stream *s, const struct json_limits *limits, struct err *e)
{
    struct json_limits here = *limits;
    here.offset = s->offset;
    for (size_t enough = 1;;) {
        while (s->end - s->at < enough && !s->eof)
            if (fill(s, e) == -1)
                return JSON_STREAM_FATAL;
        size_t at = 0, n = s->end - s->at;
        int done = json_parse_first(&s->tape, (struct str){s->p + s->at, n}, &here, &at, e);
        if (done == 0 && (at < n || s->eof)) {
            s->text = (struct str){s->p + s->at, at};
            pass(s, at);
            return JSON_STREAM_OK;
        }
        if (done == -1 && (at + CUT <= n || s->eof))
            return is_long(at, limits->bytes, n) ? JSON_STREAM_LONG : refuse(s, at, e);
        err_clear(e);
        /* What is long is not parsed again for each few bytes that a pipe gives. */
        enough = n < BLOCK ? n + 1 : n + n / 2;
    }
}
