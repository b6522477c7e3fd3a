/*
 * What is wrong with a text that a person wrote (a map, an expression): all of it at once, each with its
 * place.
 *
 *     struct diag_list diags = {0};
 *     diag_add(&diags, &source, offset, "unknown codec %s", ...);
 *     for (size_t i = 0; i < diags.n; i++) ...
 */
#ifndef HUB_CANON_DIAG_H
#define HUB_CANON_DIAG_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* A text with its name. */
struct source_text {
    struct str name;
    struct str text;
};

struct diag {
    struct str name;       /* of the source */
    unsigned line, column; /* from 1; columns in characters */
    struct str text;       /* that line */
    struct str field;      /* JSON Pointer of what is meant, where the text is JSON; else absent */
    struct str message;
};

enum { DIAG_MOST = 100 };

struct diag_list {
    struct arena *arena;
    struct diag diag[DIAG_MOST]; /* by source, line and column, each once */
    size_t n;
    bool more; /* others stand behind the last of DIAG_MOST */
};

/* The line and the column (in characters) of an offset, both from 1. Returns where that line starts. */
size_t source_place(const struct source_text *source, size_t offset, unsigned *line, unsigned *column);

void diag_add(struct diag_list *list, const struct source_text *source, size_t offset, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* FIELD lives as long as the list's arena. */
void diag_add_field(struct diag_list *list, const struct source_text *source, size_t offset, struct str field,
                    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Whether something stands at that place already. */
bool diag_stands_at(const struct diag_list *list, const struct source_text *source, size_t offset);

/* The first one as an error of code `config`, with place NAME:LINE:COLUMN. Returns -1. */
int diag_first(const struct diag_list *list, struct err *e);

/* The most similar of COUNT names by edit distance (neighbours exchanged are one edit), or absent where none
 * is near. */
struct str nearest_name(struct str name, const struct str *names, size_t count);

#endif
