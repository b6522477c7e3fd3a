#include <time.h>

#include "base/hex.h"
#include "base/size.h"
#include "hub/ledger.h"
#include "hub/open.h"
#include "hub/refused.h"

/* The number that the next revision of this transaction will have; -1: E. */
static int64_t peek_revision(struct hub *h, struct err *e)
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

static int64_t next_revision(struct hub *h, struct err *e)
{
    int64_t number = peek_revision(h, e);
    if (number > 0)
        h->next_revision++;
    return number;
}

struct known {
    int64_t id; /* 0: the record is new */
    bool same;  /* its newest revision is this version already */
};

static int look_up(struct hub *h, const struct record *r, int64_t entity, int64_t source, struct str version,
                   struct known *known, struct err *e)
{
    struct sqlite_statement *s =
        sqlite_cached(h->db,
                      "SELECT record.id, version FROM record LEFT JOIN revision ON number = revision"
                      " WHERE name = ?1 AND entity = ?2 AND source = ?3",
                      e);
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, r->id);
    sqlite_bind_int(s, 2, entity);
    sqlite_bind_int(s, 3, source);
    int got = sqlite_step(s, e);
    *known = (struct known){0};
    if (got == 1)
        *known = (struct known){sqlite_column_int(s, 0), str_eq(sqlite_column_blob(s, 1), version)};
    sqlite_reset(s);
    return got == -1 ? -1 : 0;
}

static int put_record(struct hub *h, const struct record *r, int64_t entity, int64_t source, int64_t number,
                      struct known *known, struct err *e)
{
    struct sqlite_statement *s =
        known->id > 0
            ? sqlite_cached(h->db, "UPDATE record SET revision = ?1 WHERE id = ?2", e)
            : sqlite_cached(h->db,
                            "INSERT INTO record (revision, name, entity, source) VALUES (?1, ?2, ?3, ?4)", e);
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, number);
    if (known->id > 0) {
        sqlite_bind_int(s, 2, known->id);
        return sqlite_run(s, e);
    }
    sqlite_bind_text(s, 2, r->id);
    sqlite_bind_int(s, 3, entity);
    sqlite_bind_int(s, 4, source);
    if (sqlite_run(s, e) == -1)
        return -1;
    known->id = sqlite_last_rowid(h->db);
    return 0;
}

static int put_revision(struct hub *h, const struct record *r, const struct known *known, int64_t number,
                        struct str version, struct str data, struct err *e)
{
    struct sqlite_statement *s =
        sqlite_cached(h->db,
                      "INSERT INTO revision (number, record, at, v, version, data, of)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                      e);
    if (s == NULL)
        return -1;
    buf_reset(&h->of);
    if (r->of != NULL)
        json_write(&h->of, r->of);
    if (!buf_ok(&h->of))
        return err_memory(e);
    sqlite_bind_int(s, 1, number);
    sqlite_bind_int(s, 2, known->id);
    sqlite_bind_int(s, 3, (int64_t)time(NULL));
    sqlite_bind_int(s, 4, r->v);
    sqlite_bind_blob(s, 5, version);
    sqlite_bind_text(s, 6, data);
    sqlite_bind_text(s, 7, r->of != NULL ? buf_str(&h->of) : (struct str){0});
    return sqlite_run(s, e);
}

int hub_put_identity(struct hub *h, int64_t record, struct str name, struct str id, struct err *e)
{
    if (name.n == 0 || str_eq(name, id))
        return 0;
    struct sqlite_statement *s =
        sqlite_cached(h->db, "INSERT OR IGNORE INTO identity (name, record) VALUES (?1, ?2)", e);
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, name);
    sqlite_bind_int(s, 2, record);
    return sqlite_run(s, e);
}

/* Those of its parts that the hub knows. */
static int put_parts(struct hub *h, const struct record *r, const struct known *known, struct err *e)
{
    const struct json_node *end = r->of != NULL ? json_next(r->of) : NULL;
    for (const struct json_node *part = r->of != NULL ? r->of + 1 : NULL; part < end;
         part = json_next(part)) {
        struct sqlite_statement *s =
            sqlite_cached(h->db,
                          "INSERT OR IGNORE INTO made (part, record) SELECT record.id, ?1 FROM record"
                          " JOIN entity ON entity.id = entity JOIN source ON source.id = source"
                          " WHERE record.name = ?2 AND entity.name = ?3 AND source.name = ?4",
                          e);
        if (s == NULL)
            return -1;
        sqlite_bind_int(s, 1, known->id);
        sqlite_bind_text(s, 2, json_get_string(part, STR("id"), &h->scratch));
        sqlite_bind_text(s, 3, json_get_string(part, STR("entity"), &h->scratch));
        sqlite_bind_text(s, 4, json_get_string(part, STR("source"), &h->scratch));
        if (sqlite_run(s, e) == -1)
            return -1;
    }
    return 0;
}

static int revise(struct hub *h, const struct record *r, const struct json_node *data, struct str version,
                  struct err *e)
{
    struct known known;
    int64_t entity = hub_name_id(h, HUB_ENTITY, r->entity, true, e);
    int64_t source = entity > 0 ? hub_name_id(h, HUB_SOURCE, r->source, true, e) : -1;
    if (source == -1 || look_up(h, r, entity, source, version, &known, e) == -1)
        return -1;
    bool same = known.same || (known.id == 0 && data == NULL);
    struct str called = json_get_string(data, STR("number"), &h->scratch); /* by people */
    if (refused_close(h, entity, source, r->id, called, !same, e) == -1)
        return -1;
    if (same)
        return HUB_UNCHANGED;
    int64_t number = next_revision(h, e);
    struct str text = data != NULL ? buf_str(&h->work.bytes) : (struct str){0};
    if (number == -1 || put_record(h, r, entity, source, number, &known, e) == -1 ||
        put_revision(h, r, &known, number, version, text, e) == -1 ||
        hub_put_identity(h, known.id, called, r->id, e) == -1 || put_parts(h, r, &known, e) == -1)
        return -1;
    return HUB_REVISED;
}

enum hub_put hub_put(struct hub *h, const struct record *r, char version[65], struct err *e)
{
    const struct json_node *data = record_state(r);
    char bytes[LEDGER_VERSION];
    arena_reset(&h->scratch);
    if (r->kind != RECORD_CANONICAL && r->kind != RECORD_CHANGE) {
        err_set(e, "record", "the hub holds canonical records");
        return HUB_REFUSED;
    }
    if (r->id.n == 0 || r->source.n == 0) {
        err_set(e, "record", "a record without an id and a source cannot be told from others");
        return HUB_REFUSED;
    }
    if (record_version_of(version, r, &h->work, e) == -1)
        return HUB_FATAL;
    hex_read(bytes, str_of(version));
    return (enum hub_put)revise(h, r, data, (struct str){bytes, sizeof bytes}, e);
}

/* ---- bookmarks ---- */

static int json_text_of(struct hub *h, const struct json_node *value, struct err *e)
{
    buf_reset(&h->text);
    json_write(&h->text, value);
    return buf_ok(&h->text) ? 0 : err_memory(e);
}

static int moved(struct err *e, const struct record_mark *mark)
{
    return err_set(e, "bookmark", "another run has moved the bookmark of %.*s since this one began to read",
                   (int)mark->stream.n, mark->stream.p);
}

/* What is settled never moves back, and never beyond what the hub holds (as a mark from a copy of it may
 * say): a target would lack what comes next, and nobody would know. */
static int check_settled(struct hub *h, int64_t before, uint64_t to, struct err *e)
{
    int64_t next = peek_revision(h, e);
    if (next == -1)
        return -1;
    if (to >= (uint64_t)before && to < (uint64_t)next)
        return 0;
    return err_set(e, "bookmark", "revision %llu cannot be settled: %lld is, and the hub holds up to %lld",
                   (unsigned long long)to, (long long)before, (long long)next - 1);
}

/* Told anew, now that all up to a revision is settled; and set aside, of what is as it was before. */
static int close_settled(struct hub *h, int64_t target, int64_t entity, uint64_t to, struct err *e)
{
    static const char *const closes[] = {
        "DELETE FROM due WHERE target = ?1 AND record IN"
        " (SELECT id FROM record WHERE entity = ?2 AND revision <= ?3 AND id IN (SELECT record FROM due WHERE"
        " target = ?1))",
        "DELETE FROM parked WHERE target = ?1 AND EXISTS (SELECT 1 FROM delivery AS d JOIN record AS r ON "
        "r.id ="
        " d.record JOIN revision ON number = r.revision WHERE d.record = parked.record AND d.target = ?1"
        " AND d.part = parked.part AND d.version = revision.version AND entity = ?2 AND r.revision <= ?3)"};
    for (size_t i = 0; i < sizeof closes / sizeof *closes; i++) {
        struct sqlite_statement *s = sqlite_cached(h->db, closes[i], e);
        if (s == NULL)
            return -1;
        sqlite_bind_int(s, 1, target);
        sqlite_bind_int(s, 2, entity);
        sqlite_bind_int(s, 3, (int64_t)to);
        if (sqlite_run(s, e) == -1)
            return -1;
    }
    return 0;
}

static int put_settled(struct hub *h, struct str target, struct str entity, uint64_t to, struct err *e)
{
    int64_t by = hub_name_id(h, HUB_TARGET, target, true, e);
    int64_t of = by > 0 ? hub_name_id(h, HUB_ENTITY, entity, true, e) : -1;
    struct sqlite_statement *s =
        of > 0 ? sqlite_cached(h->db,
                               "INSERT INTO settled (target, entity, revision, at) VALUES (?1, ?2, ?3, ?4)"
                               " ON CONFLICT DO UPDATE SET revision = ?3, at = ?4",
                               e)
               : NULL;
    if (s == NULL)
        return -1;
    sqlite_bind_int(s, 1, by);
    sqlite_bind_int(s, 2, of);
    sqlite_bind_int(s, 3, (int64_t)to);
    sqlite_bind_int(s, 4, (int64_t)time(NULL));
    return sqlite_run(s, e) == 0 ? close_settled(h, by, of, to, e) : -1;
}

/* The revision that a checkpoint names. Without a checkpoint: 0, as nothing is settled. */
static bool revision_of(const struct json_node *checkpoint, uint64_t *revision)
{
    const struct json_node *number = checkpoint != NULL ? json_get(checkpoint, STR("revision")) : NULL;
    *revision = 0;
    return checkpoint == NULL || (json_is(number, JSON_NUMBER) && count_parse(json_text(number), revision));
}

/* {"for":TARGET,"entity":ENTITY,"revision":N}, which hub_select's readers put in their marks. */
static int settle(struct hub *h, const struct record_mark *mark, const struct json_node *target,
                  struct err *e)
{
    const struct json_node *entity = json_get(mark->checkpoint, STR("entity"));
    uint64_t to, was;
    if (!json_is(entity, JSON_STRING) || !revision_of(mark->checkpoint, &to) ||
        !revision_of(mark->after, &was))
        return err_set(e, "record", "not the checkpoint of changes for a target");
    struct str name = json_string(target, &h->scratch), of = json_string(entity, &h->scratch);
    if (name.p == NULL || of.p == NULL)
        return err_memory(e);
    int64_t before = hub_settled(h, of, name, e);
    if (before == -1)
        return -1;
    if ((uint64_t)before != was)
        return moved(e, mark);
    return check_settled(h, before, to, e) == -1 ? -1 : put_settled(h, name, of, to, e);
}

int hub_bookmark(struct hub *h, const struct record_mark *mark, struct err *e)
{
    struct str now;
    if (mark->checkpoint == NULL)
        return 0;
    arena_reset(&h->scratch);
    const struct json_node *target =
        str_eq(mark->source, STR("hub")) ? json_get(mark->checkpoint, STR("for")) : NULL;
    if (json_is(target, JSON_STRING))
        return settle(h, mark, target, e);
    if (hub_checkpoint(h, mark->source, mark->stream, &now, e) == -1)
        return -1;
    if (mark->after != NULL) {
        if (json_text_of(h, mark->after, e) == -1)
            return -1;
        if (!str_eq(now, buf_str(&h->text)))
            return moved(e, mark);
    }
    if (json_text_of(h, mark->checkpoint, e) == -1)
        return -1;
    struct sqlite_statement *s =
        sqlite_cached(h->db,
                      "INSERT INTO bookmark (source, stream, checkpoint, at) VALUES (?1, ?2, ?3, ?4)"
                      " ON CONFLICT DO UPDATE SET checkpoint = ?3, at = ?4",
                      e);
    int64_t source = s != NULL ? hub_name_id(h, HUB_SOURCE, mark->source, true, e) : -1;
    if (source == -1)
        return -1;
    sqlite_bind_int(s, 1, source);
    sqlite_bind_text(s, 2, mark->stream);
    sqlite_bind_text(s, 3, buf_str(&h->text));
    sqlite_bind_int(s, 4, (int64_t)time(NULL));
    return sqlite_run(s, e);
}
