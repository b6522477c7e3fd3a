/*
 * A compiled schema, as schema_load.c makes it and schema_apply.c walks it. Everything is in the contract's
 * arena.
 */
#ifndef HUB_CANON_SCHEMA_TREE_H
#define HUB_CANON_SCHEMA_TREE_H

#include "base/words.h"
#include "canon/expr.h"
#include "canon/format.h"
#include "canon/schema.h"
#include "json/key_sign.h"

/* Most properties that one object of a schema may name: what is found of them fits on the stack. */
enum { SCHEMA_PROPERTIES = 256 };

enum {
    TAKES_NULL = 1 << JSON_NULL,
    TAKES_BOOL = 1 << JSON_FALSE | 1 << JSON_TRUE,
    TAKES_INTEGER = 1 << JSON_NUMBER,
    TAKES_STRING = 1 << JSON_STRING,
    TAKES_ARRAY = 1 << JSON_ARRAY,
    TAKES_OBJECT = 1 << JSON_OBJECT,
    TAKES_ALL = (1 << 7) - 1
};

struct schema_property {
    struct str name;
    struct key_sign sign;
    const struct schema *schema;
    bool required;
    bool is_currency; /* x-currency of its object names it */
};

/* A check that asks for as many names is not told what was found: it searches the object itself. */
enum { CHECK_NO_PLACE = 0xFF };

struct schema_check {
    struct str text; /* as the schema has it, NUL behind it */
    struct str message;
    struct expr *expr;
    const struct schema *of; /* the object that it is asked of */
    uint8_t *place; /* by property: of its value among what the expression asks for, or CHECK_NO_PLACE */
    bool warns;
    struct schema_check *next; /* of the contract: what is to be freed */
};

/* What a record is called by, beside its id: the names of the properties that lead there, lists passed
 * through. */
struct schema_name {
    struct str path;
    struct str *step;
    size_t nsteps;
};

/* Which properties the members of the last object were, in their order: the next one mostly has the same. */
struct schema_seen {
    size_t count;
    uint8_t property[SCHEMA_PROPERTIES];
};

/* Where the currency of the money in an object stands. */
enum schema_currency { CURRENCY_OUTER, CURRENCY_HERE, CURRENCY_ROOT };

struct schema {
    unsigned types;    /* TAKES_… */
    unsigned as_is;    /* those of them that nothing else is said of: such a value is copied */
    bool formats_only; /* all that is said of a string is its format */
    bool choices_only; /* all that is said of a string is which ones there are */
    bool is_set;
    enum format format;

    /* Objects. Properties in the order of RFC 8785. */
    struct schema_property *property;
    size_t nproperties, nrequired;
    struct schema_seen *seen;    /* the one part that changes when the schema is applied */
    const struct schema *others; /* what other members hold; NULL: there are none */
    enum schema_currency currency_at;
    struct str currency; /* its name there */
    struct schema_check *check;
    size_t nchecks;

    /* Arrays. */
    const struct schema *items;
    int64_t least_items, most_items;

    /* Scalars. */
    const struct json_node *choice; /* enum and const; NULL: any */
    size_t nchoices;
    int64_t shortest, longest; /* strings, in characters */
    int64_t minimum, maximum;  /* integers */

    /* A $ref, copied over this schema when all are known; `types` then are what stands beside it. */
    const struct schema *target;
    struct schema *next_reference;
    int64_t version;
    struct str entity; /* of a root: "order" */
    struct schema_name *name;
    size_t nnames;
};

/* Whether VALUE is one of the choices. */
static inline bool schema_is_choice(const struct schema *s, const struct json_node *value)
{
    for (size_t i = 0; i < s->nchoices; i++)
        if (value->type == s->choice[i].type && value->n == s->choice[i].n &&
            same_bytes(value->p, s->choice[i].p, value->n))
            return true;
    return false;
}

/* A file that has been read, in the contract's list. */
struct schema_file {
    struct schema_file *next;
    struct str path;
    const struct config *root;
};

/* A place in a file that is compiled, or being compiled. */
struct schema_place {
    struct schema_place *next;
    const struct config *config;
    struct schema *schema;
};

struct schema_entity {
    struct schema_entity *next;
    struct str name, path;
    const struct schema *schema;
};

struct contract {
    struct arena arena;
    struct schema_file *files;
    struct schema_place *places;
    struct schema_entity *entities;
    struct schema_check *checks;
    struct schema *references; /* all $ref */
    struct schema *anything;   /* {} */
    bool broken;               /* a load has failed, and left places half compiled */
};

/* The file PATH, compiled with all that it refers to. NULL: E names the file and the place in it. */
struct schema *schema_load(struct contract *c, struct str path, struct err *e);

#endif
