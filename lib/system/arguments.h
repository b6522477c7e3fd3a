/*
 * What maps and templates ask for from outside: parameters and tables that are given by name (hub-canon -D
 * and -l), the files of the other tables, and which streams are made of cells.
 *
 *     struct arguments arguments;
 *     arguments_init(&arguments);
 *     arguments_param(&arguments, "zone=Europe/Paris", &e);
 *     arguments_table(&arguments, "receipts=today.csv", &e);
 *     arguments_connection(&arguments, STR("shop-eu"));           whose variables are parameters, too
 *     struct map_env env = {.contract = contract};
 *     arguments_env(&arguments, &env);                         ARGUMENTS stays the caller's
 *     … map_set_new(&env), map_set_load, map_set_compile …
 *     arguments_check(&arguments, maps, &e);                   what no map knows
 */
#ifndef HUB_SYSTEM_ARGUMENTS_H
#define HUB_SYSTEM_ARGUMENTS_H

#include "canon/map.h"
#include "system/system.h"

enum { ARGUMENTS_MOST = 64 /* of each */ };

/* NAME=VALUE; the bytes are the caller's. */
struct arguments_pair {
    struct str name, value;
    struct json_node node;
};

struct arguments {
    struct arguments_pair param[ARGUMENTS_MOST], table[ARGUMENTS_MOST];
    size_t nparams, ntables;
    struct arena arena;    /* descriptions that were looked up */
    struct str connection; /* absent: none */
    struct system *system; /* of that, from the first parameter on that is asked of it; or NULL */
};

void arguments_init(struct arguments *g);
void arguments_release(struct arguments *g);

/* TEXT is NAME=VALUE, UTF-8; of one name the last counts. -1: code `usage`. */
int arguments_param(struct arguments *g, const char *text, struct err *e);
int arguments_table(struct arguments *g, const char *text, struct err *e);

/* The variables of this connection, never its secrets, are the values of parameters that arguments_param has
 * not given. The bytes stay the caller's. */
void arguments_connection(struct arguments *g, struct str connection);

/* Sets param, rows, cells and arg. */
void arguments_env(struct arguments *g, struct map_env *env);

/* -1, code `usage`: a name that nothing in MAPS (compiled) has, as map_set_knows says. */
int arguments_check(const struct arguments *g, const struct map_set *maps, struct err *e);

#endif
