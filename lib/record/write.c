#include "record/write.h"

#include "base/utf8.h"

/* Each member ends with a comma; the last one becomes the closing brace. */
static void close_object(struct buf *out)
{
    if (buf_ok(out) && out->n > 0)
        out->p[out->n - 1] = '}';
    buf_byte(out, '\n');
}

static void put_text(struct buf *out, struct str key, struct str value)
{
    if (value.p == NULL)
        return;
    buf_put(out, key);
    json_write_string(out, value);
    buf_byte(out, ',');
}

static void put_canonical(struct buf *out, struct str key, const struct json_node *value)
{
    if (value == NULL)
        return;
    buf_put(out, key);
    json_write_canonical(out, value);
    buf_byte(out, ',');
}

static void put_native(struct buf *out, struct str key, const struct json_node *value)
{
    if (value == NULL)
        return;
    buf_put(out, key);
    json_write(out, value);
    buf_byte(out, ',');
}

static void put_number(struct buf *out, struct str key, uint64_t value)
{
    buf_put(out, key);
    buf_u64(out, value);
    buf_byte(out, ',');
}

static void write_canonical(struct buf *out, const struct record *r)
{
    if (r->deleted)
        buf_put(out, STR("\"deleted\":true,"));
    else
        put_canonical(out, STR("\"data\":"), r->data);
    put_text(out, STR("\"entity\":"), r->entity);
    put_text(out, STR("\"id\":"), r->id);
    put_canonical(out, STR("\"of\":"), r->of);
    put_text(out, STR("\"source\":"), r->source);
    put_number(out, STR("\"v\":"), (uint64_t)r->v);
}

static void write_change(struct buf *out, const struct record *r)
{
    put_canonical(out, STR("\"after\":"), r->after);
    put_canonical(out, STR("\"before\":"), r->before);
    put_canonical(out, STR("\"changed\":"), r->changed);
    put_text(out, STR("\"entity\":"), r->entity);
    put_text(out, STR("\"id\":"), r->id);
    put_canonical(out, STR("\"of\":"), r->of);
    put_text(out, STR("\"op\":"), r->op);
    put_text(out, STR("\"source\":"), r->source);
    put_text(out, STR("\"target\":"), r->target);
    put_number(out, STR("\"v\":"), (uint64_t)r->v);
}

static void write_native(struct buf *out, const struct record *r)
{
    put_native(out, STR("\"after\":"), r->after);
    put_native(out, STR("\"before\":"), r->before);
    put_native(out, STR("\"data\":"), r->data);
    if (r->deleted)
        buf_put(out, STR("\"deleted\":true,"));
    put_text(out, STR("\"entity\":"), r->entity);
    put_text(out, STR("\"from\":"), r->from);
    put_text(out, STR("\"id\":"), r->id);
    put_text(out, STR("\"label\":"), r->label);
    put_text(out, STR("\"op\":"), r->op);
    if (r->part > 0)
        put_number(out, STR("\"part\":"), (uint64_t)r->part);
    put_text(out, STR("\"source\":"), r->source);
    put_text(out, STR("\"stream\":"), r->stream);
    put_text(out, STR("\"version\":"), r->version);
    put_text(out, STR("\"was\":"), r->was);
}

static void write_receipt(struct buf *out, const struct record *r)
{
    put_text(out, STR("\"entity\":"), r->entity);
    put_native(out, STR("\"error\":"), r->error);
    put_text(out, STR("\"id\":"), r->id);
    put_text(out, STR("\"op\":"), r->op);
    put_text(out, STR("\"source\":"), r->source);
    put_text(out, STR("\"status\":"), r->status);
    put_text(out, STR("\"target\":"), r->target);
    put_text(out, STR("\"target_id\":"), r->target_id);
    put_text(out, STR("\"version\":"), r->version);
}

void record_write(struct buf *out, const struct record *r)
{
    buf_byte(out, '{');
    switch (r->kind) {
    case RECORD_MARK: break;
    case RECORD_RECEIPT: write_receipt(out, r); break;
    case RECORD_NATIVE: write_native(out, r); break;
    case RECORD_CHANGE: write_change(out, r); break;
    case RECORD_CANONICAL: write_canonical(out, r); break;
    }
    close_object(out);
}

void record_write_mark(struct buf *out, const struct record_mark *mark)
{
    buf_byte(out, '{');
    put_native(out, STR("\"after\":"), mark->after);
    put_native(out, STR("\"checkpoint\":"), mark->checkpoint);
    if (mark->end)
        buf_put(out, STR("\"end\":true,"));
    put_number(out, STR("\"n\":"), mark->n);
    put_text(out, STR("\"source\":"), mark->source);
    put_text(out, STR("\"stream\":"), mark->stream);
    close_object(out);
}

void record_write_text(struct buf *out, struct str bytes)
{
    if (utf8_check(bytes) == bytes.n) {
        json_write_string(out, bytes);
        return;
    }
    struct buf clean;
    buf_init(&clean, bytes.n * 3 + 1);
    while (bytes.n > 0) {
        size_t good = utf8_check(bytes);
        buf_put(&clean, str_slice(bytes, 0, good));
        if (good < bytes.n)
            buf_put(&clean, STR("\xEF\xBF\xBD"));
        bytes = str_slice(bytes, good + 1, bytes.n);
    }
    json_write_string(out, buf_str(&clean));
    out->failed |= !buf_ok(&clean);
    buf_release(&clean);
}
