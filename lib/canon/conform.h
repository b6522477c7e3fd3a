/*
 * Whether what a map makes is what the contract would make of it, found out while it is made: each rule knows
 * what the contract says of its field, so that most records need not be gone through a second time
 * (schema_apply).
 *
 *     conform_bind(program->out, schema, &arena);             once, when the map is compiled
 *     conform_start(&conform, program->out);
 *     ...                                                     machine_emit tells it what it makes
 *     if (!conform_holds(&conform)) schema_apply(...)
 *
 * It never holds of what schema_apply would refuse, respell, reorder or warn of. Where it does not hold,
 * nothing is said but that: schema_apply knows why, and may find that all is well.
 */
#ifndef HUB_CANON_CONFORM_H
#define HUB_CANON_CONFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "json/json.h"

struct in_path;
struct out_node;
struct schema;
struct conform_asked;

/* What the contract says of what one node of the output makes, or of the values of a list. */
struct conform_rule {
    const struct schema *schema; /* NULL: nothing that could be told at once */
    uint8_t takes;               /* the types (1 << JSON_…) of which every value is right */
    uint8_t property;            /* of the object around it, where it is one */
    bool is_property, required;
    bool is_currency; /* of the object around it */
    /* Where the value stands as its codec would give it, if the contract takes it as it stands there; or
     * NULL. */
    const struct in_path *direct;
    uint32_t *told; /* where a check of that object finds it: in so many nodes behind the start of the tape;
                       0: it was not made. NULL: no check asks for it */
    const struct conform_asked *asked; /* of an object: by each of its checks */
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
};

/* Tells an output and all in it what the contract says of them; what it keeps is in A. False: A is full. */
bool conform_bind(struct out_node *o, const struct schema *schema, struct arena *a);

void conform_start(struct conform *c, const struct out_node *out);

/* Whether it held to the end, and no amount is left whose currency nothing says. */
static inline bool conform_holds(const struct conform *c)
{
    return c->holds && c->scope.places == CONFORM_NO_MONEY;
}

/* ---- what is made ---- */

/* How many bytes of VALUE the contract keeps, or CONFORM_WRONG. */
#define CONFORM_WRONG UINT32_MAX
uint32_t conform_kept(struct conform *c, const struct conform_rule *rule, const struct json_node *value);

/* A value that TAKES does not answer for. */
uint32_t conform_look(struct conform *c, const struct conform_rule *rule, const struct json_node *value);

/* How many of the bytes of VALUE the contract keeps: not the zeros at the end of a decimal. */
static inline uint32_t conform_value(struct conform *c, const struct conform_rule *rule,
                                     const struct json_node *value)
{
    if (!(rule->takes >> value->type & 1) && c->holds)
        return conform_look(c, rule, value);
    return value->n;
}

/* The same of a value all of whose bytes are kept. */
static inline void conform_whole(struct conform *c, const struct conform_rule *rule,
                                 const struct json_node *value)
{
    if (conform_value(c, rule, value) != value->n)
        c->holds = false;
}

/* The value of a member of an object stands at AT of its tape. */
static inline void conform_told(const struct conform_rule *rule, size_t at)
{
    if (rule->told != NULL)
        *rule->told = (uint32_t)at;
}

/* Before what an object holds: to be given to conform_object. */
struct conform_scope conform_open(struct conform *c, const struct conform_rule *rule);

/* An object is complete, at AT of its TAPE, with so many members that are required. */
void conform_object(struct conform *c, const struct conform_rule *rule, const struct json_tape *tape,
                    size_t at, size_t required, struct conform_scope around);

void conform_list(struct conform *c, const struct conform_rule *rule, const struct json_node *list);

#endif
