#include "system/bindings.h"

void bindings_init(struct bindings *b)
{
    b->n = 0;
    b->stale = true;
    b->failed = false;
    json_tape_init(&b->object);
}

void bindings_release(struct bindings *b)
{
    for (size_t i = 0; i < b->n; i++) {
        buf_release(&b->binding[i].text);
        json_tape_release(&b->binding[i].tape);
    }
    json_tape_release(&b->object);
    b->n = 0;
}

static struct binding *named(struct bindings *b, struct str name)
{
    for (size_t i = 0; i < b->n; i++)
        if (str_eq(b->binding[i].name, name))
            return &b->binding[i];
    if (b->n == BINDINGS_MOST) {
        b->failed = true;
        return NULL;
    }
    struct binding *added = &b->binding[b->n++];
    *added = (struct binding){.name = name};
    buf_init(&added->text, JSON_BYTES + (1 << 20));
    json_tape_init(&added->tape);
    return added;
}

void bindings_set(struct bindings *b, struct str name, const struct json_node *value)
{
    struct binding *binding = named(b, name);
    struct err e = {0};
    if (binding == NULL)
        return;
    b->stale = true;
    binding->set = value != NULL;
    if (value == NULL)
        return;
    buf_reset(&binding->text);
    json_write(&binding->text, value);
    if (json_parse_made(&binding->tape, &binding->text, &e) == -1)
        b->failed = true;
}

void bindings_set_text(struct bindings *b, struct str name, struct str text)
{
    struct json_node node = json_string_node(text);
    bindings_set(b, name, text.p != NULL ? &node : NULL);
}

void bindings_set_count(struct bindings *b, struct str name, uint64_t count)
{
    struct buf text;
    buf_init(&text, 64);
    buf_u64(&text, count);
    struct json_node node = json_number_node(buf_str(&text));
    bindings_set(b, name, &node);
    buf_release(&text);
}

const struct json_node *bindings_get(const struct bindings *b, struct str name)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->binding[i].set && str_eq(b->binding[i].name, name))
            return b->binding[i].tape.node;
    return NULL;
}

const struct json_node *bindings_object(struct bindings *b)
{
    if (!b->stale && !b->failed)
        return b->object.node;
    b->object.n = 0;
    size_t start = json_open(&b->object, JSON_OBJECT);
    bool ok = start != SIZE_MAX && !b->failed;
    for (size_t i = 0; ok && i < b->n; i++) {
        if (!b->binding[i].set)
            continue;
        b->key[i] = json_string_node(b->binding[i].name);
        ok = json_append(&b->object, &b->key[i]) && json_append(&b->object, b->binding[i].tape.node);
    }
    if (!ok)
        return NULL;
    json_close(&b->object, start);
    b->stale = false;
    return b->object.node;
}
