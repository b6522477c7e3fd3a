#include "canon/escape.h"

/*
 * ZPL II (Zebra's Programming Guide). Commands begin with ^ or ~, and nothing else does; data stands between
 * ^FD (or ^FV) and ^FS. In a field with ^FH, any byte of the data can be written as the indicator (_ where
 * ^FH names no other) and two hex digits: so the prefixes, the indicator and control characters are. A field
 * without it cannot hold them.
 */
enum {
    OUTSIDE, /* parameters, and what stands between commands */
    NAME,    /* behind the prefix of a command */
    NAME_2,  /* behind the first letter of its name, which is `first` */
    HEX,     /* behind ^FH: its indicator may follow */
    DATA
};

/* `indicator` is that of the field, or 0. */
enum {
    BLOCK = 1,    /* ^FB: a backslash begins \& (a new line) and the like; \\ is itself */
    CODE_128 = 2, /* ^BC: > begins a function of the bar code; >0 is itself */
    MIXED = 4     /* what holds of the field depends on conditions */
};

static const char *command(struct escape_place *place, char second)
{
    char first = place->first;
    place->state = OUTSIDE;
    if (first == 'C' && (second == 'C' || second == 'D' || second == 'T'))
        return "a template cannot change the prefixes and the delimiter: values are escaped for ^ ~ and ,";
    if (first == 'F' && (second == 'D' || second == 'V')) {
        place->state = DATA;
    } else if (first == 'F' && second == 'H') {
        place->state = HEX;
        place->indicator = '_';
    } else if (first == 'F' && second == 'B') {
        place->flags |= BLOCK;
    } else if (first == 'B' && second == 'C') {
        place->flags |= CODE_128;
    } else if ((first == 'F' && second == 'S') || (first == 'X' && (second == 'A' || second == 'Z'))) {
        place->flags = 0;
        place->indicator = 0;
    }
    return NULL;
}

static char upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static const char *zpl_pass(struct escape_place *place, struct str text, size_t *at)
{
    for (*at = 0; *at < text.n; ++*at) {
        char c = text.p[*at];
        const char *wrong = NULL;
        if (c == '^' || c == '~') {
            place->state = NAME;
        } else if (place->state == NAME) {
            place->first = upper(c);
            place->state = NAME_2;
        } else if (place->state == NAME_2) {
            wrong = command(place, upper(c));
            place->first = 0;
        } else if (place->state == HEX) {
            if (!escape_is_control(c))
                place->indicator = c;
            place->state = OUTSIDE;
        }
        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

static const char *zpl_value(struct escape_place *place, struct escape_place *here, struct str next)
{
    (void)next;
    *here = *place;
    if (place->state == NAME || place->state == NAME_2 || place->state == HEX)
        return "a value cannot be a part of the name of a command, or the indicator of ^FH";
    if (place->state == DATA && place->flags & MIXED)
        return "what stands before this value in its field (^FH, ^FB, ^BC, ^FD) depends on a condition: "
               "write the field whole in each branch";
    return NULL;
}

static bool in_name(const struct escape_place *place)
{
    return place->state == NAME || place->state == NAME_2;
}

static const char *zpl_join(struct escape_place *place, const struct escape_place *other)
{
    if (memcmp(place, other, sizeof *place) == 0)
        return NULL;
    if (in_name(place) || in_name(other))
        return "a command is not whole here, as conditions go: write it whole in each branch";
    place->flags |= other->flags | MIXED;
    if (place->state != other->state)
        place->state = place->state == DATA || other->state == DATA ? DATA : OUTSIDE;
    return NULL;
}

static void hex(struct buf *out, char indicator, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    buf_byte(out, indicator);
    buf_byte(out, digits[(unsigned char)c >> 4]);
    buf_byte(out, digits[c & 15]);
}

static void data_byte(struct buf *out, char c, char indicator)
{
    if (indicator != 0 && (c == indicator || c == '^' || c == '~' || escape_is_control(c)))
        hex(out, indicator, c);
    else
        buf_byte(out, c);
}

static const char *data_put(struct buf *out, struct str value, const struct escape_place *here)
{
    bool block = (here->flags & BLOCK) != 0;
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (block && c == '\r' && i + 1 < value.n && value.p[i + 1] == '\n')
            continue;
        if (block && (c == '\n' || c == '\r')) {
            data_byte(out, '\\', here->indicator);
            data_byte(out, '&', here->indicator);
            continue;
        }
        if (here->indicator == 0 && (c == '^' || c == '~' || escape_is_control(c)))
            return "^, ~ and control characters can stand only in a field with ^FH before its ^FD";
        data_byte(out, c, here->indicator);
        if (block && c == '\\')
            data_byte(out, c, here->indicator);
        if (here->flags & CODE_128 && c == '>')
            data_byte(out, '0', here->indicator);
    }
    return NULL;
}

static const char *zpl_put(struct buf *out, struct str value, const struct escape_place *here)
{
    if (here->state == DATA)
        return data_put(out, value, here);
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '^' || c == '~' || c == ',' || escape_is_control(c))
            return "^, ~, commas and control characters cannot stand outside of the data of a field (^FD)";
    }
    buf_put(out, value);
    return NULL;
}

const struct escape escape_zpl = {".zpl", zpl_pass, zpl_value, zpl_join, zpl_put};
