#include "system/doc.h"

#include <stdint.h>
#include <stdio.h>

#include "base/file.h"
#include "base/pointer.h"

enum { DOC_BYTES = 16 << 20, DOC_DEPTH = 64 };

/* No string of JSON reaches over the end of a line, so that what starts a line is never inside of one. */
static void blank_comments(char *p, size_t n)
{
    for (size_t at = 0; at < n;) {
        size_t end = at + str_find((struct str){p + at, n - at}, '\n');
        while (at < end && (p[at] == ' ' || p[at] == '\t'))
            at++;
        if (end - at >= 2 && p[at] == '/' && p[at + 1] == '/')
            memset(p + at, ' ', end - at);
        at = end + 1;
    }
}

int doc_read(struct doc *d, const char *path, struct arena *a, struct diag_list *diags, struct err *e)
{
    static const struct json_limits limits = {.depth = DOC_DEPTH, .bytes = DOC_BYTES};
    *d = (struct doc){.arena = a, .diags = diags, .source.name = arena_str(a, str_of(path))};
    json_tape_init(&d->tape);
    if (d->source.name.p == NULL)
        return err_memory(e);
    if (file_read(&d->source.text, path, DOC_BYTES, a, e) == -1)
        return -1;
    blank_comments((char *)(uintptr_t)d->source.text.p, d->source.text.n);
    size_t at;
    if (json_parse(&d->tape, d->source.text, &limits, &at, e) == 0)
        return 0;
    if (strcmp(e->code, "memory") == 0)
        return -1;
    /* The message ends in the byte, which the place tells better. */
    struct str message = str_of(e->message);
    size_t behind = str_search(message, STR(", at byte "), 0);
    diag_add(diags, &d->source, at, "%.*s", (int)(behind < message.n ? behind : message.n), message.p);
    return diag_first(diags, e);
}

void doc_release(struct doc *d)
{
    json_tape_release(&d->tape);
}

static size_t offset_of(const struct doc *d, const struct json_node *node)
{
    if (node->p == NULL)
        return 0;
    return (size_t)(node->p - d->source.text.p) - (node->type == JSON_STRING);
}

static void put_pointer(struct buf *out, struct arena *a, const struct json_node *root,
                        const struct json_node *node)
{
    while (root < node && (root->type == JSON_OBJECT || root->type == JSON_ARRAY)) {
        bool object = root->type == JSON_OBJECT;
        size_t index = 0;
        const struct json_node *at = root + 1, *next = object ? json_next_key(at) : json_next(at);
        while (next <= node) {
            index++;
            at = next;
            next = object ? json_next_key(at) : json_next(at);
        }
        if (object)
            pointer_put(out, json_string(at, a));
        else
            pointer_put_index(out, index);
        root = object ? json_value_of(at) : at;
        if (node <= root)
            return; /* the value, or its key */
    }
}

static void fault(struct doc *d, const struct json_node *node, size_t offset, const char *fmt, va_list args)
{
    struct buf pointer;
    char message[400];
    buf_init(&pointer, 1 << 16);
    put_pointer(&pointer, d->arena, doc_root(d), node);
    struct str field = pointer.n > 0 ? arena_str(d->arena, buf_str(&pointer)) : (struct str){0};
    int n = vsnprintf(message, sizeof message, fmt, args);
    diag_add_field(d->diags, &d->source, offset, field, "%s", n >= 0 ? message : "");
    buf_release(&pointer);
}

void doc_fault(struct doc *d, const struct json_node *node, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fault(d, node, offset_of(d, node), fmt, args);
    va_end(args);
}

/* How many bytes of the text between the quotes stand for the first N characters. */
static size_t spelled(const struct json_node *string, size_t n)
{
    struct str s = json_text(string);
    size_t at = 0;
    while (n-- > 0 && s.p != NULL && at < s.n) {
        if (s.p[at] == '\\')
            at += at + 1 < s.n && s.p[at + 1] == 'u' ? 6 : 2;
        else
            do
                at++;
            while (at < s.n && ((unsigned char)s.p[at] & 0xC0) == 0x80);
    }
    return at < s.n ? at : s.n;
}

void doc_fault_in(struct doc *d, const struct json_node *string, size_t character, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fault(d, string, offset_of(d, string) + 1 + spelled(string, character), fmt, args);
    va_end(args);
}
