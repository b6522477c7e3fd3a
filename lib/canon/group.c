#include "canon/group.h"

/* As much as one record may have, with the brackets that close it. */
enum { GROUP_MOST = JSON_BYTES - 2 };

static void rows_init(struct group_rows *r)
{
    *r = (struct group_rows){0};
    struct buf *const texts[] = {&r->key, &r->json, &r->of, &r->lines, &r->inputs, &r->rows};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        buf_init(texts[i], (size_t)1 << 30);
}

static void rows_release(struct group_rows *r)
{
    struct buf *const texts[] = {&r->key, &r->json, &r->of, &r->lines, &r->inputs, &r->rows};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        buf_release(texts[i]);
}

void group_init(struct group *g)
{
    rows_init(&g->now);
    rows_init(&g->done);
    json_tape_init(&g->rows);
    json_tape_init(&g->of);
    g->waits = false;
}

void group_release(struct group *g)
{
    rows_release(&g->now);
    rows_release(&g->done);
    json_tape_release(&g->rows);
    json_tape_release(&g->of);
}

static void begin(struct group_rows *n, struct str key)
{
    struct buf *const texts[] = {&n->key, &n->json, &n->of, &n->lines, &n->inputs, &n->rows};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        buf_reset(texts[i]);
    n->open = true;
    n->full = false;
    n->count = 0;
    err_clear(&n->why);
    buf_put(&n->key, key);
    buf_put(&n->json, STR("{\"key\":"));
    json_write_string(&n->json, key);
    buf_put(&n->json, STR(",\"rows\":["));
}

static void put_name(struct buf *of, const char *key, struct str value)
{
    buf_put(of, str_of(key));
    json_write_string(of, value);
}

/* Where R is, by its line and its place. */
static void note(struct group_rows *n, const struct record *r)
{
    if (n->count == 0 || !str_eq(str_of(n->inputs.p + n->input), str_of(r->input))) {
        n->input = n->inputs.n;
        buf_put(&n->inputs, str_of(r->input));
        buf_byte(&n->inputs, '\0');
    }
    buf_put(&n->lines, r->line);
    const struct group_row row = {.end = n->lines.n, .input = n->input, .number = r->number};
    buf_put(&n->rows, (struct str){(const char *)&row, sizeof row});
    n->count++;
}

static int add(struct group_rows *n, const struct record *r, struct err *e)
{
    if (!n->full && n->count > 0)
        buf_byte(&n->json, ',');
    if (!n->full)
        json_write(&n->json, r->data);
    n->full = n->full || n->json.n > GROUP_MOST;
    if (r->kind == RECORD_CANONICAL) {
        buf_put(&n->of, n->of.n > 0 ? STR(",") : STR("["));
        put_name(&n->of, "{\"entity\":", r->entity);
        put_name(&n->of, ",\"id\":", r->id);
        put_name(&n->of, ",\"source\":", r->source);
        buf_byte(&n->of, '}');
    }
    note(n, r);
    bool ok = buf_ok(&n->key) && buf_ok(&n->json) && buf_ok(&n->of) && buf_ok(&n->lines) &&
              buf_ok(&n->inputs) && buf_ok(&n->rows);
    return ok ? 0 : err_memory(e);
}

int group_end(struct group *g)
{
    if (!g->now.open)
        return 0;
    struct group_rows last = g->done;
    g->done = g->now;
    g->now = last;
    g->now.open = false;
    g->waits = true;
    return 1;
}

int group_take(struct group *g, struct str key, const struct record *r, struct err *e)
{
    int ended = g->now.open && !str_eq(buf_str(&g->now.key), key) ? group_end(g) : 0;
    if (!g->now.open)
        begin(&g->now, key);
    return add(&g->now, r, e) == -1 ? -1 : ended;
}

void group_refuse(struct group *g, const struct record *r, const struct err *why)
{
    struct err *kept = &g->now.why;
    if (kept->code != NULL)
        return;
    *kept = *why;
    if (r->from.p != NULL)
        err_place(kept, "%.*s", (int)r->from.n, r->from.p);
    else
        err_place(kept, "%s:%llu", r->input, (unsigned long long)r->number);
    g->now.refused = g->now.count - 1;
}

int group_parse(struct group *g, const struct json_node **object, const struct json_node **of, struct err *e)
{
    struct group_rows *d = &g->done;
    g->waits = false;
    *object = *of = NULL;
    if (d->why.code != NULL) {
        *e = d->why;
        return -1;
    }
    if (d->full)
        return err_set(e, "limit", "a group of more than %d bytes", GROUP_MOST);
    buf_put(&d->json, STR("]}"));
    if (d->of.n > 0)
        buf_byte(&d->of, ']');
    if (json_parse_made(&g->rows, &d->json, e) == -1 ||
        (d->of.n > 0 && json_parse_made(&g->of, &d->of, e) == -1))
        return -1;
    *object = g->rows.node;
    *of = d->of.n > 0 ? g->of.node : NULL;
    return 0;
}

static struct group_row row_at(const struct group_rows *d, uint64_t i)
{
    struct group_row row;
    memcpy(&row, d->rows.p + i * sizeof row, sizeof row);
    return row;
}

struct record group_record(const struct group *g, uint64_t i)
{
    const struct group_rows *d = &g->done;
    struct group_row row = row_at(d, i);
    size_t from = i > 0 ? row_at(d, i - 1).end : 0;
    return (struct record){.line = str_slice(buf_str(&d->lines), from, row.end),
                           .input = d->inputs.p + row.input,
                           .number = row.number};
}
