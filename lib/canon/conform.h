/*
 * Whether what a map makes is what the contract would make of it, found out while it is made: each rule knows
 * what the contract says of its field, so that most records need not be gone through a second time
 * (schema_apply).
 *
 *     conform_bind(program->out, schema);                     once, when the map is compiled
 *     conform_start(&conform, program->out);
 *     ...                                                     machine_emit tells it what it makes
 *     if (!conform_holds(&conform, data)) schema_apply(...)
 *
 * It never holds of what schema_apply would refuse, respell, reorder or warn of. Where it does not hold,
 * nothing is said but that: schema_apply knows why, and may find that all is well.
 */
#ifndef HUB_CANON_CONFORM_H
#define HUB_CANON_CONFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "json/json.h"

struct out_node;
struct schema;

/* What the contract says of what one node of the output makes, or of the values of a list. */
struct conform_rule {
    const struct schema *schema; /* NULL: nothing that could be told at once */
    uint8_t takes;               /* the types (1 << JSON_…) of which every value is right */
    uint8_t property;            /* of the object around it, where it is one */
    bool is_property, required;
    bool is_currency; /* of the object around it */
};

/* An object with checks, which are asked when all is made. */
struct conform_due {
    size_t at; /* nodes behind the start of the tape */
    const struct out_node *made_by;
};

/* Amounts of money and their currency may come in any order: that all have the same number of decimal places
 * is seen as they come, that it is the currency's at the end of the object that says it. */
struct conform_scope {
    const struct json_node *currency; /* NULL: not seen */
    int places;                       /* CONFORM_NO_MONEY: not seen */
};

enum { CONFORM_NO_MONEY = -1 };

struct conform {
    bool holds; /* so far; false also where the map was not bound */
    struct conform_scope scope;
    struct conform_due *due;
    size_t ndue, room;
};

void conform_release(struct conform *c);

/* Tells the nodes of an output what the contract says of them. */
void conform_bind(struct out_node *out, const struct schema *schema);

void conform_start(struct conform *c, const struct out_node *out);

/* Whether it held to the end, and the checks are met too. START: of the tape that the output was made on. */
bool conform_holds(struct conform *c, const struct json_node *start);

/* ---- what is made ---- */

/* A value that TAKES does not answer for. */
void conform_look(struct conform *c, const struct conform_rule *rule, const struct json_node *value);

static inline void conform_value(struct conform *c, const struct conform_rule *rule,
                                 const struct json_node *value)
{
    if (!(rule->takes >> value->type & 1) && c->holds)
        conform_look(c, rule, value);
}

/* Before what an object holds: to be given to conform_object. */
struct conform_scope conform_open(struct conform *c, const struct conform_rule *rule);

/* An object is complete, at AT of its tape, with so many members that are required. */
void conform_object(struct conform *c, const struct out_node *o, size_t at, size_t required,
                    struct conform_scope around);

void conform_list(struct conform *c, const struct conform_rule *rule, const struct json_node *list);

#endif
