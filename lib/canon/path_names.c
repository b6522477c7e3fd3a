#include "canon/path_names.h"

enum { NAMES = 16 };

static int names_of(const struct program *program, const struct in_path *path, const struct in_step *end,
                    struct str names[NAMES]);

/* In the steps from STEP on, and in those that one of them picks of: the one with FRAME; NULL: none. */
static const struct in_step *step_of(const struct in_step *step, const struct frame_def *frame)
{
    for (; step != NULL; step = step->next) {
        const struct in_step *within = step->of != NULL ? step_of(step->of, frame) : NULL;
        if (step->frame == frame || within != NULL)
            return within != NULL ? within : step;
    }
    return NULL;
}

/* Of what a condition is asked: the steps of a path, up to the one that it is of. */
static int asked_names(const struct program *program, const struct frame_def *frame, struct str names[NAMES])
{
    for (const struct in_path *path = program->paths; path != NULL; path = path->next) {
        const struct in_step *step = step_of(path->steps, frame);
        if (step != NULL)
            return names_of(program, path, step, names);
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

/* Appends to the N names those of the steps before END: true where END was met. */
static bool add_steps(const struct in_step *step, const struct in_step *end, struct str names[NAMES], int *n)
{
    for (; step != NULL && step != end && *n != -1; step = step->next) {
        if (step->of != NULL && add_steps(step->of, end, names, n))
            return true;
        if (step->kind == STEP_ANY || *n == NAMES)
            *n = -1;
        else if (step->kind == STEP_KEY)
            names[(*n)++] = step->key;
    }
    return step != NULL && step == end;
}

/* The names that lead from the record to what a path reads before its step END (NULL: as a whole): how many,
 * or -1 where that is not known. */
static int names_of(const struct program *program, const struct in_path *path, const struct in_step *end,
                    struct str names[NAMES])
{
    int n = point_names(program, path->point, names);
    if (n != -1)
        add_steps(path->steps, end, names, &n);
    return n;
}

static bool reads_group(const struct program *program)
{
    return program->in_side == SIDE_NATIVE && program->decl != NULL && program->decl->group != NULL;
}

/* What a rule skips of the envelope. */
static bool is_envelope(const struct program *program, const struct str *names, int n)
{
    return program->hub && n == 1 &&
           (str_eq(names[0], STR("id")) || str_eq(names[0], STR("source")) ||
            str_eq(names[0], STR("entity")));
}

/* Whether SCHEMA has what NAMES lead to; a group holds records of it. */
static bool has_names(const struct program *program, const struct schema *schema, const struct str *names,
                      size_t n, struct str *near)
{
    if (reads_group(program) && n > 0) {
        if (str_eq(names[0], STR("key")))
            return n == 1;
        if (!str_eq(names[0], STR("rows")))
            return false;
        names++;
        n--;
    }
    return schema_has_path(schema, names, n, near) == 1;
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
        int n = names_of(program, path, NULL, names);
        if (n == -1 || is_envelope(program, names, n) ||
            has_names(program, schema, names, (size_t)n, &near) || diag_stands_at(diags, source, ast->at))
            continue;
        if (near.p != NULL)
            diag_add(diags, source, ast->at, "%s has no %.*s; did you mean %.*s?", whose, (int)ast->text.n,
                     ast->text.p, (int)near.n, near.p);
        else
            diag_add(diags, source, ast->at, "%s has no %.*s", whose, (int)ast->text.n, ast->text.p);
    }
}
