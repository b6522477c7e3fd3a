/*
 * What maps and templates ask for from outside: parameters and tables that are given by name (hub-canon -D
 * and -l), the files of the other tables, and which streams are made of cells.
 *
 *     struct given given;
 *     given_init(&given);
 *     given_param(&given, "zone=Europe/Paris", &e);
 *     given_table(&given, "receipts=today.csv", &e);
 *     struct map_env env = {.contract = contract};
 *     given_env(&given, &env);                                  GIVEN stays the caller's
 *     … map_set_new(&env), map_set_load, map_set_compile …
 *     given_check(&given, maps, &e);                            what no map knows
 */
#ifndef HUB_SYSTEM_GIVEN_H
#define HUB_SYSTEM_GIVEN_H

#include "canon/map.h"

enum { GIVEN_MOST = 64 /* of each */ };

/* NAME=VALUE; the bytes are the caller's. */
struct given_pair {
    struct str name, value;
    struct json_node node;
};

struct given {
    struct given_pair param[GIVEN_MOST], table[GIVEN_MOST];
    size_t nparams, ntables;
    struct arena arena; /* descriptions of streams that were looked up */
};

void given_init(struct given *g);
void given_release(struct given *g);

/* TEXT is NAME=VALUE, UTF-8; of one name the last counts. -1: code `usage`. */
int given_param(struct given *g, const char *text, struct err *e);
int given_table(struct given *g, const char *text, struct err *e);

/* Sets param, rows, cells and arg. */
void given_env(struct given *g, struct map_env *env);

/* -1, code `usage`: a name that nothing in MAPS (compiled) has, as map_set_knows says. */
int given_check(const struct given *g, const struct map_set *maps, struct err *e);

#endif
