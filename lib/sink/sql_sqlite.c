#include "sink/sql.h"

#include <stdlib.h>
#include <unistd.h>

#include "io/sqlite.h"

enum { STATEMENTS_MOST = 512 };

struct file {
    struct sql sql;
    struct sqlite *db;
    struct sqlite_statement *statement[STATEMENTS_MOST];
    size_t n;
    struct sqlite_statement *last; /* that was run */
};

static const struct str prefix = {"sqlite:", 7};

static bool is(const char *target)
{
    return str_starts(str_of(target), prefix);
}

static void close_file(struct sql *db)
{
    struct file *f = (struct file *)db;
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->n; i++)
        sqlite_finish(f->statement[i]);
    sqlite_close(f->db);
    free(f);
}

static struct sql *open_file(const char *target, bool dry, struct err *e)
{
    const char *path = target + prefix.n;
    struct file *f = calloc(1, sizeof *f);
    if (f == NULL) {
        err_memory(e);
        return NULL;
    }
    f->sql.kind = &sql_sqlite;
    /* A plan for a file that is not there is made in memory. */
    if (dry && access(path, F_OK) == -1)
        path = ":memory:";
    f->db = sqlite_open(path, &(struct sqlite_options){.mode = SQLITE_CREATES}, e);
    /* Rows come in any order of their keys: pages stay in memory until the end of the transaction. */
    if (f->db != NULL && sqlite_exec(f->db, "PRAGMA cache_size = -32000", e) == 0)
        return &f->sql;
    close_file(&f->sql);
    return NULL;
}

/* Its transactions stand in line by themselves. */
static int lock(struct sql *db, struct str target, struct err *e)
{
    (void)db;
    (void)target;
    (void)e;
    return 0;
}

static int exec(struct sql *db, const char *script, struct err *e)
{
    struct file *f = (struct file *)db;
    if (f->last != NULL)
        sqlite_reset(f->last);
    f->last = NULL;
    return strcmp(script, "BEGIN") == 0 ? sqlite_begin(f->db, e) : sqlite_exec(f->db, script, e);
}

static int prepare(struct sql *db, const char *sql, unsigned *statement, struct err *e)
{
    struct file *f = (struct file *)db;
    if (f->n == STATEMENTS_MOST)
        return err_set(e, "limit", "more than %d statements", STATEMENTS_MOST);
    struct sqlite_statement *s = sqlite_prepare(f->db, str_of(sql), e);
    if (s == NULL)
        return -1;
    *statement = (unsigned)f->n;
    f->statement[f->n++] = s;
    return 0;
}

static int run(struct sql *db, unsigned statement, const struct sql_value *value, size_t n, struct err *e)
{
    struct file *f = (struct file *)db;
    struct sqlite_statement *s = f->statement[statement];
    if (f->last != NULL)
        sqlite_reset(f->last);
    f->last = s;
    for (size_t i = 0; i < n; i++) {
        int at = (int)i + 1;
        switch (value[i].type) {
        case SQL_NULL: sqlite_bind_null(s, at); break;
        case SQL_INT: sqlite_bind_int(s, at, value[i].number); break;
        case SQL_TEXT: sqlite_bind_text(s, at, value[i].text); break;
        case SQL_BYTES: sqlite_bind_blob(s, at, value[i].text); break;
        }
    }
    int got = sqlite_step(s, e);
    db->row = got == 1;
    db->changed = got == 0 ? sqlite_changes(f->db) : 0;
    return got == -1 ? -1 : 0;
}

static struct str value(struct sql *db, size_t column)
{
    struct file *f = (struct file *)db;
    return sqlite_column_blob(f->last, (int)column);
}

static bool is_word(struct str declared, const char *word)
{
    if (declared.n != strlen(word))
        return false;
    for (size_t i = 0; i < declared.n; i++)
        if ((declared.p[i] | 0x20) != word[i])
            return false;
    return true;
}

static int describe(struct sql *db, struct str table, struct sql_table *out, struct arena *a, struct err *e)
{
    static const char sql[] = "SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY cid";
    struct file *f = (struct file *)db;
    struct sqlite_statement *s = sqlite_cached(f->db, sql, e);
    int got = -1;
    size_t nkeys = 0;
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, table);
    while ((got = sqlite_step(s, e)) == 1 && out->ncolumns < SQL_COLUMNS) {
        struct str name = arena_str(a, sqlite_column_text(s, 0)), type = sqlite_column_text(s, 1);
        int64_t place = sqlite_column_int(s, 2);
        if (name.p == NULL)
            return err_memory(e);
        if (place > 0 && place <= SQL_KEYS) {
            out->key[place - 1] = name;
            nkeys++;
        }
        out->class[out->ncolumns] = is_word(type, "blob")                             ? SQL_BINARY
                                    : is_word(type, "json") || is_word(type, "jsonb") ? SQL_JSON
                                                                                      : SQL_ANY;
        out->column[out->ncolumns++] = name;
    }
    out->nkeys = nkeys;
    return got == 1 ? err_set(e, "limit", "more than %d columns", SQL_COLUMNS) : got;
}

/* By enum sql_make: what is a decimal stays the text that it is. */
static const char *const types[] = {"TEXT", "INTEGER", "NUMERIC", "TEXT", "INTEGER", "TEXT", "TEXT", "TEXT"};

static const struct sql_delivered delivered = {
    /* By the id first: it tells most records apart. */
    .make = "CREATE TABLE IF NOT EXISTS hub_delivered (target text NOT NULL, source text NOT NULL,"
            " entity text NOT NULL, id text NOT NULL, version blob NOT NULL, n bigint NOT NULL,"
            " deleted integer NOT NULL, data text, PRIMARY KEY (id, entity, source, target)) WITHOUT ROWID",
    /* A version that was written before is a text. */
    .find = "SELECT CASE typeof(version) WHEN 'blob' THEN lower(hex(version)) ELSE version END, data, deleted"
            " FROM hub_delivered WHERE target = $1 AND source = $2 AND entity = $3 AND id = $4",
    .settle = "INSERT INTO hub_delivered (target, source, entity, id, version, n, deleted, data) VALUES"
              " ($1, $2, $3, $4, $5, 1, $6, $7) ON CONFLICT (id, entity, source, target) DO UPDATE SET"
              " version = excluded.version, n = hub_delivered.n + 1, deleted = excluded.deleted,"
              " data = excluded.data",
    .add = "INSERT INTO hub_delivered (target, source, entity, id, version, n, deleted, data) VALUES"
           " ($1, $2, $3, $4, $5, 1, $6, $7) ON CONFLICT (id, entity, source, target) DO NOTHING",
    .forget = "DELETE FROM hub_delivered WHERE target = $1 AND source = $2 AND entity = $3 AND id = $4"};

const struct sql_kind sql_sqlite = {.name = "sqlite",
                                    .is = is,
                                    .types = types,
                                    .delivered = &delivered,
                                    .open = open_file,
                                    .lock = lock,
                                    .exec = exec,
                                    .prepare = prepare,
                                    .run = run,
                                    .value = value,
                                    .describe = describe,
                                    .put_table = sql_put_name,
                                    .close = close_file};
