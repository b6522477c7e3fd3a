/*
 * Inside of templates: a template as a tree of pieces. parse_template.c makes it of what was written,
 * compile_template.c adds what runs and where each value stands, template.c writes it for a record. It lives
 * in an arena and points into the source.
 */
#ifndef HUB_CANON_TEMPLATE_TREE_H
#define HUB_CANON_TEMPLATE_TREE_H

#include "base/arena.h"
#include "canon/compile.h"
#include "canon/escape.h"
#include "canon/machine.h"

enum piece_kind {
    PIECE_TEXT,   /* literal */
    PIECE_VALUE,  /* {{expr}}, {{raw expr}} */
    PIECE_IF,     /* {{if expr}} body {{else}} otherwise {{end}} */
    PIECE_EACH,   /* {{each expr}} body {{end}} */
    PIECE_INCLUDE /* {{include "names.map"}} */
};

struct piece {
    enum piece_kind kind;
    size_t at;       /* in the source: of the text, or of {{ */
    struct str text; /* PIECE_TEXT; of others: what stands between the braces; of PIECE_INCLUDE: the file */
    bool raw;
    struct ast_expr *expr;
    struct piece *body, *otherwise;
    struct piece *next;
    /* compiled */
    struct code *code;
    struct frame_def *frame; /* of the items of PIECE_EACH */
    struct escape_place here;
};

/* Errors go to the list, up to the first one in the nesting of blocks. */
struct piece *parse_template(const struct source_text *source, struct arena *a, struct diag_list *diags);

/* NULL: out of memory; errors are in C's list. */
struct program *compile_template(struct compiler *c, const struct source_text *source, struct piece *pieces,
                                 const struct escape *escape);

/* ---- where values stand (template_field.c) ---- */

/* Appends the JSON Pointer of what a path of keys and indexes reads at present. False: it is none, or stands
 * in items that no list of the record has as they are. */
bool template_pointer(const struct machine *m, const struct in_path *path, struct buf *out);

#endif
