#include "hub/refused.h"

#include <time.h>

#include "base/lines.h"
#include "hub/open.h"
#include "hub/withheld.h"
#include "io/sqlite_change.h"
#include "json/lines.h"

enum { ROWS_AT_ONCE = 1000 };

struct reject {
    struct str line, tool, code, field, message, place, entity, id, map;
    struct str source, stream, label, target; /* of the record that was refused, where it is one */
    const struct json_node *before;           /* what the target has of it; NULL: nothing */
    bool held;
};

/* Those that its names have in the hub; 0: it has no such name. */
struct numbers {
    int64_t entity, source, target;
};

struct reading {
    struct hub *h;
    const struct refused_file *file;
    unsigned rows;
    struct arena *arena;
};

static bool take_apart(const struct reading *g, const struct json_node *root, struct str line,
                       struct reject *r)
{
    const struct json_node *error = json_get(root, STR("error")), *record = json_get(root, STR("record"));
    *r = (struct reject){.line = line,
                         .tool = json_get_string(root, STR("tool"), g->arena),
                         .code = json_get_string(error, STR("code"), g->arena),
                         .field = json_get_string(error, STR("field"), g->arena),
                         .message = json_get_string(error, STR("message"), g->arena),
                         .place = json_get_string(root, STR("from"), g->arena),
                         .entity = json_get_string(root, STR("entity"), g->arena),
                         .id = json_get_string(root, STR("id"), g->arena),
                         .map = json_get_string(root, STR("map"), g->arena),
                         .source = json_get_string(record, STR("source"), g->arena),
                         .stream = json_get_string(record, STR("stream"), g->arena),
                         .label = json_get_string(record, STR("label"), g->arena),
                         .before = json_get(record, STR("before"))};
    if (json_get(record, STR("status")) == NULL) /* no receipt */
        r->target = json_get_string(record, STR("target"), g->arena);
    /* A native record that was made of a state has the version of it. */
    r->held = json_get(record, STR("v")) != NULL || json_get(record, STR("version")) != NULL;
    return r->tool.p != NULL && r->code.p != NULL && r->message.p != NULL && record != NULL;
}

/* ---- closing ---- */

static int close_named(struct hub *h, const struct reject *r, const struct numbers *of, struct err *e)
{
    return sqlite_change(h->db,
                         "UPDATE reject SET closed = ?1, how = 'newer' WHERE closed IS NULL AND name = ?2"
                         " AND source IS nullif(?3, 0) AND target IS nullif(?4, 0) AND tool = ?5"
                         " AND entity IS nullif(?6, 0) AND stream IS ?7",
                         SQLITE_VALUES(sqlite_int(time(NULL)), sqlite_text(r->id), sqlite_int(of->source),
                                       sqlite_int(of->target), sqlite_text(r->tool), sqlite_int(of->entity),
                                       sqlite_text(r->stream)),
                         e);
}

/* Of what has no name, only the same line from the same place is known to be the same. */
static int close_placed(struct hub *h, const struct reject *r, struct err *e)
{
    return sqlite_change(h->db,
                         "UPDATE reject SET closed = ?1, how = 'newer' WHERE closed IS NULL AND name IS NULL"
                         " AND place = ?2 AND tool = ?3 AND line = ?4",
                         SQLITE_VALUES(sqlite_int(time(NULL)), sqlite_text(r->place), sqlite_text(r->tool),
                                       sqlite_text(r->line)),
                         e);
}

/* Whether there is anything to close: most hubs have nothing open, and their records are not asked for. */
static int is_any(struct hub *h, const char *sql, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, sql, e);
    int got = s != NULL ? sqlite_step(s, e) : -1;
    int any = got == 1 ? sqlite_column_int(s, 0) != 0 : got;
    if (s != NULL)
        sqlite_reset(s);
    return any;
}

#define CLOSE                                                                                                \
    "UPDATE reject SET closed = ?1, how = 'revision' WHERE closed IS NULL AND source = ?3 AND held <= ?4"    \
    " AND " REFUSED_MAY_BE("?5", "(SELECT name FROM entity WHERE id = ?5)")

static int close_rejects(struct hub *h, int64_t entity, int64_t source, struct str id, struct str label,
                         bool revised, struct err *e)
{
    static const char by_name[] = CLOSE " AND name = ?2";
    static const char by_label[] = CLOSE " AND label IN " HUB_SPELLINGS("?2");
    const struct str names[] = {id, label};
    for (size_t i = 0; i < 2 && (i == 0 || label.p != NULL); i++) {
        if (sqlite_change(h->db, i == 0 ? by_name : by_label,
                          SQLITE_VALUES(sqlite_int(time(NULL)), sqlite_text(names[i]), sqlite_int(source),
                                        sqlite_int(revised), sqlite_int(entity)),
                          e) == -1)
            return -1;
    }
    return 0;
}

static int forget_warnings(struct hub *h, int64_t entity, int64_t source, struct str id, struct err *e)
{
    return sqlite_change(h->db, "DELETE FROM warning WHERE name = ?1 AND source = ?2 AND entity = ?3",
                         SQLITE_VALUES(sqlite_text(id), sqlite_int(source), sqlite_int(entity)), e);
}

int refused_close(struct hub *h, int64_t entity, int64_t source, struct str id, struct str label,
                  bool revised, struct err *e)
{
    if (!h->asked_open) {
        h->open_rejects = is_any(h, "SELECT EXISTS (SELECT 1 FROM reject WHERE closed IS NULL)", e);
        h->open_warnings = is_any(h, "SELECT EXISTS (SELECT 1 FROM warning)", e);
        h->asked_open = true;
    }
    if (h->open_rejects == -1 || h->open_warnings == -1)
        return -1;
    if (h->open_rejects > 0 && close_rejects(h, entity, source, id, label, revised, e) == -1)
        return -1;
    return h->open_warnings > 0 ? forget_warnings(h, entity, source, id, e) : 0;
}

/* ---- import ---- */

static int put(const struct reading *g, const struct reject *r, const struct numbers *of, struct err *e)
{
    return sqlite_change(
        g->h->db,
        "INSERT INTO reject (run, attempt, at, tool, code, field, message, place, entity, source, name,"
        " label, stream, map, held, line, target) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, nullif(?9, 0),"
        " nullif(?10, 0), ?11, ?12, ?13, ?14, ?15, ?16, nullif(?17, 0))",
        SQLITE_VALUES(sqlite_int(g->file->run), sqlite_int(g->file->attempt), sqlite_int(time(NULL)),
                      sqlite_text(r->tool), sqlite_text(r->code), sqlite_text(r->field),
                      sqlite_text(r->message), sqlite_text(r->place), sqlite_int(of->entity),
                      sqlite_int(of->source), sqlite_text(r->id), sqlite_text(r->label),
                      sqlite_text(r->stream), sqlite_text(r->map), sqlite_int(r->held), sqlite_text(r->line),
                      sqlite_int(of->target)),
        e);
}

static int64_t number_of(struct hub *h, enum hub_name_kind kind, struct str name, struct err *e)
{
    return name.p != NULL ? hub_name_id(h, kind, name, true, e) : 0;
}

static int take(void *arg, const struct json_node *root, struct str line, struct err *e)
{
    struct reading *g = arg;
    struct reject r;
    arena_reset(g->arena);
    if (!take_apart(g, root, line, &r))
        return 0;
    if (++g->rows % ROWS_AT_ONCE == 0 && hub_commit(g->h, e) == -1)
        return -1;
    if (hub_begin(g->h, e) == -1)
        return -1;
    struct numbers of = {number_of(g->h, HUB_ENTITY, r.entity, e), number_of(g->h, HUB_SOURCE, r.source, e),
                         number_of(g->h, HUB_TARGET, r.target, e)};
    if (of.entity == -1 || of.source == -1 || of.target == -1)
        return -1;
    int closed = r.id.p != NULL ? close_named(g->h, &r, &of, e) : close_placed(g->h, &r, e);
    if (closed == -1 || put(g, &r, &of, e) == -1)
        return -1;
    const struct withheld w = {of.target, of.entity, of.source, sqlite_last_rowid(g->h->db), r.id, r.before};
    return of.target > 0 && of.entity > 0 && of.source > 0 ? withheld_put(g->h, &w, e) : 0;
}

int refused_import(struct hub *h, const struct refused_file *file, struct err *e)
{
    struct reading g = {.h = h, .file = file, .arena = &h->scratch};
    const struct json_lines lines = {.path = file->path, .from = file->from, .longest = LINES_MOST};
    if (json_lines_read(&lines, take, &g, e) == 0)
        return g.rows > 0 ? hub_commit(h, e) : 0;
    hub_rollback(h);
    return -1;
}
