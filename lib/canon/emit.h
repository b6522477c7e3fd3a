/*
 * Inside of machine.h: output is made of the tree of out nodes, onto a tape; emit.c makes values and objects,
 * emit_list.c lists. What makes gives 1, 0 for nothing, and -1 for what is refused (m->err).
 */
#ifndef HUB_CANON_EMIT_H
#define HUB_CANON_EMIT_H

#include "canon/machine.h"

int emit_node(struct machine *m, const struct out_node *o, struct json_tape *tape);
int emit_list(struct machine *m, const struct out_node *o, struct json_tape *tape);

/* The value of a node as nodes of the arena; NULL: absent or refused. */
const struct json_node *emit_materialize(struct machine *m, const struct out_node *o);

/* What stands in the scratch tape from FROM on, moved to the arena: kept for the life of its frame's item. */
const struct json_node *emit_kept(struct machine *m, size_t from);

/* V (NULL: nothing) onto the tape. */
int emit_append(struct machine *m, struct json_tape *tape, const struct json_node *v);

/* V, made by CODE; TWO_WAY: by a rule of both directions. */
const struct json_node *emit_checked(struct machine *m, const struct code *code, const struct json_node *v,
                                     bool two_way);

/* V, a null, as the native side spells it. */
const struct json_node *emit_spelled_null(const struct machine *m, const struct json_node *v);

#endif
