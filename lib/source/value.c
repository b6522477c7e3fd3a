#include "source/value.h"

int value_init(struct value_reader *v)
{
    json_tape_init(&v->tape);
    v->unique = json_unique_new();
    return v->unique != NULL ? 0 : -1;
}

void value_release(struct value_reader *v)
{
    json_tape_release(&v->tape);
    json_unique_free(v->unique);
    v->unique = NULL;
}

int value_parse(struct value_reader *v, struct str text, struct err *e)
{
    static const struct json_limits limits = {.depth = VALUE_DEPTH, .bytes = JSON_BYTES};
    return json_parse(&v->tape, text, &limits, NULL, e);
}

int value_write(struct value_reader *v, const struct json_node *value, struct buf *out, struct err *e)
{
    if (!json_is(value, JSON_OBJECT))
        return err_set(e, "record", "not a JSON object: %s", err_quote(json_text(value)));
    if (json_check_record(value, v->unique, e) == -1)
        return -1;
    json_write(out, value);
    return 0;
}

void value_put_key(struct buf *id, struct str value, bool first)
{
    if (!first)
        buf_byte(id, ',');
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == ',' || value.p[i] == '\\')
            buf_byte(id, '\\');
        buf_byte(id, value.p[i]);
    }
}
