#include "io/sqlite.h"

#ifdef SONAME_LIBSQLITE3

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/lazy.h"
#include "base/list.h"

/* Filled once by lazy_load, and then the same for the whole process. */
#define FUNCTIONS(X)                                                                                         \
    X(sqlite3_bind_blob64)                                                                                   \
    X(sqlite3_bind_int64)                                                                                    \
    X(sqlite3_bind_null)                                                                                     \
    X(sqlite3_bind_text64)                                                                                   \
    X(sqlite3_bind_value)                                                                                    \
    X(sqlite3_busy_timeout)                                                                                  \
    X(sqlite3_changes)                                                                                       \
    X(sqlite3_clear_bindings)                                                                                \
    X(sqlite3_close)                                                                                         \
    X(sqlite3_column_blob)                                                                                   \
    X(sqlite3_column_bytes)                                                                                  \
    X(sqlite3_column_count)                                                                                  \
    X(sqlite3_column_int64)                                                                                  \
    X(sqlite3_column_name)                                                                                   \
    X(sqlite3_column_text)                                                                                   \
    X(sqlite3_column_type)                                                                                   \
    X(sqlite3_column_value)                                                                                  \
    X(sqlite3_config)                                                                                        \
    X(sqlite3_errmsg)                                                                                        \
    X(sqlite3_errstr)                                                                                        \
    X(sqlite3_exec)                                                                                          \
    X(sqlite3_extended_errcode)                                                                              \
    X(sqlite3_finalize)                                                                                      \
    X(sqlite3_get_autocommit)                                                                                \
    X(sqlite3_last_insert_rowid)                                                                             \
    X(sqlite3_open_v2)                                                                                       \
    X(sqlite3_prepare_v3)                                                                                    \
    X(sqlite3_system_errno)                                                                                  \
    X(sqlite3_reset)                                                                                         \
    X(sqlite3_step)

#define DECLARE(name) static __typeof__(name) *p_##name;
#define SYMBOL(name)  {#name, &p_##name},
FUNCTIONS(DECLARE)

static const struct lazy_symbol symbols[] = {FUNCTIONS(SYMBOL){NULL, NULL}};
static struct lazy library = {.soname = SONAME_LIBSQLITE3, .symbols = symbols};

enum { WAIT = 10000 /* milliseconds */ };

struct sqlite_statement {
    struct sqlite *db;
    sqlite3_stmt *handle;
    int failed; /* what the first failed bind said; 0: none */
};

/* Statements that are kept, found by the address of their text. */
struct kept {
    const char *sql;
    struct sqlite_statement *statement;
};

struct sqlite {
    sqlite3 *handle;
    char *path;
    const char *if_damaged;
    bool reads;
    struct kept *kept;
    size_t nkept, room;
};

/* ---- errors ---- */

static const char *code_of(int result)
{
    switch (result & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "busy";
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH: return "constraint";
    case SQLITE_CANTOPEN:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_PERM:
    case SQLITE_READONLY: return "io";
    case SQLITE_NOMEM: return "memory";
    case SQLITE_TOOBIG: return "limit";
    default: return "database";
    }
}

static void add(struct err *e, const char *text)
{
    size_t n = strlen(e->message);
    snprintf(e->message + n, sizeof e->message - n, ": %s", text);
}

static void add_reason(struct err *e, int reason)
{
    if (reason != 0)
        add(e, strerror(reason));
}

/* What there is to do about it. */
static void add_advice(const struct sqlite *db, int result, struct err *e)
{
    if (result == SQLITE_CORRUPT && db->if_damaged != NULL)
        add(e, db->if_damaged);
    if (result == SQLITE_READONLY && db->reads) /* even who reads keeps an index of the write-ahead log */
        add(e, "who reads it has to be able to write beside it");
}

/* The message of the connection tells more than that of the number, where it is about the same failure; of
 * what failed in the system, its own reason tells most. */
static int say(const struct sqlite *db, int result, struct err *e)
{
    bool same = db->handle != NULL && (p_sqlite3_extended_errcode(db->handle) & 0xFF) == (result & 0xFF);
    err_set(e, code_of(result), "%s", same ? p_sqlite3_errmsg(db->handle) : p_sqlite3_errstr(result));
    int reason = same && (result & 0xFF) == SQLITE_IOERR ? p_sqlite3_system_errno(db->handle) : 0;
    add_reason(e, reason);
    add_advice(db, result & 0xFF, e);
    e->temporary = strcmp(e->code, "busy") == 0;
    err_place(e, "%s", db->path);
    return -1;
}

/* ---- connections ---- */

/* SQLite makes files by the umask, and those beside a database get its permissions. What stands in the way
 * here is told when it is opened. */
static void make_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd != -1)
        close(fd);
}

/* Why PATH cannot be opened, by errno; 0: it can. SQLite has tried other ways of opening since. */
static int why_not_open(const char *path, enum sqlite_mode mode)
{
    int fd = open(path, (mode == SQLITE_READS ? O_RDONLY : O_RDWR | O_CREAT) | O_CLOEXEC, 0600);
    if (fd == -1)
        return errno;
    close(fd);
    return 0;
}

static int open_handle(struct sqlite *db, const struct sqlite_options *o, struct err *e)
{
    static const int flags[] = {
        [SQLITE_READS] = SQLITE_OPEN_READONLY, [SQLITE_CREATES] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
    bool makes = o->mode == SQLITE_CREATES && o->private && strcmp(db->path, ":memory:") != 0;
    if (makes)
        make_private(db->path);
    int result = p_sqlite3_open_v2(db->path, &db->handle, flags[o->mode] | SQLITE_OPEN_NOMUTEX, NULL);
    if (result != SQLITE_OK) {
        say(db, result, e);
        int reason = why_not_open(db->path, o->mode);
        add_reason(e, reason != 0 || db->handle == NULL ? reason : p_sqlite3_system_errno(db->handle));
        return -1;
    }
    p_sqlite3_busy_timeout(db->handle, o->wait == 0 ? WAIT : o->wait > 0 ? o->wait : 0);
    /* The first is for the second: opening alone reads nothing. */
    return sqlite_exec(db, "PRAGMA trusted_schema = OFF; SELECT 1 FROM sqlite_schema LIMIT 1", e);
}

struct sqlite *sqlite_open(const char *path, const struct sqlite_options *options, struct err *e)
{
    if (lazy_load(&library, e) == -1) {
        err_place(e, "%s", path);
        return NULL;
    }
    /* Counting all that is allocated takes a lock each time. It is refused, harmlessly, from the second file
     * on. */
    p_sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    struct sqlite *db = calloc(1, sizeof *db);
    if (db == NULL || (db->path = strdup(path)) == NULL) {
        free(db);
        err_memory(e);
        return NULL;
    }
    db->if_damaged = options->if_damaged;
    db->reads = options->mode == SQLITE_READS;
    if (open_handle(db, options, e) == -1) {
        sqlite_close(db);
        return NULL;
    }
    return db;
}

void sqlite_close(struct sqlite *db)
{
    if (db == NULL)
        return;
    for (size_t i = 0; i < db->nkept; i++)
        sqlite_finish(db->kept[i].statement);
    free(db->kept);
    if (db->handle != NULL)
        p_sqlite3_close(db->handle);
    free(db->path);
    free(db);
}

int sqlite_exec(struct sqlite *db, const char *script, struct err *e)
{
    int result = p_sqlite3_exec(db->handle, script, NULL, NULL, NULL);
    return result == SQLITE_OK ? 0 : say(db, result, e);
}

int sqlite_begin(struct sqlite *db, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(db, "BEGIN IMMEDIATE", e);
    return s != NULL ? sqlite_run(s, e) : -1;
}

int sqlite_commit(struct sqlite *db, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(db, "COMMIT", e);
    return s != NULL ? sqlite_run(s, e) : -1;
}

void sqlite_rollback(struct sqlite *db)
{
    /* It fails only where SQLite has rolled back by itself. */
    if (p_sqlite3_get_autocommit(db->handle) == 0)
        p_sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

int64_t sqlite_last_rowid(struct sqlite *db)
{
    return p_sqlite3_last_insert_rowid(db->handle);
}

uint64_t sqlite_changes(struct sqlite *db)
{
    return (uint64_t)p_sqlite3_changes(db->handle);
}

/* ---- statements ---- */

/* Whether nothing but white space, semicolons and comments stands in REST: that prepares to nothing. */
static bool is_empty(struct sqlite *db, struct str rest)
{
    while (rest.n > 0) {
        sqlite3_stmt *more = NULL;
        const char *behind = rest.p;
        int result = p_sqlite3_prepare_v3(db->handle, rest.p, (int)rest.n, 0, &more, &behind);
        bool nothing = result == SQLITE_OK && more == NULL && behind > rest.p;
        p_sqlite3_finalize(more);
        if (!nothing)
            return false;
        rest = str_slice(rest, (size_t)(behind - rest.p), rest.n);
    }
    return true;
}

static struct sqlite_statement *prepare(struct sqlite *db, struct str sql, unsigned flags, struct err *e)
{
    if (sql.n > INT32_MAX) {
        err_set(e, "limit", "a statement of more than 2 GiB");
        return NULL;
    }
    struct sqlite_statement *s = calloc(1, sizeof *s);
    if (s == NULL) {
        err_memory(e);
        return NULL;
    }
    s->db = db;
    const char *behind = sql.p;
    int result = p_sqlite3_prepare_v3(db->handle, sql.p, (int)sql.n, flags, &s->handle, &behind);
    if (result != SQLITE_OK)
        say(db, result, e);
    else if (s->handle == NULL || !is_empty(db, str_slice(sql, (size_t)(behind - sql.p), sql.n)))
        err_set(e, "database", "one statement of SQL is due, not %s", err_quote(sql));
    else
        return s;
    err_place(e, "%s", db->path);
    sqlite_finish(s);
    return NULL;
}

struct sqlite_statement *sqlite_prepare(struct sqlite *db, struct str sql, struct err *e)
{
    return prepare(db, sql, 0, e);
}

void sqlite_finish(struct sqlite_statement *s)
{
    if (s == NULL)
        return;
    p_sqlite3_finalize(s->handle);
    free(s);
}

static struct sqlite_statement *keep(struct sqlite *db, const char *sql, struct err *e)
{
    struct kept *list = list_room(db->kept, db->nkept, &db->room, sizeof *list);
    if (list == NULL) {
        err_memory(e);
        return NULL;
    }
    db->kept = list;
    struct sqlite_statement *s = prepare(db, str_of(sql), SQLITE_PREPARE_PERSISTENT, e);
    if (s != NULL)
        db->kept[db->nkept++] = (struct kept){sql, s};
    return s;
}

struct sqlite_statement *sqlite_cached(struct sqlite *db, const char *sql, struct err *e)
{
    for (size_t i = 0; i < db->nkept; i++) {
        if (db->kept[i].sql == sql) {
            struct sqlite_statement *s = db->kept[i].statement;
            sqlite_reset(s);
            p_sqlite3_clear_bindings(s->handle);
            return s;
        }
    }
    return keep(db, sql, e);
}

static void bound(struct sqlite_statement *s, int result)
{
    if (result != SQLITE_OK && s->failed == 0)
        s->failed = result;
}

void sqlite_bind_null(struct sqlite_statement *s, int index)
{
    bound(s, p_sqlite3_bind_null(s->handle, index));
}

void sqlite_bind_int(struct sqlite_statement *s, int index, int64_t value)
{
    bound(s, p_sqlite3_bind_int64(s->handle, index, value));
}

void sqlite_bind_text(struct sqlite_statement *s, int index, struct str text)
{
    if (text.p == NULL)
        sqlite_bind_null(s, index);
    else
        bound(s, p_sqlite3_bind_text64(s->handle, index, text.p, text.n, SQLITE_STATIC, SQLITE_UTF8));
}

void sqlite_bind_blob(struct sqlite_statement *s, int index, struct str bytes)
{
    if (bytes.p == NULL)
        sqlite_bind_null(s, index);
    else
        bound(s, p_sqlite3_bind_blob64(s->handle, index, bytes.p, bytes.n, SQLITE_STATIC));
}

int sqlite_step(struct sqlite_statement *s, struct err *e)
{
    int result = s->failed != 0 ? s->failed : p_sqlite3_step(s->handle);
    if (result == SQLITE_ROW)
        return 1;
    int done = result == SQLITE_DONE ? 0 : say(s->db, result, e);
    sqlite_reset(s);
    return done;
}

int sqlite_run(struct sqlite_statement *s, struct err *e)
{
    int got;
    while ((got = sqlite_step(s, e)) == 1)
        ;
    return got;
}

void sqlite_reset(struct sqlite_statement *s)
{
    p_sqlite3_reset(s->handle);
    s->failed = 0;
}

int64_t sqlite_column_int(struct sqlite_statement *s, int column)
{
    return p_sqlite3_column_int64(s->handle, column);
}

size_t sqlite_columns(struct sqlite_statement *s)
{
    return (size_t)p_sqlite3_column_count(s->handle);
}

struct str sqlite_column_name(struct sqlite_statement *s, int column)
{
    return str_of(p_sqlite3_column_name(s->handle, column));
}

enum sqlite_kind sqlite_column_kind(struct sqlite_statement *s, int column)
{
    switch (p_sqlite3_column_type(s->handle, column)) {
    case SQLITE_INTEGER: return SQLITE_IS_INT;
    case SQLITE_FLOAT: return SQLITE_IS_REAL;
    case SQLITE_TEXT: return SQLITE_IS_TEXT;
    case SQLITE_BLOB: return SQLITE_IS_BLOB;
    default: return SQLITE_IS_NULL;
    }
}

/* SQLite compares what it wrote with what it meant. */
static const char shortest[] =
    "SELECT CASE WHEN CAST(CAST(?1 AS TEXT) AS REAL) = ?1 THEN CAST(?1 AS TEXT) "
    "WHEN CAST(printf('%!.16g', ?1) AS REAL) = ?1 THEN printf('%!.16g', ?1) ELSE printf('%!.17g', ?1) END";

int sqlite_column_real(struct sqlite_statement *s, int column, struct str *text, struct err *e)
{
    struct sqlite_statement *ask = sqlite_cached(s->db, shortest, e);
    if (ask == NULL)
        return -1;
    bound(ask, p_sqlite3_bind_value(ask->handle, 1, p_sqlite3_column_value(s->handle, column)));
    if (sqlite_step(ask, e) != 1)
        return -1;
    *text = sqlite_column_text(ask, 0);
    return 0;
}

/* An empty value has no address of its own. */
static struct str bytes_at(const void *p, int n)
{
    return n > 0 ? (struct str){p, (size_t)n} : STR("");
}

struct str sqlite_column_text(struct sqlite_statement *s, int column)
{
    if (p_sqlite3_column_type(s->handle, column) == SQLITE_NULL)
        return (struct str){0};
    const void *text = p_sqlite3_column_text(s->handle, column);
    return bytes_at(text, p_sqlite3_column_bytes(s->handle, column));
}

struct str sqlite_column_blob(struct sqlite_statement *s, int column)
{
    if (p_sqlite3_column_type(s->handle, column) == SQLITE_NULL)
        return (struct str){0};
    const void *blob = p_sqlite3_column_blob(s->handle, column);
    return bytes_at(blob, p_sqlite3_column_bytes(s->handle, column));
}

#endif
