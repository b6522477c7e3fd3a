#include "json/pieces.h"

#include "base/utf8.h"

struct json_pieces json_pieces_of(const struct json_node *string)
{
    return (struct json_pieces){
        .at = string->p, .end = string->p + string->n, .escaped = string->form == JSON_ESCAPED};
}

static uint32_t hex4(const char *p)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        value = value << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

static bool is_high_surrogate(uint32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low_surrogate(uint32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* The code point of \uXXXX, p->at behind the "u"; of a pair of them where they are surrogates (RFC 8259 §7).
 */
static uint32_t unicode(struct json_pieces *p)
{
    uint32_t unit = hex4(p->at);
    p->at += 4;
    if (is_high_surrogate(unit) && p->end - p->at >= 6 && p->at[0] == '\\' && p->at[1] == 'u') {
        uint32_t low = hex4(p->at + 2);
        if (is_low_surrogate(low)) {
            p->at += 6;
            return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    if (!is_high_surrogate(unit) && !is_low_surrogate(unit))
        return unit;
    p->lone = true;
    return 0xFFFD;
}

/* The code point of an escape, p->at at its backslash. */
static uint32_t escape(struct json_pieces *p)
{
    char kind = p->at[1];
    p->at += 2;
    switch (kind) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'u': return unicode(p);
    default: return (unsigned char)kind;
    }
}

bool json_pieces_next(struct json_pieces *p, struct str *piece)
{
    if (p->at == p->end)
        return false;
    if (p->escaped && *p->at == '\\') {
        *piece = (struct str){p->utf8, utf8_encode(p->utf8, escape(p))};
        return true;
    }
    size_t rest = (size_t)(p->end - p->at);
    const char *stop = p->escaped ? memchr(p->at, '\\', rest) : NULL;
    if (stop == NULL)
        stop = p->end;
    *piece = (struct str){p->at, (size_t)(stop - p->at)};
    p->at = stop;
    return true;
}

struct str json_decode(const struct json_node *string, struct buf *work)
{
    if (string->form != JSON_ESCAPED)
        return json_text(string);
    buf_reset(work);
    /* No escape is shorter than what it stands for. */
    if (buf_room(work, string->n) == NULL)
        return (struct str){0};
    struct json_pieces pieces = json_pieces_of(string);
    for (struct str piece; json_pieces_next(&pieces, &piece);)
        buf_put(work, piece);
    return buf_str(work);
}
