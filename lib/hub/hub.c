#include "hub/hub.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/list.h"
#include "hub/open.h"
#include "io/sqlite_change.h"

enum { NAMES_MOST = 16 << 20, TEXT_MOST = 512 << 20 };

static void leave_queue(struct hub *h)
{
    if (h->lock != -1)
        close(h->lock);
    h->lock = -1;
}

/* SQLite's own waiting asks again and again, so that a writer can starve; here they stand in a queue. */
static int enter_queue(struct hub *h, struct err *e)
{
    if (h->lock != -1)
        return 0;
    buf_reset(&h->text);
    buf_printf(&h->text, "%s-lock", h->path);
    buf_byte(&h->text, '\0');
    if (!buf_ok(&h->text))
        return err_memory(e);
    h->lock = file_lock(h->text.p, true, e);
    return h->lock != -1 ? 0 : -1;
}

/* Making the file, its mode and its form is a writer's work, too: SQLite does not wait for a change of mode.
 */
static int start_writing(struct hub *h, const struct sqlite_options *options, struct err *e)
{
    if (enter_queue(h, e) == -1 || (h->db = sqlite_open(h->path, options, e)) == NULL)
        return -1;
    /* Pages that many transactions change are written to the file once for all of them (16 MiB), and those of
     * the indexes, which are read in any order, stay in memory (32 MiB). */
    if (sqlite_exec(h->db,
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096;"
                    " PRAGMA cache_size = -32768",
                    e) == -1 ||
        hub_migrate(h, e) == -1)
        return -1;
    leave_queue(h);
    return 0;
}

static int start(struct hub *h, enum hub_mode mode, struct err *e)
{
    const struct sqlite_options options = {.mode = mode == HUB_WRITES ? SQLITE_CREATES : SQLITE_READS,
                                           .private = true,
                                           .if_damaged = "go back to a copy, as BACKUP in hub-db(5) says"};
    if (mode == HUB_WRITES)
        return start_writing(h, &options, e);
    int made = (h->db = sqlite_open(h->path, &options, e)) != NULL ? hub_check_form(h, e) : -1;
    if (made == 0 && mode == HUB_READS)
        return err_set(e, "config", "an empty file: a tool that writes makes a hub of it");
    h->empty = made == 0;
    if (made == -1)
        return -1;
    h->reads = true;
    return sqlite_exec(h->db, "BEGIN", e);
}

struct hub *hub_open(const char *path, enum hub_mode mode, struct err *e)
{
    struct hub *h = calloc(1, sizeof *h);
    if (h == NULL || (h->path = strdup(path)) == NULL) {
        free(h);
        err_memory(e);
        return NULL;
    }
    h->lock = -1;
    arena_init(&h->arena, NAMES_MOST);
    arena_init(&h->scratch, TEXT_MOST);
    buf_init(&h->text, TEXT_MOST);
    buf_init(&h->of, TEXT_MOST);
    record_work_init(&h->work);
    if (start(h, mode, e) == 0) {
        err_clear(e); /* what may go wrong from here on is not about this file */
        return h;
    }
    hub_close(h);
    return NULL;
}

void hub_close(struct hub *h)
{
    if (h == NULL)
        return;
    if (h->changing)
        hub_rollback(h);
    sqlite_close(h->db);
    leave_queue(h);
    record_work_release(&h->work);
    arena_release(&h->arena);
    arena_release(&h->scratch);
    buf_release(&h->text);
    buf_release(&h->of);
    free(h->name);
    free(h->path);
    free(h);
}

/* ---- transactions ---- */

int hub_look(struct hub *h, struct err *e)
{
    if (h->changing || h->looking || h->reads)
        return 0;
    struct sqlite_statement *s = sqlite_cached(h->db, "BEGIN", e);
    if (s == NULL || sqlite_run(s, e) == -1)
        return -1;
    h->looking = true;
    return 0;
}

void hub_look_end(struct hub *h)
{
    if (h->looking)
        sqlite_rollback(h->db);
    h->looking = false;
}

int hub_begin(struct hub *h, struct err *e)
{
    if (h->changing)
        return 0;
    hub_look_end(h);
    if (enter_queue(h, e) == -1)
        return -1;
    if (sqlite_begin(h->db, e) == -1) {
        leave_queue(h);
        return -1;
    }
    h->changing = true;
    h->next_revision = 0;
    h->asked_open = false;
    return 0;
}

int hub_commit(struct hub *h, struct err *e)
{
    if (sqlite_commit(h->db, e) == -1) {
        hub_rollback(h);
        return -1;
    }
    h->changing = false;
    leave_queue(h);
    return 0;
}

void hub_rollback(struct hub *h)
{
    sqlite_rollback(h->db);
    h->changing = false;
    /* Names that it made are gone. */
    h->nnames = h->last = 0;
    leave_queue(h);
}

/* ---- names ---- */

static const char *const select_name[HUB_NAME_KINDS] = {"SELECT id FROM entity WHERE name = ?1",
                                                        "SELECT id FROM source WHERE name = ?1",
                                                        "SELECT id FROM target WHERE name = ?1"};
static const char *const insert_name[HUB_NAME_KINDS] = {"INSERT INTO entity (name) VALUES (?1)",
                                                        "INSERT INTO source (name) VALUES (?1)",
                                                        "INSERT INTO target (name) VALUES (?1)"};

static int64_t remember(struct hub *h, enum hub_name_kind kind, struct str name, int64_t id, struct err *e)
{
    struct hub_name *list = list_room(h->name, h->nnames, &h->room, sizeof *list);
    if (list == NULL)
        return err_memory(e);
    h->name = list;
    struct str kept = arena_str(&h->arena, name);
    if (kept.p == NULL)
        return err_memory(e);
    h->last = h->nnames;
    h->name[h->nnames++] = (struct hub_name){kept, id, kind};
    return id;
}

int64_t hub_name_id(struct hub *h, enum hub_name_kind kind, struct str name, bool make, struct err *e)
{
    for (size_t i = 0; i < h->nnames; i++) {
        size_t at = (h->last + i) % h->nnames;
        if (h->name[at].kind == kind && str_eq(h->name[at].name, name)) {
            h->last = at;
            return h->name[at].id;
        }
    }
    struct sqlite_statement *s = sqlite_cached(h->db, select_name[kind], e);
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, name);
    int got = sqlite_step(s, e);
    int64_t id = got == 1 ? sqlite_column_int(s, 0) : 0;
    sqlite_reset(s);
    if (got == 1)
        return remember(h, kind, name, id, e);
    if (got == -1 || !make)
        return got;
    s = sqlite_cached(h->db, insert_name[kind], e);
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, name);
    return sqlite_run(s, e) == -1 ? -1 : remember(h, kind, name, sqlite_last_rowid(h->db), e);
}

/* ---- what the writing files share ---- */

int hub_put_identity(struct hub *h, int64_t record, struct str name, struct str id, struct err *e)
{
    if (name.n == 0 || str_eq(name, id))
        return 0;
    return sqlite_change(h->db, "INSERT OR IGNORE INTO identity (name, record) VALUES (?1, ?2)",
                         SQLITE_VALUES(sqlite_text(name), sqlite_int(record)), e);
}

int64_t hub_next_revision(struct hub *h, struct err *e)
{
    if (h->next_revision > 0)
        return h->next_revision;
    struct sqlite_statement *s = sqlite_cached(h->db, "SELECT coalesce(max(number), 0) FROM revision", e);
    int got = s != NULL ? sqlite_step(s, e) : -1;
    if (got != 1)
        return -1;
    h->next_revision = sqlite_column_int(s, 0) + 1;
    sqlite_reset(s);
    return h->next_revision;
}
