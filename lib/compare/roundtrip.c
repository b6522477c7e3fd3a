#include "compare/roundtrip.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/list.h"
#include "canon/native_path.h"
#include "compare/changed.h"

enum { TEXT_MOST = 512 << 20, ARENA_MOST = 512 << 20, FIELDS_MOST = 4096, EXAMPLE_MOST = 200 };

/* A native or canonical field, all places of a list as one: .lines[].sku, /lines/0/sku of any line. */
struct field {
    struct str path;
    uint64_t kept, respelled, missing; /* native */
    uint64_t lost;                     /* canonical */
    struct str example;                /* of the first loss */
};

struct fields {
    struct field *field;
    size_t n, cap;
    size_t next; /* where the one after the last that was asked for mostly is */
};

struct roundtrip {
    struct map_set *maps;
    struct arena kept;    /* paths and examples */
    struct arena running; /* the copies of one record's results */
    struct fields native, canonical;
    struct changed changed;
    struct buf path, text;
    struct json_tape tape;
    uint64_t records[ROUNDTRIP_VERDICTS];
    const struct json_node **written; /* natives that came back of the record at hand */
    size_t nwritten, capwritten;
};

struct roundtrip *roundtrip_new(struct map_set *maps, struct err *e)
{
    struct roundtrip *t = calloc(1, sizeof *t);
    if (t == NULL) {
        err_memory(e);
        return NULL;
    }
    t->maps = maps;
    map_hold_nothing(maps);
    arena_init(&t->kept, ARENA_MOST);
    arena_init(&t->running, ARENA_MOST);
    changed_init(&t->changed, NULL, 0);
    buf_init(&t->path, TEXT_MOST);
    buf_init(&t->text, TEXT_MOST);
    json_tape_init(&t->tape);
    return t;
}

void roundtrip_free(struct roundtrip *t)
{
    if (t == NULL)
        return;
    free(t->native.field);
    free(t->canonical.field);
    free(t->written);
    changed_release(&t->changed);
    buf_release(&t->path);
    buf_release(&t->text);
    json_tape_release(&t->tape);
    arena_release(&t->kept);
    arena_release(&t->running);
    free(t);
}

/* ---- fields ---- */

/* The field of that path, made where it is new; beyond FIELDS_MOST they are counted as one. NULL: memory. */
static struct field *field_at(struct roundtrip *t, struct fields *f, struct str path)
{
    for (size_t i = 0; i < f->n; i++) {
        size_t at = (f->next + i) % f->n;
        if (str_eq(f->field[at].path, path)) {
            f->next = at + 1;
            return &f->field[at];
        }
    }
    if (f->n == FIELDS_MOST)
        return &f->field[FIELDS_MOST - 1];
    if (f->n == FIELDS_MOST - 1)
        path = STR("(others)");
    struct field *list = list_room(f->field, f->n, &f->cap, sizeof *list);
    if (list == NULL)
        return NULL;
    f->field = list;
    struct str kept = arena_str(&t->kept, path);
    if (kept.p == NULL)
        return NULL;
    f->field[f->n] = (struct field){.path = kept};
    f->next = f->n + 1;
    return &f->field[f->n++];
}

/* ---- native values ---- */

enum came_back { MISSING, RESPELLED, KEPT };

/* An empty text that is not written is an empty cell again. */
static enum came_back compare_leaf(const struct json_node *was, const struct json_node *is)
{
    if (is == NULL)
        return was->type == JSON_STRING && was->n == 0 ? KEPT : MISSING;
    return was->type == is->type && str_eq(json_text(was), json_text(is)) ? KEPT : RESPELLED;
}

/* What stands where VALUE stood in the written records: the best of them. IS[i] may be NULL. */
static bool walk(struct roundtrip *t, const struct json_node *value, const struct json_node **is,
                 enum came_back *worst);

static bool count_leaf(struct roundtrip *t, const struct json_node *value, const struct json_node **is,
                       enum came_back *worst)
{
    enum came_back best = MISSING;
    for (size_t i = 0; i < t->nwritten; i++) {
        enum came_back one = compare_leaf(value, is[i]);
        best = one > best ? one : best;
    }
    struct field *f = field_at(t, &t->native, buf_str(&t->path));
    if (f == NULL)
        return false;
    f->kept += best == KEPT;
    f->respelled += best == RESPELLED;
    f->missing += best == MISSING;
    *worst = best < *worst ? best : *worst;
    return true;
}

static bool walk_member(struct roundtrip *t, const struct json_node *key, const struct json_node *value,
                        size_t index, const struct json_node **is, enum came_back *worst)
{
    const struct json_node **inner = arena_array(&t->running, t->nwritten + 1, sizeof *inner);
    size_t outer = t->path.n;
    struct str name = key != NULL ? json_string(key, &t->running) : STR("");
    if (inner == NULL || name.p == NULL)
        return false;
    for (size_t i = 0; i < t->nwritten; i++)
        inner[i] = key != NULL                  ? json_get(is[i], name)
                   : json_is(is[i], JSON_ARRAY) ? json_at(is[i], index)
                                                : NULL;
    if (key != NULL)
        native_path_key(&t->path, name);
    else
        native_path_each(&t->path);
    bool done = buf_ok(&t->path) && walk(t, value, inner, worst);
    t->path.n = outer;
    return done;
}

static bool walk(struct roundtrip *t, const struct json_node *value, const struct json_node **is,
                 enum came_back *worst)
{
    const struct json_node *end = json_next(value);
    bool done = true;
    size_t index = 0;
    if (value->type == JSON_OBJECT && value->span > 1) {
        for (const struct json_node *key = value + 1; key < end && done; key = json_next_key(key))
            done = walk_member(t, key, json_value_of(key), 0, is, worst);
    } else if (value->type == JSON_ARRAY && value->span > 1) {
        for (const struct json_node *item = value + 1; item < end && done; item = json_next(item))
            done = walk_member(t, NULL, item, index++, is, worst);
    } else {
        done = count_leaf(t, value, is, worst);
    }
    return done;
}

/* ---- copies ---- */

/* A value that outlives the next run of the maps, as WRITE spells it; NULL: memory. */
static const struct json_node *copy_value(struct roundtrip *t, const struct json_node *value,
                                          void (*write)(struct buf *out, const struct json_node *value),
                                          struct err *e)
{
    static const struct json_limits limits = {.depth = JSON_DEPTH_MOST, .bytes = JSON_BYTES_MOST};
    buf_reset(&t->text);
    write(&t->text, value);
    struct str text = buf_ok(&t->text) ? json_padded(buf_str(&t->text), &t->running) : (struct str){0};
    if (text.p == NULL) {
        err_memory(e);
        return NULL;
    }
    if (json_parse(&t->tape, text, &limits, NULL, e) == -1)
        return NULL;
    struct json_node *copy = arena_raw(&t->running, t->tape.n * sizeof *copy);
    if (copy != NULL)
        memcpy(copy, t->tape.node, t->tape.n * sizeof *copy);
    else
        err_memory(e);
    return copy;
}

static bool copy_record(struct roundtrip *t, struct record *to, const struct record *r, struct err *e)
{
    *to = *r;
    to->data = copy_value(t, r->data, json_write_canonical, e);
    to->entity = arena_str(&t->running, r->entity);
    to->id = arena_str(&t->running, r->id);
    to->source = arena_str(&t->running, r->source);
    to->of = NULL;
    return to->data != NULL && to->entity.p != NULL && to->id.p != NULL && to->source.p != NULL;
}

/* ---- the law ---- */

static int count_lost(struct roundtrip *t, struct str pointer, const struct record *native, const char *why,
                      struct err *e)
{
    struct field *f = field_at(t, &t->canonical, pointer);
    if (f != NULL && f->lost++ == 0)
        f->example = native->from.p != NULL ? arena_printf(&t->kept, "%.*s: %.*s", (int)native->from.n,
                                                           native->from.p, EXAMPLE_MOST, why)
                                            : arena_printf(&t->kept, "%s:%" PRIu64 ": %.*s", native->input,
                                                           native->number, EXAMPLE_MOST, why);
    return f != NULL ? 0 : err_memory(e);
}

/* What the second reading says of a record, if it says anything. */
static const struct record *read_again(struct roundtrip *t, const struct record *canonical, int n)
{
    for (int i = 0; i < n; i++) {
        const struct record *again = map_result(t->maps, i);
        if (str_eq(again->entity, canonical->entity) && str_eq(again->id, canonical->id))
            return again;
    }
    return NULL;
}

static bool is_among(const struct record *made, int n, const struct record *r)
{
    for (int i = 0; i < n; i++) {
        if (str_eq(made[i].entity, r->entity) && str_eq(made[i].id, r->id))
            return true;
    }
    return false;
}

/* What only the second reading gives: 1 nothing, 0 something, -1. */
static int count_more(struct roundtrip *t, const struct record *made, int nmade, const struct record *native,
                      int n, struct err *e)
{
    for (int i = 0; i < n; i++) {
        if (!is_among(made, nmade, map_result(t->maps, i)))
            return count_lost(t, STR("/"), native, "read again, it gives a record more", e);
    }
    return 1;
}

/* Compares what was read with what is read again: 1 the law holds, 0 it does not, -1. */
static int judge(struct roundtrip *t, const struct record *canonical, const struct record *native, int n,
                 struct err *why, struct err *e)
{
    const struct record *again = n >= 0 ? read_again(t, canonical, n) : NULL;
    if (again == NULL)
        return count_lost(t, why->field[0] != '\0' ? str_of(why->field) : STR("/"), native,
                          n >= 0 ? "read again, it is not there" : why->message, e);
    const struct json_node *now = copy_value(t, again->data, json_write_canonical, e);
    int places = now != NULL ? changed_find(&t->changed, canonical->data, now, e) : -1;
    const struct json_node *at = t->changed.list.node + 1;
    for (int i = 0; i < places; i++, at++) {
        if (count_lost(t, json_text(at), native, "read again, it differs", e) == -1)
            return -1;
    }
    return places == -1 ? -1 : places == 0;
}

/* One canonical record of the NMADE at MADE written, and that read: 1 the law holds, 0 it does not, -1. */
static int there_and_back(struct roundtrip *t, const struct record *canonical, const struct record *made,
                          int nmade, const struct record *native, struct err *e)
{
    struct err why;
    err_clear(&why);
    int n = map_write(t->maps, canonical, native->stream, &why);
    if (n == -1)
        return count_lost(t, str_of(why.field), native, why.message, e);
    if (n == 0)
        return 1;
    const struct json_node *data = copy_value(t, map_result(t->maps, 0)->data, json_write, e);
    if (data == NULL)
        return -1;
    t->written[t->nwritten++] = data;
    struct record back = *native;
    back.data = data;
    back.data_alike = 0;
    back.id = canonical->id;
    n = map_read(t->maps, &back, &why);
    int more = count_more(t, made, nmade, native, n, e);
    return more != 1 ? more : judge(t, canonical, native, n, &why, e);
}

static bool make_room(struct roundtrip *t, size_t n)
{
    if (n <= t->capwritten)
        return true;
    const struct json_node **more = realloc(t->written, n * sizeof *more);
    if (more == NULL)
        return false;
    t->written = more;
    t->capwritten = n;
    return true;
}

int roundtrip_take(struct roundtrip *t, const struct record *native, enum roundtrip_verdict *verdict,
                   struct err *e)
{
    arena_reset(&t->running);
    buf_reset(&t->path);
    t->nwritten = 0;
    int n = map_read(t->maps, native, e);
    if (n == -1)
        return -1;
    struct record *made = arena_array(&t->running, (size_t)n + 1, sizeof *made);
    if (made == NULL || !make_room(t, (size_t)n + 1))
        return err_memory(e);
    for (int i = 0; i < n; i++) {
        if (!copy_record(t, &made[i], map_result(t->maps, i), e))
            return err_memory(e);
    }
    bool lawful = true;
    enum came_back worst = KEPT;
    for (int i = 0; i < n; i++) {
        if (!map_set_writes(t->maps, made[i].entity, native->stream))
            continue;
        int held = there_and_back(t, &made[i], made, n, native, e);
        if (held == -1)
            return -1;
        lawful = lawful && held == 1;
    }
    if (t->nwritten > 0 && !walk(t, native->data, t->written, &worst))
        return err_memory(e);
    *verdict = !lawful            ? ROUNDTRIP_LOST
               : t->nwritten == 0 ? ROUNDTRIP_ONE_WAY
               : worst == KEPT    ? ROUNDTRIP_KEPT
                                  : ROUNDTRIP_RESPELLED;
    t->records[*verdict]++;
    return 0;
}

/* ---- what is said ---- */

static int widest(const struct fields *f, int least)
{
    for (size_t i = 0; i < f->n; i++)
        least = (int)f->field[i].path.n > least ? (int)f->field[i].path.n : least;
    return least < 60 ? least : 60;
}

uint64_t roundtrip_table(const struct roundtrip *t, struct buf *out)
{
    int width = widest(&t->canonical, widest(&t->native, 15));
    uint64_t lines = 1;
    if (t->native.n > 0) {
        buf_printf(out, "%-*s %10s %10s %12s\n", width, "native field", "kept", "respelled", "not written");
        lines++;
    }
    for (size_t i = 0; i < t->native.n; i++, lines++) {
        const struct field *f = &t->native.field[i];
        buf_printf(out, "%-*.*s %10" PRIu64 " %10" PRIu64 " %12" PRIu64 "\n", width, (int)f->path.n,
                   f->path.p, f->kept, f->respelled, f->missing);
    }
    if (t->canonical.n > 0) {
        buf_printf(out, "%-*s %10s\n", width, "canonical field", "lost");
        lines++;
    }
    for (size_t i = 0; i < t->canonical.n; i++, lines++) {
        const struct field *f = &t->canonical.field[i];
        buf_printf(out, "%-*.*s %10" PRIu64 "  %.*s\n", width, (int)f->path.n, f->path.p, f->lost,
                   (int)f->example.n, f->example.p);
    }
    const uint64_t *r = t->records;
    buf_printf(out,
               "records: kept %" PRIu64 " + respelled %" PRIu64 " + lost %" PRIu64 " + one way %" PRIu64 "\n",
               r[ROUNDTRIP_KEPT], r[ROUNDTRIP_RESPELLED], r[ROUNDTRIP_LOST], r[ROUNDTRIP_ONE_WAY]);
    return lines;
}

uint64_t roundtrip_json(const struct roundtrip *t, struct buf *out)
{
    for (size_t i = 0; i < t->native.n; i++) {
        const struct field *f = &t->native.field[i];
        buf_put(out, STR("{\"field\":"));
        json_write_string(out, f->path);
        buf_printf(out, ",\"kept\":%" PRIu64 ",\"not_written\":%" PRIu64 ",\"respelled\":%" PRIu64 "}\n",
                   f->kept, f->missing, f->respelled);
    }
    for (size_t i = 0; i < t->canonical.n; i++) {
        const struct field *f = &t->canonical.field[i];
        buf_put(out, STR("{\"example\":"));
        json_write_string(out, f->example);
        buf_put(out, STR(",\"field\":"));
        json_write_string(out, f->path);
        buf_printf(out, ",\"lost\":%" PRIu64 "}\n", f->lost);
    }
    const uint64_t *r = t->records;
    buf_printf(out,
               "{\"records\":{\"kept\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"one_way\":%" PRIu64
               ",\"respelled\":%" PRIu64 "}}\n",
               r[ROUNDTRIP_KEPT], r[ROUNDTRIP_LOST], r[ROUNDTRIP_ONE_WAY], r[ROUNDTRIP_RESPELLED]);
    return t->native.n + t->canonical.n + 1;
}
