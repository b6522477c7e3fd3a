#include "source/database_kind.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/lazy.h"
#include "io/postgres.h"
#include "source/value.h"

enum { SHAPE_MOST = 16 << 20, NAME_MOST = 1 << 20, HASH = 32 /* hex digits */ };

struct database {
    const struct database_kind *kind;
    void *open; /* of the kind */
    struct arena arena;
    struct database_shape shape;
    struct str *key; /* what stands before each value: {"name": */
    struct str stream, input;
    uint64_t number;
    struct buf id, raw;
    bool named; /* records have an id */

    /* The cursor. */
    bool has_cursor;
    struct str cursor;
    struct buf last, now;    /* its last value, and that of the row in hand, as JSON; empty: none */
    struct buf seen, before; /* hashes of the rows of the last value, and those that the checkpoint had */
    struct buf before_last;
    bool many; /* too many of them */
};

static const struct database_kind *const kinds[] = {
    &database_sqlite,
#ifdef SONAME_LIBPQ
    &database_postgres,
#endif
};

bool database_is(const char *name)
{
    return database_sqlite.is(name) || postgres_is_url(name);
}

static const struct database_kind *kind_of(const char *name, struct err *e)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i]->is(name))
            return kinds[i];
    lazy_absent("PostgreSQL", "libpq", e);
    err_place(e, "postgresql");
    return NULL;
}

int database_find_column(const struct database_shape *shape, struct str column, size_t *index, struct err *e)
{
    for (size_t i = 0; i < shape->ncolumns; i++) {
        if (!str_eq(shape->column[i], column))
            continue;
        *index = i;
        return 0;
    }
    return err_set(e, "usage", "there is no column %s", err_quote(column));
}

int database_add_key(struct database_shape *shape, struct str column, struct err *e)
{
    if (shape->nkeys == DATABASE_KEYS)
        return err_set(e, "limit", "more than %d columns in the key of a table", DATABASE_KEYS);
    if (database_find_column(shape, column, &shape->key[shape->nkeys], e) == -1)
        return -1;
    shape->nkeys++;
    return 0;
}

struct str database_statement(struct str query)
{
    query = str_trim(query);
    while (query.n > 0 && query.p[query.n - 1] == ';')
        query = str_trim(str_slice(query, 0, query.n - 1));
    return query;
}

/* ---- opening ---- */

/* Keys are what names an object's values: each once. */
static int make_keys(struct database *db, struct err *e)
{
    struct buf text;
    size_t n = db->shape.ncolumns;
    if (n == 0)
        return err_set(e, "usage", "it gives no columns: a table or a SELECT is due");
    db->key = arena_array(&db->arena, n, sizeof *db->key);
    if (db->key == NULL)
        return err_memory(e);
    buf_init(&text, NAME_MOST);
    int done = 0;
    for (size_t i = 0; i < n && done == 0; i++) {
        for (size_t k = 0; k < i && done == 0; k++)
            if (str_eq(db->shape.column[k], db->shape.column[i]))
                done = err_set(e, "usage", "two columns are called %s: name one of them otherwise (AS)",
                               err_quote(db->shape.column[i]));
        buf_reset(&text);
        buf_byte(&text, i == 0 ? '{' : ',');
        json_write_string(&text, db->shape.column[i]);
        buf_byte(&text, ':');
        if (done == 0 && (!buf_ok(&text) || (db->key[i] = arena_str(&db->arena, buf_str(&text))).p == NULL))
            done = err_memory(e);
    }
    buf_release(&text);
    return done;
}

/* As it comes from database_checkpoint. */
static int take_checkpoint(struct database *db, const struct json_node *checkpoint, struct err *e)
{
    const struct json_node *column = json_get(checkpoint, STR("column")),
                           *last = json_get(checkpoint, STR("last")),
                           *seen = json_get(checkpoint, STR("seen"));
    if (checkpoint == NULL)
        return 0;
    if (!json_is(column, JSON_STRING) || last == NULL || !json_is(seen, JSON_ARRAY))
        return err_set(e, "config", "the checkpoint is not that of a database");
    if (!json_string_is(column, db->cursor))
        return err_set(e, "config", "the checkpoint is one of the column %s, not of %s",
                       err_quote(json_text(column)), err_quote(db->cursor));
    json_write(&db->last, last);
    json_write(&db->before_last, last);
    for (const struct json_node *v = seen + 1, *end = json_next(seen); v < end; v = json_next(v))
        if (json_is(v, JSON_STRING) && v->n == HASH)
            buf_put(&db->before, json_text(v));
    if (db->before.p != NULL)
        buf_put(&db->seen, buf_str(&db->before));
    return buf_ok(&db->last) && buf_ok(&db->before) && buf_ok(&db->seen) ? 0 : err_memory(e);
}

static int name_all(struct database *db, const struct database_options *o, struct err *e)
{
    struct str name = db->shape.name, stem = str_slice(name, 0, str_find(name, '.'));
    struct str of = o->table.p != NULL ? o->table : stem.n > 0 ? stem : name;
    db->stream = arena_printf(&db->arena, "%s:%.*s", db->kind->name, (int)of.n, of.p);
    db->input = arena_printf(&db->arena, "%.*s/%.*s", (int)name.n, name.p,
                             (int)(o->table.p != NULL ? of.n : 5), o->table.p != NULL ? of.p : "query");
    return db->stream.p != NULL && db->input.p != NULL ? 0 : err_memory(e);
}

static int start(struct database *db, const char *name, const struct database_options *o, struct err *e)
{
    db->kind = kind_of(name, e);
    if (db->kind == NULL)
        return -1;
    db->has_cursor = o->cursor.p != NULL;
    db->cursor = o->cursor;
    if (db->has_cursor && take_checkpoint(db, o->checkpoint, e) == -1)
        return -1;
    const struct json_node *last = db->has_cursor ? json_get(o->checkpoint, STR("last")) : NULL;
    db->open = db->kind->open(name, o, last, &db->shape, e);
    if (db->open == NULL || make_keys(db, e) == -1 || name_all(db, o, e) == -1)
        return -1;
    db->named = db->shape.nkeys > 0;
    return 0;
}

struct database *database_open(const char *name, const struct database_options *o, struct err *e)
{
    struct database *db = calloc(1, sizeof *db);
    if (db == NULL) {
        err_memory(e);
        return NULL;
    }
    arena_init(&db->arena, SHAPE_MOST);
    db->shape.arena = &db->arena;
    struct buf *all[] = {&db->id, &db->raw, &db->last, &db->now, &db->seen, &db->before, &db->before_last};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_init(all[i], JSON_BYTES);
    if (start(db, name, o, e) == 0)
        return db;
    if (e->place[0] == '\0')
        err_place(e, "%.*s", (int)str_find(str_of(name), ':'), name);
    database_close(db);
    return NULL;
}

void database_close(struct database *db)
{
    if (db == NULL)
        return;
    if (db->kind != NULL)
        db->kind->close(db->open);
    struct buf *all[] = {&db->id, &db->raw, &db->last, &db->now, &db->seen, &db->before, &db->before_last};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_release(all[i]);
    arena_release(&db->arena);
    free(db);
}

struct str database_source(const struct database *db)
{
    return str_of(db->kind->name);
}

struct str database_stream(const struct database *db)
{
    return db->stream;
}

struct str database_input(const struct database *db)
{
    return db->input;
}

/* ---- rows ---- */

static void make_id(struct database *db, struct database_row *row)
{
    row->id = (struct str){0};
    if (!db->named)
        return;
    if (db->shape.nkeys == 1) {
        row->id = db->kind->text(db->open, db->shape.key[0]);
        return;
    }
    buf_reset(&db->id);
    for (size_t i = 0; i < db->shape.nkeys; i++)
        value_put_key(&db->id, db->kind->text(db->open, db->shape.key[i]), i == 0);
    row->id = buf_str(&db->id);
}

/* What can be said of a row that has no JSON text: its columns, with tabs between. */
static void make_raw(struct database *db, struct database_row *row)
{
    buf_reset(&db->raw);
    for (size_t i = 0; i < db->shape.ncolumns; i++) {
        struct str text = db->kind->text(db->open, i);
        if (i > 0)
            buf_byte(&db->raw, '\t');
        buf_put(&db->raw, text.p != NULL ? text : STR(""));
    }
    row->raw = buf_ok(&db->raw) ? buf_str(&db->raw) : STR("");
}

static int put_row(struct database *db, struct buf *data, struct err *e)
{
    size_t start = data->n;
    for (size_t i = 0; i < db->shape.ncolumns; i++) {
        buf_put(data, db->key[i]);
        if (db->kind->put(db->open, i, data, e) == -1) {
            struct buf field;
            buf_init(&field, NAME_MOST);
            buf_byte(&field, '/');
            buf_put(&field, db->shape.column[i]);
            err_field(e, buf_str(&field));
            buf_release(&field);
            return -1;
        }
    }
    buf_byte(data, '}');
    if (data->n - start <= JSON_BYTES)
        return 0;
    return err_set(e, "limit", "the row is longer than %d MiB", JSON_BYTES >> 20);
}

static bool holds(const struct buf *hashes, const char *hash)
{
    for (size_t at = 0; at + HASH <= hashes->n; at += HASH)
        if (memcmp(hashes->p + at, hash, HASH) == 0)
            return true;
    return false;
}

/* 1: it was given before, as it is; 0; -1. The row becomes one that was seen of its value. */
static int follow_cursor(struct database *db, struct str data, struct err *e)
{
    char hash[DIGEST_SHA256];
    if (!db->has_cursor)
        return 0;
    buf_reset(&db->now);
    db->kind->mark(db->open, db->shape.cursor, &db->now);
    if (db->now.n == 0)
        return 0;
    if (digest_sha256(hash, data, e) == -1)
        return -1;
    if (!str_eq(buf_str(&db->now), buf_str(&db->last))) {
        buf_reset(&db->seen);
        buf_reset(&db->last);
        buf_put(&db->last, buf_str(&db->now));
        db->many = false;
    }
    bool given = str_eq(buf_str(&db->now), buf_str(&db->before_last)) && holds(&db->before, hash);
    if (!given && db->seen.n >= (size_t)DATABASE_TIES * HASH)
        db->many = true;
    else if (!given)
        buf_put(&db->seen, (struct str){hash, HASH});
    return buf_ok(&db->last) && buf_ok(&db->seen) ? given : err_memory(e);
}

enum source_got database_next(struct database *db, struct database_row *row, struct buf *data, struct err *e)
{
    size_t start = data->n;
    for (;;) {
        int got = db->kind->next(db->open, e);
        if (got != 1)
            return got == 0 ? SOURCE_END : SOURCE_FATAL;
        row->number = ++db->number;
        make_id(db, row);
        bool bad = put_row(db, data, e) == -1;
        if (!buf_ok(data))
            return err_memory(e), SOURCE_FATAL;
        if (bad) {
            data->n = start;
            make_raw(db, row);
            err_place(e, "%.*s:%llu", (int)db->input.n, db->input.p, (unsigned long long)row->number);
            return strcmp(e->code, "memory") == 0 ? SOURCE_FATAL : SOURCE_BAD;
        }
        int given = follow_cursor(db, str_slice(buf_str(data), start, data->n), e);
        if (given == 0)
            return SOURCE_OK;
        data->n = start;
        if (given == -1)
            return SOURCE_FATAL;
    }
}

bool database_checkpoint(const struct database *db, struct buf *out)
{
    if (db->last.n == 0)
        return false;
    buf_put(out, STR("{\"column\":"));
    json_write_string(out, db->cursor);
    buf_put(out, STR(",\"last\":"));
    buf_put(out, buf_str(&db->last));
    buf_put(out, STR(",\"seen\":["));
    for (size_t at = 0; at + HASH <= db->seen.n && !db->many; at += HASH) {
        buf_put(out, at > 0 ? STR(",\"") : STR("\""));
        buf_put(out, str_slice(buf_str(&db->seen), at, at + HASH));
        buf_byte(out, '"');
    }
    buf_put(out, STR("]}"));
    return true;
}
