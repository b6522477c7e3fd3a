#include <time.h>

#include "base/size.h"
#include "hub/due.h"
#include "hub/open.h"
#include "hub/withheld.h"
#include "io/sqlite_change.h"

static int json_text_of(struct hub *h, const struct json_node *value, struct err *e)
{
    buf_reset(&h->text);
    json_write(&h->text, value);
    return buf_ok(&h->text) ? 0 : err_memory(e);
}

static int moved(struct err *e, const struct record_mark *mark)
{
    return err_set(e, "bookmark",
                   "another run has moved the bookmark of %.*s since this one began to read: nothing is "
                   "taken; run it again",
                   (int)mark->stream.n, mark->stream.p);
}

/* What is settled never moves back, and never beyond what the hub holds (as a mark from a copy of it may
 * say): a target would lack what comes next, and nobody would know. */
static int check_settled(struct hub *h, int64_t before, uint64_t to, struct err *e)
{
    int64_t next = hub_next_revision(h, e);
    if (next == -1)
        return -1;
    if (to >= (uint64_t)before && to < (uint64_t)next)
        return 0;
    return err_set(e, "bookmark", "revision %llu cannot be settled: %lld is, and the hub holds up to %lld",
                   (unsigned long long)to, (long long)before, (long long)next - 1);
}

/* Set aside, of what is as it was before. */
static int close_parked(struct hub *h, int64_t target, int64_t entity, int64_t to, struct err *e)
{
    return sqlite_change(
        h->db,
        "DELETE FROM parked WHERE target = ?1 AND EXISTS (SELECT 1 FROM delivery AS d JOIN record AS r ON"
        " r.id = d.record JOIN revision ON number = r.revision WHERE d.record = parked.record AND"
        " d.target = ?1 AND d.part = parked.part AND d.version = revision.version AND entity = ?2"
        " AND r.revision <= ?3)",
        SQLITE_VALUES(sqlite_int(target), sqlite_int(entity), sqlite_int(to)), e);
}

struct settling {
    struct str target, entity;
    uint64_t was, to, anew; /* anew: up to which number of `due` it was told */
};

static int put_settled(struct hub *h, const struct settling *g, struct err *e)
{
    int64_t by = hub_name_id(h, HUB_TARGET, g->target, true, e);
    int64_t of = by > 0 ? hub_name_id(h, HUB_ENTITY, g->entity, true, e) : -1;
    if (of <= 0)
        return -1;
    int put = sqlite_change(
        h->db,
        "INSERT INTO settled (target, entity, revision, at) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT DO UPDATE SET revision = ?3, at = ?4",
        SQLITE_VALUES(sqlite_int(by), sqlite_int(of), sqlite_int((int64_t)g->to), sqlite_int(time(NULL))), e);
    if (put == -1 || close_parked(h, by, of, (int64_t)g->to, e) == -1)
        return -1;
    if (withheld_close(h, by, of, (int64_t)g->was, (int64_t)g->to, (int64_t)g->anew, e) == -1)
        return -1;
    return g->anew > 0 ? due_told(h, by, of, (int64_t)g->anew, e) : 0;
}

/* A whole number of a checkpoint; 0 where it is absent. */
static bool number_of(const struct json_node *checkpoint, struct str key, uint64_t *number)
{
    const struct json_node *value = checkpoint != NULL ? json_get(checkpoint, key) : NULL;
    *number = 0;
    return value == NULL || (json_is(value, JSON_NUMBER) && count_parse(json_text(value), number));
}

static bool take_checkpoint(struct settling *g, const struct record_mark *mark)
{
    return json_get(mark->checkpoint, STR("revision")) != NULL &&
           number_of(mark->checkpoint, STR("revision"), &g->to) &&
           number_of(mark->checkpoint, STR("anew"), &g->anew) &&
           number_of(mark->after, STR("revision"), &g->was);
}

/* {"anew":N?,"entity":ENTITY,"for":TARGET,"revision":N}, which hub_select's readers put in their marks. */
static int settle(struct hub *h, const struct record_mark *mark, const struct json_node *target,
                  struct err *e)
{
    const struct json_node *entity = json_get(mark->checkpoint, STR("entity"));
    struct settling g;
    if (!json_is(entity, JSON_STRING) || !take_checkpoint(&g, mark))
        return err_set(e, "record", "not the checkpoint of changes for a target");
    g.target = json_string(target, &h->scratch);
    g.entity = json_string(entity, &h->scratch);
    if (g.target.p == NULL || g.entity.p == NULL)
        return err_memory(e);
    int64_t before = hub_settled(h, g.entity, g.target, e);
    if (before == -1)
        return -1;
    if ((uint64_t)before != g.was)
        return moved(e, mark);
    return check_settled(h, before, g.to, e) == -1 ? -1 : put_settled(h, &g, e);
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
    int64_t source = hub_name_id(h, HUB_SOURCE, mark->source, true, e);
    if (source == -1)
        return -1;
    return sqlite_change(h->db,
                         "INSERT INTO bookmark (source, stream, checkpoint, at) VALUES (?1, ?2, ?3, ?4)"
                         " ON CONFLICT DO UPDATE SET checkpoint = ?3, at = ?4",
                         SQLITE_VALUES(sqlite_int(source), sqlite_text(mark->stream),
                                       sqlite_text(buf_str(&h->text)), sqlite_int(time(NULL))),
                         e);
}
