/*
 * Texts that hold something else in an encoding of their own.
 */
#include "base/ascii.h"
#include "base/base64.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "canon/codec_family.h"
#include "canon/entities.h"

/* A buffer of at most MOST bytes in the arena of the record; .p NULL: memory, reported. */
static struct buf room_for(struct codec_run *run, size_t most)
{
    struct buf out = {.p = arena_raw(run->arena, most + BUF_PAD), .cap = most, .max = most};
    if (out.p == NULL)
        codec_memory(run);
    return out;
}

/* ---- json ---- */

/* Into a tape of its own, whose nodes then move to the arena; what no record may hold is refused. */
static const struct json_node *parse(struct json_tape *tape, struct str text, struct codec_run *run,
                                     struct err *e)
{
    static const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES};
    struct json_unique *unique = json_unique_new();
    int done = unique != NULL ? json_parse(tape, text, &limits, NULL, e) : err_memory(e);
    if (done == 0)
        done = json_check_record(tape->node, unique, e);
    json_unique_free(unique);
    struct json_node *nodes = done == 0 ? arena_raw(run->arena, tape->n * sizeof *nodes) : NULL;
    if (done == 0 && nodes == NULL)
        err_memory(e);
    if (nodes != NULL)
        memcpy(nodes, tape->node, tape->n * sizeof *nodes);
    return nodes;
}

const struct json_node *json_decode_text(const struct codec_use *use, const struct json_node *in,
                                         struct codec_run *run)
{
    (void)use;
    struct str text = codec_text_only(run, "json", "a JSON text", in);
    struct json_tape tape;
    struct err e = {0};
    if (text.p == NULL)
        return NULL;
    text = json_padded(text, run->arena);
    if (text.p == NULL)
        return codec_memory(run);
    json_tape_init(&tape);
    const struct json_node *made = parse(&tape, text, run, &e);
    json_tape_release(&tape);
    if (made == NULL)
        err_set(run->err, strcmp(e.code, "memory") == 0 ? "memory" : "json", "not a JSON text: %s",
                e.message);
    return made;
}

const struct json_node *json_encode_text(const struct codec_use *use, const struct json_node *in,
                                         struct codec_run *run)
{
    (void)use;
    struct buf text;
    buf_init(&text, JSON_BYTES);
    json_write(&text, in);
    struct str kept = buf_ok(&text) ? arena_str(run->arena, buf_str(&text)) : (struct str){0};
    buf_release(&text);
    return codec_string(run, kept);
}

/* ---- base64 ---- */

const struct json_node *base64_decode_text(const struct codec_use *use, const struct json_node *in,
                                           struct codec_run *run)
{
    (void)use;
    struct str text = codec_text_only(run, "base64", "base64", in);
    struct buf out = text.p != NULL ? room_for(run, text.n) : (struct buf){0};
    if (out.p == NULL)
        return NULL;
    if (!base64_decode(&out, text) || !buf_ok(&out))
        return codec_refuse(run, "base64", "base64 (RFC 4648 §4)", in);
    struct str made = buf_str(&out);
    return utf8_check(made) == made.n ? codec_string(run, made)
                                      : codec_refuse(run, "base64", "the base64 of a text in UTF-8", in);
}

const struct json_node *base64_encode_text(const struct codec_use *use, const struct json_node *in,
                                           struct codec_run *run)
{
    (void)use;
    struct str text = codec_text_only(run, "base64", "a text", in);
    struct buf out = text.p != NULL ? room_for(run, (text.n + 2) / 3 * 4) : (struct buf){0};
    if (out.p == NULL)
        return NULL;
    base64_encode(&out, text);
    return codec_clean(run, buf_str(&out));
}

/* ---- html_entities ---- */

enum { REFERENCE_MOST = 32 };

/* &#8211; or &#x2013;, without what stands around it; 0: no such. */
static uint32_t numbered(struct str body)
{
    bool hex = body.n > 1 && (body.p[1] == 'x' || body.p[1] == 'X');
    uint32_t number = 0, base = hex ? 16 : 10;
    size_t from = hex ? 2 : 1;
    for (size_t i = from; i < body.n; i++) {
        char c = body.p[i], small = (char)(c | 0x20);
        uint32_t digit = ascii_is_digit(c)                     ? (uint32_t)(c - '0')
                         : hex && small >= 'a' && small <= 'f' ? (uint32_t)(small - 'a' + 10)
                                                               : base;
        if (digit >= base || number > 0x10FFFF)
            return 0;
        number = number * base + digit;
    }
    return body.n > from ? entity_numbered(number) : 0;
}

/* The reference that starts at AT ("&"): its code point and bytes; 0: it is none, and stays as it is. */
static uint32_t reference_at(struct str text, size_t at, size_t *bytes)
{
    size_t end = at + 1;
    while (end < text.n && end - at < REFERENCE_MOST && text.p[end] != ';' && text.p[end] != '&')
        end++;
    if (end == text.n || text.p[end] != ';' || end == at + 1)
        return 0;
    struct str body = str_slice(text, at + 1, end);
    *bytes = end + 1 - at;
    return body.p[0] == '#' ? numbered(body) : entity_named(body);
}

static void put_character(struct buf *out, uint32_t point)
{
    char bytes[4];
    size_t n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n - 1; i > 0; i--, point >>= 6)
        bytes[i] = (char)(0x80 | (point & 0x3F));
    bytes[0] = (char)(lead[n] | point);
    buf_put(out, (struct str){bytes, n});
}

/* No reference is shorter than its character. */
const struct json_node *html_decode_text(const struct codec_use *use, const struct json_node *in,
                                         struct codec_run *run)
{
    (void)use;
    struct str text = codec_text_only(run, "html_entities", "a text", in);
    if (text.p == NULL || str_find(text, '&') == text.n)
        return text.p != NULL ? in : NULL;
    struct buf out = room_for(run, text.n);
    if (out.p == NULL)
        return NULL;
    for (size_t at = 0, bytes = 0; at < text.n; at += bytes) {
        uint32_t point = text.p[at] == '&' ? reference_at(text, at, &bytes) : 0;
        if (point != 0) {
            put_character(&out, point);
        } else {
            buf_byte(&out, text.p[at]);
            bytes = 1;
        }
    }
    return codec_string(run, buf_str(&out));
}

const struct json_node *html_encode_text(const struct codec_use *use, const struct json_node *in,
                                         struct codec_run *run)
{
    (void)use;
    static const struct {
        char c;
        struct str reference;
    } marks[] = {{'&', STR("&amp;")},
                 {'<', STR("&lt;")},
                 {'>', STR("&gt;")},
                 {'"', STR("&quot;")},
                 {'\'', STR("&#39;")}};
    enum { LONGEST = 6, MARKS = sizeof marks / sizeof *marks };
    struct str text = codec_text_only(run, "html_entities", "a text", in);
    struct buf out = text.p != NULL ? room_for(run, text.n * LONGEST) : (struct buf){0};
    if (out.p == NULL)
        return NULL;
    for (size_t i = 0; i < text.n; i++) {
        size_t mark = 0;
        while (mark < MARKS && marks[mark].c != text.p[i])
            mark++;
        if (mark < MARKS)
            buf_put(&out, marks[mark].reference);
        else
            buf_byte(&out, text.p[i]);
    }
    return codec_string(run, buf_str(&out));
}

/* ---- md5 ---- */

/* It cannot be undone: in both directions it is made. */
const struct json_node *md5_both(const struct codec_use *use, const struct json_node *in,
                                 struct codec_run *run)
{
    (void)use;
    struct str text = codec_text_only(run, "md5", "a text", in);
    char *hex = text.p != NULL ? arena_raw(run->arena, DIGEST_MD5) : NULL;
    if (text.p == NULL)
        return NULL;
    if (hex == NULL)
        return codec_memory(run);
    return digest_md5(hex, text, run->err) == 0 ? codec_clean(run, str_of(hex)) : NULL;
}
