/*
 * The contract (hub-schema.5): what a canonical record of an entity may hold. JSON Schema 2020-12, a subset
 * that is refused by name where a schema leaves it, with the formats and keywords of canonical data. Applying
 * a schema checks a value and gives its one canonical spelling in the same walk: keys in the order of RFC
 * 8785, decimals, money, times and sets respelled.
 *
 *     struct contract *contract = contract_new();
 *     const struct schema *order = contract_entity(contract, STR("order"), &e);
 *     if (schema_apply(order, data, &tape, &run, &e) == -1)
 *         say(e.field, e.message);      "/total", "is missing"; e.code is `contract` or the format's name
 *
 * One user at a time: its checks (canon/expr.h) hold what they need to run.
 * schema_apply∘schema_apply == schema_apply.
 */
#ifndef HUB_CANON_SCHEMA_H
#define HUB_CANON_SCHEMA_H

#include "base/arena.h"
#include "base/err.h"
#include "json/json.h"

struct contract;
struct schema;

/* Schemas are found as schema/ENTITY.json on the search path, loaded once, kept until contract_free. NULL:
 * code `contract` where ENTITY cannot be a name, `config` where there is no such schema or it is wrong (place
 * and pointer in E); once one was wrong, no other is loaded. */
struct contract *contract_new(void);
void contract_free(struct contract *c);

/* The same, for another thread: what was loaded is compiled anew from what was read, which is C's and must be
 * there as long. NULL: memory, or a schema was wrong. */
struct contract *contract_twin(const struct contract *c);
const struct schema *contract_entity(struct contract *c, struct str entity, struct err *e);

/* The most similar name of all the entities that there are (absent where none is near), good as long as A. */
struct str contract_near(struct str entity, struct arena *a);

/* The major version that records of this entity carry as `v` ("x-version" of the schema; 1 where it says
 * none). */
int64_t schema_version(const struct schema *s);

/* Gives each text that a record is called by ("x-names" of the schema) to TAKE, in the order of the schema.
 * -1: TAKE gave that, which ended it. */
int schema_names(const struct schema *s, const struct json_node *data,
                 int (*take)(void *arg, const struct json_node *name), void *arg);

/* Whether a canonical path names something that the contract knows: for errors of maps when they are
 * compiled. PATH is a list of names; lists are passed through. 1 yes, 0 no; *nearest is then the most similar
 * name there (or absent). */
int schema_has_path(const struct schema *s, const struct str *path, size_t n, struct str *nearest);

/* Whether what such a path names may be of TYPE. */
bool schema_takes(const struct schema *s, const struct str *path, size_t n, enum json_type type);

/* What one application needs, kept by the caller from record to record. */
struct schema_run {
    struct arena *arena; /* of the record: what was respelled */
    /* A check of level `warn` that did not hold; may be NULL. MESSAGE is for a bookkeeper. */
    void (*warn)(void *arg, const char *check, const char *message);
    void *warn_arg;
    /* Of the last one that met the contract: its keys stood in order, so the result is alike. */
    bool in_order;
};

/* DATA checked, its canonical spelling appended to OUT, in which it must not lie itself. -1: it does not meet
 * the contract; OUT is as it was. Keys must be unique (json_check_record). The nodes point into DATA's bytes
 * and the arena. */
int schema_apply(const struct schema *s, const struct json_node *data, struct json_tape *out,
                 struct schema_run *run, struct err *e);

#endif
