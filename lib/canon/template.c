#include "canon/template.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/utf8.h"
#include "canon/field_names.h"
#include "canon/template_tree.h"

struct template
{
    struct map_set *maps;
    struct source_text source;
    const struct escape *escape;
    struct map_file names; /* of what it includes */
    struct piece *pieces;
    struct program *program;
    struct machine *machine;
    bool bare;      /* reads canonical fields */
    bool deletions; /* asks for .op or .before: knows what a deletion is */
    struct field_names asked;
    struct arena running;
};

/* ---- loading ---- */

static int include(struct template *t, const struct piece *piece, struct err *e)
{
    for (; piece != NULL; piece = piece->next) {
        if (include(t, piece->body, e) == -1 || include(t, piece->otherwise, e) == -1)
            return -1;
        if (piece->kind != PIECE_INCLUDE || piece->text.p == NULL)
            continue;
        struct str file = map_set_beside(t->maps, t->source.name, piece->text);
        if (file.p == NULL)
            return err_memory(e);
        if (map_set_read(t->maps, &t->names, file.p, e) == -1)
            diag_add(&t->maps->diags, &t->source, piece->at, "%s%s%s", e->place,
                     e->place[0] != '\0' ? ": " : "", e->message);
    }
    return 0;
}

/* Paths came to the program with the last one first: errors are told in the order of the text. */
static void order_paths(struct program *program)
{
    struct in_path *ordered = NULL;
    for (struct in_path *path = program->paths, *next; path != NULL; path = next) {
        next = path->next;
        path->next = ordered;
        ordered = path;
    }
    program->paths = ordered;
}

static void learn(struct template *t)
{
    order_paths(t->program);
    for (const struct in_path *path = t->program->paths; path != NULL; path = path->next)
        t->bare |= path->ast->side == SIDE_CANONICAL;
    for (const struct point *p = t->program->root->item->children; p != NULL; p = p->sibling)
        t->deletions |= p->kind == POINT_ENVELOPE && (p->key.p[0] == 'o' || p->key.p[0] == 'b');
}

static int compile(struct template *t, struct err *e)
{
    struct map_set *s = t->maps;
    t->pieces = parse_template(&t->source, &s->kept, &s->diags);
    if (include(t, t->pieces, e) == -1)
        return -1;
    if (s->diags.n > 0)
        return diag_first(&s->diags, e);
    struct compiler c = map_set_compiler(s, &t->names);
    t->program = compile_template(&c, &t->source, t->pieces, t->escape);
    if (t->program == NULL)
        return err_memory(e);
    if (s->diags.n > 0)
        return diag_first(&s->diags, e);
    learn(t);
    t->asked = (struct field_names){.maps = s, .source = &t->source, .program = t->program};
    t->machine = machine_new(t->program);
    return t->machine != NULL ? 0 : err_memory(e);
}

/* TEXT is good as long as the maps. .p NULL: it is read from the file. */
static int load(struct template *t, const char *name, struct str text, struct err *e)
{
    struct map_set *s = t->maps;
    t->names.tail = &t->names.decls;
    t->source.name = arena_str(&s->kept, str_of(name));
    if (t->source.name.p == NULL)
        return err_memory(e);
    t->escape = escape_find(t->source.name);
    if (t->escape == NULL)
        return err_set(e, "config", "%s: the suffix of a template says how values are escaped: %s are known",
                       name, escape_suffixes);
    if (text.p == NULL && file_read(&text, name, TEMPLATE_BYTES, &s->kept, e) == -1)
        return -1;
    t->source.text = text;
    size_t wrong = utf8_check(t->source.text);
    if (wrong < t->source.text.n) {
        diag_add(&s->diags, &t->source, wrong, "not UTF-8");
        return diag_first(&s->diags, e);
    }
    buf_put(&s->text, t->source.text);
    return compile(t, e);
}

static struct template *new_template(struct map_set *maps, const char *name, struct str text, struct err *e)
{
    struct template *t = calloc(1, sizeof *t);
    if (t == NULL) {
        err_memory(e);
        return NULL;
    }
    t->maps = maps;
    arena_init(&t->running, (size_t)1 << 30);
    if (load(t, name, text, e) == 0)
        return t;
    template_free(t);
    return NULL;
}

struct template *template_load(struct map_set *maps, const char *path, struct err *e)
{
    return new_template(maps, path, (struct str){0}, e);
}

struct template *template_load_text(struct map_set *maps, const char *name, struct str text, struct err *e)
{
    struct str kept = arena_str(&maps->kept, text);
    if (kept.p != NULL)
        return new_template(maps, name, kept, e);
    err_memory(e);
    return NULL;
}

void template_free(struct template *t)
{
    if (t == NULL)
        return;
    machine_free(t->machine);
    program_release(t->program);
    arena_release(&t->running);
    free(t);
}

bool template_tells_deletions(const struct template *t)
{
    return t->deletions;
}

/* ---- the contract ---- */

int template_check(struct template *t, struct str entity, struct err *e)
{
    return field_names_check(&t->asked, entity, e);
}

/* ---- writing ---- */

struct writing {
    struct template *t;
    struct buf *out;
    size_t from;
    struct err *e;
};

/* The path that a value begins with, or NULL. */
static const struct in_path *path_in(const struct code *x)
{
    while (x != NULL && x->op != OP_PATH)
        x = x->nargs > 0 ? x->arg[0] : NULL;
    return x != NULL ? x->path : NULL;
}

static void name_field(struct writing *w, const struct piece *piece)
{
    const struct in_path *path = path_in(piece->code);
    struct buf pointer;
    buf_init(&pointer, sizeof w->e->field);
    if (path != NULL && path->ast->side == SIDE_CANONICAL && template_pointer(w->t->machine, path, &pointer))
        err_field(w->e, buf_str(&pointer));
    buf_release(&pointer);
}

/* What the machine or a format refuses, with the field, and where in the template. */
static int refuse(struct writing *w, const struct piece *piece, const char *code, const char *message)
{
    unsigned line, column;
    struct str name = w->t->source.name;
    source_place(&w->t->source, piece->at, &line, &column);
    name_field(w, piece);
    return err_set(w->e, code, "%s (from {{%.*s}}, %.*s:%u:%u)", message, (int)piece->text.n, piece->text.p,
                   (int)name.n, name.p, line, column);
}

static int refuse_machine(struct writing *w, const struct piece *piece)
{
    const struct err *why = &w->t->machine->err;
    w->e->temporary = why->temporary;
    return refuse(w, piece, why->code, why->message);
}

static int write_value(struct writing *w, const struct piece *piece)
{
    struct machine *m = w->t->machine;
    const struct escape *escape = w->t->escape;
    const struct json_node *v = machine_value(m, piece->code);
    if (machine_failed(m))
        return refuse_machine(w, piece);
    if (json_is_nothing(v))
        return 0;
    struct str text = machine_text(m, v);
    if (machine_failed(m))
        return refuse_machine(w, piece);
    if (text.p == NULL)
        return refuse(w, piece, "text", "a list or an object where a text is due");
    if (piece->raw) {
        buf_put(w->out, text);
        return 0;
    }
    const char *why = escape->put(w->out, text, &piece->here);
    return why == NULL ? 0 : refuse(w, piece, "escape", why);
}

static int write_pieces(struct writing *w, const struct piece *piece);

static int write_each(struct writing *w, const struct piece *piece)
{
    struct machine *m = w->t->machine;
    size_t from = m->nstack, to;
    machine_items(m, piece->code);
    if (machine_failed(m))
        return refuse_machine(w, piece);
    to = m->nstack;
    for (size_t i = from; i < to; i++) {
        machine_enter(m, piece->frame, m->stack[i], i - from + 1);
        if (write_pieces(w, piece->body) == -1)
            return -1;
    }
    m->nstack = from;
    return 0;
}

static int write_one(struct writing *w, const struct piece *piece)
{
    struct machine *m = w->t->machine;
    switch (piece->kind) {
    case PIECE_TEXT: buf_put(w->out, piece->text); return 0;
    case PIECE_VALUE: return write_value(w, piece);
    case PIECE_IF: {
        bool holds = machine_true(m, piece->code);
        if (machine_failed(m))
            return refuse_machine(w, piece);
        return write_pieces(w, holds ? piece->body : piece->otherwise);
    }
    case PIECE_EACH: return write_each(w, piece);
    case PIECE_INCLUDE: break;
    }
    return 0;
}

static int write_pieces(struct writing *w, const struct piece *piece)
{
    for (; piece != NULL; piece = piece->next) {
        if (write_one(w, piece) == -1)
            return -1;
        if (!buf_ok(w->out))
            return err_memory(w->e);
        if (w->out->n - w->from > TEMPLATE_WRITES)
            return refuse(w, piece, "limit", "more than 64 MiB of text of one record");
    }
    return 0;
}

/* What a record is to a template: ITEM is what paths read. */
static int take_record(const struct template *t, const struct record *r, const struct json_node **item,
                       struct machine_envelope *envelope, struct err *e)
{
    if (r->kind != RECORD_NATIVE && r->kind != RECORD_CANONICAL && r->kind != RECORD_CHANGE)
        return err_set(e, "record", "a receipt has no place here");
    if (r->kind == RECORD_NATIVE && t->bare)
        return err_set(e, "record",
                       "a native record, and the template asks for canonical fields: native paths start "
                       "with a dot");
    if (r->kind != RECORD_NATIVE && map_check_version(t->maps, r, e) == -1)
        return -1;
    *item = record_state(r);
    bool deletion = *item == NULL;
    if (deletion && !t->deletions)
        return err_set(e, "record", "a deletion, and the template does not ask for .op or .before");
    *envelope = (struct machine_envelope){.id = r->id,
                                          .source = r->source,
                                          .entity = r->entity,
                                          .op = r->op,
                                          .before = r->before,
                                          .after = *item};
    if (r->op.p == NULL)
        envelope->op = deletion ? STR("delete") : STR("upsert");
    return 0;
}

int template_write(struct template *t, const struct record *r, struct buf *out, struct err *e)
{
    struct machine_envelope envelope;
    const struct json_node *item;
    struct writing w = {.t = t, .out = out, .from = out->n, .e = e};
    if (take_record(t, r, &item, &envelope, e) == -1)
        return -1;
    arena_reset(&t->running);
    machine_start(t->machine, &t->running, item, item == r->data ? r->data_alike : 0, &envelope);
    if (write_pieces(&w, t->pieces) == 0)
        return 0;
    out->n = w.from;
    return -1;
}
