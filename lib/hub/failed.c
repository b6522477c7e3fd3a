#include "hub/failed.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/list.h"
#include "hub/open.h"

enum { TEXT_MOST = 64 << 20 };

struct cause {
    struct hub_cause said;
    struct str shape;
};

struct causes {
    struct cause *cause;
    size_t n, room;
    struct arena arena;
    struct buf shape; /* of the error at hand */
};

/* The text without what differs from record to record. */
static void put_shape(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '"') {
            while (i + 1 < text.n && text.p[i + 1] != '"')
                i += text.p[i + 1] == '\\' ? 2 : 1;
            i++;
        } else if (ascii_is_digit(c)) {
            while (i + 1 < text.n && ascii_is_digit(text.p[i + 1]))
                i++;
            c = '0';
        }
        buf_byte(out, c);
    }
}

static void put_part(struct buf *out, struct str text, bool varies)
{
    if (varies)
        put_shape(out, text);
    else
        buf_put(out, text);
    buf_byte(out, '\0');
}

static int find_shape(struct causes *c, const struct hub_cause *one, struct err *e)
{
    buf_reset(&c->shape);
    put_part(&c->shape, one->by, false);
    put_part(&c->shape, one->code, false);
    put_part(&c->shape, one->field, true);
    put_part(&c->shape, one->message, true);
    return buf_ok(&c->shape) ? 0 : err_memory(e);
}

static int keep_cause(struct causes *c, const struct hub_cause *one, struct err *e)
{
    struct cause *list = list_room(c->cause, c->n, &c->room, sizeof *list);
    if (list == NULL)
        return err_memory(e);
    c->cause = list;
    struct cause kept = {*one, buf_str(&c->shape)};
    struct str *const texts[] = {&kept.shape,        &kept.said.by,     &kept.said.code, &kept.said.field,
                                 &kept.said.message, &kept.said.entity, &kept.said.name, &kept.said.source,
                                 &kept.said.stream,  &kept.said.place};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i]->p == NULL)
            continue;
        *texts[i] = arena_str(&c->arena, *texts[i]);
        if (texts[i]->p == NULL)
            return err_memory(e);
    }
    c->cause[c->n++] = kept;
    return 0;
}

/* The oldest come first. */
static int add(struct causes *c, const struct hub_cause *one, struct err *e)
{
    if (find_shape(c, one, e) == -1)
        return -1;
    for (size_t i = 0; i < c->n; i++) {
        if (!str_eq(c->cause[i].shape, buf_str(&c->shape)))
            continue;
        c->cause[i].said.count++;
        c->cause[i].said.last = one->last;
        return 0;
    }
    return keep_cause(c, one, e);
}

#define REJECTS                                                                                              \
    "SELECT tool, 0, at, code, field, message, entity.name, coalesce(label, reject.name), source.name,"      \
    " stream, place FROM reject LEFT JOIN entity ON entity.id = entity LEFT JOIN source ON source.id = "     \
    "source "

static const char of_run[] = REJECTS "WHERE run = ?1 ORDER BY reject.id";
static const char open_errors[] =
    REJECTS "WHERE closed IS NULL UNION ALL"
            " SELECT target.name, 1, parked.at, code, field, message, entity.name,"
            " coalesce(data ->> 'number', record.name), source.name, NULL, NULL"
            " FROM parked JOIN target ON target.id = parked.target JOIN record ON record.id = parked.record"
            " JOIN entity ON entity.id = entity JOIN source ON source.id = source"
            " LEFT JOIN revision ON number = record.revision ORDER BY 3";

static int collect(struct causes *c, struct sqlite_statement *s, struct err *e)
{
    int got = 1;
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct hub_cause one = {.by = sqlite_column_text(s, 0),
                                      .parked = sqlite_column_int(s, 1) != 0,
                                      .count = 1,
                                      .first = sqlite_column_int(s, 2),
                                      .last = sqlite_column_int(s, 2),
                                      .code = sqlite_column_text(s, 3),
                                      .field = sqlite_column_text(s, 4),
                                      .message = sqlite_column_text(s, 5),
                                      .entity = sqlite_column_text(s, 6),
                                      .name = sqlite_column_text(s, 7),
                                      .source = sqlite_column_text(s, 8),
                                      .stream = sqlite_column_text(s, 9),
                                      .place = sqlite_column_text(s, 10)};
        if (add(c, &one, e) == -1) {
            sqlite_reset(s);
            return -1;
        }
    }
    return got;
}

static int most_first(const void *a, const void *b)
{
    const struct hub_cause *x = &((const struct cause *)a)->said, *y = &((const struct cause *)b)->said;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

static int tell(struct sqlite_statement *s, void (*row)(void *arg, const struct hub_cause *c), void *arg,
                struct err *e)
{
    struct causes c = {0};
    arena_init(&c.arena, TEXT_MOST);
    buf_init(&c.shape, TEXT_MOST);
    int done = collect(&c, s, e);
    if (done == 0 && c.n > 1)
        qsort(c.cause, c.n, sizeof *c.cause, most_first);
    for (size_t i = 0; done == 0 && i < c.n; i++)
        row(arg, &c.cause[i].said);
    arena_release(&c.arena);
    buf_release(&c.shape);
    free(c.cause);
    return done;
}

int hub_failed(struct hub *h, void (*row)(void *arg, const struct hub_cause *c), void *arg, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, open_errors, e);
    return s != NULL ? tell(s, row, arg, e) : -1;
}

int hub_failed_in(struct hub *h, int64_t run, void (*row)(void *arg, const struct hub_cause *c), void *arg,
                  struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, of_run, e);
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, run);
    return tell(s, row, arg, e);
}

int hub_warned(struct hub *h, void (*row)(void *arg, const struct hub_cause *c), void *arg, struct err *e)
{
    /* Of min(), SQLite gives the other columns of the same row. */
    struct sqlite_statement *s = sqlite_cached(
        h->db,
        "SELECT tool, count(*), (SELECT max(at) FROM warning AS w WHERE w.tool = warning.tool"
        "  AND w.\"check\" = warning.\"check\"), \"check\", entity.name, warning.name, source.name, place,"
        " min(warning.at) FROM warning LEFT JOIN entity ON entity.id = entity"
        " LEFT JOIN source ON source.id = source"
        " GROUP BY tool, \"check\" ORDER BY count(*) DESC, tool, \"check\"",
        e);
    int got = s != NULL ? 1 : -1;
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct hub_cause one = {.by = sqlite_column_text(s, 0),
                                      .count = sqlite_column_int(s, 1),
                                      .last = sqlite_column_int(s, 2),
                                      .message = sqlite_column_text(s, 3),
                                      .entity = sqlite_column_text(s, 4),
                                      .name = sqlite_column_text(s, 5),
                                      .source = sqlite_column_text(s, 6),
                                      .place = sqlite_column_text(s, 7),
                                      .first = sqlite_column_int(s, 8)};
        row(arg, &one);
    }
    return got;
}
