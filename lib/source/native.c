#include "source/native.h"

enum { NAME_MOST = 1 << 20 };

static const struct str opening = {"{\"data\":", 8};

void native_init(struct native *n)
{
    *n = (struct native){0};
    buf_init(&n->from, NAME_MOST);
    buf_init(&n->tail, NAME_MOST);
    buf_init(&n->named, (size_t)JSON_BYTES);
    json_tape_init(&n->tape);
}

void native_release(struct native *n)
{
    expr_free(n->id);
    expr_free(n->label);
    buf_release(&n->from);
    buf_release(&n->tail);
    buf_release(&n->named);
    json_tape_release(&n->tape);
}

static int compile(struct expr **x, struct str text, const char *place, struct err *e)
{
    if (text.p == NULL)
        return 0;
    *x = expr_compile(text, place, EXPR_NATIVE, e);
    return *x != NULL ? 0 : -1;
}

int native_name_by(struct native *n, struct str id, struct str label, const char *place, struct err *e)
{
    return compile(&n->id, id, place, e) == 0 ? compile(&n->label, label, place, e) : -1;
}

static void put_member(struct buf *out, struct str key, struct str value)
{
    buf_put(out, key);
    json_write_string(out, value);
}

int native_set_stream(struct native *n, struct str source, struct str stream, struct err *e)
{
    buf_reset(&n->tail);
    put_member(&n->tail, STR(",\"source\":"), source);
    put_member(&n->tail, STR(",\"stream\":"), stream);
    buf_put(&n->tail, STR("}\n"));
    return buf_ok(&n->tail) ? 0 : err_memory(e);
}

int native_set_input(struct native *n, struct str name, struct err *e)
{
    buf_reset(&n->from);
    put_member(&n->from, STR(",\"from\":"), name);
    if (!buf_ok(&n->from))
        return err_memory(e);
    n->from.p[n->from.n - 1] = ':'; /* for the closing quote: the line follows */
    return 0;
}

size_t native_begin(struct buf *out)
{
    size_t start = out->n;
    buf_put(out, opening);
    return start;
}

/* An absent value names nothing. */
static int put_name(struct native *n, struct expr *x, struct str key, struct err *e)
{
    if (x == NULL)
        return 0;
    struct err why = {0};
    struct str text = expr_text(x, n->tape.node, &why);
    if (why.code != NULL) {
        *e = why;
        return -1;
    }
    if (text.p != NULL)
        put_member(&n->named, key, text);
    return buf_ok(&n->named) ? 0 : err_memory(e);
}

/* Into n->named, since the texts point into DATA, which an append could move. */
static int name(struct native *n, struct str data, struct err *e)
{
    static const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES};
    buf_reset(&n->named);
    if (n->id == NULL && n->given.p != NULL)
        put_member(&n->named, STR(",\"id\":"), n->given);
    if (n->id == NULL && n->label == NULL)
        return buf_ok(&n->named) ? 0 : err_memory(e);
    if (json_parse(&n->tape, data, &limits, NULL, e) == -1 || put_name(n, n->id, STR(",\"id\":"), e) == -1)
        return -1;
    return put_name(n, n->label, STR(",\"label\":"), e);
}

static int finish(struct native *n, struct buf *out, size_t start, uint64_t line, int done, struct err *e)
{
    if (done == 0) {
        buf_put(out, buf_str(&n->from));
        buf_u64(out, line);
        buf_byte(out, '"');
        if (n->named.n > 0)
            buf_put(out, buf_str(&n->named));
        buf_put(out, buf_str(&n->tail));
        done = buf_ok(out) ? 0 : err_memory(e);
    }
    if (done == -1)
        out->n = start;
    return done;
}

int native_end(struct native *n, struct buf *out, size_t start, uint64_t line, struct err *e)
{
    int done = buf_ok(out) ? name(n, str_slice(buf_str(out), start + opening.n, out->n), e) : err_memory(e);
    return finish(n, out, start, line, done, e);
}

int native_end_as(struct native *n, struct buf *out, size_t start, uint64_t line, struct str id,
                  struct str label, struct err *e)
{
    buf_reset(&n->named);
    if (id.p != NULL)
        put_member(&n->named, STR(",\"id\":"), id);
    if (label.p != NULL)
        put_member(&n->named, STR(",\"label\":"), label);
    return finish(n, out, start, line, buf_ok(&n->named) && buf_ok(out) ? 0 : err_memory(e), e);
}
