#include "io/iconv.h"

#include <errno.h>
#include <iconv.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 64 << 10,
    NAME_MOST = 64, /* bytes of the name of an encoding */
    MARK_MOST = 4,  /* bytes of a byte order mark */
    SHOWN = 4       /* bytes of what is no character that a message shows */
};

struct decoder {
    struct reader from;
    const char *name;
    char encoding[NAME_MOST];
    iconv_t cd;
    bool begun;

    char raw[BLOCK]; /* raw[at..end) is to be decoded */
    size_t at, end;
    bool wants; /* more bytes, before anything can be decoded */
    bool bad;   /* what is at raw[at] is no character; it is told when SHOWN bytes of it are there */
    bool eof, flushed;
    uint64_t taken; /* bytes of the input before raw[0] */

    char text[BLOCK]; /* text[text_at..text_end) is to be given */
    size_t text_at, text_end;

    uint64_t line, column; /* where the next character stands, from 1 */
    bool cr;               /* the last one was a CR */
    struct err why;        /* what ends the reading behind the text; no code: nothing */
};

/* ---- names ---- */

/* Letters in one case, and neither "-" nor "_". */
static void plain_name(char to[NAME_MOST], struct str name)
{
    size_t n = 0;
    for (size_t i = 0; i < name.n && n < NAME_MOST - 1; i++) {
        char c = name.p[i];
        if (c != '-' && c != '_')
            to[n++] = (char)(c >= 'a' && c <= 'z' ? c & ~0x20 : c);
    }
    to[n] = '\0';
}

static bool is_named(struct str name, const char *plain)
{
    char text[NAME_MOST];
    plain_name(text, name);
    return strcmp(text, plain) == 0;
}

bool encoding_is_utf8(struct str name)
{
    return is_named(name, "UTF8");
}

/* A slash would begin what iconv takes as wishes (//TRANSLIT), and an empty name is that of the locale. */
static iconv_t open_named(struct str name)
{
    char text[NAME_MOST];
    if (name.n == 0 || name.n >= sizeof text || memchr(name.p, '/', name.n) != NULL ||
        memchr(name.p, '\0', name.n) != NULL)
        return (iconv_t)-1;
    memcpy(text, name.p, name.n);
    text[name.n] = '\0';
    return iconv_open("UTF-8", text);
}

bool encoding_is_known(struct str name)
{
    iconv_t cd = open_named(name);
    if (cd == (iconv_t)-1)
        return false;
    iconv_close(cd);
    return true;
}

struct str encoding_of_mark(struct str start, size_t *mark)
{
    /* That of UTF-32LE begins with that of UTF-16LE. */
    static const struct {
        struct str bytes, name;
    } marks[] = {{{"\xff\xfe\0\0", 4}, {"UTF-32LE", 8}},
                 {{"\0\0\xfe\xff", 4}, {"UTF-32BE", 8}},
                 {{"\xff\xfe", 2}, {"UTF-16LE", 8}},
                 {{"\xfe\xff", 2}, {"UTF-16BE", 8}},
                 {{"\xef\xbb\xbf", 3}, {"UTF-8", 5}}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (str_starts(start, marks[i].bytes)) {
            *mark = marks[i].bytes.n;
            return marks[i].name;
        }
    *mark = 0;
    return (struct str){0};
}

/* ---- places ---- */

static void fail(struct decoder *d)
{
    err_place(&d->why, "%s:%" PRIu64, d->name, d->line);
}

/* Counts what was decoded: ends of lines, then the characters behind the last one. */
static void count(struct decoder *d, const char *p, size_t n)
{
    size_t last = 0, ends = 0;
    bool cr = d->cr;
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)p[i] > '\r') {
            cr = false;
            continue;
        }
        if (p[i] == '\n' || p[i] == '\r') {
            ends += p[i] == '\r' || !cr;
            last = i + 1;
        }
        cr = p[i] == '\r';
    }
    d->cr = cr;
    d->line += ends;
    if (last > 0)
        d->column = 1;
    for (size_t i = last; i < n; i++)
        d->column += (p[i] & 0xc0) != 0x80;
}

static struct str rest(const struct decoder *d)
{
    return (struct str){d->raw + d->at, d->end - d->at};
}

static void put_bytes(char to[3 * SHOWN + 1], struct str bytes)
{
    to[0] = '\0';
    for (size_t i = 0; i < bytes.n && i < SHOWN; i++)
        snprintf(to + 3 * i, 4, " %02x", (unsigned char)bytes.p[i]);
}

static void refuse_bytes(struct decoder *d)
{
    char shown[3 * SHOWN + 1];
    put_bytes(shown, rest(d));
    err_set(&d->why, "encoding",
            "not %s: no character of it begins with the bytes%s, at column %" PRIu64
            " of the line (byte %" PRIu64 " of the file, from 0)",
            d->encoding, shown, d->column, d->taken + d->at);
    fail(d);
}

static void refuse_end(struct decoder *d)
{
    err_set(&d->why, "encoding", "not %s: cut off within a character, at column %" PRIu64 " of the line",
            d->encoding, d->column);
    fail(d);
}

/* ---- the start ---- */

static void refuse_mark(struct decoder *d, struct str other)
{
    if (other.p != NULL)
        err_set(&d->why, "encoding", "not %s: it begins with the byte order mark of %.*s", d->encoding,
                (int)other.n, other.p);
    else
        err_set(&d->why, "encoding", "%s without a byte order mark: say %sLE or %sBE", d->encoding,
                d->encoding, d->encoding);
    fail(d);
}

/* "UTF-16" and "UTF-32" are the order that the mark tells. */
static int choose_order(struct decoder *d, struct str marked, struct err *e)
{
    bool wide = is_named(str_of(d->encoding), "UTF16"), wider = is_named(str_of(d->encoding), "UTF32");
    if (!wide && !wider)
        return 0;
    if (marked.p == NULL || !str_starts(marked, wide ? STR("UTF-16") : STR("UTF-32"))) {
        refuse_mark(d, marked);
        return 0;
    }
    iconv_t cd = open_named(marked);
    if (cd == (iconv_t)-1)
        return err_errno(e, "iconv");
    iconv_close(d->cd);
    d->cd = cd;
    return 0;
}

/* Whoever waits for a line of a pipe gets it as soon as it is there: one read. */
static int fill(struct decoder *d, struct err *e)
{
    memmove(d->raw, d->raw + d->at, d->end - d->at);
    d->taken += d->at;
    d->end -= d->at;
    d->at = 0;
    ssize_t got = d->from.read(d->from.arg, d->raw + d->end, sizeof d->raw - d->end, e);
    if (got == -1)
        return -1;
    d->eof = got == 0;
    d->end += (size_t)got;
    return 0;
}

/* ---- decoding ---- */

/* As much as there is room for. */
static void decode(struct decoder *d)
{
    char *in = d->raw + d->at, *out = d->text;
    size_t in_left = d->end - d->at, out_left = sizeof d->text;
    size_t done = iconv(d->cd, &in, &in_left, &out, &out_left);
    int why = done == (size_t)-1 ? errno : 0;
    d->at = d->end - in_left;
    d->text_at = 0;
    d->text_end = sizeof d->text - out_left;
    count(d, d->text, d->text_end);
    if (why == EINVAL && d->eof)
        refuse_end(d);
    else if (why != 0 && why != EINVAL && why != E2BIG)
        d->bad = true;
    d->wants = why == EINVAL || in_left == 0;
}

/* What an encoding with states holds back until the end. */
static void flush(struct decoder *d)
{
    char *out = d->text;
    size_t left = sizeof d->text;
    d->flushed = true;
    if (iconv(d->cd, NULL, NULL, &out, &left) == (size_t)-1)
        refuse_end(d);
    d->text_at = 0;
    d->text_end = sizeof d->text - left;
}

/* A mark of this encoding is no text, and that of another one says that the text is not in this one. */
static int begin(struct decoder *d, struct err *e)
{
    while (!d->eof && d->end < MARK_MOST)
        if (fill(d, e) == -1)
            return -1;
    size_t n;
    struct str marked = encoding_of_mark(rest(d), &n);
    if (choose_order(d, marked, e) == -1)
        return -1;
    d->begun = true;
    if (d->why.code != NULL)
        return 0;
    d->column = marked.p != NULL ? 0 : 1;
    decode(d);
    if (str_starts((struct str){d->text, d->text_end}, STR("\xef\xbb\xbf"))) {
        d->text_at = 3;
    } else if (marked.p != NULL) {
        d->text_end = 0;
        d->line = d->column = 1;
        refuse_mark(d, marked);
    }
    return 0;
}

/* Puts some text there, unless the end is reached or must be told. */
static int advance(struct decoder *d, struct err *e)
{
    if (!d->begun)
        return begin(d, e);
    if (d->bad && (d->eof || d->end - d->at >= SHOWN)) {
        refuse_bytes(d);
        return 0;
    }
    if ((d->wants || d->bad) && !d->eof)
        return fill(d, e) == -1 ? -1 : (d->wants = false, 0);
    if (d->at < d->end)
        decode(d);
    else if (d->eof)
        flush(d);
    else
        d->wants = true;
    return 0;
}

ssize_t decoder_read(void *arg, char *p, size_t n, struct err *e)
{
    struct decoder *d = arg;
    while (d->text_at == d->text_end) {
        if (d->why.code != NULL) {
            *e = d->why;
            return -1;
        }
        if (d->flushed)
            return 0;
        if (advance(d, e) == -1)
            return -1;
    }
    if (n > d->text_end - d->text_at)
        n = d->text_end - d->text_at;
    memcpy(p, d->text + d->text_at, n);
    d->text_at += n;
    return (ssize_t)n;
}

struct decoder *decoder_new(struct reader from, const char *name, struct str encoding, struct err *e)
{
    struct decoder *d = calloc(1, sizeof *d);
    if (d == NULL) {
        err_memory(e);
        return NULL;
    }
    d->cd = open_named(encoding);
    if (d->cd == (iconv_t)-1) {
        err_set(e, "usage", "the encoding %s is not known (iconv -l lists those that are)",
                err_quote(encoding));
        free(d);
        return NULL;
    }
    memcpy(d->encoding, encoding.p, encoding.n);
    d->from = from;
    d->name = name;
    d->line = d->column = 1;
    return d;
}

void decoder_free(struct decoder *d)
{
    if (d == NULL)
        return;
    iconv_close(d->cd);
    free(d);
}
