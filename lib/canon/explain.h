/*
 * What maps do, for a person or a machine: each rule with the canonical field, the direction, and the native
 * side as it was written; shapes are spread out.
 *
 *     for (const struct ast_decl *d = …) if (d->kind == DECL_MAP) explain_map(d, decls, &arena, row, arg);
 */
#ifndef HUB_CANON_EXPLAIN_H
#define HUB_CANON_EXPLAIN_H

#include "base/arena.h"
#include "canon/ast.h"

struct explain_row {
    enum ast_flow flow;
    struct str
        field; /* the canonical field by its whole path; what is written one way may be an expression */
    struct str native; /* a path or an expression, seen from `in` */
    struct str in;     /* the native value that the rules around it stepped into; empty: the record */
    bool block;        /* rules for what is in it follow */
    const struct ast_rule *rule;
};

/* Gives the rules of MAP in their order, those of shapes (found in DECLS) in place of `use`. The texts live
 * as long as A. False: memory. */
bool explain_map(const struct ast_decl *map, const struct ast_decl *decls, struct arena *a,
                 void (*row)(void *arg, const struct explain_row *row), void *arg);

#endif
