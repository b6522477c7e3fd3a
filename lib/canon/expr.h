/*
 * Expressions of the map language on their own: the ids and labels of system.json, x-checks of a schema.
 *
 *     struct expr *id = expr_compile(STR(".rows[0].Id"), "pipelines/systems/shopify/system.json",
 * EXPR_NATIVE, &e); const struct json_node *value = expr_value(id, data, &e);      NULL with e.code NULL:
 * absent expr_free(id);
 *
 * One user at a time: an expression holds what it needs to run. A value is good until the next run of the
 * same expression.
 */
#ifndef HUB_CANON_EXPR_H
#define HUB_CANON_EXPR_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "json/json.h"

struct expr;

enum expr_side {
    EXPR_NATIVE, /* `.x` reads the value that it runs on */
    EXPR_CHECK /* bare `x` reads it, by the rules of x-checks: an absent or null term of a sum counts as 0 */
};

/* PLACE names the file in errors (it is copied, as TEXT is). NULL: E says what is wrong, with line and
 * column. */
struct expr *expr_compile(struct str text, const char *place, enum expr_side side, struct err *e);
void expr_free(struct expr *x);

/* -1: X, which runs on what SCHEMA describes, names what is not there; E as above, and a near name where
 * there is one. */
struct schema;
int expr_check_names(const struct expr *x, const struct schema *schema, struct err *e);

/*
 * Expressions of system.json see more than the value that they run on: the hub's names (bare `since`,
 * `auth.token`) and the variables of a connection (`@zone`), all members of one object, the variables under
 * "@zone"; the values around the one at hand (`^.sku`; `$` is the outermost); and the answer of a call, by
 * header() and link().
 */
struct expr_names {
    const struct str *name, *variable;
    size_t nnames, nvariables;
};

struct expr_answer_of { /* either may give an absent text */
    struct str (*header)(void *arg, struct str name);
    struct str (*link)(void *arg, struct str relation, struct arena *a);
    void *arg;
};

struct expr_around {
    const struct json_node *names;        /* an object, or NULL */
    const struct json_node *const *outer; /* the nearest first, as many as were said when compiled; NULL: the
                                             value at hand is its own outside */
    const struct expr_answer_of *answer;  /* NULL: there is none yet */
};

/* OUTER: how many values are around the one at hand. NULL: DIAGS has what is wrong; where it is empty, memory
 * ran out. */
struct diag_list;
struct expr *expr_compile_within(struct str text, const struct expr_names *names, unsigned outer,
                                 struct diag_list *diags);

/* What is around X from now on; it stays the caller's. */
void expr_surround(struct expr *x, const struct expr_around *around);

/* Whether its value is reckoned: a decimal, which is a string where it is not asked for as a number. */
bool expr_is_number(const struct expr *x);

/* Whether it may give many values: a path with [] or the like. */
bool expr_is_many(const struct expr *x);

/* All values of a path that may give many; *COUNT of them, good until the next run. NULL: none (e->code is
 * NULL), or refused. */
const struct json_node *const *expr_values(struct expr *x, const struct json_node *root, size_t *count,
                                           struct err *e);

/* NULL: absent (e->code is NULL), or refused (E filled). E must be zeroed by the caller. */
const struct json_node *expr_value(struct expr *x, const struct json_node *root, struct err *e);

/* The value as text: a string decoded, a number as it is spelled, true and false. .p NULL: absent, null, or
 * refused (E filled). */
struct str expr_text(struct expr *x, const struct json_node *root, struct err *e);

enum expr_answer { EXPR_ERROR = -1, EXPR_FALSE = 0, EXPR_TRUE = 1, EXPR_SKIPPED = 2 };

/* For conditions. EXPR_SKIPPED: the left side of an EXPR_CHECK comparison is absent or null. */
enum expr_answer expr_test(struct expr *x, const struct json_node *root, struct err *e);

/*
 * The same for who knows the members of ROOT already, so that they are not searched again: a place for the
 * value of each name that X asks of its root, to be filled between expr_start, which empties them, and
 * expr_run.
 */
size_t expr_places(const struct expr *x);
struct str expr_name(const struct expr *x, size_t place);
const struct json_node **expr_start(struct expr *x, const struct json_node *root);
enum expr_answer expr_run(struct expr *x, struct err *e);

#endif
