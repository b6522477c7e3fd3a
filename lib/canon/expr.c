#include "canon/expr.h"

#include <stdlib.h>

#include "canon/compile.h"
#include "canon/glance.h"
#include "canon/machine.h"
#include "canon/parse.h"
#include "canon/path_names.h"

struct expr {
    struct arena kept;    /* the compiled expression */
    struct arena running; /* one run */
    struct source_text source;
    struct program *program;
    struct code *code;
    struct machine *machine;
    struct glance *glance;        /* of some checks; else NULL */
    const struct json_node *root; /* between expr_start and expr_run */
    unsigned outer;
    const struct expr_around *around; /* NULL: nothing is */
};

static int compile(struct expr *x, struct str text, const char *place, enum expr_side side, struct err *e)
{
    struct diag_list *diags = arena_alloc(&x->kept, sizeof *diags);
    x->source.name = arena_str(&x->kept, str_of(place));
    x->source.text = arena_str(&x->kept, text);
    if (diags == NULL || x->source.name.p == NULL || x->source.text.p == NULL)
        return err_memory(e);
    diags->arena = &x->kept;
    struct compiler c = {.arena = &x->kept, .diags = diags};
    struct ast_expr *ast = parse_expr(&x->source, &x->kept, diags);
    if (ast != NULL)
        x->program = compile_expr(&c, ast, side == EXPR_NATIVE ? SIDE_NATIVE : SIDE_CANONICAL,
                                  side == EXPR_CHECK, &x->code);
    if (ast == NULL || diags->n > 0)
        return diag_first(diags, e);
    x->machine = x->program != NULL ? machine_new(x->program) : NULL;
    if (x->machine == NULL)
        return err_memory(e);
    x->glance = glance_of(x->code, x->program->frame[0], &x->kept);
    return 0;
}

struct expr *expr_compile(struct str text, const char *place, enum expr_side side, struct err *e)
{
    struct expr *x = calloc(1, sizeof *x);
    if (x == NULL) {
        err_memory(e);
        return NULL;
    }
    arena_init(&x->kept, SIZE_MAX / 2);
    arena_init(&x->running, (size_t)256 << 20);
    if (compile(x, text, place, side, e) == -1) {
        expr_free(x);
        return NULL;
    }
    return x;
}

int expr_check_names(const struct expr *x, const struct schema *schema, struct err *e)
{
    struct arena arena;
    arena_init(&arena, SIZE_MAX / 2);
    struct diag_list *diags = arena_alloc(&arena, sizeof *diags);
    int done = diags != NULL ? 0 : err_memory(e);
    if (diags != NULL) {
        diags->arena = &arena;
        path_names_check(x->program, &x->source, schema, "the object", diags);
        done = diags->n > 0 ? diag_first(diags, e) : 0;
    }
    arena_release(&arena);
    return done;
}

static int compile_within(struct expr *x, struct str text, const struct expr_names *names,
                          struct diag_list *diags)
{
    x->source.text = arena_str(&x->kept, text);
    x->source.name = STR("");
    if (x->source.text.p == NULL)
        return -1;
    struct compiler c = {.arena = &x->kept, .diags = diags, .names = names};
    size_t before = diags->n;
    struct ast_expr *ast = parse_expr(&x->source, &x->kept, diags);
    if (ast != NULL)
        x->program = compile_expr_within(&c, ast, x->outer, &x->code);
    if (diags->n > before || x->program == NULL)
        return -1;
    x->machine = machine_new(x->program);
    return x->machine != NULL ? 0 : -1;
}

struct expr *expr_compile_within(struct str text, const struct expr_names *names, unsigned outer,
                                 struct diag_list *diags)
{
    struct expr *x = calloc(1, sizeof *x);
    if (x == NULL)
        return NULL;
    x->outer = outer;
    arena_init(&x->kept, SIZE_MAX / 2);
    arena_init(&x->running, (size_t)256 << 20);
    if (compile_within(x, text, names, diags) == 0)
        return x;
    expr_free(x);
    return NULL;
}

void expr_surround(struct expr *x, const struct expr_around *around)
{
    x->around = around;
}

void expr_free(struct expr *x)
{
    if (x == NULL)
        return;
    machine_free(x->machine);
    if (x->program != NULL)
        program_release(x->program);
    arena_release(&x->kept);
    arena_release(&x->running);
    free(x);
}

static void start(struct expr *x, const struct json_node *root)
{
    arena_reset(&x->running);
    machine_start(x->machine, &x->running, root, 0, NULL);
    if (x->around == NULL)
        return;
    struct frame_def *const *frame = x->program->frame;
    for (unsigned i = 0; i < x->outer; i++)
        machine_enter(x->machine, frame[i + 1], x->around->outer != NULL ? x->around->outer[i] : root, 1);
    machine_enter(x->machine, frame[x->outer + 1], x->around->names, 1);
    x->machine->answer = x->around->answer;
}

const struct json_node *expr_value(struct expr *x, const struct json_node *root, struct err *e)
{
    start(x, root);
    const struct json_node *v = machine_value(x->machine, x->code);
    if (machine_failed(x->machine)) {
        *e = x->machine->err;
        return NULL;
    }
    return v;
}

bool expr_is_number(const struct expr *x)
{
    return x->code->numeric;
}

bool expr_is_many(const struct expr *x)
{
    return x->code->many;
}

const struct json_node *const *expr_values(struct expr *x, const struct json_node *root, size_t *count,
                                           struct err *e)
{
    start(x, root);
    struct machine *m = x->machine;
    *count = 0;
    bool some = machine_values(m, x->code);
    if (machine_failed(m)) {
        *e = m->err;
        return NULL;
    }
    *count = some ? m->nstack : 0;
    return *count > 0 ? m->stack : NULL;
}

struct str expr_text(struct expr *x, const struct json_node *root, struct err *e)
{
    const struct json_node *v = expr_value(x, root, e);
    struct str none = {0};
    if (json_is_nothing(v))
        return none;
    struct str text = machine_text(x->machine, v);
    if (text.p == NULL)
        err_set(e, "text", "a list or an object where a text is due");
    return text;
}

size_t expr_places(const struct expr *x)
{
    return x->program->frame[0]->item->nkeys;
}

struct str expr_name(const struct expr *x, size_t place)
{
    const struct frame_def *f = x->program->frame[0];
    return f->point[f->item->first_slot + place]->key;
}

static const struct json_node **places_of(const struct expr *x)
{
    return &x->machine->frame[0].value[x->program->frame[0]->item->first_slot];
}

const struct json_node **expr_start(struct expr *x, const struct json_node *root)
{
    const struct json_node **value = places_of(x);
    x->root = root;
    for (unsigned i = 0, n = x->program->frame[0]->item->nkeys; i < n; i++)
        value[i] = NULL;
    return value;
}

static enum expr_answer answer_of(struct expr *x, struct err *e)
{
    const struct code *code = x->code;
    enum machine_truth truth;
    /* A comparison of a check is not asked where one of its sides is not there. */
    if (code->checked && code->op >= OP_EQUAL && code->op <= OP_GREATER_EQUAL)
        truth = machine_compare(x->machine, code);
    else
        truth = machine_true(x->machine, code) ? TRUTH_YES : TRUTH_NO;
    if (machine_failed(x->machine)) {
        *e = x->machine->err;
        return EXPR_ERROR;
    }
    return truth == TRUTH_UNKNOWN ? EXPR_SKIPPED : truth == TRUTH_YES ? EXPR_TRUE : EXPR_FALSE;
}

enum expr_answer expr_test(struct expr *x, const struct json_node *root, struct err *e)
{
    start(x, root);
    return answer_of(x, e);
}

enum expr_answer expr_run(struct expr *x, struct err *e)
{
    enum glance_answer seen = x->glance != NULL ? glance(x->glance, places_of(x)) : GLANCE_UNKNOWN;
    if (seen != GLANCE_UNKNOWN)
        return seen == GLANCE_HOLDS ? EXPR_TRUE : EXPR_SKIPPED;
    start(x, x->root);
    x->machine->frame[0].known[x->program->frame[0]->item->slot] |= FRAME_KEYS_FOUND;
    return answer_of(x, e);
}
