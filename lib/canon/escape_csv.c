#include "canon/escape.h"
#include "io/csv.h"

/*
 * CSV (RFC 4180), cells between commas. A value that is a cell alone gets quotes where it needs them; in a
 * cell that has quotes around it, those of a value are doubled. A cell without quotes holds a value or text,
 * not both: what it would need could only be known with the value.
 */
enum {
    START,   /* of a cell */
    MIDDLE,  /* of a cell of text, without quotes */
    FILLED,  /* behind a value that is a cell: only its end can follow */
    QUOTED,  /* inside of quotes */
    CLOSING, /* behind a quote inside of quotes: the last one, or half of a doubled one */
};

static const char mixed[] = "a cell of values and other text needs quotes around it: \"{{a}} {{b}}\"";

static const char *pass_one(struct escape_place *place, char c)
{
    if (place->state == QUOTED) {
        place->state = c == '"' ? CLOSING : QUOTED;
    } else if (c == ',' || c == '\n' || c == '\r') {
        place->state = START;
    } else if (place->state == CLOSING) {
        if (c != '"')
            return "only a comma or the end of the line can follow the quotes around a cell";
        place->state = QUOTED;
    } else if (place->state == FILLED) {
        return mixed;
    } else if (c == '"') {
        if (place->state == MIDDLE)
            return "a quote can stand only around a cell, or doubled inside of one that has quotes";
        place->state = QUOTED;
    } else {
        place->state = MIDDLE;
    }
    return NULL;
}

static const char *csv_pass(struct escape_place *place, struct str text, size_t *at)
{
    for (*at = 0; *at < text.n; ++*at) {
        const char *wrong = pass_one(place, text.p[*at]);
        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

static const char *csv_value(struct escape_place *place, struct escape_place *here, struct str next)
{
    (void)next;
    *here = *place;
    if (place->state == QUOTED)
        return NULL;
    if (place->state != START)
        return mixed;
    place->state = FILLED;
    return NULL;
}

/* Where one way fills the cell and the other does not, it may be filled. */
static const char *csv_join(struct escape_place *place, const struct escape_place *other)
{
    if (place->state == other->state)
        return NULL;
    if (place->state == QUOTED || other->state == QUOTED)
        return "a quote is open here or not, as conditions go: open and close it in the same branch";
    place->state = FILLED;
    return NULL;
}

static const char *csv_put(struct buf *out, struct str value, const struct escape_place *here)
{
    if (here->state != QUOTED) {
        csv_put_cell(out, value, ',');
        return NULL;
    }
    for (size_t end; value.n > 0; value = str_slice(value, end, value.n)) {
        end = str_find(value, '"');
        buf_put(out, str_slice(value, 0, end));
        if (end < value.n) {
            buf_put(out, STR("\"\""));
            end++;
        }
    }
    return NULL;
}

const struct escape escape_csv = {".csv", csv_pass, csv_value, csv_join, csv_put};
