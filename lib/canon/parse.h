/*
 * The parser of the map language (hub-map.5 has the grammar): text to ast.h. Errors go to the list, as many
 * as there are: after one, it goes on with the next rule.
 *
 *     struct ast_decl *decls = parse_map(&source, &arena, &diags);
 *     if (diags.n > 0) ...
 */
#ifndef HUB_CANON_PARSE_H
#define HUB_CANON_PARSE_H

#include "base/arena.h"
#include "canon/ast.h"

struct ast_decl *parse_map(const struct source_text *source, struct arena *a, struct diag_list *diags);

/* One expression that is the whole text. NULL where it is wrong. */
struct ast_expr *parse_expr(const struct source_text *source, struct arena *a, struct diag_list *diags);

#endif
