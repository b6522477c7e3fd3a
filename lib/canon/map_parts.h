/*
 * What the files that run maps share: map_read.c and map_group.c read (and this compiles what groups), map.c
 * writes and respells, and holds what all of them make.
 */
#ifndef HUB_CANON_MAP_PARTS_H
#define HUB_CANON_MAP_PARTS_H

#include "canon/map_set.h"

/* The results of the record before are gone. */
void map_start_record(struct map_set *s);

/* Room for one more, of zeros; it counts when nresults is raised. NULL: memory. */
struct result *map_new_result(struct map_set *s, struct err *e);

/* The tape does not move any more: offsets become pointers. How many results there are. */
int map_finish_record(struct map_set *s);

/* The same of a record that was read, which gives no two of one entity and id: -1, as E says. */
int map_finish_read(struct map_set *s, struct err *e);

/* DATA of record R by the contract, onto OUT. R NULL: warnings were given when it was made. */
int map_apply_contract(struct map_set *s, const struct schema *schema, const struct record *r,
                       const struct json_node *data, struct json_tape *out, struct err *e);

/* CANONICAL, which is to be mapped, with its data as the contract spells it: good as long as the results. -1:
 * it does not meet the contract. */
int map_take_canonical(struct map_set *s, const struct record *canonical, struct record *taken,
                       struct err *e);

/* Whether the caller asked for ENTITY. */
bool map_is_wanted(const struct map_set *s, struct str entity);

bool map_reads_stream(const struct unit *u, const struct record *r);

/* What U makes of NATIVE becomes results. */
int map_read_unit(struct map_set *s, struct unit *u, const struct record *native, struct err *e);

/* The key and the group of U, whose map has `group`. -1: memory. */
int map_compile_group(struct map_set *s, struct compiler *c, struct unit *u, struct err *e);

/* R goes into the group of its key, of the map that groups; map_held says whether there is one. */
int map_take_into_groups(struct map_set *s, const struct record *r, struct err *e);

#endif
