#include "canon/machine.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/list.h"

/* ---- life ---- */

static bool new_frame(struct frame *f, const struct frame_def *def)
{
    f->value = calloc(def->npoints + 1, sizeof *f->value);
    f->known = calloc(def->npoints + 1, 1);
    f->memo = calloc(def->nmemos + 1, sizeof *f->memo);
    f->memo_state = calloc(def->nmemos + 1, 1);
    f->match = calloc(def->nmatches + 1, sizeof *f->match);
    return f->value != NULL && f->known != NULL && f->memo != NULL && f->memo_state != NULL &&
           f->match != NULL;
}

struct machine *machine_new(const struct program *program)
{
    struct machine *m = calloc(1, sizeof *m);
    if (m == NULL)
        return NULL;
    m->program = program;
    m->blanks = program->empty_absent || program->null_word.p != NULL || program->nabsent > 0;
    m->empty_blank = program->null_word.n == 0 && program->nabsent == 0;
    m->guards = program->in_side == SIDE_CANONICAL && (program->null_word.n > 0 || program->nabsent > 0);
    json_tape_init(&m->scratch);
    m->frame = calloc(program->nframes, sizeof *m->frame);
    bool ok = m->frame != NULL;
    for (unsigned i = 0; ok && i < program->nframes; i++)
        ok = new_frame(&m->frame[i], program->frame[i]);
    if (!ok) {
        machine_free(m);
        return NULL;
    }
    return m;
}

void machine_free(struct machine *m)
{
    if (m == NULL)
        return;
    for (unsigned i = 0; m->frame != NULL && i < m->program->nframes; i++) {
        struct frame *f = &m->frame[i];
        free(f->value);
        free(f->known);
        free(f->memo);
        free(f->memo_state);
        free(f->match);
    }
    free(m->frame);
    free(m->stack);
    json_tape_release(&m->scratch);
    free(m);
}

void machine_enter(struct machine *m, const struct frame_def *def, const struct json_node *item, size_t nth)
{
    struct frame *f = &m->frame[def->index];
    f->item = item;
    f->nth = nth;
    memset(f->known, 0, def->npoints);
    if (def->nmemos > 0)
        memset(f->memo_state, 0, def->nmemos);
    for (unsigned i = 0; i < def->nmatches; i++)
        f->match[i].done = false;
}

void machine_forgive(struct machine *m)
{
    m->err.code = NULL;
    m->err.field[0] = m->err.place[0] = '\0';
    m->err.temporary = false;
}

void machine_start(struct machine *m, struct arena *arena, const struct json_node *item, uint64_t alike,
                   const struct machine_envelope *envelope)
{
    m->arena = arena;
    m->alike = alike;
    if (machine_failed(m))
        machine_forgive(m);
    m->run = (struct codec_run){.arena = arena, .err = &m->err};
    m->nstack = 0;
    m->scratch.n = 0;
    m->shares = NULL;
    if (envelope != NULL)
        m->envelope = *envelope;
    machine_enter(m, m->program->frame[0], item, 1);
}

/* ---- what the files of the machine share ---- */

const struct json_node *machine_refuse(struct machine *m, const char *code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    err_vset(&m->err, code, fmt, args);
    va_end(args);
    return NULL;
}

const struct json_node *machine_memory(struct machine *m)
{
    arena_why(m->arena, &m->err);
    return NULL;
}

const struct json_node *machine_digits(struct machine *m)
{
    if (m->arena->full || m->arena->failed)
        return machine_memory(m);
    return machine_refuse(m, "limit", "too many digits to reckon with");
}

bool machine_push(struct machine *m, const struct json_node *v)
{
    const struct json_node **list = list_room(m->stack, m->nstack, &m->capstack, sizeof *list);
    if (list == NULL) {
        machine_memory(m);
        return false;
    }
    m->stack = list;
    m->stack[m->nstack++] = v;
    return true;
}

const struct json_node *machine_text_node(struct machine *m, struct str text)
{
    struct json_node *node = arena_raw(m->arena, sizeof *node);
    if (node == NULL || text.p == NULL)
        return machine_memory(m);
    *node = json_string_node(text);
    return node;
}

const struct json_node *machine_decimal_node(struct machine *m, const struct decimal *d)
{
    struct json_node *node = arena_raw(m->arena, sizeof *node);
    struct str text = decimal_text(d, DECIMAL_KEEP, m->arena);
    if (node == NULL || text.p == NULL)
        return machine_memory(m);
    *node = json_clean_node(text);
    return node;
}

const struct json_node *machine_bool(bool value)
{
    static const struct json_node truths[2] = {
        {.p = "false", .n = 5, .span = 1, .type = JSON_FALSE},
        {.p = "true", .n = 4, .span = 1, .type = JSON_TRUE},
    };
    return &truths[value];
}

const struct json_node *machine_null(void)
{
    static const struct json_node null = {.p = "null", .n = 4, .span = 1, .type = JSON_NULL};
    return &null;
}

struct str machine_text(struct machine *m, const struct json_node *v)
{
    if (v->type == JSON_STRING) {
        struct str text = json_string(v, m->arena);
        if (text.p == NULL)
            machine_memory(m);
        return text;
    }
    if (v->type == JSON_NUMBER || v->type == JSON_TRUE || v->type == JSON_FALSE)
        return json_text(v);
    return (struct str){0};
}

const struct json_node *machine_refuse_number(struct machine *m, const struct json_node *number)
{
    return machine_refuse(m, "number", "a JSON number needs a codec (number, decimal or integer): %s",
                          err_quote(json_text(number)));
}

struct str machine_word(struct machine *m, const struct json_node *v)
{
    bool of_system = m->program->decl != NULL && !m->program->hub;
    if (of_system && v->type == JSON_NUMBER)
        machine_refuse_number(m, v);
    else if (of_system && json_is_bool(v))
        machine_refuse(m, "text", "not a text: %.*s", (int)json_text(v).n, json_text(v).p);
    else
        return machine_text(m, v);
    return (struct str){0};
}

/* ---- points ---- */

static const struct json_node *index_of(const struct json_node *v, unsigned index)
{
    if (v == NULL || v->type == JSON_NULL)
        return NULL;
    if (v->type == JSON_ARRAY)
        return json_at(v, index);
    return index == 0 ? v : NULL;
}

static const struct json_node *envelope_value(struct machine *m, struct str name)
{
    const struct machine_envelope *e = &m->envelope;
    struct str text = {0};
    switch (name.p[0]) { /* the names of is_envelope, which differ in their first letter */
    case 'i': text = e->id; break;
    case 's': text = e->source; break;
    case 'e': text = e->entity; break;
    case 'o': text = e->op; break;
    case 'b': return e->before;
    case 'a': return e->after;
    }
    return text.p != NULL ? machine_text_node(m, text) : NULL;
}

const struct json_node *machine_point(struct machine *m, const struct point *p)
{
    struct frame *f = &m->frame[p->frame->index];
    switch (p->kind) {
    case POINT_ITEM: return f->item;
    case POINT_KEY: {
        const struct point *parent = p->parent;
        if (!(f->known[parent->slot] & FRAME_KEYS_FOUND)) {
            const struct json_node *object = machine_point(m, parent);
            if (machine_failed(m))
                return NULL;
            bool first = parent->kind == POINT_ITEM && parent->frame->index == 0;
            json_keys_find_alike(parent->keys, object, first ? m->alike : 0, &f->value[parent->first_slot]);
            f->known[parent->slot] |= FRAME_KEYS_FOUND;
        }
        return f->value[p->slot];
    }
    case POINT_INDEX: return index_of(machine_point(m, p->parent), p->index);
    case POINT_PATH:
        if (!(f->known[p->slot] & FRAME_PATH_DONE)) {
            f->value[p->slot] = machine_path(m, p->path);
            if (machine_failed(m))
                return NULL; /* and refused again when it is asked again */
            f->known[p->slot] |= FRAME_PATH_DONE;
        }
        return f->value[p->slot];
    case POINT_ENVELOPE: return envelope_value(m, p->key);
    }
    return NULL;
}

/* ---- paths ---- */

/* Spellings of null and absent in native texts. */
const struct json_node *machine_blank(struct machine *m, const struct json_node *v)
{
    const struct program *program = m->program;
    if (v == NULL || v->type != JSON_STRING)
        return v;
    if (program->null_word.p != NULL && json_string_is(v, program->null_word))
        return machine_null();
    for (size_t i = 0; i < program->nabsent; i++) {
        if (json_string_is(v, program->absent[i]))
            return NULL;
    }
    return program->empty_absent && v->n == 0 ? NULL : v;
}

static void walk_items(struct machine *m, const struct in_step *step, const struct json_node *v, bool native)
{
    const struct in_step *next = step->next;
    bool picks = next != NULL && next->kind == STEP_INDEX && next->picks && next->of == NULL;
    bool is_list = v->type == JSON_ARRAY;
    size_t nth = 0, found = 0;
    const struct json_node *end = is_list ? v + v->span : v + 1;
    if (v->type == JSON_NULL)
        return;
    for (const struct json_node *item = is_list ? v + 1 : v; item < end && !machine_failed(m);
         item = is_list ? json_next(item) : end) {
        nth++;
        if (step->kind == STEP_FILTER) {
            machine_enter(m, step->frame, item, nth);
            if (!machine_true(m, step->cond))
                continue;
        }
        if (!picks) {
            machine_walk(m, next, item, native);
        } else if (found++ == next->index) {
            machine_walk(m, next->next, item, native);
            return;
        }
    }
}

/* Of what was pushed since FROM, the one value that all agree on; what is absent or null does not disagree.
 */
static void reduce_alike(struct machine *m, size_t from)
{
    const struct json_node *value = NULL;
    for (size_t i = from; i < m->nstack; i++) {
        const struct json_node *v = m->stack[i];
        if (value == NULL || value->type == JSON_NULL) {
            value = v != NULL ? v : value;
        } else if (v == NULL || v->type == JSON_NULL) {
            continue;
        } else if (!json_equal(value, v)) {
            machine_refuse(m, "alike", "differs where it must be alike: %s and %s",
                           err_quote(json_text(value)), err_quote(json_text(v)));
            return;
        }
    }
    m->nstack = from;
    if (value != NULL)
        machine_push(m, value);
}

/* Of all values of the steps before it, the one that is asked for. */
static const struct json_node *pick(struct machine *m, const struct in_step *step, const struct json_node *v)
{
    size_t from = m->nstack;
    machine_walk(m, step->of, v, false);
    const struct json_node *picked = step->index < m->nstack - from ? m->stack[from + step->index] : NULL;
    m->nstack = from;
    return picked;
}

void machine_walk(struct machine *m, const struct in_step *step, const struct json_node *v, bool native)
{
    if (v == NULL || machine_failed(m))
        return;
    if (step == NULL) {
        if (native && m->blanks)
            v = machine_blank(m, v);
        if (v != NULL)
            machine_push(m, v);
        return;
    }
    switch (step->kind) {
    case STEP_KEY: machine_walk(m, step->next, json_get(v, step->key), native); break;
    case STEP_INDEX:
        machine_walk(m, step->next, step->of != NULL ? pick(m, step, v) : index_of(v, step->index), native);
        break;
    case STEP_EACH:
    case STEP_FILTER: walk_items(m, step, v, native); break;
    case STEP_ANY:
        if (v->type == JSON_OBJECT) {
            for (const struct json_node *key = v + 1, *end = v + v->span; key < end; key = json_next_key(key))
                machine_walk(m, step->next, json_value_of(key), native);
        }
        break;
    case STEP_ALIKE: {
        size_t from = m->nstack;
        walk_items(m, step, v, native);
        if (!machine_failed(m))
            reduce_alike(m, from);
        break;
    }
    case STEP_RANGE: break;
    }
}

const struct json_node *machine_path_start(struct machine *m, const struct in_path *path)
{
    const struct json_node *v = machine_point(m, path->point);
    return m->blanks && path->side == SIDE_NATIVE ? machine_blank(m, v) : v;
}

bool machine_path_values(struct machine *m, const struct in_path *path)
{
    const struct json_node *v = machine_path_start(m, path);
    if (json_is_nothing(v) || machine_failed(m))
        return false;
    machine_walk(m, path->steps, v, path->side == SIDE_NATIVE);
    return !machine_failed(m);
}

const struct json_node *machine_pop_one(struct machine *m, size_t from)
{
    size_t n = m->nstack - from;
    const struct json_node *v = n > 0 ? m->stack[from] : NULL;
    m->nstack = from;
    if (machine_failed(m))
        return NULL;
    return n > 1 ? machine_refuse(m, "several", "%zu values where one is due", n) : v;
}

const struct json_node *machine_any_path(struct machine *m, const struct in_path *path)
{
    if (path->steps == NULL)
        return machine_path_start(m, path);
    size_t from = m->nstack;
    machine_path_values(m, path);
    return machine_pop_one(m, from);
}
