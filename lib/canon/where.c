#include "canon/where.h"

#include <stdlib.h>

#include "canon/field_names.h"
#include "canon/map_set.h"
#include "canon/parse.h"

struct where {
    struct field_names names;
    struct source_text source;
    struct program *program;
    struct code *code;
    struct machine *machine;
    struct arena running;
};

static int compile(struct where *w, struct map_set *s, struct err *e)
{
    const struct map_file nothing = {0};
    struct compiler c = map_set_compiler(s, &nothing);
    struct ast_expr *x = parse_expr(&w->source, &s->kept, &s->diags);
    if (x != NULL)
        w->program = compile_expr_of_record(&c, x, SIDE_CANONICAL, &w->code);
    if (s->diags.n > 0)
        return diag_first(&s->diags, e);
    w->machine = w->program != NULL ? machine_new(w->program) : NULL;
    w->names = (struct field_names){.maps = s, .source = &w->source, .program = w->program};
    return w->machine != NULL ? 0 : err_memory(e);
}

struct where *where_compile(struct map_set *maps, struct str text, const char *name, struct err *e)
{
    struct where *w = calloc(1, sizeof *w);
    if (w == NULL) {
        err_memory(e);
        return NULL;
    }
    arena_init(&w->running, (size_t)256 << 20);
    w->source = (struct source_text){arena_str(&maps->kept, str_of(name)), arena_str(&maps->kept, text)};
    bool kept = w->source.name.p != NULL && w->source.text.p != NULL;
    if ((kept ? compile(w, maps, e) : err_memory(e)) == 0)
        return w;
    where_free(w);
    return NULL;
}

void where_free(struct where *w)
{
    if (w == NULL)
        return;
    machine_free(w->machine);
    if (w->program != NULL)
        program_release(w->program);
    arena_release(&w->running);
    free(w);
}

int where_check(struct where *w, struct str entity, struct err *e)
{
    return field_names_check(&w->names, entity, e);
}

/* DATA of R: one of the states of a change. */
static int satisfies(struct where *w, const struct record *r, const struct json_node *data, struct err *e)
{
    const struct machine_envelope envelope = {.id = r->id, .source = r->source, .entity = r->entity};
    if (data == NULL)
        return 0;
    if (where_check(w, r->entity, e) == -1)
        return -1;
    arena_reset(&w->running);
    machine_start(w->machine, &w->running, data, 0, &envelope);
    bool holds = machine_true(w->machine, w->code);
    if (!machine_failed(w->machine))
        return holds;
    *e = w->machine->err;
    return -1;
}

int where_passes(struct where *w, const struct record *r, struct err *e)
{
    bool is_asked = w != NULL && r->kind != RECORD_NATIVE && r->data != NULL;
    return is_asked ? satisfies(w, r, r->data, e) : 1;
}

int where_narrow(struct where *w, struct record *r, struct err *e)
{
    if (w == NULL || r->kind != RECORD_CHANGE)
        return where_passes(w, r, e);
    int was = satisfies(w, r, r->before, e), is = was != -1 ? satisfies(w, r, r->after, e) : -1;
    if (is == -1)
        return -1;
    if (r->before == NULL || r->after == NULL || was == is)
        return was || is;
    r->op = is ? STR("create") : STR("delete");
    *(is ? &r->before : &r->after) = NULL;
    r->changed = NULL;
    return 1;
}
