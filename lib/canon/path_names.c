#include "canon/path_names.h"

#include <string.h>

enum { NAMES = 16 };

static int names_of(const struct program *program, const struct in_path *path, const struct in_step *end,
                    struct str names[NAMES]);

/* Of what a condition is asked: the steps of a path, up to the one that it is of. */
static int asked_names(const struct program *program, const struct frame_def *frame, struct str names[NAMES])
{
    for (const struct in_path *path = program->paths; path != NULL; path = path->next) {
        for (const struct in_step *step = path->steps; step != NULL; step = step->next) {
            if (step->frame == frame)
                return names_of(program, path, step, names);
        }
    }
    return -1;
}

static int point_names(const struct program *program, const struct point *p, struct str names[NAMES])
{
    int n;
    switch (p->kind) {
    case POINT_ITEM:
        if (p->frame == program->frame[0])
            return 0;
        return p->frame->of != NULL ? names_of(program, p->frame->of, NULL, names)
                                    : asked_names(program, p->frame, names);
    case POINT_KEY:
        n = point_names(program, p->parent, names);
        if (n == -1 || n == NAMES)
            return -1;
        names[n] = p->key;
        return n + 1;
    case POINT_INDEX: return point_names(program, p->parent, names);
    case POINT_PATH: return names_of(program, p->path, NULL, names);
    case POINT_ENVELOPE: break;
    }
    return -1;
}

/* The names that lead from the record to what a path reads before its step END (NULL: as a whole): how many,
 * or -1 where that is not known. */
static int names_of(const struct program *program, const struct in_path *path, const struct in_step *end,
                    struct str names[NAMES])
{
    int n = point_names(program, path->point, names);
    for (const struct in_step *step = path->steps; step != end && n != -1; step = step->next) {
        if (step->kind == STEP_ANY || n == NAMES)
            return -1;
        if (step->kind == STEP_KEY)
            names[n++] = step->key;
    }
    return n;
}

/* A group is no record, but holds records: the names behind that of its list. -1: of its key, which is known
 * to be there. */
static int names_in_group(const struct program *program, struct str names[NAMES], int n)
{
    bool group = program->decl != NULL && program->decl->group != NULL;
    if (!group || n <= 0)
        return n;
    if (str_eq(names[0], STR("key")))
        return -1;
    if (str_eq(names[0], STR("rows")))
        memmove(names, names + 1, (size_t)--n * sizeof *names);
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
        const struct ast_path *ast = path->ast;
        if (ast == NULL || ast->side != program->in_side || !stands_in(source, ast))
            continue;
        int n = names_in_group(program, names, names_of(program, path, NULL, names));
        if (n == -1 || schema_has_path(schema, names, (size_t)n, &near) == 1 ||
            diag_stands_at(diags, source, ast->at))
            continue;
        if (near.p != NULL)
            diag_add(diags, source, ast->at, "%s has no %.*s; did you mean %.*s?", whose, (int)ast->text.n,
                     ast->text.p, (int)near.n, near.p);
        else
            diag_add(diags, source, ast->at, "%s has no %.*s", whose, (int)ast->text.n, ast->text.p);
    }
}
