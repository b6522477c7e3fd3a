#include <stdlib.h>

#include "base/list.h"
#include "canon/explain.h"
#include "canon/map_set.h"

enum { FIELD_WIDEST = 44, NATIVE_WIDEST = 72 };

struct rows {
    struct explain_row *row;
    size_t n, room;
    bool full;
};

static void take(void *arg, const struct explain_row *row)
{
    struct rows *rows = arg;
    struct explain_row *list = list_room(rows->row, rows->n, &rows->room, sizeof *list);
    if (list == NULL) {
        rows->full = true;
        return;
    }
    rows->row = list;
    rows->row[rows->n++] = *row;
}

static const char *arrow(enum ast_flow flow)
{
    return flow == FLOW_BOTH ? "<->" : flow == FLOW_READ ? "<-" : "->";
}

static int widest(size_t now, struct str text, int most)
{
    return text.n > (size_t)most ? most : text.n > now ? (int)text.n : (int)now;
}

static unsigned line_of(const struct source_text *source, size_t at)
{
    unsigned line, column;
    source_place(source, at, &line, &column);
    return line;
}

static void put_table(const struct ast_decl *map, const struct rows *rows, struct buf *out)
{
    int field = 0, native = 0;
    for (size_t i = 0; i < rows->n; i++) {
        field = widest((size_t)field, rows->row[i].field, FIELD_WIDEST);
        native = rows->row[i].in.n > 0 ? widest((size_t)native, rows->row[i].native, NATIVE_WIDEST) : native;
    }
    buf_printf(out, "%.*s %s %.*s  (%.*s:%u)\n", (int)map->name.n, map->name.p, arrow(map->flow),
               (int)map->stream.n, map->stream.p, (int)map->source->name.n, map->source->name.p,
               line_of(map->source, map->at));
    for (size_t i = 0; i < rows->n; i++) {
        const struct explain_row *r = &rows->row[i];
        buf_printf(out, "  %-*.*s  %-3s  ", field, (int)r->field.n, r->field.p, arrow(r->flow));
        if (r->in.n > 0)
            buf_printf(out, "%-*.*s  in %.*s\n", native, (int)r->native.n, r->native.p, (int)r->in.n,
                       r->in.p);
        else
            buf_printf(out, "%.*s\n", (int)r->native.n, r->native.p);
    }
}

static void put_member(struct buf *out, const char *key, struct str value)
{
    buf_printf(out, "\"%s\":", key);
    json_write_string(out, value);
}

static void put_json(const struct ast_decl *map, const struct rows *rows, struct buf *out)
{
    for (size_t i = 0; i < rows->n; i++) {
        const struct explain_row *r = &rows->row[i];
        buf_byte(out, '{');
        put_member(out, "entity", map->name);
        buf_byte(out, ',');
        put_member(out, "field", r->field);
        buf_byte(out, ',');
        put_member(out, "file", r->rule->source->name);
        buf_byte(out, ',');
        put_member(out, "in", r->in);
        buf_printf(out, ",\"line\":%u,", line_of(r->rule->source, r->rule->at));
        put_member(out, "native", r->native);
        buf_printf(out, ",\"read\":%s,", r->flow == FLOW_WRITE ? "false" : "true");
        put_member(out, "stream", map->stream);
        buf_printf(out, ",\"write\":%s}\n", r->flow == FLOW_READ ? "false" : "true");
    }
}

int map_set_explain(struct map_set *s, bool json, struct buf *out, struct err *e)
{
    struct rows rows = {0};
    bool done = true;
    for (const struct map_file *f = s->files; f != NULL; f = f->next) {
        for (const struct ast_decl *d = f->decls; d != NULL && done; d = d->next) {
            if (d->kind != DECL_MAP)
                continue;
            rows.n = 0;
            done = explain_map(d, f->decls, &s->kept, take, &rows) && !rows.full;
            if (done && json)
                put_json(d, &rows, out);
            else if (done)
                put_table(d, &rows, out);
        }
    }
    free(rows.row);
    return done && buf_ok(out) ? 0 : err_memory(e);
}
