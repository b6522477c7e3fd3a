/*
 * How values stand in the text of a template, by the suffix of its file: so that a value is never more than a
 * value, whatever it holds. Where a format has different rules in different places (a cell in quotes, an
 * account, the data of a label's field), the literal text is followed when the template is compiled, and each
 * value is told where it stands.
 *
 *     const struct escape *escape = escape_find(STR("label.zpl"));      NULL: no such suffix
 *     struct escape_place place = {0}, here;
 *     escape->pass(&place, STR("^XA^FH^FD"), &at);
 *     escape->value(&place, &here, STR("^FS"));                         a value stands here
 *     escape->put(out, STR("50^"), &here);                              50_5E
 *
 * What a place cannot hold is refused, not changed. Functions return NULL, or what is wrong (static).
 */
#ifndef HUB_CANON_ESCAPE_H
#define HUB_CANON_ESCAPE_H

#include <stdint.h>

#include "base/buf.h"

/* A place in a text; what its members mean is the format's own. All zero: where the text begins. There are no
 * bytes between them: places are compared as a whole. */
struct escape_place {
    uint16_t flags;
    uint8_t state, link;
    char first, indicator;
};

struct escape {
    const char *suffix; /* ".html" */
    /* Moves PLACE behind literal TEXT. Wrong: *at is the offset of what is. NULL: all places are alike. */
    const char *(*pass)(struct escape_place *place, struct str text, size_t *at);
    /* Moves PLACE behind a value; HERE is what put needs. NEXT is the literal text right behind it, empty
     * where it is not known. */
    const char *(*value)(struct escape_place *place, struct escape_place *here, struct str next);
    /* PLACE becomes what holds for both, where two ways through the template meet. */
    const char *(*join)(struct escape_place *place, const struct escape_place *other);
    /* Appends VALUE (UTF-8). */
    const char *(*put)(struct buf *out, struct str value, const struct escape_place *here);
};

/* By the suffix of a file's name. */
const struct escape *escape_find(struct str name);

/* All of them, for messages. */
extern const char escape_suffixes[];

/* The formats, a file each. */
extern const struct escape escape_csv, escape_html, escape_journal, escape_zpl;

/* C0 and DEL: what no line of text has. */
static inline bool escape_is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

#endif
