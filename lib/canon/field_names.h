/*
 * Whether the contract has what a program asks of canonical records by bare names: templates, and -w of
 * hub-canon. What is asked how, path_names.h says.
 *
 *     struct field_names names = {.maps = maps, .source = &source, .program = program};
 *     if (field_names_check(&names, STR("order"), &e) == -1) …    map_set_diags(maps), or E
 */
#ifndef HUB_CANON_FIELD_NAMES_H
#define HUB_CANON_FIELD_NAMES_H

#include "canon/map_set.h"

/* An entity whose contract has all the names; they are few. */
struct field_names_entity {
    struct str entity;
    struct field_names_entity *next;
};

struct field_names {
    struct map_set *maps;
    const struct source_text *source; /* names that stand elsewhere are not asked: their place is not known */
    const struct program *program;
    struct field_names_entity *known;
};

/* Asks once for each entity. -1: what is wrong is in the list of the maps, or E says it. */
int field_names_check(struct field_names *n, struct str entity, struct err *e);

#endif
