#include "canon/path_names.h"

enum { NAMES = 16 };

static int names_of(const struct program *program, const struct in_path *path, struct str names[NAMES]);

static int point_names(const struct program *program, const struct point *p, struct str names[NAMES])
{
    int n;
    switch (p->kind) {
    case POINT_ITEM:
        if (p->frame == program->frame[0])
            return 0;
        return p->frame->of != NULL ? names_of(program, p->frame->of, names) : -1;
    case POINT_KEY:
        n = point_names(program, p->parent, names);
        if (n == -1 || n == NAMES)
            return -1;
        names[n] = p->key;
        return n + 1;
    case POINT_INDEX: return point_names(program, p->parent, names);
    case POINT_PATH: return names_of(program, p->path, names);
    case POINT_ENVELOPE: break;
    }
    return -1;
}

/* The names that lead from the record to what a path reads: how many, or -1 where that is not known. */
static int names_of(const struct program *program, const struct in_path *path, struct str names[NAMES])
{
    int n = point_names(program, path->point, names);
    for (const struct in_step *step = path->steps; step != NULL && n != -1; step = step->next) {
        if (step->kind == STEP_ANY || n == NAMES)
            return -1;
        if (step->kind == STEP_KEY)
            names[n++] = step->key;
    }
    return n;
}

/* Of what an included file holds, the place is not known: that is not asked. */
static bool stands_in(const struct source_text *source, const struct ast_path *path)
{
    return path->text.p >= source->text.p && path->text.p < source->text.p + source->text.n;
}

void path_names_check(const struct program *program, const struct source_text *source,
                      const struct schema *schema, const char *whose, struct diag_list *diags)
{
    for (const struct in_path *path = program->paths; path != NULL; path = path->next) {
        struct str names[NAMES], near = {0};
        int n = path->ast->side == SIDE_CANONICAL ? names_of(program, path, names) : -1;
        if (n == -1 || !stands_in(source, path->ast) || schema_has_path(schema, names, (size_t)n, &near) == 1)
            continue;
        struct str text = path->ast->text;
        if (near.p != NULL)
            diag_add(diags, source, path->ast->at, "%s has no %.*s; did you mean %.*s?", whose, (int)text.n,
                     text.p, (int)near.n, near.p);
        else
            diag_add(diags, source, path->ast->at, "%s has no %.*s", whose, (int)text.n, text.p);
    }
}
