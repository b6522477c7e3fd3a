/*
 * What the contract vouches for need not be looked at by a codec again: a field that it has in the spelling
 * that the codec would give is written as it is.
 *
 *     vouch(program->out, schema);          once, when a map that writes was compiled: data that meets SCHEMA
 */
#ifndef HUB_CANON_VOUCH_H
#define HUB_CANON_VOUCH_H

#include "canon/code.h"

struct schema;

void vouch(struct out_node *out, const struct schema *schema);

#endif
