#include "compare/show.h"

#include "base/clean.h"

enum { SHOWN_MOST = 60 /* bytes of a list or an object */, POINTER_ARENA = 1 << 20 };

static const char *colour_of(struct str op)
{
    return str_eq(op, STR("create")) ? "\033[32m" : str_eq(op, STR("delete")) ? "\033[31m" : "\033[33m";
}

static void show_value(struct buf *out, const struct json_node *value)
{
    if (value == NULL) {
        buf_put(out, STR("(absent)"));
        return;
    }
    struct str text = json_text(value);
    bool cut = text.n > SHOWN_MOST && (value->type == JSON_ARRAY || value->type == JSON_OBJECT);
    size_t n = cut ? SHOWN_MOST : text.n;
    while (cut && ((unsigned char)text.p[n] & 0xC0) == 0x80)
        n--;
    if (value->type == JSON_STRING && text.n == 0)
        buf_put(out, STR("\"\""));
    buf_put_clean(out, str_slice(text, 0, n));
    if (cut)
        buf_put(out, STR("…"));
}

void show_change(struct buf *out, const struct record *change, bool colours)
{
    buf_put_clean(out, change->entity);
    buf_byte(out, ' ');
    buf_put_clean(out, change->id);
    buf_put(out, STR(" ("));
    buf_put_clean(out, change->source);
    buf_put(out, STR(")  "));
    if (colours)
        buf_put(out, str_of(colour_of(change->op)));
    buf_put_clean(out, change->op);
    buf_put(out, colours ? STR("\033[0m\n") : STR("\n"));
    if (change->changed == NULL)
        return;
    struct arena a;
    arena_init(&a, POINTER_ARENA);
    const struct json_node *end = json_next(change->changed);
    for (const struct json_node *at = change->changed + 1; at < end; at = json_next(at)) {
        struct str pointer = json_string(at, &a);
        if (pointer.p == NULL)
            pointer = STR("");
        buf_put(out, STR("  "));
        buf_put_clean(out, pointer);
        buf_put(out, STR("  "));
        show_value(out, json_pointer(change->before, pointer));
        buf_put(out, STR(" -> "));
        show_value(out, json_pointer(change->after, pointer));
        buf_byte(out, '\n');
    }
    arena_release(&a);
}
