/*
 * What the paths of a program name of a canonical record, and whether the contract has it.
 */
#ifndef HUB_CANON_PATH_NAMES_H
#define HUB_CANON_PATH_NAMES_H

#include "canon/code.h"
#include "canon/schema.h"

/* Adds to DIAGS what PROGRAM, whose input is a canonical record, reads by the paths that stand in SOURCE and
 * SCHEMA does not have, lists passed through; not where something is wrong already. What cannot be known (the
 * envelope, any key) is not asked. WHOSE begins the message: "the contract of order". */
void path_names_check(const struct program *program, const struct source_text *source,
                      const struct schema *schema, const char *whose, struct diag_list *diags);

#endif
