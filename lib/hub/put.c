#include <time.h>

#include "base/hex.h"
#include "base/size.h"
#include "canon/schema.h"
#include "hub/ledger.h"
#include "hub/open.h"
#include "hub/refused.h"
#include "io/sqlite_change.h"

static int64_t take_revision(struct hub *h, struct err *e)
{
    int64_t number = hub_next_revision(h, e);
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
    if (known->id > 0)
        return sqlite_change(h->db, "UPDATE record SET revision = ?1 WHERE id = ?2",
                             SQLITE_VALUES(sqlite_int(number), sqlite_int(known->id)), e);
    if (sqlite_change(
            h->db, "INSERT INTO record (revision, name, entity, source) VALUES (?1, ?2, ?3, ?4)",
            SQLITE_VALUES(sqlite_int(number), sqlite_text(r->id), sqlite_int(entity), sqlite_int(source)),
            e) == -1)
        return -1;
    known->id = sqlite_last_rowid(h->db);
    return 0;
}

static int put_revision(struct hub *h, const struct record *r, const struct known *known, int64_t number,
                        struct str version, struct str data, struct err *e)
{
    buf_reset(&h->of);
    if (r->of != NULL)
        json_write(&h->of, r->of);
    if (!buf_ok(&h->of))
        return err_memory(e);
    return sqlite_change(
        h->db,
        "INSERT INTO revision (number, record, at, v, version, data, of) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        SQLITE_VALUES(sqlite_int(number), sqlite_int(known->id), sqlite_int(time(NULL)), sqlite_int(r->v),
                      sqlite_blob(version), sqlite_text(data),
                      sqlite_text(r->of != NULL ? buf_str(&h->of) : (struct str){0})),
        e);
}

/* What says what people and other systems call records of the entity; NULL: it is of no contract. */
static int find_schema(struct contract *contract, const struct record *r, const struct schema **schema,
                       struct err *e)
{
    struct err why;
    *schema = contract_entity(contract, r->entity, &why);
    if (*schema != NULL || strcmp(why.code, "contract") == 0)
        return 0;
    *e = why;
    return -1;
}

struct naming {
    struct hub *h;
    int64_t record;
    struct str id, first;
    struct err *e;
};

static int put_name(void *arg, const struct json_node *value)
{
    struct naming *n = arg;
    struct str name = json_string(value, &n->h->scratch);
    return name.p != NULL ? hub_put_identity(n->h, n->record, name, n->id, n->e) : err_memory(n->e);
}

static int take_first(void *arg, const struct json_node *value)
{
    struct naming *n = arg;
    if (n->first.n == 0)
        n->first = json_string(value, &n->h->scratch);
    return n->first.p != NULL ? 0 : err_memory(n->e);
}

/* Those of its parts that the hub knows. */
static int put_parts(struct hub *h, const struct record *r, const struct known *known, struct err *e)
{
    const struct json_node *end = r->of != NULL ? json_next(r->of) : NULL;
    for (const struct json_node *part = r->of != NULL ? r->of + 1 : NULL; part < end;
         part = json_next(part)) {
        if (sqlite_change(h->db,
                          "INSERT OR IGNORE INTO made (part, record) SELECT record.id, ?1 FROM record"
                          " JOIN entity ON entity.id = entity JOIN source ON source.id = source"
                          " WHERE record.name = ?2 AND entity.name = ?3 AND source.name = ?4",
                          SQLITE_VALUES(sqlite_int(known->id),
                                        sqlite_text(json_get_string(part, STR("id"), &h->scratch)),
                                        sqlite_text(json_get_string(part, STR("entity"), &h->scratch)),
                                        sqlite_text(json_get_string(part, STR("source"), &h->scratch))),
                          e) == -1)
            return -1;
    }
    return 0;
}

static int revise(struct hub *h, struct contract *contract, const struct record *r,
                  const struct json_node *data, struct str version, struct err *e)
{
    struct known known;
    struct naming naming = {.h = h, .id = r->id, .e = e};
    int64_t entity = hub_name_id(h, HUB_ENTITY, r->entity, true, e);
    int64_t source = entity > 0 ? hub_name_id(h, HUB_SOURCE, r->source, true, e) : -1;
    if (source == -1 || look_up(h, r, entity, source, version, &known, e) == -1)
        return -1;
    bool same = known.same || (known.id == 0 && data == NULL);
    const struct schema *schema = NULL;
    if ((data != NULL && find_schema(contract, r, &schema, e) == -1) ||
        (schema != NULL && schema_names(schema, data, take_first, &naming) == -1) ||
        refused_close(h, entity, source, r->id, naming.first, !same, e) == -1)
        return -1;
    if (same)
        return HUB_UNCHANGED;
    int64_t number = take_revision(h, e);
    struct str text = data != NULL ? buf_str(&h->work.bytes) : (struct str){0};
    if (number == -1 || put_record(h, r, entity, source, number, &known, e) == -1 ||
        put_revision(h, r, &known, number, version, text, e) == -1)
        return -1;
    naming.record = known.id;
    if ((schema != NULL && schema_names(schema, data, put_name, &naming) == -1) ||
        put_parts(h, r, &known, e) == -1)
        return -1;
    return HUB_REVISED;
}

enum hub_put hub_put(struct hub *h, struct contract *contract, const struct record *r, char version[65],
                     struct err *e)
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
    return (enum hub_put)revise(h, contract, r, data, (struct str){bytes, sizeof bytes}, e);
}
