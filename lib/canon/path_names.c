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
        if (step->of != NULL) {
            if (add_steps(step->of, end, names, n))
                return true;
        } else if (step->kind == STEP_ANY || *n == NAMES) {
            *n = -1;
        } else if (step->kind == STEP_KEY) {
            names[(*n)++] = step->key;
        }
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

/* A group holds records, as rows, and their key: what is asked of the contract, behind rows. False: nothing
 * of a group. */
static bool leave_group(const struct str **names, size_t *n)
{
    if (*n > 0 && str_eq(**names, STR("rows"))) {
        ++*names;
        --*n;
        return true;
    }
    return *n == 0 || (*n == 1 && str_eq(**names, STR("key")));
}

/* Of what an included file holds, the place is not known: that is not asked. */
static bool stands_in(const struct source_text *source, const struct ast_path *path)
{
    return path->text.p >= source->text.p && path->text.p < source->text.p + source->text.n;
}

static void check(const struct program *program, const struct in_path *path, const struct source_text *source,
                  const struct schema *schema, const char *whose, struct diag_list *diags)
{
    struct str all[NAMES], near = {0};
    const struct str *names = all;
    struct str text = path->ast->text;
    size_t at = path->ast->at;
    int known = names_of(program, path, NULL, all);
    if (known == -1 || diag_stands_at(diags, source, at))
        return;
    size_t n = (size_t)known;
    if (reads_group(program) && !leave_group(&names, &n)) {
        diag_add(diags, source, at, "a group has key and rows, and no %.*s", (int)text.n, text.p);
        return;
    }
    bool is_key = names == all && reads_group(program);
    if (is_key || schema_has_path(schema, names, n, &near) == 1)
        return;
    if (near.p != NULL)
        diag_add(diags, source, at, "%s has no %.*s; did you mean %.*s?", whose, (int)text.n, text.p,
                 (int)near.n, near.p);
    else
        diag_add(diags, source, at, "%s has no %.*s", whose, (int)text.n, text.p);
}

void path_names_check(const struct program *program, const struct source_text *source,
                      const struct schema *schema, const char *whose, struct diag_list *diags)
{
    for (const struct in_path *path = program->paths; path != NULL; path = path->next) {
        const struct ast_path *ast = path->ast;
        if (ast != NULL && ast->side == program->in_side && stands_in(source, ast))
            check(program, path, source, schema, whose, diags);
    }
}
